"""The booths of this process, seen from it: utterances go out, guesses and evidence come back.

There are at most two, the second only once there are three who might speak. An utterance stays in
the booth that it began in. Nothing here waits: each booth has a thread that writes to it and
one that reads, whatever the number of sessions. A booth takes some 90 MB, and 40 MB more for each
utterance that is heard at the same time as others; it is kept until this process ends.
"""

from __future__ import annotations

import atexit
import itertools
import json
import os
import queue
import subprocess
import sys
import threading
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtkit.errors import MissingExtra, RtkitError
from rtkit.speech.booth import Order, evidence_from, message
from rtkit.speech.dictation import worker_environment
from rtkit.speech.listening import Evidence
from rtkit.speech.single import Single

MOST = min(2, os.cpu_count() or 1)
CROWDED = 2  # so many people share one booth before another is opened
MOST_READY = 4  # listeners that are made before they are needed, in each booth
LOADING = 4  # utterances: a booth that is not ready yet is chosen only when another has more


class Utterance:
    """What is being said by one person, in a booth."""

    def __init__(self, booth: _Line, key: int) -> None:
        self._booth = booth
        self._key = key
        self.partial = ""
        """The best guess so far."""
        self.evidence: Future[Evidence] = Future()

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Hear int16[n] at 16 kHz."""
        self._booth.send(Order.SOUND, self._key, samples.astype("<i2").tobytes())

    def stop(self) -> Future[Evidence]:
        """The utterance has ended. The future fails with RtkitError when the booth does."""
        self._booth.send(Order.STOP, self._key)
        return self.evidence

    def forget(self) -> None:
        """It is not wanted any more."""
        self._booth.send(Order.FORGET, self._key)
        self._booth.leave(self._key)


class Booths:
    """Gives each utterance a place. Safe to use from several threads."""

    def __init__(self) -> None:
        self._booths: list[_Line] = []
        self._present = 0
        self._lock = threading.Lock()
        self._owner = os.getpid()
        atexit.register(self.close)

    @property
    def pids(self) -> list[int]:
        """The process ids of the booths that run."""
        return [pid for booth in list(self._booths) if (pid := booth.pid) is not None]

    @property
    def utterances(self) -> int:
        """How many are being heard."""
        return sum(booth.load for booth in list(self._booths))

    def begin(self, grammar: str) -> Utterance:
        """A new utterance, to be heard through that JSGF grammar; returns at once."""
        with self._lock:
            return self._emptiest().begin(grammar)

    def join(self, grammar: str) -> Future[bool]:
        """Somebody is going to speak: make ready for that grammar.

        Done when that is so, or with the reason why it cannot be. `part` says that nobody speaks
        any more.
        """
        with self._lock:
            self._present += 1
            booths = self._running(MOST if self._present > CROWDED else 1)
            each = min(-(-self._present // len(booths)), MOST_READY)
            ready = [booth.warm(grammar, each) for booth in booths]
            return ready[0]

    def part(self) -> None:
        """One who joined is gone."""
        with self._lock:
            self._present -= 1

    def close(self) -> None:
        """End the processes; what is being heard fails."""
        if self._owner != os.getpid():
            return
        with self._lock:
            booths, self._booths = self._booths, []
        for booth in booths:
            booth.close()

    def _emptiest(self) -> _Line:
        found = min(self._running(1), key=_Line.burden)
        return found if found.load < CROWDED else min(self._running(MOST), key=_Line.burden)

    def _running(self, least: int) -> list[_Line]:
        """The booths that run, and at least so many."""
        self._booths = [booth for booth in self._booths if booth.alive]
        while len(self._booths) < least:
            self._booths.append(_Line())
        return self._booths


class _Line:
    """The line to one booth: its process, what it is asked, and what it answers."""

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._keys = itertools.count(1)
        self._grammars: dict[str, int] = {}
        self._utterances: dict[int, Utterance] = {}
        self._warming: dict[int, list[Future[bool]]] = {}
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self.alive, self.ready = True, False
        self._writer = threading.Thread(target=self._write, name="rtkit-booth", daemon=True)
        self._writer.start()

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def load(self) -> int:
        """How many utterances it hears."""
        return len(self._utterances)

    def burden(self) -> int:
        """How long one that comes now would have to wait, in utterances."""
        return self.load + (0 if self.ready else LOADING)

    def begin(self, grammar: str) -> Utterance:
        """A new utterance."""
        number, key = self._number_of(grammar), next(self._keys)
        utterance = Utterance(self, key)
        with self._lock:
            self._utterances[key] = utterance
        self.send(Order.BEGIN, key, number.to_bytes(4, "little"))
        self._fail_if_dead()
        return utterance

    def warm(self, grammar: str, count: int) -> Future[bool]:
        """Have so many listeners for the grammar."""
        number, ready = self._number_of(grammar), Future[bool]()
        with self._lock:
            self._warming.setdefault(number, []).append(ready)
        self.send(Order.WARM, number, count.to_bytes(4, "little"))
        self._fail_if_dead()
        return ready

    def send(self, order: Order, key: int, payload: bytes = b"") -> None:
        """Queue an order."""
        if self.alive:
            self._orders.put(message(order, key, payload))

    def leave(self, key: int) -> None:
        """Nobody waits for that utterance any more."""
        with self._lock:
            self._utterances.pop(key, None)

    def close(self) -> None:
        """End the process."""
        self.alive = False
        self._orders.put(None)
        self._writer.join(5)

    def _number_of(self, grammar: str) -> int:
        if grammar not in self._grammars:
            number = self._grammars[grammar] = next(self._keys)
            self.send(Order.GRAMMAR, number, grammar.encode())
        return self._grammars[grammar]

    def _write(self) -> None:
        """The writer's life; it also starts and ends the process, which takes time."""
        try:
            self._process = process = _start()
        except OSError as error:
            self._fail(f"the recogniser's process could not be started: {error}")
            return
        assert process.stdin is not None
        reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        reader.name = "rtkit-booth-answers"
        reader.start()
        try:
            while (order := self._orders.get()) is not None:
                process.stdin.write(order)
                if self._orders.empty():
                    process.stdin.flush()
        except OSError:  # it is gone: the reader tells
            self.alive = False
        _end(process)
        reader.join(5)

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                if line.endswith(b"\n"):
                    self._take(json.loads(line))
        self._fail("the recogniser's process ended while it listened. Say it again.")
        self._orders.put(None)

    def _take(self, answer: dict[str, Any]) -> None:
        key, self.ready = answer["key"], True
        with self._lock:
            utterance = self._utterances.get(key)
            if "partial" not in answer:
                self._utterances.pop(key, None)
            waiting = [] if utterance else self._warming.pop(key, [])
        if utterance is not None and "partial" in answer:
            utterance.partial = answer["partial"]
        elif "error" in answer:
            for future in [utterance.evidence] if utterance else waiting:
                _fail(future, _error(answer))
        elif utterance is not None:
            _settle(utterance.evidence, evidence_from(answer["evidence"]))
        for ready in waiting:
            _settle(ready, True)

    def _fail_if_dead(self) -> None:
        if not self.alive:
            self._fail("the recogniser's process has ended. Say it again.")

    def _fail(self, text: str) -> None:
        self.alive = False
        with self._lock:
            utterances, self._utterances = self._utterances, {}
            warming, self._warming = self._warming, {}
        waiting: list[Future[Any]] = [one.evidence for one in utterances.values()]
        waiting += itertools.chain(*warming.values())
        for future in waiting:
            _fail(future, RtkitError(text))


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "rtkit.speech.booth"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=worker_environment(),
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    with suppress(OSError):  # what was still to be sent to a dead process
        process.stdin.close()
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _error(answer: dict[str, Any]) -> RtkitError:
    missing = answer.get("missing")
    return MissingExtra(missing, "local") if missing else RtkitError(answer["error"])


def _settle(future: Future[Any], result: object) -> None:
    try:
        future.set_result(result)
    except InvalidStateError:  # cancelled: nobody waits
        return


def _fail(future: Future[Any], error: Exception) -> None:
    try:
        future.set_exception(error)
    except InvalidStateError:
        return


shared_booths = Single(Booths)
"""The booths of this process."""
