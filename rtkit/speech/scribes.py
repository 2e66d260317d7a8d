"""The queue for dictation: two worker processes at most, for everybody in this process.

Each person's utterances are taken in their order; who waits longest for a turn comes next, so that
nobody with many utterances keeps others waiting. A worker takes some 140 MB. The first is started
when a recogniser is made, the second when something waits while the first is at work; one that died
is replaced.
"""

from __future__ import annotations

import atexit
import itertools
import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtkit.errors import RtkitError
from rtkit.speech.dictation import Dictated, Dictation
from rtkit.speech.single import Single

MOST = 2
MOST_WAITING = 8
"""Utterances of one person that may wait; the next is refused."""


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    sound: NDArray[np.int16]
    dictated: Future[Dictated]


class Scribes:
    """Takes dictation from many. Safe to use from several threads."""

    def __init__(self, most: int = MOST, new_worker: Callable[[], Dictation] = Dictation) -> None:
        self._most = most
        self._new_worker = new_worker
        self._waiting: dict[object, deque[_Task]] = {}  # in the order of their turns
        self._changed = threading.Condition()
        self._workers: list[Dictation] = []
        self._idle = 0
        self._owner = os.getpid()
        atexit.register(self.close)

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers that run."""
        return [pid for worker in list(self._workers) if (pid := worker.pid) is not None]

    @property
    def waiting(self) -> int:
        """How many utterances wait."""
        with self._changed:
            return sum(map(len, self._waiting.values()))

    def start(self) -> None:
        """Start the first worker and return; it takes about half a second to be ready."""
        with self._changed:
            if not self._workers:
                self._hire()
            first = self._workers[0]
        first.start()

    def dictate(self, sound: NDArray[np.int16], owner: object) -> Future[Dictated]:
        """The words in a sound of int16[n] at 16 kHz, once it is the owner's turn.

        Cancelling the future takes it out of the queue. The future fails with RtkitError when too
        many of the owner's wait already.
        """
        task = _Task(sound, Future())
        with self._changed:
            tasks = self._waiting.setdefault(owner, deque())
            if len(tasks) >= MOST_WAITING:
                task.dictated.set_exception(_too_many(len(tasks)))
                return task.dictated
            tasks.append(task)
            task.dictated.add_done_callback(lambda _: self._take_out(task, owner))
            waiting = sum(map(len, self._waiting.values()))
            if waiting > self._idle and len(self._workers) < self._most:
                self._hire()
            self._changed.notify()
        return task.dictated

    def _take_out(self, task: _Task, owner: object) -> None:
        """Nobody waits for the words of this task any more, if it was still waiting itself."""
        with self._changed:
            tasks = self._waiting.get(owner, deque())
            if task in tasks:
                tasks.remove(task)
                if not tasks:
                    del self._waiting[owner]

    def close(self) -> None:
        """End the processes, which the next dictation starts again; what waits is cancelled."""
        if self._owner != os.getpid():
            return
        with self._changed:
            waiting, self._waiting = self._waiting, {}
            workers = list(self._workers)
        for task in itertools.chain(*waiting.values()):
            task.dictated.cancel()
        for worker in workers:
            worker.close()

    def _hire(self) -> None:
        worker = self._new_worker()
        self._workers.append(worker)
        name = f"rtkit-dictation-{len(self._workers)}"
        threading.Thread(target=self._work, args=(worker,), name=name, daemon=True).start()

    def _work(self, worker: Dictation) -> None:
        while True:
            task = self._next()
            if task.dictated.set_running_or_notify_cancel():
                try:
                    task.dictated.set_result(worker.transcribe(task.sound))
                except Exception as error:
                    task.dictated.set_exception(error)
            del task  # an idle worker must not keep a sound

    def _next(self) -> _Task:
        with self._changed:
            self._idle += 1
            while not self._waiting:
                self._changed.wait()
            self._idle -= 1
            owner, tasks = next(iter(self._waiting.items()))
            task = tasks.popleft()
            del self._waiting[owner]
            if tasks:
                self._waiting[owner] = tasks  # behind all others
            return task


def _too_many(count: int) -> RtkitError:
    return RtkitError(
        f"{count} utterances of this session already wait for dictation, which is as many as may. "
        "Wait for their transcripts before you say more, or keep to the words that the server "
        "knows."
    )


shared_scribes = Single(Scribes)
"""Those of this process."""
