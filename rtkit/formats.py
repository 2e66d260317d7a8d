"""The three audio formats of the Realtime API and the arithmetic of bytes and milliseconds.

Both the lesson's names (`pcm16`, `g711_ulaw`, `g711_alaw`) and the GA wire objects
(`{"type": "audio/pcm", "rate": 24000}` ...) are here; neither numpy nor sound is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum
from typing import Any

from rtkit.errors import AudioError

PCM_RATE = 24_000
G711_RATE = 8_000


class AudioFormat(Enum):
    """How samples travel: 16-bit PCM at 24 kHz, or 8-bit telephone codes at 8 kHz."""

    PCM16 = "pcm16"
    G711_ULAW = "g711_ulaw"
    G711_ALAW = "g711_alaw"

    @property
    def rate(self) -> int:
        """Samples per second on the wire: 24000 for PCM16, 8000 for G.711."""
        return PCM_RATE if self is AudioFormat.PCM16 else G711_RATE

    @property
    def bytes_per_sample(self) -> int:
        """2 for PCM16, 1 for G.711."""
        return 2 if self is AudioFormat.PCM16 else 1

    def to_wire(self) -> dict[str, Any]:
        """The format object of a GA session, a new dict at each call."""
        wire: dict[str, Any] = {"type": _WIRE_TYPES[self]}
        return wire | {"rate": PCM_RATE} if self is AudioFormat.PCM16 else wire

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> AudioFormat:
        """The format that a GA format object names; `rate` may be left out.

        >>> AudioFormat.from_wire({"type": "audio/pcmu"})
        <AudioFormat.G711_ULAW: 'g711_ulaw'>
        """
        if not isinstance(wire, Mapping) or wire.get("type") not in _FROM_WIRE:
            allowed = ", ".join(repr(name) for name in _FROM_WIRE)
            raise AudioError(f"an audio format has one of the types {allowed}, found {wire!r}.")
        found = _FROM_WIRE[wire["type"]]
        if wire.get("rate", found.rate) != found.rate:
            raise AudioError(
                f"{wire['type']} is always {found.rate} Hz, found rate {wire['rate']!r}. "
                f"Resample the sound: resample(samples, from_rate, {found.rate})."
            )
        return found


_WIRE_TYPES = {
    AudioFormat.PCM16: "audio/pcm",
    AudioFormat.G711_ULAW: "audio/pcmu",
    AudioFormat.G711_ALAW: "audio/pcma",
}
_FROM_WIRE = {name: format for format, name in _WIRE_TYPES.items()}


def duration_ms(n_bytes: int, format: AudioFormat) -> float:
    """Milliseconds that this many bytes last; half a sample at the end does not count.

    >>> duration_ms(160, AudioFormat.G711_ULAW), duration_ms(960, AudioFormat.PCM16)
    (20.0, 20.0)
    """
    return n_bytes // format.bytes_per_sample * 1000 / format.rate


def bytes_for_ms(ms: float, format: AudioFormat) -> int:
    """Bytes that last this long, to the nearest whole sample.

    >>> bytes_for_ms(20, AudioFormat.G711_ULAW), bytes_for_ms(20, AudioFormat.PCM16)
    (160, 960)
    """
    if not 0 <= ms < math.inf:
        raise AudioError(f"a duration is 0 ms or more, found {ms!r}.")
    return round(ms * format.rate / 1000) * format.bytes_per_sample
