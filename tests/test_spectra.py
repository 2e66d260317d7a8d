"""Spectra: a tone stands at its level and its frequency, a click at its instant."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit.spectra import COLUMNS, QUIETEST_DB, spectrogram, spectrum


def sine(hertz, rate, seconds=1.0, level_dbfs=-20.0):
    amplitude = np.sqrt(2) * 10 ** (level_dbfs / 20)
    t = np.arange(round(seconds * rate)) / rate
    return (amplitude * np.sin(2 * np.pi * hertz * t)).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 24_000, 44_100])
@pytest.mark.parametrize("level", [-10, -50])
def test_a_tone_reads_its_own_level_at_its_frequency(rate, level):
    hertz, db = spectrum(sine(1000, rate, 2.0, level), rate)
    assert hertz[np.argmax(db)] == pytest.approx(1000, abs=8)
    assert db.max() == pytest.approx(level, abs=0.5)
    assert np.median(db) < level - 60
    shown = spectrogram(sine(1000, rate, 2.0, level), rate)
    middle = shown.db[:, len(shown.seconds) // 2]
    assert shown.hertz[np.argmax(middle)] == pytest.approx(1000, abs=40)
    assert middle.max() == pytest.approx(level, abs=1.5)


@pytest.mark.parametrize("at_s", [0.0, 0.1, 0.5, 0.99])
def test_a_click_stands_at_its_instant(at_s):
    samples = np.zeros(24_000, np.float32)
    samples[round(at_s * 24_000)] = 1
    shown = spectrogram(samples, 24_000)
    power = (10 ** (shown.db / 10)).sum(axis=0)
    assert (power * shown.seconds).sum() / power.sum() == pytest.approx(at_s, abs=0.007)


def test_a_longer_window_tells_two_tones_apart_that_a_shorter_one_does_not():
    both = sine(1000, 8000) + sine(1060, 8000)

    def dip(window_ms):
        shown = spectrogram(both, 8000, window_ms)
        mean = 10 * np.log10((10 ** (shown.db / 10)).mean(axis=1))
        return mean.max() - np.interp(1030, shown.hertz, mean)

    assert dip(100) > 10
    assert dip(10) < 3


@given(st.integers(0, 2000), st.sampled_from([8000, 11_025, 96_000]))
def test_any_length_has_a_spectrum_and_instants_within_it(count, rate):
    samples = np.random.default_rng(0).normal(0, 0.1, count).astype(np.float32)
    shown = spectrogram(samples, rate)
    assert shown.db.shape == (len(shown.hertz), len(shown.seconds))
    assert shown.seconds[0] == 0
    assert shown.seconds[-1] <= max(count, 1) / rate
    hertz, db = spectrum(samples, rate)
    assert hertz.shape == db.shape
    assert (db.max() > QUIETEST_DB) == (count > 0)


def test_a_long_sound_is_shown_in_so_many_columns():
    shown = spectrogram(np.zeros(8000 * 600, np.float32), 8000)
    assert len(shown.seconds) <= COLUMNS + 1
    assert shown.seconds[-1] == pytest.approx(600, abs=1)
