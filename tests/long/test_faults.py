"""Hundreds of turns over a line that breaks, by a plan that is the same in every run."""

import os
import time
from collections import Counter
from dataclasses import dataclass

import pytest

import rtkit
from rtkit.errors import RtkitError
from rtkit.server.phrases import number_to_words
from rtkit.timeline import Timeline
from rtkit.turns import Turn

from .census import all_workers, census, grown, open_files, settled
from .relay import Fault, Relay

TURNS = int(os.environ.get("RTKIT_LONG_FAULTS", "300"))
PATIENCE_S = 4.0  # of one question
HANG_S = 20.0  # no turn, with its session, takes longer
GONE_S = 45.0  # a peer that fell silent is missed by the ping of 20 s, and 10 s for its answer
KINDS = ("cut", "half", "failed", "garbage", "binary", "audio", "delay", "none")
SURVIVED = ("garbage", "binary", "audio", "delay", "none")
TEXT = {"output_modalities": ["text"]}
SPOKEN = {"output_modalities": ["audio"]}


@dataclass
class Outcome:
    """What came of one question."""

    turn: Turn | None = None
    error: BaseException | None = None
    timeline: Timeline | None = None

    @property
    def name(self):
        return type(self.error).__name__ if self.error else "turn"


@pytest.fixture(scope="module")
def relay():
    with Relay() as relay:
        yield relay


def plan(dice, number):
    """The fault and the question of one turn."""
    voice = number % 15 == 7
    kind = "stall" if number % 25 == 3 else dice.choice(KINDS)
    fault = Fault(kind, dice.randrange(120 if voice else 24), dice.random())
    mode = SPOKEN if voice or kind == "audio" or dice.random() < 0.3 else TEXT
    return fault, mode, voice, (dice.randrange(2, 20), dice.randrange(2, 20))


def put(relay, fault, mode, voice, numbers):
    """Ask once, and then again if the session outlived it; Outcome."""
    relay.plan(fault)
    outcome = Outcome()
    question = f"What is {numbers[0]} plus {numbers[1]}?"
    try:
        with rtkit.connect(mode, relay.url) as session:
            outcome.timeline = session.timeline
            try:
                asked = rtkit.say("What time is it?") if voice else question
                outcome.turn = session.ask(asked, pace=None, timeout=PATIENCE_S)
            finally:
                arrived(fault, session.timeline)
            if fault.kind in SURVIVED:
                assert "four" in session.ask("what is 2 plus 2", timeout=PATIENCE_S).answer
    except RtkitError as error:
        outcome.error = error
    return outcome


def arrived(fault, timeline, seconds=2.0):
    """Wait until what went by before the fault is on the timeline."""
    deadline = time.monotonic() + seconds
    while missing(fault, timeline) and time.monotonic() < deadline:
        time.sleep(0.01)


def missing(fault, timeline):
    """The ids of events that went by before the fault and are not on the timeline."""
    known = {moment.event.get("event_id") for moment in timeline}
    gone_by = fault.asked + fault.delivered if fault.struck else []
    return [event_id for event_id in gone_by if event_id not in known]


def check_answer(outcome, fault, voice, numbers):
    assert outcome.turn.status == "completed"
    if not voice:
        assert number_to_words(sum(numbers)) in outcome.turn.answer, (fault, outcome.turn)
    elif fault.kind != "audio":
        assert outcome.turn.answer


def check_record(timeline, fault):
    """The recording on disk is the timeline, and nothing that went by is missing in it."""
    loaded = Timeline.load(timeline.journal.folder)
    assert list(loaded) == list(timeline)
    assert {n: t.data for n, t in loaded.tracks.items()} == {
        n: t.data for n, t in timeline.tracks.items()
    }
    assert missing(fault, loaded) == [], fault


def test_whatever_breaks_there_is_a_turn_or_an_error_with_a_name(relay, dice, record_property):
    put(relay, Fault(), SPOKEN, True, (1, 1))  # the engines are loaded
    all_workers()
    before, relay_before, story = settled(census(), 1), relay.tasks, Counter()
    files, slowest = open_files(), 0.0
    for number in range(TURNS):
        fault, mode, voice, numbers = plan(dice, number)
        began = time.monotonic()
        outcome = put(relay, fault, mode, voice, numbers)
        took = time.monotonic() - began
        slowest = max(slowest, took)
        assert took < HANG_S, (fault, outcome.name)
        story[f"{fault.kind}{'' if fault.struck else ' (not reached)'}: {outcome.name}"] += 1
        if outcome.turn:
            check_answer(outcome, fault, voice, numbers)
        if fault.kind in SURVIVED or not fault.struck:
            assert outcome.error is None, (fault, voice, outcome.error)
        if outcome.timeline is not None:
            check_record(outcome.timeline, fault)
        after = put(relay, Fault(), TEXT, False, numbers)  # the next session works
        check_answer(after, Fault(), False, numbers)
    for line, count in sorted(story.items()):
        record_property(line, count)
    record_property("turns", 2 * TURNS)
    record_property("slowest turn, s", round(slowest, 1))
    now = settled(before, GONE_S)
    new = {name: what for name, what in open_files().items() if files.get(name) != what}
    assert grown(before, now) == [], (before, now, new)
    left_behind(relay, relay_before)


def left_behind(relay, before, seconds=10.0):
    """The server has let go of every session too."""
    deadline = time.monotonic() + seconds
    while (relay.sessions or relay.tasks > before) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert relay.sessions == 0
    assert relay.tasks <= before
