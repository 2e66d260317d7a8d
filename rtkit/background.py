"""One thread with one asyncio loop, for all sessions of the process.

Notebooks have a running loop in their main thread, scripts have none, and a cell may be busy for
minutes; a socket that must always be read can live in none of them. So it lives here: any thread
hands its coroutines to this loop and waits, or does not wait, for what they give.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures.thread  # noqa: F401  (its pools register to be shut down)
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")
NAME = "rtkit"
# A thread that waits without end cannot be interrupted from the keyboard on Windows.
SLICE = 0.25 if sys.platform == "win32" else None
END_SECONDS = 3.0
# Before the pools of threads are shut down, which is before `atexit`: what is under way may need
# them to end well. Pools register when their module is imported (above), and the last goes first.
_register: Callable[[Callable[[], None]], object] = getattr(
    threading, "_register_atexit", atexit.register
)

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_thread: threading.Thread | None = None
_running: set[Future[Any]] = set()
_farewells: list[Callable[[], Coroutine[Any, Any, None]]] = []


def loop() -> asyncio.AbstractEventLoop:
    """The loop; its daemon thread is started at the first call."""
    global _loop, _thread
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            _thread = threading.Thread(target=_loop.run_forever, name=NAME, daemon=True)
            _thread.start()
            _register(_end)
        return _loop


def on_loop() -> bool:
    """Whether the caller runs on the loop's own thread."""
    try:
        return asyncio.get_running_loop() is _loop
    except RuntimeError:
        return False


def spawn(coro: Coroutine[Any, Any, T]) -> Future[T]:
    """Start a coroutine on the loop, from any thread; cancelling the future cancels it."""
    future = asyncio.run_coroutine_threadsafe(coro, loop())
    _running.add(future)  # a loop alone does not keep its tasks alive
    future.add_done_callback(_running.discard)
    return future


def run(coro: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
    """Run a coroutine on the loop and wait, in any other thread, for what it returns.

    A keyboard interrupt, or the end of `timeout` seconds (TimeoutError), cancels the coroutine.
    RuntimeError on the loop's own thread, which would wait for itself: `await` there.
    """
    if on_loop():
        coro.close()
        raise RuntimeError(
            "this is rtkit's own thread, which cannot wait for itself: use connect_async and await"
        )
    future = spawn(coro)
    try:
        return _wait(future, timeout)
    except BaseException:
        future.cancel()
        raise


def _wait(future: Future[T], timeout: float | None) -> T:
    if SLICE is None or timeout is not None:
        return future.result(timeout)
    while True:
        try:
            return future.result(SLICE)
        except FutureTimeout:
            if future.done():
                return future.result()


def before_end(farewell: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run this on the loop before the process ends, within 3 s."""
    _farewells.append(farewell)


def _end() -> None:
    """Say goodbye and stop the loop, so that nothing dies in mid-step at the interpreter's end."""
    if _loop is None or _thread is None or not _loop.is_running():
        return
    with suppress(Exception, asyncio.CancelledError):  # the process ends in any case
        run(_last_words(), END_SECONDS)
    _loop.call_soon_threadsafe(_loop.stop)
    _thread.join(END_SECONDS)


async def _last_words() -> None:
    await asyncio.gather(*(farewell() for farewell in _farewells), return_exceptions=True)
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _after_fork() -> None:
    """In a child process: the loop's thread did not come along, so it gets a loop of its own."""
    global _loop, _thread, _lock
    _loop, _thread, _lock = None, None, threading.Lock()
    _running.clear()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_after_fork)
