import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtkit.clip import Clip
from rtkit.echo import LONGEST_MS, SAFE_DB, TELLING_DB, Echo, measure_echo, sweep_clip
from rtkit.errors import AudioError
from rtkit.noises import noise
from rtkit.segments import segment
from rtkit.speech.synthesis import say

SECONDS = 2.5
STORY = "Once upon a time there was a keeper of a lighthouse who counted the ships that passed by."


def room(seed, length_ms=50, fading_ms=12, rate=24_000):
    """The impulse response of a small room, of energy 1."""
    time = np.arange(length_ms * rate // 1000)
    taps = np.random.default_rng(seed).standard_normal(len(time))
    taps *= np.exp(-time / (fading_ms * rate / 1000))
    return taps / np.sqrt(np.square(taps).sum())


def heard(level_db, delay_ms, noise_dbfs=None, taps=(1.0,), seed=0):
    """What a microphone hears: the sweep, weaker and later, and noise; in 16 bits."""
    sound = np.zeros(round(SECONDS * 24_000))
    echo = np.convolve(sweep_clip().samples, taps) * 10 ** (level_db / 20)
    first = round(delay_ms * 24)
    sound[first : first + len(echo)] += echo[: len(sound) - first]
    if noise_dbfs is not None:
        sound += noise("pink", SECONDS, level_dbfs=noise_dbfs, seed=seed).samples
    return Clip.from_pcm16(Clip(sound, 24_000).to_pcm16())


@given(st.floats(-50, 0), st.floats(0, 550), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_an_echo_is_found_with_its_level_and_its_delay(level_db, delay_ms, seed):
    found = measure_echo(sweep_clip(), heard(level_db, delay_ms, -75, seed=seed))
    assert found.level_db == pytest.approx(level_db, abs=1.0)
    assert found.delay_ms == pytest.approx(delay_ms, abs=0.1)
    assert found.verdict == "heard"


@given(st.floats(-40, -5), st.floats(0, 500), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_an_echo_that_a_small_room_has_spread_is_found_too(level_db, delay_ms, seed):
    found = measure_echo(sweep_clip(), heard(level_db, delay_ms, -65, room(seed), seed))
    assert found.level_db == pytest.approx(level_db, abs=3.0)
    assert delay_ms - 0.1 <= found.delay_ms < delay_ms + 15


@given(st.floats(-80, -20), st.sampled_from(["white", "pink", "hum"]), st.integers(0, 999))
@settings(max_examples=25, deadline=None)
def test_in_noise_alone_there_is_none(level_dbfs, kind, seed):
    found = measure_echo(sweep_clip(), noise(kind, SECONDS, level_dbfs=level_dbfs, seed=seed))
    assert (found.level_db, found.delay_ms) == (None, None)


@pytest.mark.parametrize("voice", ["alloy", "ash", "verse", "sage"])
def test_in_speech_alone_there_is_none(voice):
    talk = say(STORY, voice)
    for start in np.arange(0, talk.duration - SECONDS, 0.37):
        assert measure_echo(sweep_clip(), talk.cut(start, start + SECONDS)).level_db is None


@pytest.mark.parametrize("level_db", [-40, -20, 0])
def test_whoever_speaks_during_the_test_is_never_told_that_all_is_well(level_db):
    talk = say(STORY).cut(0.5, 0.5 + SECONDS)
    found = measure_echo(sweep_clip(), talk.mixed(heard(level_db, 120)))
    assert found.verdict == ("heard" if level_db == 0 else "noisy")


def test_an_echo_that_a_canceller_has_removed_after_the_first_half_is_not_told():
    sound = heard(-10, 100).samples.copy()
    sound[round(0.8 * 24_000) :] = 0
    assert measure_echo(sweep_clip(), Clip(sound, 24_000)).verdict == "safe"


@given(st.floats(-75, -35), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_an_echo_above_the_floor_that_was_told_would_have_been_found(noise_dbfs, seed):
    alone = noise("white", SECONDS, level_dbfs=noise_dbfs, seed=seed)
    floor = measure_echo(sweep_clip(), alone).floor_db
    assert floor == pytest.approx(noise_dbfs + 10, abs=2)
    echo = heard(floor + 4, 200, taps=room(seed))
    assert measure_echo(sweep_clip(), alone.mixed(echo)).level_db is not None


def test_silence_is_no_echo_and_a_loud_room_lets_nobody_tell():
    assert measure_echo(sweep_clip(), Clip.silence(SECONDS)) == Echo(None, None, -120.0)
    assert Echo(None, None, -120.0).verdict == "safe"
    loud = noise("white", SECONDS, level_dbfs=-40)
    assert measure_echo(sweep_clip(), loud).verdict == "noisy"


@pytest.mark.parametrize("voice", ["alloy", "coral", "sage", "verse"])
def test_the_limits_of_what_is_safe_are_where_the_detector_goes_deaf(voice):
    talk = say(STORY, voice).normalised(-20, by="speech") + Clip.silence(1.0)

    def turns(down_db, noise_dbfs):
        room = noise("white", talk.duration, level_dbfs=noise_dbfs)
        return len(segment(Clip.from_pcm16(room.mixed(talk.gained(down_db)).to_pcm16())).segments)

    assert turns(SAFE_DB, -75) == turns(TELLING_DB, -55) == 0
    assert turns(-35, -75) > 0


def test_the_sweep_is_as_loud_as_a_voice_and_begins_and_ends_softly():
    assert sweep_clip().duration == pytest.approx(1.6)
    assert sweep_clip().level_dbfs == pytest.approx(-20, abs=0.1)
    assert np.abs(sweep_clip().samples).max() < 0.25
    assert np.abs(sweep_clip().samples[[0, -1]]).max() < 1e-6


@pytest.mark.parametrize(
    ("played", "listened", "message"),
    [
        (sweep_clip(), Clip.silence(3, 16_000), r"one rate, found 24000 and 16000 Hz"),
        (sweep_clip(), Clip.silence(1.6), r"1.60 s\) has to go on for 600 ms after"),
        (Clip.silence(1), Clip.silence(3), "a quarter of what was played is silent"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_the_remedy(played, listened, message):
    with pytest.raises(AudioError, match=message):
        measure_echo(played, listened)


def test_the_longest_delay_that_is_looked_for_is_that_of_slow_bluetooth():
    assert LONGEST_MS == 600
    assert measure_echo(sweep_clip(), heard(-10, 595)).delay_ms == pytest.approx(595, abs=0.1)
