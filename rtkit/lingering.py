"""Answers that outlive their session: still playing when a new one holds, and then interrupted.

A new session is told an answer as text, whole. If it is interrupted after that, the session must
learn what was heard. The wire has `conversation.item.truncate` for sound that the same session made
only, and refuses it for text. It has no way to change a text. So the item is deleted and, with the
words that were heard, created again under its id in its place; nothing is created when no word was
heard. A server that gives its own ids to items is not told: what it would call the new one is not
known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import events
from .moments import Moment
from .reading import Conversation
from .recovery import Event, Told, message
from .transcript import heard_words

if TYPE_CHECKING:
    from .link import Link

ROOT = "root"  # the place before the first item


class Lingering:
    """The answers of sessions that are gone, as far as they may still be interrupted."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._order: list[str] = []  # the items that the session was told
        self._words: dict[str, str] = {}  # of the answers among them

    def forget(self) -> None:
        """The session is gone, and with it what it was told."""
        self._order, self._words = [], {}

    def keep(self, rows: Sequence[Told]) -> None:
        """These items were told; what was interrupted meanwhile is told at once."""
        utterances = self._link.protocol.speaking.items
        self._order = [str(row.item["id"]) for row in rows]
        self._words = {
            item_id: row.item["content"][0]["text"]
            for item_id, row in zip(self._order, rows, strict=True)
            if row.item.get("role") == "assistant" and item_id in utterances
        }
        self._mend([item_id for item_id in self._words if utterances[item_id].over])

    def take(self, moment: Moment) -> None:
        """An answer may have been cut off, or have come to its end."""
        if moment.type == "playback.flushed":
            self._mend([moment.event["item_id"]])
        elif moment.type == "playback.finished":
            self._words.pop(moment.event["item_id"], None)

    def _mend(self, item_ids: Sequence[str]) -> None:
        told = {item_id: self._words.pop(item_id) for item_id in item_ids if item_id in self._words}
        talk = Conversation(self._link.timeline) if told else None
        for item_id, words in told.items():
            assert talk is not None
            heard = heard_words(talk.items[item_id])
            if heard != words and item_id not in talk.deleted:
                self._replace(talk, item_id, heard)

    def _replace(self, talk: Conversation, item_id: str, words: str) -> None:
        self._tell(events.build("conversation.item.delete", item_id=item_id))
        if words:
            before = self._order[: self._order.index(item_id)]
            place = next((other for other in reversed(before) if other not in talk.deleted), ROOT)
            item = message(talk.items[item_id], "output_text", words)
            self._tell(events.build(events.ITEM_CREATE, item=item, previous_item_id=place))
        self._link.carry_out()

    def _tell(self, event: Event) -> None:
        """Past all that waits until the session holds again."""
        self._link.protocol.outgoing.tell(event, self._link.now)
