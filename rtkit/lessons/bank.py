"""Which exercises and questions the course has: a module for each notebook, read when needed."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass

from rtkit.errors import LessonError

from .exercise import Exercise
from .questionnaire import Question

NOTEBOOKS = {
    "00": "quickstart",
    "02": "audio",
    "03": "hearing turns",
    "04": "configuration",
    "05": "connecting",
    "06": "events",
    "07": "conversation",
    "09": "tools",
    "11": "cost and long sessions",
    "12": "telephony",
    "14": "capstone",
    "15": "going live",
}
"""Number of each notebook that has checks, and its name."""


@dataclass(frozen=True, slots=True)
class Part:
    """What belongs to one notebook."""

    exercises: Sequence[Exercise]
    questions: Sequence[Question]

    def keys(self, number: str) -> list[str]:
        """The keys under which attempts are kept: "02.1" ... and "02.q1" ..."""
        quiz = [f"{number}.q{at}" for at in range(1, len(self.questions) + 1)]
        return [*(exercise.key for exercise in self.exercises), *quiz]


def part(number: str) -> Part:
    """The exercises and questions of a notebook, by its number ("02")."""
    if number not in NOTEBOOKS:
        allowed = ", ".join(NOTEBOOKS)
        raise LessonError(f"found {number!r} as a notebook; allowed: {allowed}, in quotes.")
    module = importlib.import_module(f"{__package__}.nb{number}")
    return Part(module.EXERCISES, module.QUESTIONS)


def exercise(key: str) -> Exercise:
    """An exercise by its key ("02.1"); LessonError names those that there are."""
    if not isinstance(key, str) or "." not in key:
        raise LessonError(
            f"found {key!r} as an exercise; allowed: notebook and number in quotes, such as "
            '"02.1" for the first exercise of notebook 02.'
        )
    found = {one.key: one for one in part(key.partition(".")[0]).exercises}
    if key not in found:
        raise LessonError(f"found {key!r} as an exercise; allowed here: {', '.join(found)}.")
    return found[key]
