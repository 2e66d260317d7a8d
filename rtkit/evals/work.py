"""One run, wherever it is carried out: a thread here, another process, another machine.

What is handed to a worker can be pickled, and so can what comes back. The first run in a process
starts its embedded server; all later ones with the same `Setting` use it, and it ends with the
process.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from rtkit import background, events
from rtkit.catalog import DEFAULT_TRANSCRIPTION
from rtkit.evals.caller import Caller
from rtkit.evals.calling import call
from rtkit.evals.checking import check
from rtkit.evals.results import Result
from rtkit.evals.scoring import scores
from rtkit.evals.voicing import Voicing, voiced
from rtkit.opening import ConfigLike, Opening
from rtkit.speech.synthesis import say
from rtkit.targets import Target, resolve
from rtkit.timeline import Timeline
from rtkit.tools import Tool

if TYPE_CHECKING:
    from rtkit.server.local import ServerOptions

WARM_S = 20.0
MANUAL: Mapping[str, Any] = {
    "audio": {"input": {"turn_detection": None, "transcription": {"model": DEFAULT_TRANSCRIPTION}}}
}
WRITTEN = (events.TRANSCRIPTION_COMPLETED, events.TRANSCRIPTION_FAILED)
MakesServer = Callable[[], "ServerOptions"]


@dataclass(frozen=True, slots=True)
class Setting:
    """What all runs have in common; `name` is its own in all the world."""

    name: str
    target: str | Target | None
    server: Any  # ServerOptions, or what makes them
    tools: tuple[Tool, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """One run: `number` is its place among the results."""

    number: int
    caller: Caller
    config_name: str
    config: ConfigLike | None
    repeat: int
    seed: int
    setting: Setting

    @property
    def result(self) -> Result:
        """A result of which nothing is known yet."""
        return Result(self.caller.name, self.config_name, self.repeat, self.seed)


@dataclass(frozen=True, slots=True)
class Finished:
    """What a run gives: its result, and its timeline as the bytes of a file (b"": none)."""

    number: int
    result: Result
    timeline: bytes


_settings: dict[str, Setting] = {}
_lock = Lock()
_thinking = Lock()
"""Sounds are made and calls are judged one at a time, so that those who talk keep their time."""


def carry_out(task: Task) -> Finished:
    """Call, and judge what came of it. It raises nothing: what went wrong stands in the result."""
    began = time.perf_counter()
    timeline, error = Timeline(), None
    try:
        timeline = background.run(_talk(task, _shared(task.setting)))
    except _Broken as broken:
        timeline, error = broken.timeline, broken.why
    except Exception as failure:
        error = _named(failure)
    seconds = round(time.perf_counter() - began, 3)
    return _judged(task, replace(task.result, error=error, seconds=seconds), timeline)


def _judged(task: Task, result: Result, timeline: Timeline) -> Finished:
    with _thinking:
        try:
            checks, found = check(task.caller, timeline), scores(timeline)
            result = replace(result, checks=checks, scores=found)
        except Exception as failure:  # a timeline that cannot be read is a finding, too
            result = replace(result, error=result.error or _named(failure))
        return Finished(task.number, result, _as_file(timeline) if len(timeline) else b"")


class _Broken(Exception):
    """A call that did not come to its end, with what there is of it."""

    def __init__(self, timeline: Timeline, why: str) -> None:
        super().__init__(why)
        self.timeline, self.why = timeline, why


async def _talk(task: Task, setting: Setting) -> Timeline:
    opening = Opening(
        task.config, setting.target, None, False, None, setting.server, setting.tools, None, False
    )
    link = await opening.open()
    try:
        rate = link.protocol.input_format.rate
        await call(link, task.caller, await asyncio.to_thread(_voicing, task, rate))
    except Exception as failure:
        raise _Broken(link.timeline, _named(failure)) from failure
    finally:
        await link.close("the call is over")
    return link.timeline


def _voicing(task: Task, rate: int) -> Voicing:
    with _thinking:
        return voiced(task.caller, rate, task.seed)


def _shared(setting: Setting) -> Setting:
    """The setting as the first run in this process had it, so that all runs share its server."""
    with _lock:
        if setting.name not in _settings:
            if callable(setting.server):
                setting = replace(setting, server=setting.server())
            _settings[setting.name] = setting
            if resolve(setting.target, os.environ).url is None:
                with suppress(Exception):  # what is wrong is said by the run itself
                    background.run(_warm(setting), WARM_S)
        return _settings[setting.name]


async def _warm(setting: Setting) -> None:
    """Let the embedded server load its ears, so that the first caller need not wait for them."""
    link = await Opening(
        MANUAL, setting.target, None, False, None, setting.server, (), None, False
    ).open()
    try:
        link.append_wire(say("Hello.").to_bytes(link.protocol.input_format))
        link.send({"type": events.COMMIT})
        await link.until(lambda: any(one.type in WRITTEN for one in link.timeline), WARM_S)
    finally:
        await link.close()


def _as_file(timeline: Timeline) -> bytes:
    with tempfile.TemporaryDirectory(prefix="rtkit-") as folder:
        return timeline.save(Path(folder) / "call.jsonl").read_bytes()


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
