import numpy as np
import pytest
from helpers import Story, tone
from hypothesis import given, settings
from hypothesis import strategies as st

from rtkit.audio import AudioFormat
from rtkit.onset import audible, leading_silence
from rtkit.timeline import Timeline
from rtkit.turns import Turn, read_turns

LOUD = tone(0.5, hertz=140.0, level=0.5)[1200:]  # begins in the middle of a syllable


def answered(samples, **options):
    story = Story(**options).open()
    story.speak(1.0)
    story.answer("Paris.", samples)
    return story.timeline


def after(silence_s, rate=24_000):
    return np.concatenate([np.zeros(round(silence_s * rate), np.float32), LOUD])


@given(st.floats(0, 2.0))
@settings(max_examples=30)
def test_the_silence_with_which_a_reply_begins_is_found_to_the_millisecond(silence_s):
    (turn,) = read_turns(answered(after(silence_s)))
    (bare,) = read_turns(answered(LOUD))
    assert leading_silence(turn) - leading_silence(bare) == pytest.approx(silence_s, abs=0.001)


@pytest.mark.parametrize("format", [AudioFormat.G711_ULAW, AudioFormat.G711_ALAW])
def test_it_is_found_on_the_telephone_too(format):
    (turn,) = read_turns(answered(after(0.3)[::3], format=format))
    assert leading_silence(turn) == pytest.approx(0.3, abs=0.005)


def test_the_first_sound_heard_is_the_silence_later_than_playback():
    (turn,) = read_turns(answered(after(0.3)))
    latency = audible(turn)
    assert latency.audible == pytest.approx(turn.latency.playback_started + 0.3, abs=0.005)
    assert latency.wait_span == ("speech_end", "audible")
    assert latency.stages()[-1][0] == "first sound heard (leading silence)"
    assert sum(end - start for _, start, end in latency.stages()) == pytest.approx(
        latency.wait_ms / 1000
    )


def test_a_reply_without_sound_or_with_nothing_but_silence_is_left_as_it_was_measured():
    story = Story().open()
    story.type("hello")
    story.write("Good morning.")
    (written,) = read_turns(story.timeline)
    (silent,) = read_turns(answered(np.zeros(24_000, np.float32)))
    for turn in (written, silent):
        assert leading_silence(turn) is None
        assert audible(turn) == turn.latency
    assert audible(Turn("hello")) is None


def test_a_reply_that_was_cut_off_in_its_leading_silence_was_never_heard():
    story = Story().open()
    story.speak(1.0)
    story.interrupted_answer("Once upon a time.", after(3.0), heard_s=2.0)
    assert audible(read_turns(story.timeline)[0]).audible is None


def test_a_timeline_from_disk_is_measured_without_its_sound(tmp_path):
    path = answered(after(0.3)).save(tmp_path / "talk.jsonl")
    (turn,) = read_turns(Timeline.load(path))
    path.unlink()
    assert turn.latency.wait_ms > 0  # the sound is gone, and was not needed
