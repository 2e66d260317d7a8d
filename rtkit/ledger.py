"""What a migration changed: one line per field or name, with the reason, as it goes."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from rtkit.betashape import NAMES


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is otherwise now.

    `old` and `new` are where it was and is ("" where it was not, or is no more), `before` and
    `after` its values; `count` is how often the same was done, as with the names of events.
    """

    old: str
    new: str
    before: Any
    after: Any
    why: str
    source: str = NAMES
    count: int = 1

    @property
    def lost(self) -> bool:
        """Whether it could not be carried over."""
        return not self.new


class Ledger:
    """The changes so far; the same change again only counts."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def note(
        self, old: str, new: str, before: Any, after: Any, why: str, source: str = NAMES
    ) -> None:
        """Write down one change."""
        change = Change(old, new, deepcopy(before), deepcopy(after), why, source)
        for place, known in enumerate(self.changes):
            if replace(known, count=1) == change:
                self.changes[place] = replace(known, count=known.count + 1)
                return
        self.changes.append(change)

    def lose(self, old: str, before: Any, why: str, source: str = NAMES) -> None:
        """Write down what could not be carried over."""
        self.note(old, "", before, None, why, source)
