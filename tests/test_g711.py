"""G.711 against the definition, against itself, and against audioop where Python still has it."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit.errors import AudioError
from rtkit.g711 import alaw_to_pcm16, pcm16_to_alaw, pcm16_to_ulaw, ulaw_to_pcm16

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    try:
        import audioop
    except ImportError:  # Python 3.13 dropped it
        audioop = None

ALL_PCM = np.arange(65536, dtype=np.uint16).astype("<u2").tobytes()
ALL_CODES = bytes(range(256))
LAWS = {"ulaw": (pcm16_to_ulaw, ulaw_to_pcm16), "alaw": (pcm16_to_alaw, alaw_to_pcm16)}


@pytest.mark.skipif(audioop is None, reason="this Python has no audioop to compare with")
@pytest.mark.parametrize("law", LAWS)
def test_all_codes_and_all_samples_are_as_in_audioop(law):
    to_code, to_pcm = LAWS[law]
    assert to_pcm(ALL_CODES) == getattr(audioop, f"{law}2lin")(ALL_CODES, 2)
    assert to_code(ALL_PCM) == getattr(audioop, f"lin2{law}")(ALL_PCM, 2)


@pytest.mark.parametrize(
    ("law", "codes", "values"),
    [
        ("ulaw", "ff fe f0 80 00 7f", [0, 8, 120, 32124, -32124, 0]),
        ("alaw", "d5 d4 55 aa 2a 80", [8, 24, -8, 32256, -32256, 5504]),
    ],
)
def test_known_codes_have_the_values_of_the_recommendation(law, codes, values):
    data = LAWS[law][1](bytes.fromhex(codes))
    assert np.frombuffer(data, "<i2").tolist() == values


@pytest.mark.parametrize(("law", "inexact"), [("ulaw", {0x7F: 0xFF}), ("alaw", {})])
def test_codes_come_back_as_themselves_but_for_the_second_zero(law, inexact):
    to_code, to_pcm = LAWS[law]
    back = to_code(to_pcm(ALL_CODES))
    assert {a: b for a, b in zip(ALL_CODES, back, strict=True) if a != b} == inexact


@pytest.mark.parametrize(("law", "clip"), [("ulaw", 32635), ("alaw", 32767)])
def test_every_sample_comes_back_within_its_step(law, clip):
    to_code, to_pcm = LAWS[law]
    before = np.frombuffer(ALL_PCM, "<i2").astype(int)
    error = np.frombuffer(to_pcm(to_code(ALL_PCM)), "<i2") - np.clip(before, -clip, clip)
    assert np.all(np.abs(error) <= np.maximum(np.abs(before) / 16, 16))


@given(st.binary(max_size=200).filter(lambda data: len(data) % 2 == 0))
def test_coding_is_idempotent_and_halves_the_bytes(data):
    for to_code, to_pcm in LAWS.values():
        codes = to_code(data)
        assert len(codes) == len(data) // 2
        assert to_code(to_pcm(codes)) == codes


@pytest.mark.parametrize("to_code", [pcm16_to_ulaw, pcm16_to_alaw])
def test_half_a_sample_is_refused(to_code):
    with pytest.raises(AudioError, match="an odd number"):
        to_code(b"abc")
