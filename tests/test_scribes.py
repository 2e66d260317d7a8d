"""The queue for dictation, with workers in memory and, once, real ones."""

import threading

import numpy as np
import pytest
from test_recognition import pcm16k

from rtkit.errors import RtkitError
from rtkit.speech.dictation import Dictated
from rtkit.speech.scribes import MOST_WAITING, Scribes


class Slow:
    """A worker that writes the length of a sound, when it is let."""

    def __init__(self):
        self.let, self.begins, self.begun = threading.Semaphore(0), threading.Semaphore(0), []

    def start(self):
        pass

    def transcribe(self, sound):
        self.begun.append(len(sound))
        self.begins.release()
        assert self.let.acquire(timeout=10)
        if len(sound) == 13:
            raise RtkitError("unlucky")
        return Dictated(((str(len(sound)), 0.0, 1.0),), 0.0)

    def close(self):
        pass


@pytest.fixture
def slow():
    made = Slow()
    yield made
    made.let.release(100)


def sound(length):
    return np.zeros(length, np.int16)


def begun(slow, count):
    for _ in range(count):
        assert slow.begins.acquire(timeout=10)


def test_two_are_at_work_and_the_third_waits(slow):
    scribes = Scribes(2, lambda: slow)
    asked = [scribes.dictate(sound(n), n) for n in (1, 2, 3)]
    begun(slow, 2)
    assert sorted(slow.begun) == [1, 2]
    slow.let.release(3)
    assert [one.result(10).text for one in asked] == ["1", "2", "3"]


def test_who_says_much_does_not_keep_another_waiting(slow):
    scribes = Scribes(1, lambda: slow)
    first = scribes.dictate(sound(1), "much")
    begun(slow, 1)
    asked = [scribes.dictate(sound(n), "much") for n in (2, 3, 4)]
    asked += [scribes.dictate(sound(n), "little") for n in (10, 11)]
    slow.let.release(6)
    for one in (first, *asked):
        one.result(10)
    assert slow.begun == [1, 2, 10, 3, 11, 4]


def test_what_is_cancelled_is_not_done(slow):
    scribes = Scribes(1, lambda: slow)
    first = scribes.dictate(sound(1), "a")
    begun(slow, 1)
    second, third = scribes.dictate(sound(2), "a"), scribes.dictate(sound(3), "a")
    assert second.cancel()
    slow.let.release(2)
    assert (first.result(10).text, third.result(10).text) == ("1", "3")
    assert slow.begun == [1, 3]


def test_what_is_cancelled_takes_no_place_and_no_memory(slow):
    scribes = Scribes(1, lambda: slow)
    scribes.dictate(sound(1), "a")
    begun(slow, 1)
    for _ in range(3 * MOST_WAITING):
        assert scribes.dictate(sound(2), "a").cancel()
        assert scribes.waiting == 0
    waiting = scribes.dictate(sound(3), "a")
    slow.let.release(2)
    assert waiting.result(10).text == "3"


def test_too_many_of_one_are_refused_and_others_are_not(slow):
    scribes = Scribes(1, lambda: slow)
    scribes.dictate(sound(1), "a")
    begun(slow, 1)
    waiting = [scribes.dictate(sound(2), "a") for _ in range(MOST_WAITING)]
    with pytest.raises(RtkitError, match=r"8 utterances of this session .* Wait"):
        scribes.dictate(sound(2), "a").result(1)
    waiting.append(scribes.dictate(sound(3), "b"))
    slow.let.release(20)
    assert all(one.result(10) for one in waiting)


def test_a_worker_that_fails_goes_on(slow):
    scribes = Scribes(1, lambda: slow)
    slow.let.release(2)
    with pytest.raises(RtkitError, match="unlucky"):
        scribes.dictate(sound(13), "a").result(10)
    assert scribes.dictate(sound(5), "a").result(10).text == "5"


def test_two_real_workers_hear_the_same_and_closing_ends_them():
    scribes = Scribes()
    said = pcm16k("five hundred")
    heard = [scribes.dictate(said, n) for n in range(3)]
    assert len({one.result(30).text for one in heard}) == 1
    assert len(scribes.pids) == 2
    scribes.close()
    assert scribes.pids == []
