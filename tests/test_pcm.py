"""Float samples and PCM16: exact both ways, and clear about what they are not."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rtkit.errors import AudioError
from rtkit.pcm import as_samples, float_to_pcm16, level_dbfs, pcm16_to_float

ALL_VALUES = np.arange(65536, dtype=np.uint16).astype("<u2").tobytes()


def test_every_pcm_value_survives_the_trip_to_float_and_back():
    samples = pcm16_to_float(ALL_VALUES)
    assert samples.dtype == np.float32
    assert (samples.min(), samples.max()) == (-1.0, 32767 / 32768)
    assert float_to_pcm16(samples) == ALL_VALUES


@given(arrays(np.float32, st.integers(0, 50), elements=st.floats(-4, 4, width=32)))
def test_any_sample_comes_back_within_half_a_step_of_its_clipped_value(samples):
    back = pcm16_to_float(float_to_pcm16(samples))
    assert np.all(np.abs(back - np.clip(samples, -1, 32767 / 32768)) <= 0.5 / 32768)


def test_pcm16_is_little_endian():
    assert float_to_pcm16([1 / 32768, -1 / 32768]) == b"\x01\x00\xff\xff"


@pytest.mark.parametrize("size", [1, 3, 961])
def test_an_odd_number_of_bytes_is_refused(size):
    with pytest.raises(AudioError, match=f"2 bytes a sample, found {size} bytes, an odd number"):
        pcm16_to_float(bytes(size))


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.zeros(3, np.int16), "floats between -1 and 1, found int16"),
        (np.zeros((4, 2)), r"mono, shape \(n,\), found shape \(4, 2\)"),
        ([0.0, math.nan], "finite numbers, found nan at index 1 of 2"),
        ([math.inf], "finite numbers, found inf at index 0 of 1"),
        (0.5, r"found shape \(\)"),
    ],
)
def test_what_is_not_mono_float_sound_is_refused(samples, said):
    with pytest.raises(AudioError, match=said):
        as_samples(samples)


def test_no_samples_are_samples():
    assert as_samples([]).shape == pcm16_to_float(b"").shape == (0,)
    assert float_to_pcm16([]) == b""


def test_levels_are_relative_to_a_full_scale_square_wave():
    sine = np.sin(2 * np.pi * np.arange(2400) / 24)
    assert level_dbfs(np.ones(10)) == 0
    assert level_dbfs(sine) == pytest.approx(-3.01, abs=0.01)
    assert level_dbfs(sine / 10) == pytest.approx(-23.01, abs=0.01)
    assert level_dbfs(np.zeros(10)) == level_dbfs([]) == -math.inf
