"""What went through a socket, in numbers."""

import base64
import json

import pytest

from rtkit.server.tally import Tally


def tally(**formats):
    return Tally(lambda way: formats.get(way, "audio/pcm"))


def sound(seconds, bytes_per_s=48_000):
    return base64.b64encode(bytes(round(seconds * bytes_per_s))).decode()


@pytest.mark.parametrize("n", [48_000, 47_998, 47_996])
def test_sound_is_measured_by_its_base64(n):
    counts = tally()
    audio = base64.b64encode(bytes(n)).decode()
    counts.received(json.dumps({"audio": audio, "type": "input_audio_buffer.append"}))
    assert counts.audio_in_s == n / 48_000


def test_each_way_has_its_format():
    counts = tally(input="audio/pcmu")
    append = {"type": "input_audio_buffer.append", "audio": sound(0.5, 8_000)}
    delta = {"type": "response.output_audio.delta", "event_id": "e", "delta": sound(0.25)}
    counts.received(json.dumps(append, separators=(",", ":")))
    counts.sent(json.dumps(delta))
    assert (counts.audio_in_s, counts.audio_out_s) == (0.5, 0.25)


def test_responses_are_counted_by_how_they_ended():
    counts = tally()
    for status in ("completed", "cancelled", "completed", "failed"):
        counts.sent(json.dumps({"type": "response.done", "response": {"status": status}}))
    fields = counts.fields()
    assert (fields["responses"], fields["cancelled"], fields["failed"]) == (4, 1, 1)
    assert "completed" not in fields


def test_errors_are_counted_and_their_code_told():
    counts = tally()
    codes = [
        counts.sent(json.dumps({"type": "error", "event_id": "e", "error": {"code": code}}))
        for code in ("invalid_json", None)
    ]
    assert codes == ["invalid_json", ""]
    assert counts.sent('{"type": "session.created"}') is None
    assert (counts.errors, counts.events_out) == (2, 3)


@pytest.mark.parametrize("frame", ["", "{", "[]", b"\x00", '{"type": "input_audio_buffer.append"}'])
def test_frames_that_are_none_are_counted_all_the_same(frame):
    counts = tally()
    counts.received(frame)
    assert (counts.events_in, counts.audio_in_s) == (1, 0.0)


def test_a_garbled_frame_of_ours_is_no_obstacle():
    counts = tally()
    assert counts.sent('{"type": "error", "err') == ""
    assert counts.sent('{"type": "response.done", "resp') is None
    assert counts.events_out == 2
