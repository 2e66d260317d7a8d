import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit.audio import AudioFormat
from rtkit.moments import Moment, Span, Track


def test_a_moment_without_a_type_has_an_empty_one():
    assert Moment(0.0, "server", {}).type == ""


def test_a_span_is_read_back_as_the_bytes_that_were_appended():
    track = Track("output", AudioFormat.PCM16)
    assert track.append(b"\1\2\3\4") == Span("output", 0, 2)
    span = track.append(b"\5\6")
    assert (span, track.read(span)) == (Span("output", 2, 1), b"\5\6")
    assert (len(track), track.data) == (3, b"\1\2\3\4\5\6")


def test_half_a_sample_waits_for_its_other_half():
    track = Track("output", AudioFormat.PCM16)
    assert track.append(b"\1\2\3") == Span("output", 0, 1)
    assert track.append(b"\4") == Span("output", 1, 1)
    assert track.read(Span("output", 1, 1)) == b"\3\4"


def test_a_span_beyond_the_end_holds_what_there_is():
    track = Track("output", AudioFormat.PCM16)
    track.append(b"\1\2\3")
    assert track.read(Span("output", 0, 9)) == b"\1\2"


@pytest.mark.parametrize("format", AudioFormat)
def test_a_whole_track_becomes_a_clip_at_its_own_rate(format):
    track = Track("input", format)
    track.append(bytes(format.rate * format.bytes_per_sample // 2))
    clip = track.clip()
    assert (clip.rate, clip.duration, track.duration) == (format.rate, 0.5, 0.5)


@given(st.lists(st.binary(max_size=9), max_size=9), st.sampled_from(list(AudioFormat)))
def test_spans_follow_one_another_without_a_gap(pieces, format):
    track = Track("input", format)
    spans = [track.append(piece) for piece in pieces]
    assert b"".join(track.read(span) for span in spans) == track.read(Span("input", 0, len(track)))
    assert [span.first for span in spans[1:]] == [span.first + span.count for span in spans[:-1]]
