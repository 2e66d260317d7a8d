"""Evaluations at length: defects found in hundreds of runs, and hundreds of conversations."""

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import pytest
from evaldefects import DEFECTS, both, found
from evalstory import QUICK, quick_server

from rtkit.evals import Caller, Expect, Say, run
from rtkit.server.brain import Script

REPEAT = int(os.environ.get("RTKIT_LONG_EVALS", "100"))
CONVERSATIONS = int(os.environ.get("RTKIT_LONG_CONVERSATIONS", "200"))
AT_A_TIME = 8  # calls in each process; they mostly wait
CORES = os.cpu_count() or 1
CALLERS = [
    Caller("capital", [Say("What is the capital of France?", expect=Expect("Paris", answers=1))]),
    Caller("sum", [Say("What is two plus two?", expect=Expect("four", answers=1))], voice="coral"),
]
GREETING = Caller("greeting", [Say("Hello.", expect=Expect("morning"))])
CONFIGS = {
    "default": None,
    "patient": {
        "audio": {"input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 900}}}
    },
}


@pytest.fixture(scope="module")
def pool():
    """A process for each core, each with servers of its own."""
    with ProcessPoolExecutor(CORES, multiprocessing.get_context("spawn")) as made:
        yield made


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found_and_none_where_there_is_none(name, pool, record_property):
    began = time.perf_counter()
    sick, healthy = both(name, REPEAT, together=AT_A_TIME, executor=pool)
    seconds = time.perf_counter() - began
    right = found(name, sick)
    record_property("found", f"{right} of {len(sick)}")
    record_property("clean runs", len(healthy))
    record_property("set aside, the machine being late", 2 * REPEAT - len(sick) - len(healthy))
    record_property("runs per second", round(2 * REPEAT / seconds, 1))
    assert min(len(sick), len(healthy)) >= REPEAT / 2, "the machine has too much to do"
    assert right >= 0.95 * len(sick), str(sick)
    assert all(one.passed for one in healthy), str(healthy)


@contextlib.contextmanager
def cluster():
    """As many worker processes as there are cores, each with a server and two calls at a time."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=CORES, threads_per_worker=2, dashboard_address=None
        ) as workers,
        distributed.Client(workers) as client,
    ):
        yield client


def test_two_hundred_conversations(tmp_path, record_property):
    """With the whole server: real turn detection, recogniser and voice."""
    repeat = CONVERSATIONS // (len(CALLERS) * len(CONFIGS))
    with cluster() as client:
        began = time.perf_counter()
        results = run(CALLERS, CONFIGS, repeat, executor=client.get_executor(), folder=tmp_path)
        seconds = time.perf_counter() - began
    talk = sum(one.timeline.duration for one in results)
    record_property("conversations per second", round(len(results) / seconds, 2))
    record_property("seconds of talk per second and core", round(talk / seconds / CORES, 2))
    record_property("passed", f"{sum(one.passed for one in results)} of {len(results)}")
    assert once(results, repeat)
    assert [one.error for one in results if one.error] == []
    assert sum(one.passed for one in results) >= 0.95 * len(results), str(results)


def test_a_worker_that_is_killed_costs_its_runs_being_made_again(tmp_path, record_property):
    repeat = max(3, CONVERSATIONS // 20)
    total = repeat * len(CALLERS) * len(CONFIGS)
    with cluster() as client:
        first = next(iter(client.run(os.getpid).values()))
        killer = threading.Thread(target=kill_in_the_middle, args=(first, tmp_path, total))
        killer.start()
        results = run(CALLERS, CONFIGS, repeat, executor=client.get_executor(), folder=tmp_path)
        killer.join()
        others = set(client.run(os.getpid).values())
    assert first not in others
    assert once(results, repeat)
    assert [one.error for one in results if one.error] == []
    assert len(list(tmp_path.glob("*.jsonl"))) == total
    record_property("runs", total)


def kill_in_the_middle(pid, folder, total):
    """Kill a worker when a third of the results are there."""
    while len(list(folder.glob("*.jsonl"))) < total / 3:
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)


def once(results, repeat):
    """Whether each run has one result."""
    count = Counter((one.caller, one.config, one.repeat) for one in results)
    return set(count.values()) == {1} and len(count) == repeat * len(CALLERS) * len(CONFIGS)


class Deadly(Script):
    """A brain that takes its process along when it is asked in that voice."""

    def for_session(self):
        return self

    async def reply(self, request):
        if "die" in request.instructions:
            os.kill(os.getpid(), signal.SIGKILL)
        async for piece in super().reply(request):
            yield piece


def deadly_server():
    return quick_server(brain=Deadly("Good morning."))


def test_a_run_that_no_worker_survives_is_told_and_the_others_are_made(tmp_path):
    configs = {"good": QUICK, "deadly": {**QUICK, "instructions": "die"}}
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        good, deadly = run(
            GREETING, configs, server=deadly_server, executor=pool, together=2, folder=tmp_path
        )
    assert good.passed
    assert deadly.error.startswith("WorkerLost: ")
