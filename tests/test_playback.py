"""The queue that plays by the clock, told the time."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit.playback import ClockPlayer, Queue

RATE = 24_000


def told(facts):
    return [(fact["type"].removeprefix("playback."), fact["item_id"]) for fact in facts]


def test_an_item_starts_plays_and_finishes_when_its_samples_are_through():
    queue = Queue()
    assert told(queue.play("a", RATE // 4, 10.0)) == [("started", "a")]
    assert queue.finish("a", 10.1) == []
    assert queue.next_wakeup() == pytest.approx(10.25)
    [fact] = queue.advance(10.3)
    assert fact == {"type": "playback.finished", "item_id": "a", "played_ms": 250.0}
    assert queue.next_wakeup() is None


def test_the_next_item_waits_for_the_one_before_it():
    queue = Queue()
    queue.play("a", RATE // 10, 0.0)
    assert queue.play("b", RATE // 10, 0.0) == []
    queue.finish("a", 0.0)
    assert told(queue.advance(0.15)) == [("finished", "a"), ("started", "b")]
    assert queue.flush(0.15)[1] == [("b", pytest.approx(50))]


def test_a_queue_that_runs_dry_waits_and_does_not_count_the_silence():
    queue = Queue()
    queue.play("a", RATE // 10, 0.0)
    queue.play("a", RATE // 10, 5.0)
    assert queue.flush(5.05)[1] == [("a", pytest.approx(150))]


def test_a_flush_tells_what_was_played_of_each_item_and_empties_the_queue():
    queue = Queue()
    queue.play("a", RATE, 0.0)
    queue.play("b", RATE, 0.0)
    assert queue.flush(0.2)[1] == [("a", pytest.approx(200)), ("b", 0)]
    assert not queue
    assert queue.flush(0.3)[1] == []


def test_positions_are_told_twice_a_second():
    queue = Queue()
    queue.play("a", 3 * RATE, 0.0)
    facts = [fact for tick in range(1, 21) for fact in queue.advance(tick / 10)]
    assert [fact["played_ms"] for fact in facts] == pytest.approx([500, 1000, 1500, 2000], abs=101)


@given(st.lists(st.tuples(st.integers(0, 5000), st.floats(0, 0.5)), max_size=20))
def test_never_more_is_played_than_was_received_or_than_time_went_by(steps):
    queue, now, received = Queue(), 0.0, 0
    for samples, wait in steps:
        queue.play("a", samples, now)
        received, now = received + samples, now + wait
        queue.advance(now)
    heard = dict(queue.flush(now)[1]).get("a", 0.0)
    assert heard <= received * 1000 / RATE + 1e-6
    assert heard <= now * 1000 + 1e-6


def test_the_clock_player_reports_to_the_session():
    async def listen():
        player, facts, done = ClockPlayer(), [], asyncio.Event()
        player.attach(lambda fact: (facts.append(fact), len(facts) == 2 and done.set()))
        player.play("a", bytes(2 * RATE // 50))
        player.finish("a")
        await asyncio.wait_for(done.wait(), 5)
        return facts

    assert told(asyncio.run(listen())) == [("started", "a"), ("finished", "a")]


def test_what_is_skipped_ends_where_it_was_and_is_not_called_flushed():
    async def listen():
        player, facts = ClockPlayer(), []
        player.attach(facts.append)
        player.play("a", bytes(2 * RATE))
        player.skip()
        return facts

    assert told(asyncio.run(listen())) == [("started", "a"), ("finished", "a")]
