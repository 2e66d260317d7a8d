"""Noise has the colour and the level that it says, and the same seed makes the same."""

import math

import numpy as np
import pytest
from helpers import tone
from hypothesis import given, settings
from hypothesis import strategies as st

from rtkit.clip import Clip
from rtkit.errors import AudioError
from rtkit.noises import LOWEST_HZ, noise

SYNTHETIC = ["white", "pink", "hum", "hum60"]
RATE = 24_000


@pytest.fixture(scope="module")
def babble():
    pytest.importorskip("espeakng_loader")
    return noise("babble", 20)


def octave_levels(clip, octaves):
    """dB of the power within each octave that begins at these Hz."""
    power = np.abs(np.fft.rfft(clip.samples.astype(float))) ** 2
    hertz = np.fft.rfftfreq(len(clip.samples), 1 / clip.rate)
    return [10 * np.log10(power[(hertz >= f) & (hertz < 2 * f)].sum()) for f in octaves]


@pytest.mark.parametrize(("kind", "slope_db"), [("white", 3.01), ("pink", 0.0)])
def test_each_octave_has_its_share_of_the_power(kind, slope_db):
    clip = noise(kind, 30)
    levels = octave_levels(clip, [50 * 2**n for n in range(8)])  # 50 Hz to 12.8 kHz: top cut
    steps = np.diff(levels[:-1])
    assert np.all(np.abs(steps - slope_db) < 1)
    assert np.polyfit(range(7), levels[:7], 1)[0] == pytest.approx(slope_db, abs=0.15)


def test_pink_noise_has_nothing_below_what_can_be_heard():
    power = np.abs(np.fft.rfft(noise("pink", 10).samples.astype(float))) ** 2
    hertz = np.fft.rfftfreq(10 * RATE, 1 / RATE)
    assert power[hertz < LOWEST_HZ].sum() < 1e-6 * power.sum()


@pytest.mark.parametrize(("kind", "mains"), [("hum", 50), ("hum60", 60)])
def test_hum_is_the_mains_and_its_harmonics_and_nothing_else(kind, mains):
    power = np.abs(np.fft.rfft(noise(kind, 2).samples.astype(float))) ** 2
    lines = power[2 * mains :: 2 * mains][:16]
    assert lines.sum() > 0.999 * power.sum()
    assert np.all(np.diff(lines) < 0)


def test_babble_is_many_voices_that_leave_no_pause(babble):
    assert babble.level_dbfs == pytest.approx(-30, abs=0.01)
    assert np.ptp(np.percentile(babble.levels, [5, 95])) < 20  # one voice: 60 and more
    low, high = octave_levels(babble, [250, 8000])
    assert low > high + 15  # the weight of a voice, not of white noise


@pytest.mark.parametrize("kind", SYNTHETIC)
def test_the_seed_decides(kind):
    assert noise(kind, 0.1, seed=3) == noise(kind, 0.1, seed=3)
    assert noise(kind, 0.1, seed=3) != noise(kind, 0.1, seed=4)


def test_the_seed_decides_who_babbles_when(babble):
    assert noise("babble", 20) == babble
    assert noise("babble", 20, seed=1) != babble


@given(
    st.sampled_from(SYNTHETIC),
    st.floats(0, 0.3),
    st.floats(-60, 0),
    st.sampled_from([8000, 11025, 16000, 48000]),
)
def test_noise_has_the_length_and_level_that_was_asked_for(kind, seconds, level, rate):
    clip = noise(kind, seconds, level_dbfs=level, rate=rate)
    assert len(clip.samples) == round(seconds * rate)
    assert not len(clip.samples) or clip.level_dbfs == pytest.approx(level, abs=0.01)


def test_what_is_no_noise_is_refused():
    with pytest.raises(AudioError, match=r"one of 'white', 'pink', .* found 'brown'"):
        noise("brown", 1)
    with pytest.raises(AudioError, match="0 seconds or more, found -1"):
        noise("white", -1)


# Signal to noise


def spoken(pause_s=1.0):
    """Two loud stretches with silence before, between and after them."""
    word = Clip(tone(0.5), RATE)
    return word.padded(0.3, pause_s) + word.padded(after_s=0.4)


def measured_snr(clip, noisy):
    added = Clip(noisy.samples - clip.samples, clip.rate)
    return clip.speech_level_dbfs - added.level_dbfs


@pytest.mark.parametrize("kind", SYNTHETIC)
@pytest.mark.parametrize("snr_db", [-5, 0, 20])
def test_the_ratio_is_that_of_speech_to_noise_within_a_tenth_of_a_db(kind, snr_db):
    clip = spoken()
    assert measured_snr(clip, clip.with_noise(kind, snr_db)) == pytest.approx(snr_db, abs=0.1)


def test_pauses_do_not_change_what_a_ratio_means():
    short, long = spoken(0.1), spoken(10.0)
    levels = [(clip.with_noise("white", 10).levels.min()) for clip in (short, long)]
    assert levels[0] == pytest.approx(levels[1], abs=1.0)


def test_babble_comes_at_its_ratio_too(babble):
    clip = spoken()
    assert measured_snr(clip, clip.with_noise(babble, 5)) == pytest.approx(5, abs=0.1)
    assert measured_snr(clip, clip.with_noise("babble", 5)) == pytest.approx(5, abs=0.1)


def test_noise_of_ones_own_is_repeated_and_resampled():
    own = Clip(tone(0.2, hertz=440) * np.linspace(0, 1, 4800), RATE)
    long = spoken() + spoken()
    added = long.with_noise(own, 0).samples - long.samples
    assert np.allclose(added[:4800], added[48_000:52_800], atol=1e-6)
    noisy = spoken().with_noise(own.resampled(8000), 10)
    assert measured_snr(spoken(), noisy) == pytest.approx(10, abs=0.1)


@settings(max_examples=20)
@given(st.integers(1, 40), st.floats(-10, 40))
def test_the_shortest_clips_get_noise_as_well(count, snr_db):
    clip = Clip(np.full(count, 0.1), 8000)
    assert len(clip.with_noise("pink", snr_db).samples) == count


def test_silence_has_no_ratio_to_noise():
    with pytest.raises(AudioError, match=r"finite number of dB.*found 10 for Clip\(1\.00 s"):
        Clip.silence(1).with_noise("white", 10)
    with pytest.raises(AudioError, match="found nan"):
        spoken().with_noise("white", math.nan)
    with pytest.raises(AudioError, match="the noise is silent"):
        spoken().with_noise(Clip.silence(1), 10)
