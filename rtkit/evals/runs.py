"""Every caller against every configuration, as often as one likes, on as many machines as one has.

results = rtkit.evals.run(callers, {"quick": quick, "patient": patient}, repeat=10)
results = rtkit.evals.run(callers, configs, repeat=100, executor=client.get_executor())
"""

from __future__ import annotations

import os
import pickle
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from rtkit.clip import Clip
from rtkit.errors import ConfigError
from rtkit.evals.caller import Caller
from rtkit.evals.progress import Progress
from rtkit.evals.results import Result, Results
from rtkit.evals.steps import Play, Step
from rtkit.evals.work import Finished, MakesServer, Setting, Task, carry_out
from rtkit.opening import ConfigLike, session_of
from rtkit.store import evaluation_folder
from rtkit.targets import Target
from rtkit.tools import Tool, as_tools
from rtkit.workers import WorkerLost, Workers

if TYPE_CHECKING:
    from rtkit.server.local import ServerOptions

AT_A_TIME = max(1, os.cpu_count() or 1)
"""Calls at a time in this process: more of them, and the server's ears make each other wait."""


def run(
    callers: Caller | Iterable[Caller],
    configs: Mapping[str, ConfigLike | None],
    repeat: int = 1,
    *,
    executor: Executor | None = None,
    target: str | Target | None = None,
    server: ServerOptions | MakesServer | None = None,
    tools: Iterable[Tool | Callable[..., Any]] = (),
    folder: str | PathLike[str] | None = None,
    seed: int = 0,
    together: int | None = None,
    progress: bool = True,
) -> Results:
    """Let each caller call each configuration `repeat` times; the results, in that order.

    `configs` is a name for each configuration. `executor` is any of `concurrent.futures`, or that
    of a cluster, and each of its workers carries on `together` calls at a time (1). Without one,
    `together` calls (one for each core) are made at a time in this process. Each worker process
    has an embedded server of its own, made as `server` says: ServerOptions, or a function that
    makes them (for processes: one that can be imported). `target` is another server, `tools` are
    as in `rtkit.connect`.

    Each run keeps its timeline in `folder` (without one: in a folder of its own beside the
    recordings, of which the newest 20 are kept). What goes wrong in a run stands in its result;
    the others go on, and what a lost worker was doing is done again. The noise and the phone line
    of a run come from `seed`, its caller and its repeat: they are the same for all configurations.

    ConfigError for callers or configurations that cannot be run.
    """
    callers = [callers] if isinstance(callers, Caller) else list(callers)
    _check(callers, configs, repeat)
    setting = Setting(secrets.token_hex(8), target, server, tuple(as_tools(tools)))
    tasks = list(_tasks(callers, configs, repeat, seed, setting))
    place = evaluation_folder() if folder is None else Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    if executor is not None:
        return _run(tasks, executor, together or 1, place, progress)
    with ThreadPoolExecutor(together or AT_A_TIME, "rtkit-evals") as threads:
        return _run(tasks, threads, 1, place, progress)


def _run(
    tasks: Sequence[Task], executor: Executor, together: int, place: Path, progress: bool
) -> Results:
    if isinstance(executor, ProcessPoolExecutor):
        _check_pickles(tasks[0])
    shown = Progress(len(tasks), progress)
    found: dict[int, Result] = {}
    try:
        for finished in _finished(tasks, executor, together):
            found[finished.number] = _kept(finished, place)
            shown.step(finished.result)
    finally:
        shown.close()
    return Results(found[task.number] for task in tasks)


def _finished(tasks: Sequence[Task], executor: Executor, together: int) -> Iterator[Finished]:
    """Every run as it comes. Of those that were lost with their worker each is tried alone."""
    workers: Workers[Sequence[Task], list[Finished]] = Workers(executor, carry_out_together)
    try:
        for size in dict.fromkeys((together, 1)):
            batches = [tasks[at : at + size] for at in range(0, len(tasks), size)]
            tasks = []
            for number, came in workers.results(batches):
                if not isinstance(came, WorkerLost):
                    yield from came
                elif size > 1:
                    tasks = [*tasks, *batches[number]]
                else:
                    yield from (_lost(task, came) for task in batches[number])
    finally:
        workers.close()


def carry_out_together(tasks: Sequence[Task]) -> list[Finished]:
    """Several runs at a time, in one worker."""
    if len(tasks) == 1:
        return [carry_out(tasks[0])]
    with ThreadPoolExecutor(len(tasks), "rtkit-evals") as threads:
        return list(threads.map(carry_out, tasks))


def _tasks(
    callers: Iterable[Caller],
    configs: Mapping[str, ConfigLike | None],
    repeat: int,
    seed: int,
    setting: Setting,
) -> Iterator[Task]:
    number = 0
    for caller in callers:
        ready = _with_recordings(caller)
        for name, config in configs.items():
            for again in range(repeat):
                own = crc32(f"{seed} {caller.name} {again}".encode())
                yield Task(number, ready, name, config, again, own, setting)
                number += 1


def _with_recordings(caller: Caller) -> Caller:
    """The caller with the recordings themselves, which a worker elsewhere may not have."""
    return caller.replace(steps=tuple(map(_loaded, caller.steps)))


def _loaded(step: Step) -> Step:
    if isinstance(step, Play) and isinstance(step.clip, str):
        return step.replace(clip=Clip.load(step.clip))
    return step


def _kept(outcome: Finished, place: Path) -> Result:
    """The result, with its timeline in a file."""
    result = outcome.result
    if not outcome.timeline:
        return result
    names = (re.sub(r"[^\w-]+", "-", name)[:40] for name in (result.caller, result.config))
    path = place / f"{outcome.number:04}_{'_'.join(names)}_{result.repeat + 1}.jsonl"
    path.write_bytes(outcome.timeline)
    return replace(result, timeline_path=str(path))


def _lost(task: Task, why: WorkerLost) -> Finished:
    return Finished(task.number, replace(task.result, error=f"WorkerLost: {why}"), b"")


def _check(callers: Sequence[Caller], configs: Mapping[str, Any], repeat: int) -> None:
    wrong = [one for one in callers if not isinstance(one, Caller)]
    names = [one.name for one in callers if isinstance(one, Caller)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if wrong or not callers:
        raise ConfigError(
            f"callers are rtkit.evals.Caller, found {wrong[0] if wrong else 'none'!r}. Make one, "
            "or Caller.load(path)."
        )
    if twice:
        raise ConfigError(f"two callers are named {twice[0]!r}. Results are told apart by names.")
    if not isinstance(configs, Mapping) or not configs:
        raise ConfigError(
            f"configs is a name for each configuration, found {configs!r}. Give a dict, such as "
            '{"default": RealtimeSessionConfig()}.'
        )
    if repeat < 1:
        raise ConfigError(f"repeat is 1 or more, found {repeat!r}.")
    for config in configs.values():
        session_of(config)


def _check_pickles(task: Task) -> None:
    """Say what to do before a pool of processes says that it cannot."""
    try:
        pickle.dumps(task)
    except Exception as error:
        raise ConfigError(
            f"this cannot be handed to another process ({error}). Give server= as a function that "
            "can be imported, and define tools in a module."
        ) from error
