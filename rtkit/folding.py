"""The values of an event as a tree that can be folded, without walls of base64 in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .events import AUDIO_FIELD
from .moments import Moment

Kind = Literal["object", "list", "string", "number", "word", "sound", "data"]
OPEN_WITHIN = (20, 6)  # values of what is open at first, at the top and one below
LONGEST_CHARS = 2000  # of a text
DEEPEST = 60
_BASE64 = re.compile(r"[A-Za-z0-9+/]{200,}={0,2}")
_DATA = re.compile(r"data:([\w.+-]+/[\w.+-]+)?[^,]{0,80};base64,")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value with its name (a key, or a place in a list). `text` says it, or what it holds."""

    name: str
    kind: Kind
    text: str
    inside: tuple[Leaf, ...] = ()
    opened: bool = False

    def told(self) -> list[Any]:
        """The same as lists, for a page: name, kind, text, opened, inside."""
        inside = [leaf.told() for leaf in self.inside]
        return [self.name, self.kind, self.text, int(self.opened), inside]


def fold(moment: Moment, audio_s: float = 0.0) -> Leaf:
    """The event of a moment; its sound, if it has any, is told by its length in seconds."""
    field = AUDIO_FIELD.get(moment.type) if moment.audio else None
    event: Mapping[str, Any] = moment.event
    inside = tuple(
        _sound(name, moment, audio_s) if name == field else _leaf(str(name), value, 1)
        for name, value in event.items()
    )
    return Leaf("", "object", _held("object", len(inside)), inside, True)


def _sound(name: str, moment: Moment, audio_s: float) -> Leaf:
    count = moment.audio.count if moment.audio else 0
    return Leaf(name, "sound", f"{1000 * audio_s:.0f} ms of sound, {count:,} samples")


def _leaf(name: str, value: Any, depth: int) -> Leaf:
    if isinstance(value, Mapping):
        return _branch(name, "object", value.items(), depth)
    if isinstance(value, list | tuple):
        return _branch(name, "list", enumerate(value), depth)
    if isinstance(value, str):
        return _string(name, value)
    kind: Kind = "word" if value is None or isinstance(value, bool) else "number"
    return Leaf(name, kind, json.dumps(value, default=str))


def _branch(name: str, kind: Kind, held: Iterable[tuple[Any, Any]], depth: int) -> Leaf:
    if depth >= DEEPEST:
        return Leaf(name, kind, "… (too deep to be shown)")
    inside = tuple(_leaf(str(key), value, depth + 1) for key, value in held)
    opened = depth <= len(OPEN_WITHIN) and len(inside) <= OPEN_WITHIN[depth - 1]
    return Leaf(name, kind, _held(kind, len(inside)), inside, opened)


def _held(kind: Kind, count: int) -> str:
    what = "field" if kind == "object" else "value"
    return f"{count} {what}{'s' * (count != 1)}"


def _string(name: str, value: str) -> Leaf:
    if match := _DATA.match(value):
        size = (len(value) - match.end()) * 3 // 4
        return Leaf(name, "data", f"{match[1] or 'data'}, {size:,} bytes as base64")
    if len(value) >= 200 and _BASE64.fullmatch(value):
        return Leaf(name, "data", f"{len(value) * 3 // 4:,} bytes as base64")
    if len(value) > LONGEST_CHARS:
        more = f"… ({len(value) - LONGEST_CHARS:,} more characters)"
        return Leaf(name, "string", json.dumps(value[:LONGEST_CHARS], ensure_ascii=False) + more)
    return Leaf(name, "string", json.dumps(value, ensure_ascii=False))
