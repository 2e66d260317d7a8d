"""A booth: the process in which listeners hear the utterances of many sessions, each in its turn.

A decoder holds the interpreter's lock while it works, so that eight speakers in one process would
starve whatever else runs there. `rtkit.speech.booths` starts `python -m rtkit.speech.booth` and
talks to it over its pipes. To it go messages: a byte that says what it is (`Order`), a number of
four bytes, a length of four bytes (little-endian) and that many bytes. From it come lines of JSON
with the number as `key` and one of `evidence`, `partial`, `ready` or `error`.

Utterances take turns, 20 ms of sound each, so that a long recording that is sent at once does not
keep those waiting who speak. One that has ended, and has little left to be heard, goes before them:
somebody waits for its words. The process ends when its input does, hence with its parent.
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import struct
import sys
import threading
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from rtkit.errors import MissingExtra
from rtkit.speech.grammar import Grammar
from rtkit.speech.listening import CHUNK, Evidence, Listener, Listeners

HEADER = struct.Struct("<BII")
PARTIAL_EVERY = 10  # chunks
LITTLE = 150  # chunks


class Order(IntEnum):
    """What a message asks for; its number names a grammar or an utterance."""

    GRAMMAR = 1  # a grammar's number; its text
    WARM = 2  # a grammar's number; how many listeners it should have; answered by `ready`
    BEGIN = 3  # an utterance; the number of its grammar, four bytes
    SOUND = 4  # of an utterance; int16[n] at 16 kHz
    STOP = 5  # an utterance has ended; answered by `evidence`
    FORGET = 6  # an utterance is not wanted any more


def message(order: Order, key: int, payload: bytes = b"") -> bytes:
    """A message as it goes over the pipe."""
    return HEADER.pack(order, key, len(payload)) + payload


def read_message(source: BinaryIO) -> tuple[Order, int, bytes] | None:
    """The next message; None at the end of the input."""
    header = source.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    order, key, size = HEADER.unpack(header)
    payload = source.read(size)
    return (Order(order), key, payload) if len(payload) == size else None


def evidence_from(fields: dict[str, Any]) -> Evidence:
    """Evidence as it came over the pipe."""
    words = tuple((word, start, end) for word, start, end in fields["words"])
    return Evidence(**{**fields, "words": words})


Step = tuple[Order, NDArray[np.int16] | int]


@dataclass(slots=True, eq=False)
class _Desk:
    """An utterance, its listener, and what is still to be done for it."""

    key: int
    steps: deque[Step] = field(default_factory=deque)
    in_line: bool = False
    ended: bool = False
    listener: Listener | None = None
    chunks: int = 0
    partial: str = ""
    broken: bool = False


class Booth:
    """Takes orders on one thread and carries them out on another, utterance by utterance."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._grammars: dict[int, Grammar] = {}
        self._desks: dict[int, _Desk] = {}
        self._line: deque[_Desk] = deque()
        self._changed = threading.Condition()
        self._listeners = Listeners()

    def order(self, order: Order, key: int, payload: bytes) -> None:
        """Take an order."""
        if order is Order.GRAMMAR:
            self._grammars[key] = Grammar(payload.decode())
            return
        desk = self._desks.setdefault(key, _Desk(key))
        if order is Order.SOUND:
            sound = np.frombuffer(payload, "<i2").astype(np.int16)
            self._put(desk, [(order, sound[at : at + CHUNK]) for at in range(0, len(sound), CHUNK)])
        elif order in (Order.BEGIN, Order.WARM):
            self._put(desk, [(order, int.from_bytes(payload, "little"))])
        else:
            desk.ended = True
            self._put(desk, [(order, key)], instead=order is Order.FORGET)

    def work(self) -> None:
        """Carry out what was ordered, for ever."""
        while True:
            self.work_once()

    def work_once(self) -> None:
        """One step for the utterance whose turn it is; waits for one."""
        with self._changed:
            self._changed.wait_for(lambda: self._line)
            desk = self._line.popleft()
            step = desk.steps.popleft()
        try:
            self._do(desk, *step)
        except Exception as error:
            self._give_up(desk, error)
        with self._changed:
            desk.in_line = bool(desk.steps)
            self._stand_in_line(desk)

    def _stand_in_line(self, desk: _Desk) -> None:
        if desk.in_line and desk.ended and len(desk.steps) <= LITTLE:
            self._line.appendleft(desk)
        elif desk.in_line:
            self._line.append(desk)

    def _put(self, desk: _Desk, steps: list[Step], instead: bool = False) -> None:
        with self._changed:
            if instead:
                desk.steps.clear()
            desk.steps.extend(steps)
            if desk.steps and not desk.in_line:
                desk.in_line = True
                self._stand_in_line(desk)
                self._changed.notify()

    def _do(self, desk: _Desk, order: Order, given: Any) -> None:
        if order is Order.WARM:
            self._warm(desk, given)
        elif order is Order.BEGIN:
            desk.listener = self._listeners.lend(self._grammars[given])
            desk.listener.start()
        elif order is Order.SOUND:
            self._hear(desk, given)
        else:
            evidence = self._end(desk)
            if order is Order.STOP and not desk.broken:
                self._answer(desk.key, evidence=dataclasses.asdict(evidence))

    def _warm(self, desk: _Desk, count: int) -> None:
        """Make one listener; the others in its next turns, since each takes a while."""
        if self._listeners.make(self._grammars[desk.key], count):
            with self._changed:
                desk.steps.appendleft((Order.WARM, count))
        else:
            self._answer(desk.key, ready=True)

    def _hear(self, desk: _Desk, sound: NDArray[np.int16]) -> None:
        if desk.listener is None:
            return
        desk.listener.feed(sound)
        desk.chunks += 1
        if desk.chunks % PARTIAL_EVERY == 0:
            self._tell_partial(desk, desk.listener.text)

    def _tell_partial(self, desk: _Desk, partial: str) -> None:
        if partial != desk.partial:
            desk.partial = partial
            self._answer(desk.key, partial=partial)

    def _end(self, desk: _Desk) -> Evidence:
        self._desks.pop(desk.key, None)
        listener, desk.listener = desk.listener, None
        if listener is None:
            return Evidence()
        evidence = listener.stop()
        self._listeners.give_back(listener)
        return evidence

    def _give_up(self, desk: _Desk, error: Exception) -> None:
        """Say why; a listener that broke is not lent again."""
        if desk.listener is not None:
            self._listeners.lose(desk.listener)
        desk.broken, desk.listener = True, None
        missing = isinstance(error, MissingExtra) and str(error).partition(" is not installed")[0]
        self._answer(desk.key, error=f"{type(error).__name__}: {error}", missing=missing)

    def _answer(self, key: int, **fields: Any) -> None:
        self._sink.write(json.dumps({"key": key, **fields}).encode() + b"\n")
        self._sink.flush()


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Take orders until the source ends: the process's life."""
    booth = Booth(sink)
    threading.Thread(target=_work, args=(booth,), daemon=True).start()
    while (found := read_message(source)) is not None:
        booth.order(*found)


def _work(booth: Booth) -> None:
    try:
        booth.work()
    except BaseException:  # the parent is gone, and whoever listened
        os._exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # interrupting a cell must not end the booth
    serve(sys.stdin.buffer, sys.stdout.buffer)
    os._exit(0)  # at once: the other thread may be amid a decoding
