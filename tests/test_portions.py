import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rtkit.server.portions import Portions
from rtkit.speech.synthesis import Spoken


def spoken(n, *words):
    return Spoken(np.arange(n, dtype=np.int16), words)


def test_the_first_piece_leaves_at_once_and_the_next_are_gathered():
    portions = Portions()
    sizes = [[len(p.samples) for p in portions.push(spoken(1440))] for _ in range(5)]
    assert sizes == [[1440], [], [], [4320], []]
    assert [len(p.samples) for p in portions.rest()] == [1440]
    assert list(portions.rest()) == []


def test_words_without_sound_wait_for_it():
    portions = Portions()
    assert list(portions.push(spoken(0, (0, 0)))) == []
    assert [p.words for p in portions.push(spoken(10, (4, 20)))] == [((0, 0), (4, 20))]


@settings(deadline=None)
@given(st.lists(st.integers(0, 6000)))
def test_nothing_is_lost(sizes):
    portions, got = Portions(at_once=False), []
    for size in sizes:
        got += portions.push(spoken(size))
    got += portions.rest()
    assert sum(len(p.samples) for p in got) == sum(sizes)
    assert all(p.seconds >= 0.15 for p in got[:-1])
