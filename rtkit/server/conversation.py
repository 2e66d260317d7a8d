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
from rtkit.refusals import Refusal, missing, not_supported, wrong_type
from rtkit.server.rejections import refuse
from rtkit.server.usage import Tokens, audio_tokens, text_tokens

ROOT = "root"  # previous_item_id that means "in front of everything"
LONGEST_WORD_MS = 600
"""A word counts as heard once the next one begins, or after this long if a pause follows it."""

CONTENT = {
    "system": ("input_text",),
    "user": ("input_text", "input_audio", "input_image"),
    "assistant": ("output_text",),
}
"""Role -> the content types that a client may create. Assistant audio is made by the model only."""

REQUIRED = {
    "message": ("role", "content"),
    "function_call": ("name", "arguments"),
    "function_call_output": ("call_id", "output"),
}
"""Item type -> the fields it must have."""

PART_FIELD = {
    "input_text": "text",
    "output_text": "text",
    "input_audio": "audio",
    "input_image": "image_url",
}


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
    """One item: its wire shape, its sound, and the words that were recognised in it."""

    item: dict[str, Any]
    sound: Sound | None = None
    heard: str | None = None
    confidence: float | None = None
    cut: bool = False  # truncated by the client: what still arrives does not belong to it

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
            for part in item["content"]:
                if part["type"] in ("input_audio", "output_audio"):
                    part["audio"] = to_base64(bytes(self.sound.data))
        return item

    def known(self) -> dict[str, Any]:
        """The item as the brain sees it: with the words that were recognised."""
        item = self.wire()
        if self.heard is not None:
            for part in item["content"]:
                if part["type"] == "input_audio" and part.get("transcript") is None:
                    part["transcript"] = self.heard
        return item

    def tokens(self) -> Tokens:
        """What the item costs as input: sound as audio tokens, everything else as text."""
        if self.item["type"] != "message":
            return Tokens(sum(text_tokens(str(self.item.get(key) or "")) for key in WORDY))
        text = sum(text_tokens(part.get("text") or "") for part in self.item["content"])
        if self.sound is None:
            return Tokens(text)
        return Tokens(text, audio_tokens(self.sound.ms, self.item["role"]))


WORDY = ("name", "arguments", "output")


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
    def last_id(self) -> str | None:
        """The id of the newest item in order, None when there is none."""
        return self._order[-1] if self._order else None

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
        place = self._order.index(item_id)
        return self._order[place - 1] if place else None

    def remove(self, item_id: str) -> Entry:
        """Take an item out; KeyError if there is none."""
        self._order.remove(item_id)
        return self._entries.pop(item_id)

    def truncate(self, item_id: object, content_index: object, audio_end_ms: int) -> Refusal | None:
        """Keep what was heard of an assistant's speech: its sound and its words up to there."""
        entry = self.get(item_id)
        if entry is None:
            return refuse("truncate_unknown", item_id=item_id)
        if entry.sound is None or entry.item.get("role") != "assistant":
            return refuse("truncate_not_audio")
        if content_index != 0:
            return not_supported("content_index", content_index, ("0",))
        if audio_end_ms > entry.sound.ms:
            return refuse("truncate_too_long", have=int(entry.sound.ms), wanted=audio_end_ms)
        _forget_unheard(entry, audio_end_ms)
        return None


def _forget_unheard(entry: Entry, audio_end_ms: int) -> None:
    assert entry.sound is not None
    heard = entry.sound.characters_heard(audio_end_ms)
    for part in entry.item["content"]:
        if part["type"] == "output_audio" and heard >= 0:
            part["transcript"] = part["transcript"][:heard].rstrip()
    entry.sound.cut(audio_end_ms)
    entry.cut = True


def check_item(item: object, where: str = "item") -> Refusal | None:
    """What is wrong with an item that a client wants to create, or None."""
    if not isinstance(item, Mapping):
        return wrong_type(where, ("an object",), item)
    type_ = item.get("type")
    if type_ is None:
        return missing(f"{where}.type")
    if not isinstance(type_, str) or type_ not in REQUIRED:
        return not_supported(f"{where}.type", type_, tuple(REQUIRED))
    for name in REQUIRED[type_]:
        if name not in item:
            return missing(f"{where}.{name}")
    return _check_message(item, where) if type_ == "message" else None


def _check_message(item: Mapping[str, Any], where: str) -> Refusal | None:
    role, content = item["role"], item["content"]
    if not isinstance(role, str) or role not in CONTENT:
        return not_supported(f"{where}.role", role, tuple(CONTENT))
    if not isinstance(content, list):
        return wrong_type(f"{where}.content", ("an array",), content)
    checks = (_check_part(part, role, f"{where}.content[{i}]") for i, part in enumerate(content))
    return next((refusal for refusal in checks if refusal), None)


def _check_part(part: object, role: str, where: str) -> Refusal | None:
    if not isinstance(part, Mapping):
        return wrong_type(where, ("an object",), part)
    type_ = part.get("type")
    if type_ is None:
        return missing(f"{where}.type")
    if type_ not in CONTENT[role]:
        return not_supported(f"{where}.type", type_, CONTENT[role])
    name = PART_FIELD[type_]
    if name not in part:
        return missing(f"{where}.{name}")
    if not isinstance(part[name], str):
        return wrong_type(f"{where}.{name}", ("a string",), part[name])
    return None


def made_item(item: Mapping[str, Any], item_id: str) -> dict[str, Any]:
    """A client's item as the server shows it: with an id, completed, without audio bytes."""
    made = {"id": item_id, **copy.deepcopy(dict(item)), "status": "completed"}
    made["id"] = item_id
    for part in made.get("content") or ():
        if part["type"] == "input_audio":
            part.pop("audio", None)
            part.setdefault("transcript", None)
    return made


def spoken_item(item_id: str) -> dict[str, Any]:
    """The item of a committed utterance, before its words are known."""
    return {
        "id": item_id,
        "type": "message",
        "status": "completed",
        "role": "user",
        "content": [{"type": "input_audio", "transcript": None}],
    }
