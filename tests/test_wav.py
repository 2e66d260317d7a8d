"""WAV files of every usual kind, and damaged ones."""

import io
import struct
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rtkit.errors import AudioError
from rtkit.g711 import pcm16_to_alaw, pcm16_to_ulaw
from rtkit.pcm import float_to_pcm16
from rtkit.wav import is_known_coding, is_wav, read_wav, write_wav

RAMP = np.linspace(-0.9, 0.9, 101, dtype=np.float32)
GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def wav(tag, bits, sound, channels=1, rate=16000, extensible=False, before=b"", size=None):
    fields = (channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)
    fmt = struct.pack("<HHIIHH", 0xFFFE if extensible else tag, *fields)
    if extensible:
        fmt += struct.pack("<HHIH", 22, bits, 0, tag) + GUID_TAIL
    data = struct.pack("<4sI", b"data", len(sound) if size is None else size) + sound
    body = b"WAVE" + before + struct.pack("<4sI", b"fmt ", len(fmt)) + fmt + data
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def int24(samples):
    wide = np.rint(samples.astype(np.float64) * 2**23).astype("<i4")
    return wide.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()


SOUNDS = {  # coding, bits: the ramp in it, and the largest error of one step
    (1, 8): (np.rint(RAMP * 128 + 128).astype(np.uint8).tobytes(), 0.5 / 128),
    (1, 16): (float_to_pcm16(RAMP), 0.5 / 2**15),
    (1, 24): (int24(RAMP), 0.5 / 2**23),
    (1, 32): (np.rint(RAMP.astype(np.float64) * 2**31).astype("<i4").tobytes(), 1e-7),
    (3, 32): (RAMP.astype("<f4").tobytes(), 0),
    (3, 64): (RAMP.astype("<f8").tobytes(), 0),
    (6, 8): (pcm16_to_alaw(float_to_pcm16(RAMP)), 0.02),
    (7, 8): (pcm16_to_ulaw(float_to_pcm16(RAMP)), 0.02),
}


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize(("tag", "bits"), SOUNDS)
def test_every_coding_gives_the_same_samples(tag, bits, extensible):
    sound, step = SOUNDS[tag, bits]
    data = wav(tag, bits, sound, extensible=extensible)
    assert is_wav(data)
    assert is_known_coding(data)
    samples, rate = read_wav(data)
    assert (samples.dtype, samples.shape, rate) == (np.float32, (101,), 16000)
    assert np.abs(samples - RAMP).max() <= step + 1e-7


def test_channels_are_averaged():
    left_right = np.stack([RAMP, np.zeros_like(RAMP)], axis=1).astype("<f4")
    samples, _ = read_wav(wav(3, 32, left_right.tobytes(), channels=2))
    assert np.allclose(samples, RAMP / 2)


def test_chunks_before_the_format_are_skipped_also_odd_ones():
    before = struct.pack("<4sI", b"LIST", 3) + b"abc\0"
    samples, _ = read_wav(wav(1, 16, SOUNDS[1, 16][0], before=before))
    assert len(samples) == 101


@pytest.mark.parametrize("size", [0xFFFFFFFF, 10_000])
def test_a_recording_that_was_cut_off_gives_what_is_there(size):
    samples, _ = read_wav(wav(1, 16, SOUNDS[1, 16][0] + b"\x01", size=size))
    assert len(samples) == 101


@given(arrays(np.float32, st.integers(0, 40), elements=st.floats(-1, 0.9990234375, width=32)))
def test_what_is_written_is_read_back_within_half_a_step(samples):
    back, rate = read_wav(write_wav(samples, 24000))
    assert rate == 24000
    assert np.all(np.abs(back - samples) <= 0.5 / 32768)


def test_pythons_own_reader_reads_what_is_written():
    with wave.open(io.BytesIO(write_wav(RAMP, 8000))) as reader:
        assert (reader.getnchannels(), reader.getsampwidth(), reader.getframerate()) == (1, 2, 8000)
        assert reader.readframes(200) == float_to_pcm16(RAMP)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"RIFF\0\0\0\0WAVE", "without its format.*damaged"),
        (wav(1, 16, b"")[:36], "without sound.*damaged"),
        (wav(0x55, 0, b""), "coding 85 at 0 bits.*Allowed: 8, 16, 24"),
        (wav(1, 16, b"", channels=0), "0 channels at 16000 Hz"),
    ],
)
def test_damaged_files_are_refused(data, said):
    with pytest.raises(AudioError, match=said):
        read_wav(data)
