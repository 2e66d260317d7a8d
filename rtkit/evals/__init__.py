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
    from rtkit.evals.results import Check as Check
    from rtkit.evals.results import Result as Result
    from rtkit.evals.results import Results as Results

# Public name -> the module it lives in.
_HOME = {
    "Check": "rtkit.evals.results",
    "Result": "rtkit.evals.results",
    "Results": "rtkit.evals.results",
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
