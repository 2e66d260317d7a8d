"""Server-sent events, however their bytes are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit.errors import BrainError
from rtkit.server.sse import LONGEST_LINE, EventStream


def read(*pieces):
    stream = EventStream()
    return [event for piece in pieces for event in stream.push(piece)] + stream.finish()


STREAM = (
    "\ufeff: a comment\r\n\r\nevent: x\r\ndata: one\r\ndata:two\n\n\nid: 7\rdata: drei äöü 日本\r\r"
    "retry: 5\n\ndata\n\ndata:  two blanks\r\n\r\ndata: [DONE]"
).encode()
EVENTS = ["one\ntwo", "drei äöü 日本", "", " two blanks", "[DONE]"]


def test_comments_names_and_every_kind_of_line_end_are_read():
    assert read(STREAM) == [("data", text) for text in EVENTS]


def test_byte_by_byte_it_is_the_same():
    assert read(*(STREAM[n : n + 1] for n in range(len(STREAM)))) == read(STREAM)


@given(st.lists(st.integers(1, 9)))
def test_cut_anywhere_it_is_the_same(sizes):
    pieces, at = [], 0
    for size in sizes:
        pieces.append(STREAM[at : at + size])
        at += size
    assert read(*pieces, STREAM[at:]) == read(STREAM)


def test_an_event_is_given_as_soon_as_its_empty_line_is_there():
    stream = EventStream()
    assert stream.push(b"data: now\n") == []
    assert stream.push(b"\n") == [("data", "now")]


def test_an_error_in_a_field_of_its_own_is_told_apart():
    assert read(b'error: {"code": 500}\n\n') == [("error", '{"code": 500}')]


def test_broken_utf8_and_an_empty_stream_do_no_harm():
    assert read(b"data: \xff\xfe\n\n") == [("data", "\ufffd\ufffd")]
    assert read() == read(b"") == read(b"\n") == []


def test_a_line_without_end_is_refused():
    with pytest.raises(BrainError, match=r"more than 1048576 bytes"):
        EventStream().push(b"data: " + b"x" * LONGEST_LINE)
