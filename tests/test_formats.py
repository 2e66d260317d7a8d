"""Formats on the wire, and milliseconds that know the format."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit.errors import AudioError
from rtkit.formats import AudioFormat, bytes_for_ms, duration_ms

formats = st.sampled_from(AudioFormat)


@pytest.mark.parametrize(
    ("format", "wire", "rate", "size"),
    [
        (AudioFormat.PCM16, {"type": "audio/pcm", "rate": 24000}, 24000, 2),
        (AudioFormat.G711_ULAW, {"type": "audio/pcmu"}, 8000, 1),
        (AudioFormat.G711_ALAW, {"type": "audio/pcma"}, 8000, 1),
    ],
)
def test_a_format_has_one_wire_object_and_back(format, wire, rate, size):
    assert format.to_wire() == wire
    assert AudioFormat.from_wire(wire) is format
    assert (format.rate, format.bytes_per_sample) == (rate, size)


def test_wire_objects_are_independent_of_each_other():
    AudioFormat.PCM16.to_wire()["rate"] = 1
    assert AudioFormat.PCM16.to_wire()["rate"] == 24000


def test_the_rate_may_be_left_out():
    assert AudioFormat.from_wire({"type": "audio/pcm"}) is AudioFormat.PCM16


@pytest.mark.parametrize(
    ("wire", "said"),
    [
        ({"type": "pcm16"}, "'audio/pcm', 'audio/pcmu', 'audio/pcma', found {'type': 'pcm16'}"),
        ("pcm16", "found 'pcm16'"),
        ({}, "found {}"),
        ({"type": "audio/pcm", "rate": 16000}, "always 24000 Hz, found rate 16000.*Resample"),
        ({"type": "audio/pcmu", "rate": 24000}, "always 8000 Hz, found rate 24000"),
    ],
)
def test_other_wire_objects_are_refused_with_what_is_allowed(wire, said):
    with pytest.raises(AudioError, match=said):
        AudioFormat.from_wire(wire)


def test_twenty_ms_of_telephone_audio_are_160_bytes():
    assert bytes_for_ms(20, AudioFormat.G711_ULAW) == 160
    assert bytes_for_ms(20, AudioFormat.G711_ALAW) == 160
    assert bytes_for_ms(20, AudioFormat.PCM16) == 960
    assert duration_ms(160, AudioFormat.G711_ULAW) == duration_ms(960, AudioFormat.PCM16) == 20


@given(formats, st.integers(0, 10**7))
def test_durations_and_sizes_are_inverse(fmt, samples):
    size = samples * fmt.bytes_per_sample
    assert bytes_for_ms(duration_ms(size, fmt), fmt) == size


@given(formats, st.floats(0, 1e6))
def test_sizes_are_whole_samples(fmt, ms):
    assert bytes_for_ms(ms, fmt) % fmt.bytes_per_sample == 0


def test_half_a_sample_lasts_no_time_and_no_time_is_negative():
    assert duration_ms(3, AudioFormat.PCM16) == duration_ms(2, AudioFormat.PCM16)
    for ms in (-1, float("nan"), float("inf")):
        with pytest.raises(AudioError, match=f"0 ms or more, found {ms}"):
            bytes_for_ms(ms, AudioFormat.PCM16)
