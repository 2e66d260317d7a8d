"""Defects that are put into the embedded server, and the callers that have to find them.

Every server here is made by a function with a name, so that any worker process can make its own.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from tempfile import TemporaryDirectory

import numpy as np
from evalstory import QUICK, parrot

import rtkit
from rtkit.evals import Backchannel, BargeIn, Caller, Expect, Results, Say
from rtkit.server.brain import Call, Script
from rtkit.server.delays import Delays
from rtkit.server.local import ServerOptions

LIMIT_MS = 1500
LATE_MS = 2500
TOO_LATE_MS = 250
ANSWER = "In the old town."
STORY = "Once there was a miller who had three sons, a donkey and a talking cat."
WHERE = {"place": "the museum"}
QUESTION = "Where is it?"


@rtkit.tool
def look_up(place: str) -> str:
    """Where a place is."""
    return f"{place}: in the old town"


class Level:
    """A detector that takes every frame above a level for speech."""

    rate, hop = 16_000, 512

    def __init__(self, level):
        self.level = level

    def probability(self, frame):
        return 1.0 if np.abs(frame).max() > self.level else 0.0

    def reset(self):
        pass


ears, keen_ears = partial(Level, 0.05), partial(Level, 0.002)


@dataclass(frozen=True)
class Defect:
    """A caller, the kind of check that finds the defect, and the server with and without it."""

    caller: Caller
    kind: str
    healthy: dict
    sick: dict = field(default_factory=dict)


def ask(**expect):
    return Say(QUESTION, expect=Expect(**expect))


TOOL = Script([Call("look_up", WHERE)], ANSWER)
DEFECTS = {
    "late turn end": Defect(
        Caller("late", [ask(answered_within_ms=LIMIT_MS)]),
        "answered_within_ms",
        {},
        {"delays": Delays(detect_ms=LATE_MS)},
    ),
    "dropped tool call": Defect(
        Caller("tool", [ask(tool="look_up", arguments=WHERE, words="old town")]),
        "tool",
        {"brain": TOOL},
        {"brain": Script(ANSWER)},
    ),
    "double answer": Defect(Caller("double", [ask(answers=1)]), "answers", {}, {"faults": "again"}),
    "deaf to barge-in": Defect(
        Caller(
            "deaf",
            [ask(), BargeIn("Stop.", at_ms=400, expect=Expect(interrupted_within_ms=LIMIT_MS))],
        ),
        "interrupted_within_ms",
        {"brain": Script(STORY, ANSWER)},
        {"faults": "deaf:times=always"},
    ),
    "answers a backchannel": Defect(
        Caller("hum", [ask(), Backchannel(at_ms=300, gain_db=-25)], quiet_s=1.5),
        "not_interrupted",
        {"brain": Script(STORY, ANSWER)},
        {"detector": keen_ears},
    ),
    "wrong words": Defect(
        Caller("words", [ask(words="old town")]),
        "words",
        {},
        {"brain": Script("In the new town.")},
    ),
    "slow first audio": Defect(
        Caller("slow", [ask(answered_within_ms=LIMIT_MS)]),
        "answered_within_ms",
        {},
        {"delays": Delays(sound_ms=LATE_MS)},
    ),
}


def server(name, sick):
    """A server with that defect, or the same one without it."""
    defect = DEFECTS[name]
    usual = {"brain": Script(ANSWER), "recogniser": parrot, "detector": ears}
    return ServerOptions(**usual | defect.healthy | (defect.sick if sick else {}))


def runs(name, sick, repeat, **options):
    """So many runs of the defect's caller; `executor` and the like as in `run`."""
    tools = [look_up]
    made = partial(server, name, sick)
    caller = DEFECTS[name].caller
    return rtkit.evals.run(caller, {name: QUICK}, repeat, server=made, tools=tools, **options)


def both(name, repeat, **options):
    """The runs with the defect and those without it, made at the same time.

    A run in which the caller itself was late proves nothing: the machine had too much to do.
    """
    with ThreadPoolExecutor(2) as threads, TemporaryDirectory() as folder:
        jobs = [
            threads.submit(runs, name, sick, repeat, folder=f"{folder}/{sick}", **options)
            for sick in (True, False)
        ]
        return tuple(Results(filter(in_time, job.result())) for job in jobs)


def in_time(result):
    """Whether the caller's frames went out when they should."""
    late = [one.event["late_ms"] for one in result.timeline if one.type == "caller.done"]
    return all(ms < TOO_LATE_MS for ms in late)


def found(name, results):
    """In how many runs the defect was found: by its check, and by no error instead."""
    kind = DEFECTS[name].kind
    return sum(
        one.error is None and any(check.kind == kind for check in one.failures) for one in results
    )
