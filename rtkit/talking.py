"""How a person's sound becomes turns: by the server, by ears on this side, or by a button.

Sound that is offered to a session goes through here. With turn detection on this side only turns
are sent, and each is committed when it ends; with a button the turn is what was said while it was
held. Facts: `turn.started`, `turn.ended` (with positions, when they were heard and not pressed)
and `turn.dropped` for one that is too short for the wire.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from . import catalog, events
from .dialects import turn_detection
from .formats import duration_ms
from .ownears import Began, Ended, OwnEars, Send
from .parts import VADConfig

if TYPE_CHECKING:
    from .link import Link

SHORTEST_MS = catalog.limit("commit_ms")


class Talking:
    """The turn taking of one link, as far as it happens on this side."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.ears: OwnEars | None = None
        self._held: int | None = None  # bytes since the button went down

    @property
    def detection(self) -> Mapping[str, Any] | None:
        """Who finds the turns, as a turn_detection object; None when they are ended by hand."""
        if self.ears is None:
            return turn_detection(self._link.protocol.session)
        return {"type": "client_vad", **self.ears.config.model_dump(exclude={"mode"})}

    @property
    def position_ms(self) -> float:
        """How much sound was offered so far, sent or judged and left out."""
        if self.ears is not None:
            return self.ears.position_ms
        tracks = self._link.timeline.tracks
        seconds = (track.duration for name, track in tracks.items() if name.startswith("input"))
        return 1000 * sum(seconds)

    async def listen(self, config: VADConfig | None) -> None:
        """Find the turns on this side from now on; None: the server does, or nobody."""
        if config is None:
            self.ears = None
        elif self.ears is not None:
            self.ears.configure(config)
        else:
            from .detectors import default_detector

            detector = await asyncio.to_thread(default_detector)
            self.ears = OwnEars(config, detector, self._link.protocol.input_format)

    def offer(self, data: bytes) -> Iterator[bytes]:
        """What is to be sent of this sound, in the session's input format."""
        if self.ears is not None:
            yield from self._judged(self.ears, data)
            return
        if self._held is not None:
            self._held += len(data)
        yield data

    def _judged(self, ears: OwnEars, data: bytes) -> Iterator[bytes]:
        if ears.format is not self._link.protocol.input_format:
            ears = self.ears = ears.in_format(self._link.protocol.input_format)
        for heard in ears.hear(data, self._link.now):
            match heard:
                case Send():
                    yield heard.data
                case Began():
                    self._link.note({"type": "turn.started", **asdict(heard)})
                    if ears.config.interrupt_response:
                        self._link.interrupt()
                case Ended():
                    self._link.note({"type": "turn.ended", **asdict(heard)})
                    self._commit(heard.sent_ms, ears.config.create_response)

    def press(self) -> None:
        """The button goes down: the assistant is interrupted, a turn begins."""
        self._link.interrupt()
        self._link.send({"type": events.CLEAR})
        self._held = 0
        self._link.note({"type": "turn.started"})

    def release(self) -> None:
        """The button goes up: what was said since is a turn, and an answer is asked for."""
        if self._held is None:
            return
        held, self._held = self._held, None
        self._link.note({"type": "turn.ended"})
        self._commit(duration_ms(held, self._link.protocol.input_format), create=True)

    def forget(self) -> None:
        """Drop what was said and is not yet committed."""
        if self.ears is not None:
            self.ears.forget()
        if self.detection is not None:
            self._link.send({"type": events.CLEAR})

    def _commit(self, ms: float, create: bool) -> None:
        if ms < SHORTEST_MS:
            self._link.note({"type": "turn.dropped", "ms": ms, "shortest_ms": SHORTEST_MS})
            self._link.send({"type": events.CLEAR})
            return
        self._link.send({"type": events.COMMIT})
        if create:
            self._link.send(events.create_response())
