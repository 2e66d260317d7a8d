"""The conversation of one session: its items in order, their sound, and what the brain may know.

An item is kept in the wire's own shape, without audio; the bytes lie beside it, because they
travel only when somebody retrieves the item.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rtkit.audio import AudioFormat, bytes_for_ms, duration_ms, to_base64
from rtkit.refusals import not_supported
from rtkit.server.images import Image
from rtkit.server.rejections import Refused, refuse
from rtkit.server.usage import Tokens, audio_tokens, image_tokens, text_tokens

ROOT = "root"  # previous_item_id that means "in front of everything"
LONGEST_WORD_MS = 600
"""A word counts as heard once the next one begins, or after this long if a pause follows it."""


@dataclass(slots=True)
class Sound:
    """The audio of one item: bytes in a wire format and where its words begin."""

    format: AudioFormat
    data: bytearray = field(default_factory=bytearray)
    words: list[tuple[int, float]] = field(default_factory=list)  # (character, ms)

    @property
    def ms(self) -> float:
        """How long it lasts."""
        return duration_ms(len(self.data), self.format)

    def characters_heard(self, ms: float) -> int:
        """How many characters of the transcript were spoken in the first `ms` milliseconds."""
        begins = [start for _, start in self.words] + [self.ms]
        for (character, start), after in zip(self.words, begins[1:], strict=True):
            if min(after, start + LONGEST_WORD_MS) > ms:
                return character
        return -1  # all of them

    def cut(self, ms: float) -> None:
        """Keep the first `ms` milliseconds."""
        del self.data[bytes_for_ms(ms, self.format) :]
        self.words = [word for word in self.words if word[1] < ms]


@dataclass(slots=True)
class Entry:
    """One item: its wire shape, its sound, and the words that were recognised in it.

    The sounds of several audio parts lie in `sound` one after the other, `splits` tells where each
    ends; they are recognised as one, and the first part without a transcript gets the words.
    `images` says of each image in it what it is, without what it shows.

    All items are looked at for each response, so what is reckoned of one that is complete is kept
    until it changes; whoever changes it calls `changed`.
    """

    item: dict[str, Any]
    sound: Sound | None = None
    splits: list[int] = field(default_factory=list)  # bytes; empty for a single part
    heard: str | None = None
    confidence: float | None = None
    images: list[Image] = field(default_factory=list)
    cut: bool = False  # truncated by the client: what still arrives does not belong to it
    left_out: bool = False  # of what responses are given, since the context was full
    _known: tuple[str | None, dict[str, Any]] | None = field(default=None, init=False, repr=False)
    _tokens: Tokens | None = field(default=None, init=False, repr=False)
    _size: int | None = field(default=None, init=False, repr=False)

    def changed(self) -> None:
        """Forget what was reckoned of it."""
        self._known = self._tokens = self._size = None

    @property
    def _complete(self) -> bool:
        return self.item.get("status") != "in_progress"

    @property
    def size(self) -> int:
        """How many bytes of sound, images and text it holds, about."""
        if self._size is not None:
            return self._size
        size = self._reckoned_size()
        self._size = size if self._complete else None
        return size

    def _reckoned_size(self) -> int:
        sound = len(self.sound.data) if self.sound else 0
        parts = (self.item, *(self.item.get("content") or ()))
        return sound + sum(len(v) for part in parts for v in part.values() if isinstance(v, str))

    @property
    def id(self) -> str:
        return str(self.item["id"])

    def wire(self) -> dict[str, Any]:
        """The item as events carry it: a copy that later changes do not touch."""
        return copy.deepcopy(self.item)

    def retrieved(self) -> dict[str, Any]:
        """The item with its audio, as `conversation.item.retrieved` carries it."""
        item = self.wire()
        if self.sound is not None:
            parts = [part for part in item["content"] if part["type"] in SOUNDING]
            ends = self.splits or [len(self.sound.data)]
            for part, start, end in zip(parts, [0, *ends], ends, strict=False):
                part["audio"] = to_base64(bytes(self.sound.data[start:end]))
        return item

    def untold(self) -> bytes:
        """The sound of the parts that came without a transcript."""
        if self.sound is None or not self.splits:
            return bytes(self.sound.data) if self.sound else b""
        parts = [part for part in self.item["content"] if part["type"] in SOUNDING]
        places = zip(parts, [0, *self.splits], self.splits, strict=False)
        untold = (at for part, *at in places if part.get("transcript") is None)
        return b"".join(bytes(self.sound.data[start:end]) for start, end in untold)

    def tell(self, words: str) -> int:
        """Write what was recognised into the first part that has no transcript yet; its index.

        Other such parts get an empty one.
        """
        untold = [
            (at, part)
            for at, part in enumerate(self.item["content"])
            if part["type"] == "input_audio" and part.get("transcript") is None
        ]
        self.changed()
        for _, part in untold:
            part["transcript"] = ""
        if untold:
            untold[0][1]["transcript"] = words
        return untold[0][0] if untold else 0

    def known(self) -> Mapping[str, Any]:
        """The item as the brain sees it: the words that were recognised, images described."""
        if self._known is not None and self._known[0] == self.heard:
            return self._known[1]
        known = self._as_known()
        self._known = (self.heard, known) if self._complete else None
        return known

    def _as_known(self) -> dict[str, Any]:
        item = self.wire()
        shown = (part for part in item.get("content") or () if part["type"] == "input_image")
        for part, description in zip(shown, self.images, strict=True):
            part["description"] = str(description)
        if self.heard is not None:
            Entry(item).tell(self.heard)
        return item

    def tokens(self) -> Tokens:
        """What the item costs as input: sound as audio tokens, images as such, the rest as text."""
        if self._tokens is not None:
            return self._tokens
        tokens = self._reckoned_tokens()
        self._tokens = tokens if self._complete else None
        return tokens

    def _reckoned_tokens(self) -> Tokens:
        if self.item["type"] != "message":
            return Tokens(sum(text_tokens(str(self.item.get(key) or "")) for key in WORDY))
        content = self.item["content"]
        text = sum(text_tokens(part.get("text") or "") for part in content)
        audio = audio_tokens(self.sound.ms, self.item["role"]) if self.sound else 0
        shown = (part for part in content if part["type"] == "input_image")
        sizes = zip(shown, self.images, strict=True)
        image = sum(image_tokens(i.width, i.height, part.get("detail")) for part, i in sizes)
        return Tokens(text, audio, image)


WORDY = ("name", "arguments", "output")
SOUNDING = ("input_audio", "output_audio")


class Conversation:
    """The items of a session, in order."""

    def __init__(self, id_: str) -> None:
        self.id = id_
        self._entries: dict[str, Entry] = {}
        self._order: list[str] = []

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[Entry]:
        return (self._entries[item_id] for item_id in self._order)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._entries

    def get(self, item_id: object) -> Entry | None:
        """The entry of that id, or None."""
        return self._entries.get(item_id) if isinstance(item_id, str) else None

    @property
    def size(self) -> int:
        """How many bytes of sound, images and text its items hold, about."""
        return sum(entry.size for entry in self._entries.values())

    def insert(self, entry: Entry, after: str | None = None) -> str | None:
        """Put an entry behind `after` ("root": in front; None: at the end); the id before it."""
        if after is None:
            self._order.append(entry.id)
        else:
            place = 0 if after == ROOT else self._order.index(after) + 1
            self._order.insert(place, entry.id)
        self._entries[entry.id] = entry
        return self.previous_id(entry.id)

    def previous_id(self, item_id: str) -> str | None:
        """The id of the item before this one; None for the first and for unknown ones."""
        if item_id not in self._entries:
            return None
        last = len(self._order) - 1
        place = last if self._order[last] == item_id else self._order.index(item_id)
        return self._order[place - 1] if place else None

    def remove(self, item_id: str) -> Entry:
        """Take an item out; KeyError if there is none."""
        self._order.remove(item_id)
        return self._entries.pop(item_id)

    def truncate(self, item_id: object, content_index: object, audio_end_ms: int) -> None:
        """Keep what was heard of an assistant's speech: its sound and its words up to there."""
        entry = self.get(item_id)
        if entry is None:
            raise Refused(refuse("truncate_unknown", item_id=item_id))
        if entry.sound is None or entry.item.get("role") != "assistant":
            raise Refused(refuse("truncate_not_audio"))
        if content_index != 0:
            raise Refused(not_supported("content_index", content_index, ("0",)))
        if audio_end_ms > entry.sound.ms:
            have = int(entry.sound.ms)
            raise Refused(refuse("truncate_too_long", have=have, wanted=audio_end_ms))
        _forget_unheard(entry, audio_end_ms)


def _forget_unheard(entry: Entry, audio_end_ms: int) -> None:
    assert entry.sound is not None
    heard = entry.sound.characters_heard(audio_end_ms)
    for part in entry.item["content"]:
        if part["type"] == "output_audio" and heard >= 0:
            part["transcript"] = part["transcript"][:heard].rstrip()
    entry.sound.cut(audio_end_ms)
    entry.cut = True
    entry.changed()
