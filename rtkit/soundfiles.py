"""A sound file, by its path or its bytes, as samples: WAV here, other media through PyAV."""

from __future__ import annotations

import os
from pathlib import Path

from rtkit.errors import AudioError
from rtkit.pcm import Samples
from rtkit.wav import is_known_coding, is_wav, read_wav

Source = str | os.PathLike[str] | bytes | bytearray | memoryview

MOST_BYTES = 1 << 32
"""Larger files are not read; no WAV file is larger, its lengths have 32 bits."""


def read_sound(source: Source) -> tuple[Samples, int]:
    """The samples of a local file, or of the bytes of one, float32[n] mono, and their rate."""
    if isinstance(source, bytes | bytearray | memoryview):
        name, data = "these bytes", bytes(source)
    else:
        name, data = f"the file {os.fspath(source)!r}", _read(Path(source).expanduser())
    if not data:
        raise AudioError(f"{name}: empty. Allowed: a sound file, best WAV. Record it again.")
    try:
        return _decode(data)
    except AudioError as problem:
        raise AudioError(f"{name}: {problem}") from problem


def _decode(data: bytes) -> tuple[Samples, int]:
    if is_wav(data) and is_known_coding(data):
        return read_wav(data)
    from rtkit.media import decode_media

    return decode_media(data)


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise AudioError(f"{str(path)!r} is a folder. Allowed: a sound file. Name one inside it.")
    try:
        if (size := path.stat().st_size) > MOST_BYTES:
            raise AudioError(
                f"{str(path)!r} has {size / 2**30:.1f} GiB. Allowed: 4 GiB. Cut it in parts."
            )
        return path.read_bytes()
    except FileNotFoundError as problem:
        raise AudioError(
            f"no such file: {str(path)!r} (looked for it in {str(path.parent.absolute())!r}). "
            "Clips are loaded from local files: check the name, or give the full path."
        ) from problem
    except OSError as problem:
        raise AudioError(f"cannot read {str(path)!r}: {problem.strerror}.") from problem
