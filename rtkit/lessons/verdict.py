"""What a check found, as a notebook shows it: wanted and yours side by side, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rtkit.clipview import as_text, png_of
from rtkit.sheets import Sheet, Shown

from .exercise import Exercise, Trial

HEAD = ("", "tried", "wanted", "yours")
WIDE, HIGH = 7.0, 2.4  # inches of a picture


@dataclass(frozen=True)
class Verdict(Shown):
    """What each trial found; `passed` if all were right.

    `note` is a sentence about anything that went wrong beside the exercise itself.
    """

    exercise: Exercise
    trials: Sequence[Trial]
    png: bytes | None = None
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether all trials were right."""
        return bool(self.trials) and all(trial.right for trial in self.trials)

    @property
    def message(self) -> str:
        """What it comes to, in a sentence or two."""
        right, hidden = sum(t.right for t in self.trials), sum(t.hidden for t in self.trials)
        if self.passed:
            secretly = f", {hidden} of them hidden" if hidden else ""
            return f"{self._named}: right, in all {right} cases{secretly}."
        wrong = next((trial for trial in self.trials if not trial.right), None)
        why = f" {wrong.why}" if wrong and wrong.why else ""
        found = f"not yet, {right} of {len(self.trials)} right."
        return f"{self._named}: {found}{why}"

    @property
    def _named(self) -> str:
        return f"{self.exercise.key} {self.exercise.title}"

    def sheet(self) -> Sheet:
        """The table of what was tried: all that is open, and the first hidden one that is wrong."""
        return Sheet(HEAD, [_row(trial) for trial in self._shown], self.message)

    @property
    def _shown(self) -> list[Trial]:
        wrong = [trial for trial in self.trials if trial.hidden and not trial.right][:1]
        return [trial for trial in self.trials if not trial.hidden] + wrong

    @property
    def _not_shown(self) -> list[str]:
        """What the table lacks of the count in the message."""
        count = len(self.trials) - len(self._shown)
        right = sum(t.right for t in self.trials) - sum(t.right for t in self._shown)
        told = {"right": right, "wrong": count - right}
        ends = " and ".join(f"{number} {how}" for how, number in told.items() if number)
        cases = f"{count} hidden case{'' if count == 1 else 's'}"
        return [f"Not shown: {cases}, {ends}."] if count else []

    def text(self) -> str:
        """All of it for a terminal."""
        return "\n".join([self.sheet().text(), *self._last_words])

    @property
    def _last_words(self) -> list[str]:
        stuck = f'Stuck? rtkit.lessons.hint("{self.exercise.key}")'
        more = [] if self.passed else [*self._not_shown, stuck]
        return [*more, *([self.note] if self.note else [])]

    def __repr__(self) -> str:
        return self.text()

    def __str__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        words = "".join(f"<div>{line}</div>" for line in self._last_words)
        page = self.sheet().html() + words
        if self.png is None:
            return {"text/plain": self.text(), "text/html": page}
        picture = f'<img alt="what yours does" src="data:image/png;base64,{as_text(self.png)}">'
        shown = {"text/plain": self.text(), "text/html": page + picture}
        return shown | {"image/png": as_text(self.png)}


def _row(trial: Trial) -> tuple[str, ...]:
    mark = "✓" if trial.right else "✗"
    if trial.hidden:
        return mark, f"{trial.what} (hidden)", "?", trial.yours
    return mark, trial.what, trial.asked, trial.yours


def judged(exercise: Exercise, answer: Any) -> Verdict:
    """The verdict on an answer, with its picture if there is one."""
    trials = tuple(exercise.trials(answer))
    return Verdict(exercise, trials, _picture(exercise, answer))


def _picture(exercise: Exercise, answer: Any) -> bytes | None:
    if exercise.draw is None:
        return None
    try:
        return png_of(WIDE, HIGH, lambda figure: exercise.draw and exercise.draw(answer, figure))
    except Exception:  # the learner's own code runs here: the table has told what it raises
        return None
