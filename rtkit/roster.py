"""The items of a conversation as its events tell them: each once, in its place, with its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .items import Item, Order
from .moments import Moment
from .pairing import Pairing

SPOKEN_PARTS = frozenset({"input_audio", "output_audio", "audio"})


class Roster:
    """All items by their ids, and their order."""

    def __init__(self, pairing: Pairing) -> None:
        self.items: dict[str, Item] = {}
        self.order = Order()
        self.deleted: set[str] = set()  # items that the server was told to forget
        self.sent: list[Moment] = []  # conversation.item.create, not yet answered
        self.aside: set[str] = set()  # out-of-band responses, and their items
        self._former: set[str] = set()  # items of sessions that are gone: told anew, not new
        self._replaying = False  # the history is told to a new session
        self._pairing = pairing

    def item(self, item_id: str) -> Item:
        """The item with this id, made if it was not heard of."""
        item = self.items.get(item_id)
        if item is None:
            item = self.items[item_id] = Item(item_id)
        return item

    def spoken(self, item_id: str) -> Item:
        """The user's item with this id, wherever it stands."""
        item = self.item(item_id)
        item.role = item.role or "user"
        self.order.expect(item_id)
        return item

    def leave(self) -> None:
        """The session is gone; the next one is told again what is known here."""
        self._replaying = True
        self._former.update(self.items)
        self.sent.clear()

    def resume(self) -> None:
        """The new session knows the history; what was sent so far was nothing else."""
        self._replaying = False
        self.sent.clear()

    # events

    def create_sent(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self.sent.append(moment)

    def added(self, moment: Moment, event: Mapping[str, Any]) -> None:
        told = event["item"]
        if self._replaying:
            self._former.add(told["id"])  # under whichever name
        if told["id"] in self.aside:
            return
        if told["id"] in self._former:
            if not self._replaying:
                self._take_again(told["id"])
            return
        item = self.item(told["id"])
        item.kind, item.role = told.get("type", item.kind), told.get("role") or item.role
        if item.added is None:
            item.added = moment.t
            asked = self._claim(item)
            item.asked = item.asked if asked is None else asked
        self.order.place(item.id, event.get("previous_item_id"))
        read_content(item, told)
        if item.kind == "function_call_output":
            self._pairing.returned(item.added if item.asked is None else item.asked)
        elif item.role == "user":
            self._pairing.ask(item)
        elif item.role == "assistant":
            self._pairing.put(item)

    def _take_again(self, item_id: str) -> None:
        """The session was told anew of an item that it had known, in other words."""
        self.deleted.discard(item_id)
        self.sent[:] = [sent for sent in self.sent if deep(sent.event, "item", "id") != item_id]

    def done(self, moment: Moment, event: Mapping[str, Any]) -> None:
        if event["item"]["id"] in self._former:
            return
        self.added(moment, event)
        item = self.item(event["item"]["id"])
        if item.role == "assistant":
            item.final = True

    def gone(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self.deleted.add(event["item_id"])

    def _claim(self, item: Item) -> float | None:
        """When the client sent this item: by its id, else the oldest that was sent without one."""
        if item.committed is not None or item.response_id is not None:
            return None
        for wanted in (item.id, None):
            for number, sent in enumerate(self.sent):
                if deep(sent.event, "item", "id") == wanted:
                    del self.sent[number]
                    item.told = sent.event["item"]
                    if sent.event.get("previous_item_id") == "root":
                        self.order.place_first(item.id)
                    return sent.t
        return None


def read_content(item: Item, told: Mapping[str, Any]) -> None:
    """Take the words of an item from its content."""
    for index, part in enumerate(told.get("content") or ()):
        words = part.get("text") or part.get("transcript")
        if words:
            item.texts[index] = [words]
        if item.role == "user" and part.get("type") not in SPOKEN_PARTS:
            item.final = True


def deep(event: Any, *path: str) -> Any:
    """What lies at a path of keys, None where there is nothing."""
    for key in path:
        if not isinstance(event, Mapping):
            return None
        event = event.get(key)
    return event
