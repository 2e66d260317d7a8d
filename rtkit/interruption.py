"""What the assistant says, how much of it was received and heard, and how it is cut off.

An interruption has three steps, and the player stands between them: `stop` says what to silence,
the player tells how much was played, and `cut` says where the server has to truncate the item. It
is cut at most once, never beyond what was received (the wire refuses that), and at 0 ms if nothing
of what was received was heard: the model would else believe that it said it. It is not cut at all
if nothing was received (an item without sound is refused) or everything was heard (a truncated item
loses its transcript).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .commands import Play, PlayDone, StopPlayback
from .events import truncate
from .formats import AudioFormat, duration_ms


@dataclass(slots=True)
class Utterance:
    """One item that is spoken."""

    item_id: str
    response_id: str
    content_index: int
    format: AudioFormat
    received: int = 0  # bytes
    complete: bool = False  # no more will come
    stopped: bool = False  # StopPlayback was given; what still comes is not played
    over: bool = False  # played to its end, or flushed
    truncated: bool = False

    @property
    def received_ms(self) -> float:
        return duration_ms(self.received, self.format)


class Speaking:
    """Everything that the assistant said, by item id."""

    def __init__(self) -> None:
        self.items: dict[str, Utterance] = {}
        self._dropped: set[str] = set()  # responses that were interrupted

    def hear(self, event: Mapping[str, Any], audio: bytes, format: AudioFormat) -> Play | None:
        """Sound has come: to be played, unless it belongs to what was interrupted."""
        item_id, response_id = event["item_id"], event["response_id"]
        index = int(event.get("content_index", 0))
        if response_id in self._dropped:
            return None
        item = self.items.setdefault(item_id, Utterance(item_id, response_id, index, format))
        if item.stopped or not audio:
            return None
        item.received += len(audio)
        return Play(item_id, response_id, index, audio, item.format)

    def complete(self, items: Iterable[Utterance]) -> list[PlayDone]:
        """No more sound will come for these."""
        ending = [item for item in items if not (item.complete or item.stopped)]
        for item in ending:
            item.complete = True
        return [PlayDone(item.item_id) for item in ending]

    def of_item(self, item_id: str) -> list[Utterance]:
        return [self.items[item_id]] if item_id in self.items else []

    def of_response(self, response_id: str) -> list[Utterance]:
        return [item for item in self.items.values() if item.response_id == response_id]

    def was_dropped(self, response_id: str) -> bool:
        return response_id in self._dropped

    def stop(self, active: str | None) -> list[StopPlayback]:
        """Silence what is not yet played to its end, and drop what `active` still sends."""
        if active:
            self._dropped.add(active)
        speaking = [item for item in self.items.values() if not (item.over or item.stopped)]
        for item in speaking:
            item.stopped = True
        return [StopPlayback(item.item_id) for item in speaking]

    def leave(self) -> None:
        """The session is gone: what still plays can be silenced, but nothing be truncated."""
        for item in self.items.values():
            item.truncated = True

    def finished(self, item_id: str) -> None:
        """An item was played to its end."""
        for item in self.of_item(item_id):
            item.over = True

    def cut(self, item_id: str, played_ms: float) -> dict[str, Any] | None:
        """An item was flushed after so much of it: the truncate to send, if one is needed."""
        item = self.items.get(item_id)
        if item is None:
            return None
        item.stopped = item.over = True
        heard_all = item.complete and played_ms >= item.received_ms
        if item.truncated or heard_all or not item.received:
            return None
        item.truncated = True
        end_ms = max(0, int(min(played_ms, item.received_ms)))
        return truncate(item_id, end_ms, item.content_index)
