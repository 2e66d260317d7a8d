"""Resampling: the same samples however they arrive, and no aliases."""

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from rtkit.errors import AudioError
from rtkit.resampling import StreamResampler, resample

RATES = [(24000, 16000), (48000, 24000), (44100, 24000), (8000, 24000), (24000, 8000)]
NOISE = np.random.default_rng(0).uniform(-1, 1, 24000).astype(np.float32)


def stream(samples, cuts, rates, quality="LQ"):
    resampler = StreamResampler(*rates, quality)
    pieces = [resampler.push(piece) for piece in np.split(samples, cuts)]
    return np.concatenate([*pieces, resampler.finish()])


def tone(hertz, rate, seconds=1.0):
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(RATES),
    st.integers(0, 3000),
    st.lists(st.integers(0, 3000), max_size=12).map(sorted),
)
def test_any_chunking_gives_the_same_samples_bit_for_bit(rates, size, cuts):
    samples = NOISE[:size]
    whole = resample(samples, *rates, "LQ")
    assert np.array_equal(stream(samples, np.minimum(cuts, size), rates), whole)
    assert abs(len(whole) - size * rates[1] / rates[0]) <= 0.5 + 1e-9


@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize("quality", ["LQ", "HQ"])
def test_a_tone_that_fits_is_kept_and_one_that_does_not_is_gone(rates, quality):
    middle = slice(rates[1] // 4, 3 * rates[1] // 4)
    kept = resample(tone(1000, rates[0]), *rates, quality)[middle]
    assert np.abs(kept - tone(1000, rates[1])[middle]).max() < 1e-4
    if rates[1] < rates[0]:
        alias = resample(tone(0.6 * rates[1], rates[0]), *rates, quality)[middle]
        assert 20 * np.log10(np.abs(alias).max() / 0.5) < -100


def snr_db(rates, convert):
    """Of a tone that fits into both rates, in the middle of a second."""
    middle = slice(rates[1] // 4, 3 * rates[1] // 4)
    wanted = tone(997, rates[1])[middle]
    error = convert(tone(997, rates[0]).astype(np.float32))[middle] - wanted
    return 10 * np.log10(np.mean(wanted**2) / np.mean(error**2))


def rejection_db(rates, convert):
    """By how much a tone is softened that lies above the new half rate."""
    before = tone(0.6 * rates[1], rates[0])
    after = convert(before.astype(np.float32))[rates[1] // 4 : 3 * rates[1] // 4]
    return 10 * np.log10(np.mean(before**2) / np.mean(after.astype(float) ** 2))


@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize("quality", ["LQ", "HQ"])
def test_the_sound_is_as_clean_as_that_of_soxr_alone(rates, quality):
    measures = [snr_db] + [rejection_db] * (rates[1] < rates[0])
    for measure in measures:
        ours = measure(rates, lambda x: resample(x, *rates, quality))
        alone = measure(rates, lambda x: soxr.resample(x, *rates, quality))
        assert ours > alone - 3
        assert ours > 90


def test_a_pair_of_conversions_brings_the_voice_band_back():
    voice = (tone(200, 24000) + tone(3000, 24000)).astype(np.float32)
    back = resample(resample(voice, 24000, 16000), 16000, 24000)
    assert len(back) == len(voice)
    assert np.abs(back - voice)[2400:-2400].max() < 1e-3


def test_after_finish_and_after_reset_a_new_stream_begins():
    resampler = StreamResampler(24000, 16000)
    first = np.concatenate([resampler.push(NOISE), resampler.finish()])
    resampler.push(NOISE[:700])
    resampler.reset()
    again = np.concatenate([resampler.push(NOISE), resampler.finish()])
    assert np.array_equal(first, again)


def test_empty_pieces_and_empty_streams_are_empty():
    resampler = StreamResampler(24000, 16000)
    assert resampler.push([]).shape == resampler.finish().shape == (0,)
    assert resampler.finish().dtype == np.float32
    assert resample([], 24000, 8000).shape == (0,)


def test_an_equal_rate_copies_so_that_the_caller_may_reuse_its_buffer():
    buffer = np.ones(4, np.float32)
    out = StreamResampler(16000, 16000).push(buffer)
    buffer[:] = 0
    assert out.tolist() == [1, 1, 1, 1]


def test_a_stream_holds_back_no_more_than_40_ms():
    resampler, pushed, got = StreamResampler(24000, 16000), 0, 0
    for start in range(0, len(NOISE), 480):
        pushed += 20
        got += len(resampler.push(NOISE[start : start + 480])) / 16
        assert pushed - got <= 40


@pytest.mark.parametrize("rates", [(0, 8000), (24000, -1)])
def test_rates_are_positive(rates):
    with pytest.raises(AudioError, match="above 0 Hz, found"):
        StreamResampler(*rates)
