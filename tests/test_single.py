"""One object per process, however many threads ask for it first."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from rtkit.speech.single import Single


def test_threads_that_ask_at_once_get_the_same_object():
    together = threading.Barrier(8)
    made = []

    def make():
        made.append(object())
        return made[-1]

    single = Single(make)

    def ask(_):
        together.wait()
        return single()

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(8))) == set(made)
    assert len(made) == 1


def test_a_failure_reaches_the_caller_and_is_not_kept():
    answers = iter([ImportError("not installed"), "here"])

    def make():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    single = Single(make)
    with pytest.raises(ImportError, match="not installed"):
        single()
    assert single() == "here"


def test_after_forgetting_another_one_is_made():
    single = Single(object)
    first = single()
    single.forget()
    assert single() is not first
