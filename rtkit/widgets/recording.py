"""A take while it is being recorded, and the ipywebrtc stream that it is taken from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rtkit.clip import Clip
from rtkit.errors import MissingExtra

from .wire import RATE, Sequence, unpack

if TYPE_CHECKING:
    from ipywebrtc import CameraStream

LONGEST = 3600.0  # seconds of a take: a forgotten recorder ends by itself
FRAME_MS = 20


class Recording:
    """The take that is being recorded."""

    def __init__(self, title: str, limit: float) -> None:
        self.title = title
        self.limit = round(limit * RATE)  # samples
        self._frames = Sequence()
        self.parts: list[bytes] = []
        self.size = 0  # bytes

    def hear(self, data: bytes) -> None:
        """One frame of the page."""
        self._keep(self._frames.push(*unpack(data)))

    def _keep(self, frames: Iterable[bytes]) -> None:
        for pcm in frames:
            self.parts.append(pcm)
            self.size += len(pcm)

    @property
    def seconds(self) -> float:
        """How long it is by now."""
        return self.size / 2 / RATE

    @property
    def full(self) -> bool:
        """Whether it is as long as it was to be."""
        return self.size >= 2 * self.limit

    @property
    def lost_ms(self) -> int:
        """Sound that never arrived."""
        return FRAME_MS * self._frames.lost

    def clip(self) -> Clip:
        """Its sound at the end, not longer than it was to be."""
        self._keep(self._frames.rest())
        return Clip.from_pcm16(b"".join(self.parts)[: 2 * self.limit])


def camera_stream(device: str | None, processing: bool) -> CameraStream:
    """An ipywebrtc stream of this microphone (None: the browser's own choice), not yet opened.

    With `processing` the browser cancels echo, suppresses noise and controls the gain.
    """
    try:
        import ipywebrtc
    except ImportError as problem:
        raise MissingExtra("ipywebrtc, which opens the microphone,", "lab") from problem
    audio: dict[str, Any] = {
        "echoCancellation": processing,
        "noiseSuppression": processing,
        "autoGainControl": processing,
        "channelCount": 1,
    }
    if device:
        audio["deviceId"] = {"exact": device}
    return ipywebrtc.CameraStream(constraints={"audio": audio, "video": False})
