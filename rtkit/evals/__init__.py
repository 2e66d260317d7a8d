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
    from rtkit.evals.caller import Caller as Caller
    from rtkit.evals.checking import check as check
    from rtkit.evals.results import Check as Check
    from rtkit.evals.results import Result as Result
    from rtkit.evals.results import Results as Results
    from rtkit.evals.runs import run as run
    from rtkit.evals.steps import Backchannel as Backchannel
    from rtkit.evals.steps import Background as Background
    from rtkit.evals.steps import BargeIn as BargeIn
    from rtkit.evals.steps import Burst as Burst
    from rtkit.evals.steps import Expect as Expect
    from rtkit.evals.steps import KINDS as KINDS
    from rtkit.evals.steps import Play as Play
    from rtkit.evals.steps import Say as Say
    from rtkit.evals.steps import Silent as Silent
    from rtkit.evals.steps import Wait as Wait

# Public name -> the module it lives in.
_HOME = {
    "Backchannel": "rtkit.evals.steps",
    "Background": "rtkit.evals.steps",
    "BargeIn": "rtkit.evals.steps",
    "Burst": "rtkit.evals.steps",
    "Caller": "rtkit.evals.caller",
    "Check": "rtkit.evals.results",
    "Expect": "rtkit.evals.steps",
    "KINDS": "rtkit.evals.steps",
    "Play": "rtkit.evals.steps",
    "Result": "rtkit.evals.results",
    "Results": "rtkit.evals.results",
    "Say": "rtkit.evals.steps",
    "Silent": "rtkit.evals.steps",
    "Wait": "rtkit.evals.steps",
    "check": "rtkit.evals.checking",
    "run": "rtkit.evals.runs",
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
