"""Dictation in its worker process."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from rtkit.speech.dictation import Dictation
from rtkit.speech.synthesis import say


def pcm16k(text, voice="alloy"):
    """int16[n] at 16 kHz with silence around it."""
    clip = say(text, voice=voice).resampled(16_000)
    quiet = np.zeros(8000, np.int16)
    return np.concatenate([quiet, np.frombuffer(clip.to_pcm16(), "<i2"), quiet])


@pytest.fixture(scope="module")
def dictation():
    worker = Dictation()
    worker.start()
    yield worker
    worker.close()


def test_it_writes_what_was_said_with_the_times_of_the_words(dictation):
    heard = dictation.transcribe(pcm16k("five hundred"))
    assert 1 <= len(heard.text.split()) == len(heard.words) <= 5
    assert all(0 <= start < end for _, start, end in heard.words)
    assert [start for _, start, _ in heard.words] == sorted(start for _, start, _ in heard.words)


def test_nothing_said_is_no_words(dictation):
    assert dictation.transcribe(np.zeros(0, np.int16)).words == ()
    assert dictation.transcribe(np.zeros(10, np.int16)).text == ""


def test_a_worker_that_died_is_replaced(dictation):
    sound = pcm16k("five hundred")
    before, first = dictation.transcribe(sound), dictation.pid
    os.kill(first, signal.SIGTERM)
    assert dictation.transcribe(sound).text == before.text
    assert before.words
    assert dictation.pid not in (first, None)


def test_several_threads_may_ask(dictation):
    texts = []
    sound = pcm16k("five hundred")
    threads = [
        threading.Thread(target=lambda: texts.append(dictation.transcribe(sound).text))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(texts) == 3
    assert len(set(texts)) == 1


def test_closing_ends_the_worker_and_may_be_repeated():
    worker = Dictation()
    worker.start()
    assert worker.pid is not None
    worker.close()
    worker.close()
    assert worker.pid is None


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_the_worker_ends_with_a_parent_that_was_killed(tmp_path):
    script = tmp_path / "no_guard.py"
    script.write_text(
        "import os, time\n"
        "from rtkit.speech.dictation import Dictation\n"
        "import numpy\n"
        "worker = Dictation()\n"
        "worker.transcribe(numpy.zeros(3200, numpy.int16))\n"
        "print(worker.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    (tmp_path / "wave.py").write_text("raise SystemExit('a file of the learner was imported')\n")
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, cwd=tmp_path
    ) as parent:
        pid = int(parent.stdout.readline())
        parent.kill()
        parent.wait(5)
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if "zombie" in _state(pid):
            return
        time.sleep(0.05)
    pytest.fail("the worker outlived its parent")


def _state(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            return status.read()
    except OSError:
        return ""
