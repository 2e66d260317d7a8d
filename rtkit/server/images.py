"""Images in items: what can be said of one without looking at it, its format and its size.

Only the header is read, and nothing is decoded. Layouts: PNG (W3C, IHDR is the first chunk: width
and height big-endian at byte 16) and JPEG (ITU-T T.81, frame headers SOF0 to SOF15: height and
width big-endian, 3 bytes behind the length).
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from dataclasses import dataclass

DATA_URI = re.compile(r"data:image/(png|jpe?g);base64,", re.IGNORECASE)
PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
NOT_FRAMES = (0xC4, 0xC8, 0xCC)
"""Markers among SOF0..SOF15 that are tables: Huffman, reserved, arithmetic coding."""


class NoImage(ValueError):
    """The URL holds no image that can be taken; says why."""


@dataclass(frozen=True, slots=True)
class Image:
    """What the header says."""

    format: str  # "PNG" or "JPEG"
    width: int
    height: int

    def __str__(self) -> str:
        return f"an image, {self.format}, {self.width} by {self.height}"


def read_image(url: str) -> Image:
    """The image of a data URI; `NoImage` when it is none.

    >>> uri = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAoAAAAHgCAYAAAA10dzk"
    >>> str(read_image(uri))
    'an image, PNG, 640 by 480'
    """
    start = DATA_URI.match(url)
    if start is None:
        raise NoImage("a data URI is needed, data:image/png;base64,... or data:image/jpeg;...")
    try:
        data = base64.b64decode(url[start.end() :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoImage(f"its base64 cannot be read: {error}") from error
    image = _png(data) if data.startswith(PNG) else _jpeg(data) if data.startswith(JPEG) else None
    if image is None or not image.width or not image.height:
        raise NoImage("its bytes have no PNG or JPEG header with a size")
    named = "PNG" if start.group(1).lower() == "png" else "JPEG"
    if named != image.format:
        raise NoImage(f"it says that it is {named}, but its bytes are {image.format}")
    return image


def _png(data: bytes) -> Image | None:
    if len(data) < 24 or data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", data[16:24])
    return Image("PNG", width, height)


def _jpeg(data: bytes) -> Image | None:
    """Goes from segment to segment until the frame header."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in NOT_FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return Image("JPEG", width, height)
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        at += 2 + length
    return None
