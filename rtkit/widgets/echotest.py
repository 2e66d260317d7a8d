"""One echo test: the page plays a known sound, and what its microphone hears meanwhile is measured.

The sound goes the way of every answer, through the page's own player, and the microphone is
treated as it will be in the talk. On rtkit's loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rtkit.clip import Clip
from rtkit.echo import LONGEST_MS, SAFE_DB, Echo, measure_echo, sweep_clip

from .speaker import PIECE_BYTES
from .wire import RATE, Link, Sequence, message, pack

ITEM = 0  # the number of the sound in the page; those of answers begin at 1
NEEDED_BYTES = 2 * round(RATE * (sweep_clip().duration + LONGEST_MS / 1000))


class EchoTest:
    """Sends the sound to the page at once; `tell(echo)` is called when all has been heard.

    `first` is the number of the microphone's next frame.
    """

    def __init__(self, link: Link, tell: Callable[[Echo], None], first: int = 0) -> None:
        self._tell = tell
        self._frames = Sequence(first)
        self._heard: bytearray | None = None  # since the sound began
        pcm = sweep_clip().to_pcm16()
        for start in range(0, len(pcm), PIECE_BYTES):
            link.send(pack(ITEM, pcm[start : start + PIECE_BYTES]))
        link.send(message("finish", item=ITEM))

    @property
    def done(self) -> bool:
        """Whether enough was heard."""
        return self._heard is not None and len(self._heard) >= NEEDED_BYTES

    def told(self, told: Mapping[str, Any]) -> None:
        """What the page's player tells: what comes from the microphone from now on is kept."""
        if told.get("type") == "started" and told.get("item") == ITEM:
            self._heard = bytearray()

    def hear(self, number: int, pcm: bytes) -> None:
        """A frame of the microphone."""
        for part in self._frames.push(number, pcm):
            if self._heard is None or self.done:
                continue
            self._heard += part
            if self.done:
                self._tell(measure_echo(sweep_clip(), Clip.from_pcm16(bytes(self._heard))))


def echo_words(echo: Echo) -> str:
    """What a test has found, and what to do about it.

    >>> echo_words(Echo(None, None, -71.2))
    'No echo: headphones, or good echo cancellation. Speaking freely is safe.'
    """
    if echo.verdict == "noisy":
        return (
            f"It is too loud here to tell: only an echo above {echo.floor_db:.0f} dB would show. "
            "Keep quiet for three seconds and test again."
        )
    if echo.level_db is None or echo.delay_ms is None:
        return "No echo: headphones, or good echo cancellation. Speaking freely is safe."
    found = f"{round(echo.level_db)} dB, {max(0.0, echo.delay_ms):.0f} ms later"
    if echo.verdict == "safe":
        return (
            f"Hardly any echo ({found}; below {SAFE_DB:.0f} dB nobody hears it). "
            "Speaking freely is safe."
        )
    return (
        f"The assistant would hear itself: its voice comes back ({found}). Use headphones, or let "
        "the microphone wait while it speaks."
    )
