"""What a server was found to support: one row for each feature, readable wherever it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .sheets import Sheet, Shown

WORDS = {True: "yes", False: "no", None: "unknown"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One feature: whether it is supported (None: not known), and what was seen."""

    feature: str
    supported: bool | None
    seen: str = ""

    def __repr__(self) -> str:
        return f"Finding({self.feature!r}, {WORDS[self.supported]}: {self.seen})"


@dataclass(frozen=True, slots=True, repr=False)
class Findings(Shown):
    """What `rtkit.probe` has found; `seconds` is how long it took.

    >>> found = Findings("host", (Finding("ping", True, "1 ms"),), 0.5)
    >>> found["ping"].supported, found.missing
    (True, ())
    """

    target: str
    rows: tuple[Finding, ...]
    seconds: float

    def __getitem__(self, feature: str) -> Finding:
        for row in self.rows:
            if row.feature == feature:
                return row
        known = ", ".join(row.feature for row in self.rows)
        raise KeyError(f"{feature!r} was not looked for. There are: {known}.")

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def missing(self) -> tuple[str, ...]:
        """The features that are not supported."""
        return tuple(row.feature for row in self.rows if row.supported is False)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The features of which nothing is known."""
        return tuple(row.feature for row in self.rows if row.supported is None)

    def sheet(self) -> Sheet:
        """The table that is shown."""
        count = sum(row.supported is True for row in self.rows)
        title = f"{self.target}: {count} of {len(self.rows)} found, in {self.seconds:.1f} s"
        rows = [(row.feature, WORDS[row.supported], row.seen) for row in self.rows]
        return Sheet(("feature", "supported", "what was seen"), rows, title)

    def __repr__(self) -> str:
        return self.sheet().text()
