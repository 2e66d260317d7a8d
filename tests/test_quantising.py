"""Steps and their noise: linear codes as theory says, G.711 as the telephone was planned."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit.audio import AudioFormat, decode, encode
from rtkit.errors import AudioError
from rtkit.quantising import CODINGS, coded, coding_snr, linear

FULL = -3.2  # dBFS of a sine that just fits 8 bits; the largest of all has -3.01


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_a_linear_code_has_6_db_for_each_bit(bits):
    theory = 6.02 * bits + 1.76 + FULL + 3.01
    assert coding_snr(f"{bits}-bit linear", [FULL])[0] == pytest.approx(theory, abs=0.3)
    softer = coding_snr(f"{bits}-bit linear", [FULL, FULL - 20])
    assert softer[0] - softer[1] == pytest.approx(20, abs=1)


@pytest.mark.parametrize("coding", ["mu-law", "A-law"])
def test_g711_keeps_its_ratio_over_40_db_where_8_linear_bits_lose_it(coding):
    ratios = coding_snr(coding, np.arange(-40, -3, 2.0))
    assert ratios.min() > 32
    assert np.ptp(ratios) < 7
    assert coding_snr("8-bit linear", [-40.0])[0] < 15


def test_mu_law_is_better_than_a_law_for_whispers():
    whispers = np.arange(-70, -54, 2.0)
    assert np.all(coding_snr("mu-law", whispers) > coding_snr("A-law", whispers))


@given(st.lists(st.floats(-1, 1, width=32), max_size=40), st.integers(2, 16))
def test_a_linear_code_rounds_to_the_nearest_step_and_stays(values, bits):
    samples = np.array(values, np.float32)
    once = linear(samples, bits)
    top = 1 - 2.0 ** (1 - bits)
    assert np.all(np.abs(once - np.minimum(samples, top)) <= 2.0**-bits + 1e-7)
    assert np.array_equal(linear(once, bits), once)


def test_what_is_coded_is_what_travels():
    samples = np.linspace(-1, 0.99, 999)
    for name, format in (("mu-law", AudioFormat.G711_ULAW), ("A-law", AudioFormat.G711_ALAW)):
        assert np.array_equal(coded(samples, name), decode(encode(samples, format), format))
    assert np.array_equal(coded(samples, "8-bit linear"), linear(samples, 8))
    assert len(CODINGS) == 3


@pytest.mark.parametrize("coding", ["opus", "linear", "x-bit linear", "8-bit float"])
def test_other_codings_are_refused(coding):
    with pytest.raises(AudioError, match="'mu-law', 'A-law' or 'N-bit linear', found"):
        coded([0.0], coding)
    with pytest.raises(AudioError, match="1 to 24 bits, found 99"):
        coded([0.0], "99-bit linear")
