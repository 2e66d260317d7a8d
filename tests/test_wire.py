"""What travels between page and kernel: messages, and frames in the order of their numbers."""

import doctest

from hypothesis import given
from hypothesis import strategies as st

from rtkit.widgets import wire
from rtkit.widgets.wire import FRAME_BYTES, Sequence, pack, parse, unpack


def frame(number):
    return number.to_bytes(4, "little") * (FRAME_BYTES // 4)


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(wire).failed == 0


@given(st.integers(0, 2**32 - 1), st.binary(max_size=50).map(lambda data: data + data))
def test_a_binary_message_comes_back_as_it_was(number, pcm):
    assert unpack(pack(number, pcm)) == (number, pcm)


def test_half_a_sample_is_left_out_and_a_message_too_short_is_empty():
    assert unpack(pack(7, b"abc")) == (7, b"ab")
    assert unpack(b"\x01\x02") == (0, b"")


def test_text_that_is_no_object_is_an_empty_message():
    assert parse("not json") == parse("[1]") == parse("null") == {}


@given(st.permutations(range(12)))
def test_frames_come_out_in_order_however_they_arrive(order):
    sequence = Sequence()
    got = [pcm for number in order for pcm in sequence.push(number, frame(number))]
    assert got == [frame(number) for number in range(12)]
    assert sequence.lost == 0


def test_frames_that_never_come_are_counted_and_not_waited_for():
    sequence = Sequence()
    numbers = [0, 1, *range(4, 40)]
    got = [pcm for number in numbers for pcm in sequence.push(number, frame(number))]
    assert got == [frame(number) for number in numbers]
    assert sequence.lost == 2


def test_a_frame_that_comes_again_or_too_late_is_dropped():
    sequence = Sequence()
    assert list(sequence.push(0, frame(0))) == [frame(0)]
    assert list(sequence.push(0, frame(0))) == []


def test_five_frames_in_one_message_count_as_five():
    sequence = Sequence()
    list(sequence.push(0, frame(0) * 5))
    assert list(sequence.push(5, frame(5))) == [frame(5)]


def test_what_waits_at_the_end_is_given_out_and_the_gap_counts_as_lost():
    sequence = Sequence()
    assert list(sequence.push(0, b"aa")) == [b"aa"]
    assert list(sequence.push(2, b"cc")) == []
    assert list(sequence.rest()) == [b"cc"]
    assert sequence.lost == 1
    assert list(sequence.rest()) == []
