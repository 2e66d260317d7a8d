"""Pieces of work on any `concurrent.futures` executor, each done once, also when workers are lost.

An executor of threads, of processes, or of a cluster (`dask.distributed`: `client.get_executor()`).
What a lost worker was doing is done again: a broken pool of processes is replaced by a new one,
and a piece that takes its worker with it, again and again, is found by doing the rest one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Any, Generic, TypeVar

In = TypeVar("In")
Out = TypeVar("Out")

LOST = ("KilledWorker", "CancelledError", "FutureCancelledError", "WorkerDied")
"""Names of errors which say that a worker is gone, and not that the work went wrong."""


class WorkerLost(Exception):
    """A piece of work took its worker with it whenever it was tried."""


class Workers(Generic[In, Out]):
    """Does `function` to every piece, on an executor (None: here, one after the other)."""

    def __init__(self, executor: Executor | None, function: Callable[[In], Out]) -> None:
        self._executor, self._function = executor, function
        self._own: Executor | None = None  # in place of one that broke
        self._tries = 0

    def map(self, pieces: Sequence[In]) -> list[Out]:
        """The results, in the order of the pieces.

        What the function raises is raised; WorkerLost for a piece that no worker survives.
        """
        found: dict[int, Out] = {}
        try:
            for place, result in self.results(pieces):
                if isinstance(result, WorkerLost):
                    raise result
                found[place] = result
        finally:
            self.close()
        return [found[place] for place in range(len(pieces))]

    def results(self, pieces: Sequence[In]) -> Iterator[tuple[int, Out | WorkerLost]]:
        """Place and result of each piece, as they come; WorkerLost where no worker survives."""
        left = dict(enumerate(pieces))
        while left:
            before = len(left)
            yield from self._round(left)
            if len(left) == before:
                yield from self._one_by_one(left)

    def close(self) -> None:
        """Give back the pool that was made in place of a broken one."""
        if self._own is not None:
            self._own.shutdown(wait=False, cancel_futures=True)

    def _one_by_one(self, left: dict[int, In]) -> Iterator[tuple[int, Out | WorkerLost]]:
        """Nothing came of a whole round: find what is to blame."""
        for place, piece in list(left.items()):
            alone = {place: piece}
            yield from self._round(alone)
            if alone:
                yield place, WorkerLost("its worker was lost whenever it was tried, also alone.")
            del left[place]

    def _round(self, left: dict[int, In]) -> Iterator[tuple[int, Out]]:
        """Try all that are left; what came of it is taken out."""
        if self._executor is None:
            for place in list(left):
                yield place, self._function(left.pop(place))
            return
        futures = self._submitted(left)
        try:
            for future in as_completed(futures):
                place = futures[future]
                try:
                    result = future.result()
                except BaseException as error:
                    if not _is_loss(error):
                        raise
                else:
                    del left[place]
                    yield place, result
        finally:
            for future in futures:
                future.cancel()

    def _submitted(self, left: dict[int, In]) -> dict[Future[Out], int]:
        futures: dict[Future[Out], int] = {}
        self._tries += 1
        with suppress(BrokenProcessPool):  # those that were not taken are left for the next round
            for place, piece in left.items():
                future = self._living().submit(_attempt, self._function, piece, self._tries)
                futures[future] = place
        return futures

    def _living(self) -> Executor:
        """The executor, or another in its place if it is a pool of processes that broke."""
        assert self._executor is not None
        current = self._own or self._executor
        if isinstance(current, ProcessPoolExecutor) and getattr(current, "_broken", False):
            self._own = _like(current)
            return self._own
        return current


def _attempt(function: Callable[[In], Out], piece: In, number: int) -> Out:
    """One try; its number makes it another piece of work for clusters, which know them by it."""
    return function(piece)


def _like(pool: ProcessPoolExecutor) -> ProcessPoolExecutor:
    """A new pool as a broken one was."""
    was: dict[str, Any] = vars(pool)
    return ProcessPoolExecutor(
        was.get("_max_workers"),
        was.get("_mp_context"),
        was.get("_initializer"),
        was.get("_initargs", ()),
    )


def _is_loss(error: BaseException) -> bool:
    return isinstance(error, BrokenProcessPool) or type(error).__name__ in LOST
