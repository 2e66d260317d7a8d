"""The language in which events are looked for: words, and fields with values.

    capital            the word stands somewhere in the event
    "out of order"     so do these words, as they are
    type:response.*    the event's type; `*` stands for anything
    item_id:item_7     a field, at any depth; `error.code:` is a field `code` in a field `error`
    from:server        who produced the event: client, server or local
    -append            none of these

All of them must hold. Upper and lower case are the same. Whatever is typed has a meaning: what is
not finished is taken as far as it goes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from .moments import Moment

_TERM = re.compile(
    r'(?P<no>-?)(?:(?P<field>[A-Za-z_][\w.]*):)?(?:"(?P<words>[^"]*)"?|(?P<word>\S*))'
)


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: `value` stands in the field, or anywhere if `field` is ""; lower case."""

    value: str
    field: str = ""
    negated: bool = False

    def holds(self, moment: Moment, text: str) -> bool:
        """Whether it holds; `text` is what can be read of the event, in lower case."""
        return self._found(moment, text) is not self.negated

    def _found(self, moment: Moment, text: str) -> bool:
        if not self.field:
            return self.value in text
        if self.field == "from":
            return moment.source.startswith(self.value)
        if self.field == "type":
            return self._fits(moment.type)
        if f'"{self.field.rpartition(".")[2]}"' not in text:
            return False
        path = tuple(self.field.split("."))
        return any(self._fits(value) for value in _values(moment.event, path))

    def _fits(self, value: object) -> bool:
        if isinstance(value, Mapping | list | tuple):
            return not self.value
        told = (value if isinstance(value, str) else json.dumps(value)).lower()
        if "*" in self.value:
            return fnmatchcase(told, self.value)
        return self.value in told

    def __str__(self) -> str:
        value = self.value if self._is_bare() else f'"{self.value}"'
        return f"{'-' * self.negated}{self.field}{':' * bool(self.field)}{value}"

    def _is_bare(self) -> bool:
        """Whether the value is read as it is without quotes."""
        if re.search(r'\s|^"', self.value):
            return False
        return bool(self.field) or not re.match(r"$|-|[a-z_][\w.]*:", self.value)


@dataclass(frozen=True, slots=True)
class Search:
    """Terms that must all hold; none hold for every event.

    >>> str(Search.parse('from:server  -"no such" Error.code:'))
    'from:server -"no such" error.code:'
    """

    terms: tuple[Term, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Search:
        """What was typed."""
        return cls(tuple(_terms(text.lower())))

    def holds(self, moment: Moment, text: str) -> bool:
        """Whether it holds of an event; `text` is what can be read of it, in lower case."""
        return all(term.holds(moment, text) for term in self.terms)

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))


def readable(moment: Moment, summary: str) -> str:
    """What can be found of an event, in lower case: its summary and its JSON."""
    return f"{summary}\n{json.dumps(moment.event, ensure_ascii=False, default=str)}".lower()


def _terms(text: str) -> Iterator[Term]:
    for match in _TERM.finditer(text):
        field = match["field"] or ""
        value = match["words"] if match["words"] is not None else match["word"]
        if value or field:
            yield Term(value, field, bool(match["no"]))


def _values(value: object, path: tuple[str, ...], inside: tuple[str, ...] = ()) -> Iterator[Any]:
    """The values at every place whose path ends like this one, list items included."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            here = (*inside, str(key).lower())
            if here[-len(path) :] == path:
                yield inner
                if isinstance(inner, list | tuple):
                    yield from inner
            yield from _values(inner, path, here)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _values(inner, path, inside)
