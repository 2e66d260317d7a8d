"""The queue that plays by the clock, told the time."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit.formats import AudioFormat
from rtkit.playback import ClockPlayer, Feed, Queue

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


def test_an_underrun_is_a_gap_inside_an_item_and_not_its_end():
    queue = Queue()
    queue.play("a", RATE // 10, 0.0)
    queue.play("a", RATE // 10, 0.1)  # just in time
    assert queue.underruns == 0
    queue.advance(0.3)
    queue.play("a", RATE // 10, 0.4)  # 200 ms too late
    assert queue.underruns == 1
    queue.finish("a", 0.9)  # nothing was missing
    queue.play("b", RATE // 10, 2.0)
    assert queue.underruns == 1


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 500)), max_size=12),
    st.lists(st.integers(0, 3000), max_size=30),
)
def test_how_often_one_looks_changes_neither_what_was_played_nor_the_underruns(steps, looks):
    def end(looks):
        queue, now = Queue(), 0
        for samples, wait_ms in steps:
            queue.play("a", samples, now / 1000)
            for look in sorted(ms for ms in looks if now <= ms < now + wait_ms):
                queue.advance(look / 1000)
            now += wait_ms
        heard = dict(queue.flush(now / 1000)[1])
        return heard.get("a"), queue.underruns

    seldom, often = end([]), end(looks)
    assert often[0] == pytest.approx(seldom[0])
    assert often[1] == seldom[1]


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


class Recorder:
    """A player that keeps what it is given."""

    def __init__(self):
        self.heard = b""

    def play(self, item_id, pcm):
        self.heard += pcm

    def finish(self, item_id):
        self.heard += b"end"


@given(st.lists(st.integers(0, 800), max_size=10), st.sampled_from(list(AudioFormat)))
def test_any_pieces_of_any_format_sound_the_same(cuts, format):
    sound = bytes(range(256)) * 4
    ends = sorted({0, *(cut // 2 * 2 for cut in cuts), len(sound)})
    whole, parts = Recorder(), Recorder()
    for player, places in ((whole, [0, len(sound)]), (parts, ends)):
        feed = Feed(player)
        for start, end in pairwise(places):
            feed.play("a", sound[start:end], format)
        feed.finish("a")
    assert parts.heard == whole.heard
    assert len(whole.heard) == 2 * len(sound) // format.bytes_per_sample * 24_000 // format.rate + 3
