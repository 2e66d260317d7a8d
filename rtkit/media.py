"""Sound files of every other kind, decoded through PyAV, which is loaded when it is needed.

Only bytes that begin like a known media file reach the decoder: ffmpeg also reads playlists and
scripts that name addresses on the network, and nothing here may fetch anything.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from rtkit.errors import AudioError, MissingExtra
from rtkit.pcm import Samples, checked_length

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream
    from av.container import InputContainer

BEGINNINGS: tuple[tuple[str, int, bytes], ...] = (  # kind, position, bytes found there
    ("WAV", 0, b"RIFF"),
    ("WAV", 0, b"RF64"),
    ("FLAC", 0, b"fLaC"),
    ("Ogg", 0, b"OggS"),
    ("WebM", 0, b"\x1a\x45\xdf\xa3"),
    ("MP4", 4, b"ftyp"),
    ("MP3", 0, b"ID3"),
    ("MP3", 0, b"\xff\xfb"),
    ("MP3", 0, b"\xff\xf3"),
    ("MP3", 0, b"\xff\xf2"),
    ("AAC", 0, b"\xff\xf1"),
    ("AAC", 0, b"\xff\xf9"),
    ("AIFF", 0, b"FORM"),
    ("AU", 0, b".snd"),
    ("CAF", 0, b"caff"),
)


def kind(data: bytes) -> str | None:
    """What the first bytes say that the file is, or None.

    >>> kind(b"fLaC...."), kind(b"%PDF-1.7")
    ('FLAC', None)
    """
    for name, position, mark in BEGINNINGS:
        if data[position : position + len(mark)] == mark:
            return name
    return None


def decode_media(data: bytes) -> tuple[Samples, int]:
    """The samples of a media file, float32[n] mono (channels averaged), and their rate."""
    found = kind(data)
    if found is None:
        kinds = ", ".join(sorted({name for name, _, _ in BEGINNINGS} - {"WAV"}))
        raise AudioError(
            f"this is not a sound file that rtkit knows: it begins with {data[:12]!r}. "
            f"Allowed: WAV and, through PyAV, {kinds}. Convert it to WAV."
        )
    try:
        import av
    except ImportError as problem:
        raise MissingExtra(f"PyAV, which reads {found} files,", "lab") from problem
    try:
        with av.open(io.BytesIO(data), mode="r") as container:
            return _mono(container)
    except av.FFmpegError as problem:
        raise AudioError(
            f"this begins like {found}, but it cannot be decoded ({problem}). "
            "It may be cut off or damaged: export it again, best as WAV."
        ) from problem


def _mono(container: InputContainer) -> tuple[Samples, int]:
    import av

    if not container.streams.audio:
        raise AudioError("this media file holds no sound, only pictures. Record it with sound.")
    stream = container.streams.audio[0]
    planar = av.AudioResampler(format="fltp")  # values and rate stay, only the layout changes
    pieces: list[Samples] = []
    count = 0
    for frame in _frames(container, stream):
        pieces += [part.to_ndarray().mean(axis=0) for part in planar.resample(frame)]
        count += frame.samples
        checked_length(count, frame.sample_rate)
    sound = np.concatenate(pieces) if pieces else np.zeros(0)
    return sound.astype(np.float32, copy=False), int(stream.rate)


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """The frames of a stream. A file that was cut off gives what is there: it has no more packets
    after the one that cannot be decoded. With more of them it is damaged."""
    import av

    problem, any_frame = None, False
    for packet in container.demux(stream):
        if problem and packet.size:
            raise problem
        try:
            for frame in packet.decode():
                any_frame = True
                yield frame
        except av.FFmpegError as found:
            problem = found
    if problem and not any_frame:
        raise problem
