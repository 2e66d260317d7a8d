"""Two thousand spoken turns in one session, faster than real time: what grows, and what does not.

The server is a process of its own, with ears and a voice that take no time, so that what is counted
here is the client's.
"""

import gc
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil

import rtkit

from .census import census, grown, rss_mb, settled

TURNS = int(os.environ.get("RTKIT_LONG_TURNS", "2000"))
WARM = 100  # turns until every pool and cache is filled
KB_PER_MOMENT = 2.0
SESSION = {
    "audio": {
        "input": {
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 200},
            "transcription": {"model": "whisper-1"},
        }
    }
}
WORDS = rtkit.Clip(0.3 * np.sin(2 * np.pi * 220 * np.arange(12_000) / 24_000), 24_000)  # 0.5 s


@contextmanager
def fast_server():
    """The address of a server process, and what the system knows of it."""
    program = Path(__file__).with_name("fastserver.py")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, program], **pipes) as process:
        yield process.stdout.readline().strip(), psutil.Process(process.pid)
        process.stdin.close()
        assert process.wait(20) == 0


def kilobytes(session):
    """Resident memory less the sound of the tracks."""
    gc.collect()
    sound = sum(len(track.data) for track in session.timeline.tracks.values())
    return 1024 * rss_mb() - sound / 1024


def held(process):
    return process.num_fds(), process.num_threads()


def test_two_thousand_turns_cost_memory_for_the_timeline_and_nothing_else(record_property):
    with fast_server() as (url, server):
        began = time.perf_counter()
        with rtkit.connect(SESSION, url) as session:
            ask(session, WARM)
            before, here, there = census(), kilobytes(session), held(server)
            moments = len(session.timeline)
            first = ask(session, 50)
            ask(session, TURNS - WARM - 100)
            last = ask(session, 50)
            new = len(session.timeline) - moments
            per_moment = (kilobytes(session) - here) / new
            now = settled(before)
            assert grown(before, now) == []
            assert held(server)[0] <= there[0]
            assert held(server)[1] <= there[1] + 1
            check(session)
            loaded = rtkit.Timeline.load(session.timeline.journal.folder)
            assert len(loaded) == len(session.timeline)
    record_property("turns", TURNS)
    record_property("moments", len(session.timeline))
    record_property("seconds", round(time.perf_counter() - began, 1))
    record_property("kilobytes per moment", round(per_moment, 3))
    record_property("ms of a turn, first and last", f"{1000 * first:.0f}, {1000 * last:.0f}")
    print(TURNS, new, per_moment, first, last, time.perf_counter() - began)
    assert per_moment <= KB_PER_MOMENT


def ask(session, count):
    """So many turns; the seconds of one."""
    began = time.perf_counter()
    for _ in range(count):
        turn = session.ask(WORDS, pace=None)
        assert (turn.question, turn.answer) == ("hello", "Hello there.")
    return (time.perf_counter() - began) / count


def check(session):
    """At the end everything that was said is told, in order, once."""
    turns = session.turns
    assert [(t.question, t.answer, t.status) for t in turns] == [
        ("hello", "Hello there.", "completed")
    ] * TURNS
    assert len({turn.response_id for turn in turns}) == TURNS
    assert [line.speaker for line in session.transcript] == ["user", "assistant"] * TURNS
    assert [m.event for m in session.timeline if m.type == "error"] == []
