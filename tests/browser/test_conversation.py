"""A spoken conversation in a real JupyterLab, with a clip as the microphone.

One talk is held; the tests look at what it left on the page, in the kernel and on the timeline.
"""

from types import SimpleNamespace

import numpy as np
import pytest

from rtkit.clip import Clip
from rtkit.speech.synthesis import say

CELLS = (
    "from rtkit import LiveConsole",
    "console = LiveConsole(processing=False)\nconsole",
    "1 + 1",
)
PROBE_MS = 20


def mouth():
    """A question; something long is asked for; the third sentence is spoken over that answer."""
    question, count, other = map(
        say, ("What is the capital of France?", "Count to twenty.", "What time is it?")
    )
    first = question + Clip.silence(9.0 - question.duration)
    second = count + Clip.silence(6.5 - count.duration)
    return first + second + other


@pytest.fixture(scope="module")
def talk(open_notebook, microphone):
    notebook = open_notebook(
        *CELLS, flags=microphone(mouth()), viewport={"width": 1100, "height": 800}
    )
    notebook.run_all()
    notebook.press_microphone()
    notebook.wait_line("user", "capital of france", seconds=15)
    notebook.wait_line("assistant", "Paris")
    notebook.wait_word("listening")
    first = SimpleNamespace(played=notebook.played(), timeline=notebook.timeline())
    notebook.wait_line("user", "count to twenty", seconds=15)
    notebook.wait_line("user", "what time is it", seconds=20)
    notebook.wait_word("listening")
    return SimpleNamespace(notebook=notebook, first=first, timeline=notebook.timeline())


def sounding(samples):
    """From the first to the last sample that is not silence."""
    loud = np.flatnonzero(samples)
    return samples[loud[0] : loud[-1] + 1].astype(float)


def test_both_sides_words_appear_in_their_order(talk):
    [question, count, other] = talk.notebook.lines("user")
    assert question.startswith("what is the capital of france")
    assert count.startswith("count to twenty")
    assert other.startswith("what time is it")
    assert "Paris" in talk.notebook.lines("assistant")[0]
    assert len(talk.notebook.lines("assistant")) == 3


def test_the_page_plays_every_sample_that_was_sent(talk):
    track = talk.first.timeline.tracks["output"]
    sent = sounding(np.frombuffer(track.data, dtype="<i2"))
    played = sounding(talk.first.played)
    assert abs(len(sent) - len(played)) <= PROBE_MS * 24
    size = min(len(sent), len(played))
    assert np.corrcoef(sent[:size], played[:size])[0, 1] > 0.99
    assert talk.notebook.ask_kernel("print(console.underruns, console.lost_frames)") == "0 0"
    assert talk.notebook.engine("e.underruns") == 0


def test_the_microphone_arrives_in_real_time_and_whole(talk):
    appended = [m for m in talk.timeline if m.type == "input_audio_buffer.append"]
    appended = [m for m in appended if m.t > 2.0]  # before, sound waited for the session to open
    heard = sum(m.audio.count for m in appended) / 24_000
    assert heard == pytest.approx(appended[-1].t - appended[0].t, abs=0.3)


def test_speaking_over_an_answer_silences_the_page_within_150_ms(talk):
    [flushed] = [m for m in talk.timeline if m.type == "playback.flushed"]
    started = [m for m in talk.timeline if m.type == "input_audio_buffer.speech_started"][-1]
    assert 0 <= flushed.t - started.t < 0.150
    [fact] = [f for f in talk.notebook.page.evaluate("__rtkit.facts") if f["tell"] == "flushed"]
    assert fact["dropped"] > 24_000


def test_what_was_not_heard_is_taken_out_of_the_conversation(talk):
    [flushed] = [m for m in talk.timeline if m.type == "playback.flushed"]
    [truncate] = [m for m in talk.timeline if m.type == "conversation.item.truncate"]
    [accepted] = [m for m in talk.timeline if m.type == "conversation.item.truncated"]
    assert accepted.event["item_id"] == truncate.event["item_id"] == flushed.event["item_id"]
    assert truncate.event["audio_end_ms"] == int(flushed.event["played_ms"])
    assert 500 < truncate.event["audio_end_ms"] < 8000
    assert [m for m in talk.timeline if m.type == "error"] == []
    assert "interrupted" in talk.notebook.lines("assistant")[1]


def test_the_page_says_how_long_the_session_may_last_yet(talk):
    left = talk.notebook.console.locator(".rtkit-left").inner_text()
    assert left in ("59 min left", "60 min left")


def test_later_cells_read_the_conversation(talk):
    told = talk.notebook.ask_kernel(
        "print(console.session.turns[0].question, console.transcript[1], console.transport)"
    )
    assert "france" in told
    assert "Paris" in told
    assert told.endswith("direct")


def test_the_page_has_no_complaints(talk):
    assert talk.notebook.problems == []
