"""The collector of cycles is away for a while, and comes back as it was."""

import gc

import pytest
from helpers import Story

from rtkit.garbage import uncollected
from rtkit.turns import read_turns


@pytest.fixture(autouse=True)
def _as_before():
    thresholds = gc.get_threshold()
    yield
    gc.enable()
    gc.set_threshold(*thresholds)


def test_it_is_away_inside_and_back_afterwards():
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_back_after_an_error():
    with pytest.raises(KeyError), uncollected():
        raise KeyError
    assert gc.isenabled()


def test_who_had_turned_it_off_finds_it_off():
    gc.disable()
    with uncollected(), uncollected():
        pass
    assert not gc.isenabled()


def test_nothing_is_left_frozen():
    frozen = gc.get_freeze_count()
    with uncollected(old=True):
        made = [[] for _ in range(1000)]
    assert gc.get_freeze_count() == frozen
    assert len(made) == 1000


def test_turns_are_read_without_collections_on_the_way():
    story = Story().open()
    for _ in range(300):
        story.transcribe(story.speak(0.1), "yes")
        story.answer("Good.", 0.1)
    begun = []

    def note(phase, info):
        begun.append(phase)

    gc.set_threshold(20)  # else there would be dozens
    gc.callbacks.append(note)
    try:
        turns = read_turns(story.timeline)
    finally:
        gc.callbacks.remove(note)
    assert len(turns) == 300
    assert begun.count("start") <= 2 + 2  # those that were due when it came back, and around it
