"""Two sessions compared field by field: what was asked, and what a server made of it.

A server may take an update and apply something else, or less. Nothing here talks to one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, overload

from rtkit.schema import MISSING, Field, Frozen, field
from rtkit.sheets import Sheet, Shown

Kind = Literal["changed", "not shown"]
KINDS: Mapping[Kind, str] = {
    "changed": "The server has another value: it chose its own, or it refused the update.",
    "not shown": "The server does not tell whether it was applied.",
}
FROZEN: Mapping[Frozen, str] = {
    "always": "It is set when the session is created.",
    "once on": "It cannot be changed once it is on.",
    "after assistant audio": "It is fixed once the assistant was heard.",
    "during a response": "It cannot be changed while a response is made.",
}
"""Why a field that may not always be changed has another value."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not as asked.

    `effective` is None when the server does not show the field at all (`kind` "not shown"); `why`
    says what is known about it.
    """

    path: str
    asked: Any
    effective: Any
    kind: Kind
    why: str


class Differences(Sequence[Difference], Shown):
    """Every field that is not as asked; empty, and false, when all is."""

    __slots__ = ("_all",)

    def __init__(self, differences: Iterable[Difference] = ()) -> None:
        self._all = tuple(differences)

    @overload
    def __getitem__(self, index: int) -> Difference: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Difference]: ...
    def __getitem__(self, index: int | slice) -> Difference | Sequence[Difference]:
        return self._all[index]

    def __len__(self) -> int:
        return len(self._all)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Differences) and self._all == other._all

    __hash__ = None  # type: ignore[assignment]  # values may be lists

    def sheet(self) -> Sheet:
        """The field, what was asked, what is, and why."""
        rows = [(f"`{d.path}`", _shown(d.asked), _is(d), d.why) for d in self._all]
        return Sheet(("Field", "Asked", "Is", "Why"), rows, "", "All is as it was asked.")

    def __repr__(self) -> str:
        return f"Differences({', '.join(d.path for d in self._all) or 'none'})"


def applied(asked: object, effective: Mapping[str, Any]) -> Differences:
    """The fields of a configuration that a server's session shows otherwise, or not at all.

    `asked` is a configuration or a session dict, `effective` the session of `session.updated`. What
    was not asked is not compared; null and a field that is absent are the same, as are 1 and 1.0.

    >>> list(applied({"audio": {"output": {"speed": 1.5}}}, {"audio": {"output": {"speed": 1.0}}}))
    ... # doctest: +ELLIPSIS
    [Difference(path='audio.output.speed', asked=1.5, effective=1.0, kind='changed', why='...')]
    """
    told: Any = asked.to_session() if hasattr(asked, "to_session") else asked
    if not isinstance(told, Mapping):
        raise TypeError(f"what was asked is a configuration or a session dict, found {asked!r}.")
    return Differences(_compared("", told, effective))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _compared(path: str, asked: Mapping[str, Any], effective: object) -> Iterator[Difference]:
    shown = _mapping(effective)
    for name, value in asked.items():
        inner = f"{path}.{name}" if path else name
        row = row_at(inner)
        found = shown.get(name, MISSING)
        if isinstance(value, Mapping) and not (row and row.whole) and isinstance(found, Mapping):
            yield from _compared(inner, value, found)
        elif not _same(value, found):
            kind: Kind = "not shown" if found is MISSING else "changed"
            shown_value = None if found is MISSING else found
            yield Difference(inner, value, shown_value, kind, _why(row, kind))


def _same(asked: object, found: object) -> bool:
    if found is MISSING or found is None:
        return asked is None
    if isinstance(asked, bool) or isinstance(found, bool):
        return asked is found
    if isinstance(asked, Mapping) and isinstance(found, Mapping):
        return all(_same(value, found.get(name)) for name, value in asked.items())
    if isinstance(asked, list | tuple) and isinstance(found, list | tuple):
        pairs = zip(asked, found, strict=False)
        return len(asked) == len(found) and all(_same(one, other) for one, other in pairs)
    return asked == found


def _why(row: Field | None, kind: Kind) -> str:
    if row is None:
        return "No session has this field."
    if row.ignored:
        return "Sessions that only write down ignore it; others should not."
    if row.frozen is not None and kind == "changed":
        return FROZEN[row.frozen]
    return f"{KINDS[kind]} {row.note}".rstrip()


def row_at(path: str) -> Field | None:
    """The row of a path, None for one that the field table does not have."""
    try:
        return field(path)
    except KeyError:
        return None


def _is(difference: Difference) -> str:
    return "not shown" if difference.kind == "not shown" else _shown(difference.effective)


def _shown(value: object) -> str:
    text = repr(value)
    return f"`{text if len(text) <= 120 else text[:117] + '...'}`"
