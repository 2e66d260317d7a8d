"""An exercise of the course: what is tried with an answer, and what each trial found.

No files and no clock here: an answer goes in, trials come out. What an answer raises is a finding
like any other; nothing that a learner writes ends a check.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONGEST = 100  # characters of a value in a table


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing that was tried: what was asked of the answer, and what it did.

    `why` is what to say when this one is wrong. A `hidden` trial is shown only then, and what was
    asked is not told.
    """

    what: str
    asked: str
    yours: str
    right: bool
    why: str = ""
    hidden: bool = False


Trials = Callable[[Any], Iterable[Trial]]
Draw = Callable[[Any, "Figure"], object]


@dataclass(frozen=True, slots=True)
class Exercise:
    """An exercise: its key such as "02.1", what it asks for, its trials, a hint.

    `draw` puts a picture of what the answer does on a figure; it is called with answers that were
    right or wrong, and whatever it raises means: no picture.
    """

    key: str
    title: str
    trials: Trials
    hint: str
    draw: Draw | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What a function is given and what it should return; `what` says it in words."""

    given: tuple[Any, ...]
    asked: Any
    why: str = ""
    hidden: bool = False
    what: str = ""


def function(
    name: str,
    cases: Sequence[Case] | Callable[[], Sequence[Case]],
    within: float = 1e-9,
) -> Trials:
    """The trials of an answer that is a function: each case is called and compared.

    `cases` may be a function that makes them, if that takes long. Numbers may differ by `within`.
    """

    def trials(answer: Any) -> Iterable[Trial]:
        if not callable(answer):
            yield Trial(name, "a function", short(answer), False, f"Hand over `{name}` itself.")
            return
        for case in cases() if callable(cases) else cases:
            yield _called(name, answer, case, within)

    return trials


def _called(name: str, answer: Callable[..., Any], case: Case, within: float) -> Trial:
    what = case.what or f"{name}({', '.join(map(short, case.given))})"
    try:
        found = answer(*map(fresh, case.given))
        yours, right = short(found), same(case.asked, found, within)
    except Exception as error:
        yours, right = f"{type(error).__name__}: {error}", False
    return Trial(what, short(case.asked), yours, right, case.why, case.hidden)


def fresh(value: Any) -> Any:
    """A copy of what an answer could change by mistake."""
    return copy.deepcopy(value) if isinstance(value, list | dict | np.ndarray) else value


def same(asked: Any, found: Any, within: float = 1e-9) -> bool:
    """Whether what was found is what was asked: numbers nearly, all else exactly.

    Lists, tuples and arrays of the same things are the same; a number is no yes or no.
    """
    if isinstance(asked, bool) or isinstance(found, bool | np.bool_):
        return {type(asked), type(found)} <= {bool, np.bool_} and bool(asked) == bool(found)
    if isinstance(asked, int) and isinstance(found, int | np.integer):
        return abs(asked - int(found)) <= within
    if isinstance(asked, float | int):
        number = isinstance(found, float | int | np.floating | np.integer)
        return number and math.isclose(asked, float(found), rel_tol=1e-9, abs_tol=within)
    if isinstance(asked, list | tuple | np.ndarray):
        listed = isinstance(found, list | tuple | np.ndarray) and len(asked) == len(found)
        return listed and all(same(a, f, within) for a, f in zip(asked, found, strict=True))
    if isinstance(asked, dict):
        keyed = isinstance(found, dict) and asked.keys() == found.keys()
        return keyed and all(same(value, found[key], within) for key, value in asked.items())
    return type(asked) is type(found) and bool(asked == found)


def short(value: Any) -> str:
    """A value as a table shows it."""
    text = f"{float(value):.6g}" if isinstance(value, float | np.floating) else None
    if isinstance(value, np.ndarray):
        text = "[" + ", ".join(f"{x:.4g}" for x in value.ravel()[:8].tolist()) + "]"
    if callable(value) and hasattr(value, "__name__"):
        text = f"the function {value.__name__}"
    text = text or repr(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
