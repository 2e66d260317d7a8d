"""What the server core asks its surroundings to do. Data only: imperative names, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtkit.server.brain import Request


@dataclass(frozen=True, slots=True)
class Send:
    """Send this event to the client, after all that were sent before."""

    event: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Listen:
    """Give the recogniser more of an utterance: int16[n] at 16 kHz. The first one begins it."""

    item_id: str
    samples: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Finish:
    """The utterance is complete: report its words by `Core.heard` or `Core.unheard`."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Forget:
    """The utterance will never be needed: stop recognising it."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Think:
    """Ask the brain; report by `Core.reply_piece`, `Core.audio` and `Core.reply_done`.

    `voice` is None when the answer is written, else the voice and `speed` to speak it with.
    """

    response_id: str
    request: Request
    voice: str | None
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop brain and voice of a response at once; what they still yield is dropped."""

    response_id: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection once everything has been sent."""

    code: int
    reason: str


Command = Send | Listen | Finish | Forget | Think | Stop | Close
