"""The scores of all configurations in one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rtkit.sheets import Sheet, Shown

from .aggregates import FLAKY, PASSED, Figure, figure, measured, title_of
from .definitions import DEFINITIONS
from .results import Result

ARROWS = {"lower": "\u2193", "higher": "\u2191"}
"""Which way a score improves."""


@dataclass(frozen=True, slots=True)
class Summary(Shown):
    """`figures` by score and configuration: {"missed_turns": {"default": Figure, ...}, ...}.

    It shows itself as a table.
    """

    figures: Mapping[str, Mapping[str, Figure]]

    @property
    def configs(self) -> list[str]:
        """The configurations, in the order in which they were run."""
        return list(dict.fromkeys(config for row in self.figures.values() for config in row))

    def sheet(self) -> Sheet:
        """A row for each score, a column for each configuration."""
        head = ("score", *self.configs)
        rows = [
            [f"{title_of(score)}\u00a0{arrow(score)}", *(str(row[one]) for one in self.configs)]
            for score, row in self.figures.items()
        ]
        title = "Value (95 % interval; of what). The arrow says which way is better."
        return Sheet(head, rows, title, "No run was made.")

    def __repr__(self) -> str:
        return f"Summary({len(self.figures)} scores of {len(self.configs)} configurations)"


def arrow(score: str) -> str:
    """Which way a score improves, as an arrow."""
    better = "higher" if score == PASSED else "lower" if score == FLAKY else None
    return ARROWS[better or DEFINITIONS[score].better or "lower"]


def summary(results: Iterable[Result]) -> Summary:
    """The scores that were measured in these runs, by configuration, with their intervals."""
    results = list(results)
    configs = dict.fromkeys(one.config for one in results)
    sides = {config: [one for one in results if one.config == config] for config in configs}
    repeated = any(one.repeat for one in results)
    names = [PASSED, *([FLAKY] if repeated else []), *measured(results)] if results else []
    return Summary(
        {name: {config: figure(runs, name) for config, runs in sides.items()} for name in names}
    )
