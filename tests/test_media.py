"""Other media through PyAV; and nothing that is not media ever reaches it."""

import io
import sys

import numpy as np
import pytest

from rtkit.errors import AudioError, MissingExtra
from rtkit.media import BEGINNINGS, decode_media, kind

TONE = (0.5 * np.sin(2 * np.pi * 440 * np.arange(24000) / 24000)).astype(np.float32)


def encoded(container, codec):
    """A second of a tone on the left of two channels, as a media file of that kind."""
    av = pytest.importorskip("av")
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=24000, layout="stereo")
        values = (np.stack([TONE, 0 * TONE], axis=1) * 32767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(values, format="s16", layout="stereo")
        frame.rate = 24000
        resampler = av.AudioResampler(format=stream.format, layout="stereo", rate=24000)
        fifo = av.AudioFifo()
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            part.pts = None
            fifo.write(part)
        size = stream.codec_context.frame_size or 1024
        while chunk := fifo.read(size, partial=True):
            out.mux(stream.encode(chunk))
        out.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize(
    ("container", "codec", "name", "spare"),
    [
        ("flac", "flac", "FLAC", 0),
        ("wav", "adpcm_ima_wav", "WAV", 3000),
        ("aiff", "pcm_s16be", "AIFF", 0),
        ("mp4", "aac", "MP4", 3000),
        ("mp3", "libmp3lame", "MP3", 3000),
    ],
)
def test_channels_are_averaged_and_the_rate_is_kept(container, codec, name, spare):
    data = encoded(container, codec)
    assert kind(data) == name
    samples, rate = decode_media(data)
    assert (samples.dtype, rate) == (np.float32, 24000)
    assert abs(len(samples) - 24000) <= spare
    middle = samples[6000:18000]
    level = np.sqrt(np.mean(middle**2))
    assert level == pytest.approx(0.25 / np.sqrt(2), rel=0.06)  # LAME encodes at 0.95


@pytest.mark.parametrize(
    "data",
    [b"#!/bin/sh\n", b"%PDF-1.7", b"\x89PNG\r\n", b"hello", b"#EXTM3U\nhttp://example.com/a.mp3\n"],
)
def test_what_is_not_media_is_refused_by_its_first_bytes(data):
    with pytest.raises(AudioError) as caught:
        decode_media(data)
    assert f"it begins with {data[:12]!r}" in str(caught.value)
    assert "Allowed: WAV and, through PyAV, AAC, AIFF" in str(caught.value)


@pytest.mark.parametrize("mark", sorted({mark for _, place, mark in BEGINNINGS if place == 0}))
def test_a_good_beginning_alone_is_not_enough(mark):
    pytest.importorskip("av")
    with pytest.raises(AudioError, match=r"cannot be decoded|holds no sound"):
        decode_media(mark + b"\xa5" * 40)


def test_without_pyav_the_error_names_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtra, match=r"FLAC.*pip install 'rtkit\[lab\]'"):
        decode_media(b"fLaC")
