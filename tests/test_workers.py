"""Each piece of work is done once, whoever does it, and also when a worker is lost."""

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from rtkit.workers import WorkerLost, Workers


def square(number):
    return number * number


def refuses_three(number):
    if number == 3:
        raise ValueError("not three")
    return number


def dies_once(piece):
    """Take the process along, but only the first time."""
    number, marks = piece
    if number == 3 and not (mark := Path(marks) / "died").exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def dies_always(number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@contextmanager
def processes(count=2):
    with ProcessPoolExecutor(count, multiprocessing.get_context("spawn")) as pool:
        yield pool


def test_without_an_executor_it_is_done_here_in_order():
    threads = []
    workers = Workers(None, lambda number: threads.append(threading.get_ident()) or number)
    assert workers.map(range(4)) == [0, 1, 2, 3]
    assert set(threads) == {threading.get_ident()}


def test_results_come_in_the_order_of_the_pieces():
    with ThreadPoolExecutor(4) as threads:
        assert Workers(threads, square).map(range(50)) == [n * n for n in range(50)]


def test_what_the_function_raises_is_raised():
    with ThreadPoolExecutor(2) as threads, pytest.raises(ValueError, match="not three"):
        Workers(threads, refuses_three).map(range(5))
    with pytest.raises(ValueError, match="not three"):
        Workers(None, refuses_three).map(range(5))


def test_what_a_lost_process_was_doing_is_done_again(tmp_path):
    with processes() as pool:
        pieces = [(number, str(tmp_path)) for number in range(8)]
        workers = Workers(pool, dies_once)
        found = list(workers.results(pieces))
        workers.close()
    assert sorted(found) == [(number, number) for number in range(8)]


def test_a_piece_that_no_worker_survives_is_found_and_the_others_are_done():
    with processes() as pool:
        workers = Workers(pool, dies_always)
        found = dict(workers.results(range(6)))
        workers.close()
    assert isinstance(found.pop(3), WorkerLost)
    assert found == {number: number for number in (0, 1, 2, 4, 5)}


def test_a_map_raises_what_no_worker_survives():
    with processes(1) as pool, pytest.raises(WorkerLost, match="also alone"):
        Workers(pool, dies_always).map([3])
