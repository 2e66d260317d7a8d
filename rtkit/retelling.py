"""The history of a conversation, told to a new session item by item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import events
from .audio import to_base64
from .moments import Moment
from .recovery import Told

if TYPE_CHECKING:
    from .link import Link

TOLD_SECONDS = 20.0
"""So long a server may take for the whole history."""


class Roll:
    """Which items of a history the new session has taken, told by its events."""

    def __init__(self) -> None:
        self.items: list[str] = []
        self.refused: set[str] = set()  # ids of client events

    def take(self, moment: Moment) -> None:
        if moment.source != "server":
            return
        if moment.type in (events.ITEM_ADDED, events.ITEM_DONE, "conversation.item.created"):
            item_id = str(moment.event["item"]["id"])
            if item_id not in self.items:
                self.items.append(item_id)
        elif moment.type == events.ERROR:
            self.refused.add(str(moment.event["error"].get("event_id")))


async def retell(link: Link, rows: list[Told]) -> Roll:
    """Tell these items, and wait until the server has taken or refused each; TimeoutError."""
    roll = Roll()
    with link.audience.watching(roll.take):
        ids = [_tell_item(link, row) for row in rows]
        link.carry_out()

        def all_taken() -> bool:
            return len(roll.items) + len(roll.refused.intersection(ids)) >= len(rows)

        await link.until(all_taken, TOLD_SECONDS)
    return roll


def _tell_item(link: Link, row: Told) -> str:
    if row.untold:
        link.note({"type": "history.untold", "item_id": row.item["id"]})
    item = row.item
    if row.sound:
        data = link.timeline.tracks[row.sound.track].read(row.sound)
        item = {**item, "content": [{"type": "input_audio", "audio": to_base64(data)}]}
    event = events.build(events.ITEM_CREATE, item=item)
    return link.protocol.outgoing.tell(event, link.now, sound=row.sound)
