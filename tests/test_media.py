"""Other media through PyAV; and nothing that is not media ever reaches it."""

import io
import re
import sys

import numpy as np
import pytest

from rtkit.errors import AudioError, MissingExtra
from rtkit.media import BEGINNINGS, decode_media, kind


class Pipe:
    """What a recorder streams into: nobody can go back in it and fill in lengths."""

    def __init__(self):
        self.data = bytearray()

    def write(self, data):
        self.data += data
        return len(data)

    def getvalue(self):
        return bytes(self.data)


def voice(rate, seconds=1.5):
    """A voice of sorts, float[n]: harmonics that glide, in syllables."""
    t = np.arange(round(seconds * rate)) / rate
    glide = sum(0.1 * np.sin(2 * np.pi * k * (200 * t + 30 * t * t)) for k in (1, 2, 3, 5, 8))
    return glide * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))


def encoded(container, codec, rate, *, options=None, file=None):
    """The voice, louder on the left of two channels, as a media file of that kind."""
    av = pytest.importorskip("av")
    file = file or io.BytesIO()
    with av.open(file, "w", format=container, options=options or {}) as out:
        stream = out.add_stream(codec, rate=rate, layout="stereo")
        stream.codec_context.options = {"strict": "-2"}  # ffmpeg's own Vorbis is experimental
        both = np.stack([1.5 * voice(rate), 0.5 * voice(rate)]).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(both, format="fltp", layout="stereo")
        frame.rate = rate
        resampler = av.AudioResampler(format=stream.format, layout="stereo", rate=stream.rate)
        fifo = av.AudioFifo()
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            part.pts = None
            fifo.write(part)
        size = stream.codec_context.frame_size or 1024
        while chunk := fifo.read(size, partial=True):
            out.mux(stream.encode(chunk))
        out.mux(stream.encode(None))
    return file.getvalue()


def found_in(samples, sound):
    """Samples by which the sound is late in the samples, and how alike it is there."""
    size = len(samples) + len(sound)
    likeness = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(sound, size).conj(), size)
    late = int(np.argmax(likeness[: len(samples)]))
    part = samples[late : late + len(sound)]
    return late, np.corrcoef(part, sound[: len(part)])[0, 1]


KINDS = {  # container, codec, what its bytes are called, rates, most delay in ms
    "FLAC": ("flac", "flac", "FLAC", (8000, 11025, 22050, 44100, 96000), 0),
    "Ogg Vorbis": ("ogg", "vorbis", "Ogg", (16000, 44100, 48000), 60),
    "Ogg Opus": ("ogg", "libopus", "Ogg", (8000, 16000, 24000, 48000), 10),
    "WebM Opus": ("webm", "libopus", "WebM", (48000,), 10),
    "WebM PCM": ("matroska", "pcm_f32le", "WebM", (48000,), 0),
    "MP3": ("mp3", "libmp3lame", "MP3", (16000, 24000, 44100, 48000), 60),
    "MP4 AAC": ("mp4", "aac", "MP4", (16000, 44100, 48000), 70),
    "AIFF": ("aiff", "pcm_s16be", "AIFF", (22050,), 0),
    "WAV ADPCM": ("wav", "adpcm_ima_wav", "WAV", (24000,), 50),
}


@pytest.mark.parametrize(
    ("name", "rate"), [(name, rate) for name, kind_ in KINDS.items() for rate in kind_[3]]
)
def test_what_was_encoded_is_what_is_loaded(name, rate):
    container, codec, called, _, delay_ms = KINDS[name]
    data = encoded(container, codec, rate)
    assert kind(data) == called
    samples, loaded_rate = decode_media(data)
    assert samples.dtype == np.float32
    assert loaded_rate == (48000 if codec == "libopus" else rate)  # Opus is always 48 kHz
    sound = voice(loaded_rate)
    assert 0 <= len(samples) - len(sound) <= 2 * delay_ms * loaded_rate / 1000
    late, likeness = found_in(samples, sound)
    assert late <= delay_ms * loaded_rate / 1000
    assert likeness > 0.99
    rms = [20 * np.log10(np.sqrt(np.mean(np.square(x)))) for x in (samples, sound)]
    assert rms[0] == pytest.approx(rms[1], abs=0.6)  # LAME encodes at 0.95


def test_webm_is_loaded_as_a_browser_records_it():
    """No duration, no index, and neither the file nor its parts know how long they are."""
    data = encoded("webm", "libopus", 48000, options={"cluster_time_limit": "500"}, file=Pipe())
    unknown = b"\x01" + b"\xff" * 7
    data = re.sub(rb"(\x1f\x43\xb6\x75)[\x40-\x7f].", rb"\1" + unknown, data, flags=re.DOTALL)
    assert data.count(b"\x1f\x43\xb6\x75" + unknown) >= 3  # clusters
    assert b"\x18\x53\x80\x67" + unknown in data  # the segment
    assert b"\x1c\x53\xbb\x6b" not in data  # cues
    samples, rate = decode_media(data)
    assert (rate, len(samples)) == (48000, 72000)
    late, likeness = found_in(samples, voice(48000))
    assert (late, likeness > 0.99) == (0, True)


@pytest.mark.parametrize("name", ["FLAC", "Ogg Opus", "WebM Opus", "MP3"])
def test_a_file_that_was_cut_off_gives_what_is_there(name):
    container, codec, _, rates, delay_ms = KINDS[name]
    data = encoded(container, codec, rates[-1], file=Pipe())
    samples, rate = decode_media(data[: 3 * len(data) // 4])
    assert 0.3 * rate < len(samples) < 1.3 * rate
    late, likeness = found_in(samples, voice(rate)[: len(samples)])
    assert late <= delay_ms * rate / 1000
    assert likeness > 0.98


def test_a_file_with_a_hole_in_it_is_refused():
    data = bytearray(encoded("mp3", "libmp3lame", 44100))
    data[len(data) // 2 : len(data) // 2 + 1000] = bytes(1000)
    with pytest.raises(AudioError, match="begins like MP3, but it cannot be decoded"):
        decode_media(bytes(data))


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
