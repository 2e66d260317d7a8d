"""How far a learner has come: views of the list of attempts."""

from __future__ import annotations

import csv
import getpass
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rtkit.sheets import Sheet, Shown

from .attempts import Attempt
from .bank import NOTEBOOKS, part

LEARNER_VARIABLES = ("RTKIT_LEARNER", "JUPYTERHUB_USER")
COLUMNS = ("learner", "notebook", "exercise", "passed", "when", "tries")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a learner stands with one exercise or question.

    `when` is the time of the attempt that passed, else of the last one, else ""; `tries` counts the
    attempts up to that.
    """

    notebook: str
    exercise: str
    passed: bool
    when: str
    tries: int


def standings(attempts: Iterable[Attempt]) -> list[Standing]:
    """One for each exercise and question of the course, in its order; untried ones too."""
    by_key: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        done = by_key.setdefault(attempt.exercise, [])
        if not done or not done[-1].passed:
            done.append(attempt)
    return [
        _standing(number, key, by_key.get(key, []))
        for number in NOTEBOOKS
        for key in part(number).keys(number)
    ]


def _standing(number: str, key: str, tried: Sequence[Attempt]) -> Standing:
    last = tried[-1] if tried else Attempt(key, False, "")
    return Standing(number, key, last.passed, last.when, len(tried))


@dataclass(frozen=True)
class Board(Shown):
    """The course at a glance: a row for each notebook, a mark for each exercise and question."""

    standings: Sequence[Standing]

    def sheet(self) -> Sheet:
        """A table: ● passed, ◐ tried, ○ not tried."""
        rows = [
            (f"{number} {name}", self._marks(number, quiz=False), self._marks(number, quiz=True))
            for number, name in NOTEBOOKS.items()
        ]
        return Sheet(("notebook", "exercises", "quiz"), rows, self._title())

    def _title(self) -> str:
        passed = sum(one.passed for one in self.standings)
        return f"{passed} of {len(self.standings)} passed.  ● passed   ◐ tried   ○ not tried"

    def _marks(self, number: str, quiz: bool) -> str:
        mine = [one for one in self.standings if one.notebook == number]
        return " ".join(
            "●" if one.passed else "◐" if one.tries else "○"
            for one in mine
            if (".q" in one.exercise) is quiz
        )

    def __repr__(self) -> str:
        return self.sheet().text()


def learner_name() -> str:
    """RTKIT_LEARNER, else the user of the hub, else of this machine."""
    for variable in LEARNER_VARIABLES:
        if os.environ.get(variable):
            return os.environ[variable]
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a user
        return "unknown"


def as_csv(standings: Iterable[Standing], learner: str) -> str:
    """The standings for a teacher's spreadsheet, with a head; `passed` is yes or no."""
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(COLUMNS)
    name = f"'{learner}" if learner.startswith(FORMULA) else learner  # a spreadsheet would run it
    for one in standings:
        passed = "yes" if one.passed else "no"
        rows.writerow((name, one.notebook, one.exercise, passed, one.when, one.tries))
    return file.getvalue()
