"""The ten voices can be told apart."""

import numpy as np
import pytest

from rtkit.errors import ConfigError
from rtkit.speech.synthesis import say
from rtkit.speech.voices import SAMPLE, VOICES, checked_speed, voice_named


def fundamental(clip):
    """Median F0 in Hz over the voiced 40 ms frames, by autocorrelation between 60 and 400 Hz."""
    samples, size = clip.samples.astype(np.float64), int(0.04 * clip.rate)
    shortest, longest = clip.rate // 400, clip.rate // 60
    found = []
    for start in range(0, len(samples) - size, size // 2):
        frame = samples[start : start + size]
        frame = frame - frame.mean()
        if np.sqrt((frame**2).mean()) < 0.02:
            continue
        auto = np.correlate(frame, frame, "full")[size - 1 :] / (frame @ frame)
        lag = shortest + int(np.argmax(auto[shortest:longest]))
        if auto[lag] > 0.5:
            found.append(clip.rate / lag)
    return float(np.median(found))


@pytest.fixture(scope="module")
def clips():
    return {name: say(SAMPLE, voice=name) for name in VOICES}


def test_there_are_ten_voices_with_the_names_of_the_hosted_service():
    assert sorted(VOICES) == sorted(
        "alloy ash ballad coral echo sage shimmer verse marin cedar".split()
    )


def test_each_voice_has_the_pitch_that_it_was_measured_to_have(clips):
    measured = {name: fundamental(clip) for name, clip in clips.items()}
    assert measured == pytest.approx({n: v.f0 for n, v in VOICES.items()}, rel=0.12)


def test_no_two_voices_sound_alike(clips):
    def colour(clip):
        """Mean log spectrum in 32 bands: timbre and pitch, whatever is said."""
        frames = clip.samples[: len(clip.samples) // 512 * 512].reshape(-1, 512)
        power = (np.abs(np.fft.rfft(frames * np.hanning(512))) ** 2).mean(axis=0)[:256]
        return 10 * np.log10(power.reshape(32, 8).mean(axis=1) + 1e-9)

    colours = {name: colour(clip) for name, clip in clips.items()}
    pitches = {name: fundamental(clip) for name, clip in clips.items()}
    for one in VOICES:
        for other in VOICES:
            if one < other:
                semitones = abs(12 * np.log2(pitches[one] / pitches[other]))
                decibels = np.abs(colours[one] - colours[other]).mean()
                assert semitones + decibels > 2, (one, other, semitones, decibels)


def test_no_voice_clips(clips):
    assert max(np.abs(clip.samples).max() for clip in clips.values()) < 0.999


def test_an_unknown_voice_or_speed_is_refused():
    with pytest.raises(ConfigError, match="The voices are alloy"):
        voice_named("Alloy")
    with pytest.raises(ConfigError, match=r"2\.0"):
        checked_speed(2.0)
