"""What a client does to the conversation's items: create, retrieve, truncate and delete.

Each method raises `Refused` before anything is changed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from rtkit.audio import AudioFormat
from rtkit.refusals import wrong_type
from rtkit.server.commands import Agenda
from rtkit.server.conversation import ROOT, Conversation
from rtkit.server.items import Maker
from rtkit.server.rejections import Refused, refuse
from rtkit.server.utterances import Utterances

Event = dict[str, Any]


class Room(Protocol):
    """What says whether there is room for one more item."""

    def __call__(self, more: int, *, spoken: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class Edits:
    """Carries out `conversation.item.*` events."""

    agenda: Agenda
    conversation: Conversation
    utterances: Utterances

    def create(
        self, event: Event, form: AudioFormat, taken: Collection[object], room: Room
    ) -> None:
        """A new item, `form` being the session's input format; sound in it is listened to.

        `taken` are ids of items that are not in the conversation and yet not free. `room` raises
        `Refused` when an item of so many bytes is too much.
        """
        after = event.get("previous_item_id")
        if after == "":  # as absent, at the service too
            after = None
        entry = Maker(self.agenda.new_id, form).entry(event["item"])
        if after not in (None, ROOT) and self.conversation.get(after) is None:
            raise Refused(refuse("previous_unknown", item_id=after))
        if entry.id in self.conversation or entry.id in taken:
            raise Refused(refuse("item_exists", item_id=entry.id))
        room(entry.size, spoken=entry.sound is not None and entry.heard is None)
        place = {"previous_item_id": self.conversation.insert(entry, after)}
        for stage in ("added", "done"):
            made = {"type": f"conversation.item.{stage}", **place, "item": entry.wire()}
            self.agenda.send(made)
        if entry.sound is not None and entry.heard is None:
            self.utterances.read(entry)

    def retrieve(self, event: Event) -> None:
        """An item with its audio."""
        entry = self.conversation.get(event["item_id"])
        if entry is None:
            raise Refused(refuse("retrieve_unknown", item_id=event["item_id"]))
        self.agenda.send({"type": "conversation.item.retrieved", "item": entry.retrieved()})

    def truncate(self, event: Event) -> None:
        """Keep of an answer what was heard of it."""
        ms = event["audio_end_ms"]
        if isinstance(ms, bool) or not isinstance(ms, int):
            raise Refused(wrong_type("audio_end_ms", ("an integer",), ms))
        index = event["content_index"]
        if isinstance(index, bool) or not isinstance(index, int):
            raise Refused(wrong_type("content_index", ("an integer",), index))
        if ms < 0:
            raise Refused(refuse("truncate_below_zero", wanted=ms))
        self.conversation.truncate(event["item_id"], event["content_index"], ms)
        names = ("item_id", "content_index", "audio_end_ms")
        truncated = {name: event[name] for name in names}
        self.agenda.send({"type": "conversation.item.truncated", **truncated})

    def delete(self, event: Event) -> None:
        """Take an item out; a recogniser at work on it is told to stop."""
        entry = self.conversation.get(event["item_id"])
        if entry is None:
            raise Refused(refuse("delete_unknown", item_id=event["item_id"]))
        self.conversation.remove(entry.id)
        self.utterances.forget(entry.id)
        self.agenda.send({"type": "conversation.item.deleted", "item_id": entry.id})
