"""Jitter buffer: frames in order at a steady pace, whatever came when; every packet is counted."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit.errors import AudioError
from rtkit.jitter import NUMBERS, REMEMBERED, JitterBuffer

FRAME = 0.02


def filled(arrivals, delay_ms=60.0, first=0, looks=()):
    """A buffer that was given packets (ms of arrival, number), and all that it gave."""
    buffer, given_out = JitterBuffer(delay_ms), []
    events = sorted([(ms, 0, number) for ms, number in arrivals] + [(ms, 1, None) for ms in looks])
    for ms, is_look, number in events:
        if is_look:
            given_out += buffer.advance(ms / 1000)
        else:
            buffer.push((first + number) % NUMBERS, f"frame {number}", ms / 1000)
            buffer.finish((first + max(number for _, number in arrivals)) % NUMBERS)
    return buffer, given_out + buffer.advance(math.inf)


def counts(buffer):
    return {name: getattr(buffer, name) for name in ("received", "late", "duplicates", "lost")}


def test_packets_that_come_evenly_go_out_evenly_and_later_by_the_delay():
    buffer = JitterBuffer(delay_ms=50)
    for number in range(3):
        buffer.push(number, number, now=number * FRAME)
    assert buffer.advance(0.049) == []
    assert buffer.advance(0.05) == [(0, 0)]
    assert buffer.advance(0.08) == [(1, 1)]
    assert (buffer.waiting, buffer.due(2)) == (1, pytest.approx(0.09))


def test_packets_in_any_order_are_put_in_order():
    _, frames = filled([(0, 2), (5, 0), (10, 3), (12, 1)], delay_ms=100)
    assert frames == [(number, f"frame {number}") for number in range(4)]


def test_what_comes_after_it_is_due_is_late_and_what_never_comes_is_lost():
    buffer, frames = filled([(0, 0), (20, 1), (60, 3), (200, 2), (80, 5)], delay_ms=40)
    assert [number for number, frame in frames if frame is None] == [2, 4]
    assert counts(buffer) == {"received": 5, "late": 1, "duplicates": 0, "lost": 1}


def test_a_packet_that_comes_when_it_is_due_is_in_time():
    buffer, frames = filled([(0, 0), (20, 1)], delay_ms=0)
    assert frames == [(0, "frame 0"), (1, "frame 1")]
    assert buffer.late == 0


@pytest.mark.parametrize("clock", [0.0, 0.06, 1.7e9])
def test_even_packets_are_all_in_time_without_any_delay_whatever_their_sums_are_rounded_to(clock):
    buffer = JitterBuffer(delay_ms=0)
    for number in range(1000):
        buffer.push(number, number, now=clock + number * FRAME)
    buffer.finish(999)
    assert len([frame for _, frame in buffer.advance(math.inf) if frame is not None]) == 1000
    assert counts(buffer) == {"received": 1000, "late": 0, "duplicates": 0, "lost": 0}


def test_duplicates_are_counted_and_played_once():
    buffer, frames = filled([(0, 0), (1, 0), (20, 1), (500, 1)])
    assert frames == [(0, "frame 0"), (1, "frame 1")]
    assert counts(buffer) == {"received": 4, "late": 0, "duplicates": 2, "lost": 0}


def test_gaps_go_on_until_the_end_is_told():
    buffer = JitterBuffer(delay_ms=20)
    buffer.push(0, "a", now=0)
    assert buffer.advance(0.061) == [(0, "a"), (1, None), (2, None)]
    buffer.finish(3)
    assert buffer.advance(10) == [(3, None)]
    assert buffer.advance(20) == []


def test_nothing_comes_out_of_what_got_nothing():
    assert JitterBuffer(20).advance(100) == []


def test_a_stream_of_many_packets_is_remembered_only_so_far():
    buffer = JitterBuffer(delay_ms=20)
    for number in range(3 * NUMBERS // 2):
        buffer.push(number % NUMBERS, number, now=number * FRAME)
        for played, frame in buffer.advance(number * FRAME):
            assert played == frame
    assert counts(buffer) == {"received": 98304, "late": 0, "duplicates": 0, "lost": 0}
    assert len(buffer._seen) <= 2 * REMEMBERED


ARRIVALS = st.lists(st.tuples(st.integers(0, 600), st.integers(0, 25)), max_size=30)
DELAYS = st.sampled_from([0.0, 20.0, 60.0, 200.0])
BETWEEN = st.lists(st.integers(0, 700).map(lambda ms: ms + 0.5), max_size=20)  # never at an arrival


@given(ARRIVALS, DELAYS, BETWEEN, st.sampled_from([0, NUMBERS - 10]))
def test_how_often_one_looks_changes_nothing(arrivals, delay_ms, looks, first):
    seldom, at_the_end = filled(arrivals, delay_ms)
    often, on_the_way = filled(arrivals, delay_ms, first, looks)
    assert [frame for _, frame in on_the_way] == [frame for _, frame in at_the_end]
    assert counts(often) == counts(seldom)


@given(ARRIVALS, DELAYS)
def test_every_packet_and_every_frame_is_accounted_for(arrivals, delay_ms):
    buffer, frames = filled(arrivals, delay_ms)
    numbers = [number for number, _ in frames]
    played = [number for number, frame in frames if frame is not None]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True
    assert all(frame in (None, f"frame {number}") for number, frame in frames)
    assert len(arrivals) == buffer.received == len(played) + buffer.late + buffer.duplicates
    never = set(numbers) - {number for _, number in arrivals}
    assert buffer.lost == len(never)


@given(ARRIVALS.filter(bool), DELAYS)
def test_a_packet_is_played_exactly_when_it_came_by_its_time(arrivals, delay_ms):
    buffer, frames = filled(arrivals, delay_ms)
    came = {}
    for ms, number in sorted(arrivals):
        came.setdefault(number, ms)
    in_time = {n for n, ms in came.items() if ms / 1000 <= buffer.due(n) + 1e-12}
    played = {number for number, frame in frames if frame is not None}
    on_the_dot = {n for n, ms in came.items() if ms / 1000 == pytest.approx(buffer.due(n))}
    assert played - on_the_dot == in_time - on_the_dot


@pytest.mark.parametrize("times", [(-1, 20), (40, 0), (math.nan, 20)])
def test_times_that_no_buffer_can_have_are_refused(times):
    with pytest.raises(AudioError, match="0 ms or more and its frames last more than 0 ms, found"):
        JitterBuffer(*times)
