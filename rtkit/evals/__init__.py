"""Is this setting better than that one? Scripted callers, their runs, and what came of them.

caller = Caller("capital", [
    Say("What is the capital of France?", expect=Expect("Paris", answered_within_ms=1500)),
])
results = run(caller, {"quick": quick, "patient": patient}, repeat=10)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rtkit.evals.aggregates import Figure as Figure
    from rtkit.evals.aggregates import figure as figure
    from rtkit.evals.aggregates import flaky as flaky
    from rtkit.evals.aggregates import latencies as latencies
    from rtkit.evals.caller import Caller as Caller
    from rtkit.evals.checking import check as check
    from rtkit.evals.comparing import Comparison as Comparison
    from rtkit.evals.comparing import compare as compare
    from rtkit.evals.definitions import DEFINITIONS as DEFINITIONS
    from rtkit.evals.expectation import KINDS as KINDS
    from rtkit.evals.expectation import Expect as Expect
    from rtkit.evals.outcomes import Outcome as Outcome
    from rtkit.evals.outcomes import read_outcomes as read_outcomes
    from rtkit.evals.overview import Summary as Summary
    from rtkit.evals.overview import summary as summary
    from rtkit.evals.pictures import plot_difference as plot_difference
    from rtkit.evals.pictures import plot_latencies as plot_latencies
    from rtkit.evals.pictures import plot_shares as plot_shares
    from rtkit.evals.rates import Rate as Rate
    from rtkit.evals.rates import rate as rate
    from rtkit.evals.report import Report as Report
    from rtkit.evals.results import Check as Check
    from rtkit.evals.results import Result as Result
    from rtkit.evals.results import Results as Results
    from rtkit.evals.runs import run as run
    from rtkit.evals.scoring import scores as scores
    from rtkit.evals.steps import Backchannel as Backchannel
    from rtkit.evals.steps import Background as Background
    from rtkit.evals.steps import BargeIn as BargeIn
    from rtkit.evals.steps import Burst as Burst
    from rtkit.evals.steps import Play as Play
    from rtkit.evals.steps import Say as Say
    from rtkit.evals.steps import Silent as Silent
    from rtkit.evals.steps import Wait as Wait
    from rtkit.evals.worst import Case as Case
    from rtkit.evals.worst import worst_turns as worst_turns

# Public name -> the module it lives in.
_HOME = {
    "Backchannel": "rtkit.evals.steps",
    "Background": "rtkit.evals.steps",
    "BargeIn": "rtkit.evals.steps",
    "Burst": "rtkit.evals.steps",
    "Caller": "rtkit.evals.caller",
    "Case": "rtkit.evals.worst",
    "Check": "rtkit.evals.results",
    "Comparison": "rtkit.evals.comparing",
    "DEFINITIONS": "rtkit.evals.definitions",
    "Expect": "rtkit.evals.expectation",
    "Figure": "rtkit.evals.aggregates",
    "KINDS": "rtkit.evals.expectation",
    "Outcome": "rtkit.evals.outcomes",
    "Play": "rtkit.evals.steps",
    "Rate": "rtkit.evals.rates",
    "Report": "rtkit.evals.report",
    "Result": "rtkit.evals.results",
    "Results": "rtkit.evals.results",
    "Say": "rtkit.evals.steps",
    "Silent": "rtkit.evals.steps",
    "Summary": "rtkit.evals.overview",
    "Wait": "rtkit.evals.steps",
    "check": "rtkit.evals.checking",
    "compare": "rtkit.evals.comparing",
    "figure": "rtkit.evals.aggregates",
    "flaky": "rtkit.evals.aggregates",
    "latencies": "rtkit.evals.aggregates",
    "plot_difference": "rtkit.evals.pictures",
    "plot_latencies": "rtkit.evals.pictures",
    "plot_shares": "rtkit.evals.pictures",
    "rate": "rtkit.evals.rates",
    "read_outcomes": "rtkit.evals.outcomes",
    "run": "rtkit.evals.runs",
    "scores": "rtkit.evals.scoring",
    "summary": "rtkit.evals.overview",
    "worst_turns": "rtkit.evals.worst",
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
