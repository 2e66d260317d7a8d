"""Is this setting better than that one? Scripted callers, their runs, and what came of them.

caller = rtkit.evals.Caller("capital", [
    Say("What is the capital of France?"), WaitFor("answer", expect=[words("Paris")]),
])
results = rtkit.evals.run([caller], {"default": config}, repeat=5)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rtkit.evals.definitions import DEFINITIONS as DEFINITIONS
    from rtkit.evals.outcomes import Outcome as Outcome
    from rtkit.evals.outcomes import read_outcomes as read_outcomes
    from rtkit.evals.results import Check as Check
    from rtkit.evals.results import Result as Result
    from rtkit.evals.results import Results as Results
    from rtkit.evals.scoring import scores as scores

# Public name -> the module it lives in.
_HOME = {
    "Check": "rtkit.evals.results",
    "DEFINITIONS": "rtkit.evals.definitions",
    "Outcome": "rtkit.evals.outcomes",
    "Result": "rtkit.evals.results",
    "Results": "rtkit.evals.results",
    "read_outcomes": "rtkit.evals.outcomes",
    "scores": "rtkit.evals.scoring",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'rtkit.evals' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
