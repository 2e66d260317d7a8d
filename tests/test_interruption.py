"""What was received, what was heard, and where an answer is cut."""

import pytest

from rtkit.commands import Play, PlayDone, StopPlayback
from rtkit.formats import AudioFormat
from rtkit.interruption import Speaking

MS = 48  # bytes of PCM16 at 24 kHz


def heard(ms, item_id="i", response_id="r", format=AudioFormat.PCM16):
    speaking = Speaking()
    event = {"item_id": item_id, "response_id": response_id, "content_index": 0}
    width = format.rate * format.bytes_per_sample // 1000
    assert isinstance(speaking.hear(event, bytes(ms * width), format), Play)
    return speaking


@pytest.mark.parametrize(
    ("played_ms", "cut_at"),
    [(-1, 0), (0, 0), (0.99, 0), (1, 1), (99.99, 99), (100, 100), (5000, 100)],
)
@pytest.mark.parametrize("format", list(AudioFormat))
def test_an_answer_that_still_comes_is_cut_where_it_was_heard_and_received(
    played_ms, cut_at, format
):
    speaking = heard(100, format=format)
    speaking.stop("r")
    cut = speaking.cut("i", played_ms)
    assert cut["audio_end_ms"] == cut_at


def test_an_answer_of_which_no_sound_was_received_is_not_cut():
    speaking = Speaking()
    event = {"item_id": "i", "response_id": "r", "content_index": 0}
    assert speaking.hear(event, b"", AudioFormat.PCM16) is None
    speaking.stop("r")
    assert speaking.cut("i", 12.0) is None


def test_an_answer_that_was_heard_to_its_end_is_not_cut():
    speaking = heard(100)
    assert speaking.complete(speaking.of_response("r")) == [PlayDone("i")]
    assert speaking.stop(None) == [StopPlayback("i")]
    assert speaking.cut("i", 100) is None


def test_nothing_is_cut_twice_and_nothing_unknown_is_cut():
    speaking = heard(100)
    assert speaking.cut("i", 50) is not None
    assert speaking.cut("i", 60) is None
    assert speaking.cut("j", 60) is None


def test_after_a_stop_nothing_more_of_it_is_played():
    speaking = heard(100)
    assert speaking.stop("r") == [StopPlayback("i")]
    assert speaking.stop("r") == []
    assert speaking.was_dropped("r")
    event = {"item_id": "j", "response_id": "r"}
    assert speaking.hear(event, bytes(MS), AudioFormat.PCM16) is None
    assert speaking.complete(speaking.of_response("r")) == []


def test_a_finished_item_has_nothing_to_stop():
    speaking = heard(100)
    speaking.finished("i")
    assert speaking.stop(None) == []
