"""The one thread with the one loop."""

import asyncio
import os
import subprocess
import sys
import threading

import pytest

from rtkit import background


async def where():
    return threading.current_thread().name


def test_coroutines_run_on_one_thread_from_wherever_they_are_called():
    names = [background.run(where())]
    caller = threading.Thread(target=lambda: names.append(background.run(where())))
    caller.start()
    caller.join()
    assert names == [background.NAME, background.NAME]
    assert sum(thread.name == background.NAME for thread in threading.enumerate()) == 1


def test_it_works_while_the_callers_own_loop_is_running():
    async def cell():
        return background.run(where())

    assert asyncio.run(cell()) == background.NAME


def test_errors_come_back_to_the_caller():
    async def fail():
        raise KeyError("k")

    with pytest.raises(KeyError):
        background.run(fail())


def test_waiting_on_its_own_thread_is_refused():
    async def inside():
        background.run(where())

    with pytest.raises(RuntimeError, match="cannot wait for itself"):
        background.run(inside())


def test_the_end_of_the_time_allowed_cancels_what_runs():
    ended = threading.Event()

    async def forever():
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(TimeoutError):
        background.run(forever(), timeout=0.01)
    assert ended.wait(5)


def test_a_spawned_coroutine_is_not_waited_for():
    assert background.spawn(where()).result(5) == background.NAME


SCRIPT = """
import asyncio
import subprocess
import sys
from rtkit import background

async def farewell():
    print("goodbye")

async def forever():
    try:
        await asyncio.Event().wait()
    finally:
        print("cancelled")

background.before_end(farewell)
background.spawn(forever())
background.run(asyncio.sleep(0))
"""


def test_a_process_ends_with_a_goodbye_and_leaves_nothing_running():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.split() == ["goodbye", "cancelled"]
    assert done.stderr == ""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_gets_a_loop_of_its_own_and_ends_at_once():
    script = """
import asyncio, os, sys
from rtkit import background
background.run(asyncio.sleep(0))
child = os.fork()
if child == 0:
    background.run(asyncio.sleep(0))
    sys.exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.stdout == "7\n", done.stderr
