"""Two conversations side by side, and where an event differs from what was expected."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

WIDTH = 46  # characters of a column


@dataclass(frozen=True, slots=True)
class Row:
    """One line of both conversations; "" where one of them has nothing. `differs` marks it."""

    expected: str
    actual: str
    differs: bool = False


def side_by_side(rows: Iterable[Row]) -> str:
    """The rows as two columns; what differs is marked at the left.

    >>> print(side_by_side([Row("> a", "> a"), Row("> b", "> c", True)]))  # doctest: +ELLIPSIS
       expected                                         actual
       ...
       > a                                              > a
    => > b                                              > c
    """
    head = [Row("expected", "actual"), Row("-" * WIDTH, "-" * WIDTH)]
    return "\n".join(line for row in (*head, *rows) for line in _lines(row))


def _lines(row: Row) -> Iterator[str]:
    left, right = _wrapped(row.expected), _wrapped(row.actual)
    mark = "=>" if row.differs else "  "
    for n in range(max(len(left), len(right))):
        cells = [column[n] if n < len(column) else "" for column in (left, right)]
        yield f"{mark if n == 0 else '  '} {cells[0]:<{WIDTH}}   {cells[1]}".rstrip()


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="    ") or [""]


def differences(expected: Any, found: Any, where: str = "") -> list[str]:
    """What of `expected` is not in `found`, as sentences; dicts by the keys that are expected.

    >>> differences({"item": {"role": "user"}}, {"item": {"role": "system", "id": "i"}})
    ["item.role: expected 'user', found 'system'"]
    """
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        return _in_mapping(expected, found, where)
    if isinstance(expected, list | tuple) and isinstance(found, list):
        if len(expected) != len(found):
            return [f"{where}: expected {len(expected)} entries, found {len(found)}: {found!r}"]
        pairs = enumerate(zip(expected, found, strict=True))
        return [text for n, (a, b) in pairs for text in differences(a, b, f"{where}[{n}]")]
    return [] if _agrees(expected, found) else [f"{where}: {_wanted(expected)}, found {found!r}"]


def _in_mapping(expected: Mapping[str, Any], found: Mapping[str, Any], where: str) -> list[str]:
    told = []
    for key, value in expected.items():
        place = f"{where}.{key}" if where else key
        if key not in found:
            keys = ", ".join(found) or "nothing"
            told.append(f"{place}: {_wanted(value)}, found no such field (there is: {keys})")
        else:
            told += differences(value, found[key], place)
    return told


def _agrees(expected: Any, found: Any) -> bool:
    if isinstance(expected, re.Pattern):
        return isinstance(found, str) and expected.search(found) is not None
    return bool(expected(found)) if callable(expected) else bool(expected == found)


def _wanted(expected: Any) -> str:
    if isinstance(expected, re.Pattern):
        return f"expected text with {expected.pattern!r}"
    if callable(expected):
        return f"expected what {getattr(expected, '__name__', expected)} accepts"
    return f"expected {expected!r}"


def shown(event: Mapping[str, Any]) -> str:
    """An event of the client in one line: its type, and the words or numbers that matter."""
    type_ = str(event.get("type"))
    return f"> {type_}{_gist(event)}"


def _gist(event: Mapping[str, Any]) -> str:
    item = event.get("item")
    if isinstance(item, Mapping):
        if "output" in item:
            return f" output {item['output']!r}"
        parts = item.get("content") or ()
        texts = [part.get("text", part.get("type")) for part in parts if isinstance(part, Mapping)]
        return f" {item.get('role') or item.get('type') or 'item'}: " + ", ".join(
            repr(text) for text in texts
        )
    told = [f" {key}={event[key]!r}" for key in ("item_id", "audio_end_ms") if key in event]
    return "".join(told)
