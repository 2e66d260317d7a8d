"""The processes that listen, real ones."""

import os
import signal
import sys
import time

import pytest
from test_recognition import pcm16k

from rtkit.errors import RtkitError
from rtkit.speech.booths import MOST, Booths

GRAMMAR = "#JSGF V1.0;\ngrammar g;\npublic <g> = tell me a story | what time is it ;\n"


@pytest.fixture(scope="module")
def booths():
    made = Booths()
    made.join(GRAMMAR).result(30)
    yield made
    made.close()


def hear(booths, text="tell me a story"):
    utterance, sound = booths.begin(GRAMMAR), pcm16k(text)
    for at in range(0, len(sound), 1600):
        utterance.feed(sound[at : at + 1600])
    return utterance.stop()


def test_what_is_said_is_heard_and_nothing_is_left(booths):
    assert hear(booths).result(10).text == "tell me a story"
    assert booths.utterances == 0
    assert len(booths.pids) == 1


def test_one_that_is_forgotten_leaves_its_place(booths):
    utterance = booths.begin(GRAMMAR)
    assert booths.utterances == 1
    utterance.forget()
    assert booths.utterances == 0


@pytest.mark.skipif(MOST < 2, reason="one processor")
def test_a_second_booth_is_opened_when_three_may_speak_and_never_a_third(booths):
    for _ in range(4):
        booths.join(GRAMMAR).result(30)
    words = [hear(booths, text) for text in ["tell me a story", "what time is it"] * 3]
    heard = [future.result(20).text for future in words]
    assert heard == ["tell me a story", "what time is it"] * 3
    assert len(booths.pids) == MOST
    for _ in range(4):
        booths.part()


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_booth_that_died_fails_what_it_heard_and_is_replaced(booths):
    spoken = [booths.begin(GRAMMAR) for _ in booths.pids]
    dead = booths.pids
    for pid in dead:
        os.kill(pid, signal.SIGKILL)
    for utterance in spoken:
        with pytest.raises(RtkitError, match="Say it again"):
            utterance.stop().result(10)
    assert hear(booths).result(20).text == "tell me a story"
    assert not set(booths.pids) & set(dead)


def test_closed_booths_end_their_processes_and_open_again_when_needed(booths):
    pids = booths.pids
    waiting = booths.begin(GRAMMAR)
    booths.close()
    with pytest.raises(RtkitError):
        waiting.evidence.result(10)
    deadline = time.monotonic() + 5
    while any(os.path.exists(f"/proc/{pid}") for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert booths.pids == []
    assert hear(booths).result(20).text == "tell me a story"
