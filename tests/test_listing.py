"""The list of a timeline: rows, what is shown, violations, and a timeline that grows."""

import pytest
from helpers import Story, talk
from hypothesis import given
from hypothesis import strategies as st

from rtkit import events, rules
from rtkit.listing import KINDS, PIECES, Choice, Listing, counted, is_piece, kind_of
from rtkit.matching import Search
from rtkit.timeline import Timeline

TALK = talk()


def listed(timeline):
    listing = Listing(timeline)
    listing.read_on()
    return listing


LISTED = listed(TALK)
ALL_ROWS = LISTED.rows(range(len(TALK)), 0, len(TALK))


def shuffled():
    """A talk whose first response says what it makes before it is created, and ends too early."""
    story = Story().open()
    story.type("hello")
    where = {"response_id": "resp_1", "output_index": 0}
    item = {"id": "item_9", "type": "message", "role": "assistant", "status": "in_progress"}
    story.hear(events.OUTPUT_ITEM_ADDED, item=item, **where)
    story.respond()
    story.hear(events.ITEM_ADDED, item=item)
    story.end_response("resp_1")
    return story.timeline


def test_rows_tell_time_distance_side_and_words():
    listing = listed(TALK)
    shown = listing.matches(Choice(Search.parse("type:*.done from:server transcript")))
    first, second = listing.rows(shown, 0, 2)
    assert (first.since_ms, first.source) == (None, "server")
    assert first.t == TALK[first.index].t
    assert second.since_ms == pytest.approx(1000 * (second.t - first.t))
    (later,) = listing.rows(shown, 1, 2)
    assert later == second  # wherever a page of rows begins


def test_kinds_and_pieces_choose_what_is_shown():
    listing = listed(TALK)
    without = [TALK[i] for i in listing.matches(Choice(pieces=False))]
    assert without
    assert not any(is_piece(moment) for moment in without)
    local = listing.matches(Choice(kinds=frozenset({"local", "error"})))
    assert [TALK[i].source for i in local] == ["local"] * 7
    assert sum(listing.counts[kind] for kind in KINDS) == len(TALK)
    assert listing.counts[PIECES] == len(TALK) - len(without)


def test_every_kind_has_its_name():
    story = Story()
    story.hear("error", error={})
    story.hear("rate_limits.updated", rate_limits=[])
    story.note("error")
    assert [kind_of(moment) for moment in story.timeline] == ["error", "other", "local"]


def test_violations_are_those_of_the_rules():
    timeline = shuffled()
    listing = listed(timeline)
    found = [one for each in listing.violations.values() for one in each]
    assert found == rules.violations(moment.event for moment in timeline)
    assert [timeline[i].type for i in listing.violations] == [
        "response.output_item.added",
        "response.done",
    ]
    assert "response resp_1 is 'new'; allowed there: response.created" in found[0].sentence


def test_the_next_violation_goes_around_and_keeps_to_what_is_shown():
    listing = listed(shuffled())
    first, last = listing.violations
    assert [listing.next_violation(i) for i in (-1, first, last)] == [first, last, first]
    assert [listing.next_violation(i, -1) for i in (first, last)] == [last, first]
    assert listing.next_violation(-1, 1, [last]) == last
    assert listing.next_violation(-1, 1, [0]) == first  # none is shown: the next of all
    assert listed(TALK).next_violation(0) is None


def test_a_connection_that_was_opened_again_is_judged_anew():
    story = Story().open()
    story.note("reconnecting", reason="lost")
    story.hear("session.created", session={"type": "realtime"})
    story.note("reconnected", input_ms=0)
    assert listed(story.timeline).violations == {}


def test_an_event_of_a_wrong_shape_is_listed_and_judged_no_further():
    story = Story().open()
    story.timeline.append(1.0, "server", {"type": "response.created", "response": 5})
    story.timeline.append(1.0, "server", {"type": "response.done"})
    listing = listed(story.timeline)
    assert [row.type for row in listing.rows(listing.matches(Choice()), 2, 4)] == [
        "response.created",
        "response.done",
    ]


def test_an_event_knows_its_item_by_name_by_response_and_by_sound():
    listing = listed(TALK)
    place = {moment.type: i for i, moment in reversed(list(enumerate(TALK)))}
    assert listing.item_of(place["playback.started"]) == "item_2"
    assert listing.item_of(place["response.done"]) == "item_2"
    frames = [i for i, moment in enumerate(TALK) if moment.type == "input_audio_buffer.append"]
    items = [listing.item_of(i) for i in frames]
    assert items[0] is None  # silence before anybody spoke
    assert items[60] == "item_1"
    assert listing.item_of(place["session.created"]) is None


@given(st.lists(st.integers(1, 90), max_size=12), st.sampled_from(["", "capital", "type:*.done"]))
def test_a_list_that_grows_is_the_list_of_the_whole(portions, text):
    growing, shown = Listing(TALK), []
    choice = Choice(Search.parse(text))
    for most in [*portions, len(TALK)]:
        before = len(growing)
        growing.read_on(most)
        shown += growing.matches(choice, before)
    whole = listed(TALK)
    assert shown == whole.matches(choice)
    assert growing.rows(shown, 0, len(shown)) == whole.rows(shown, 0, len(shown))
    assert growing.counts == whole.counts


@given(st.integers(-5, 700), st.integers(0, 60))
def test_any_page_of_rows_is_that_part_of_all_rows(first, many):
    rows = LISTED.rows(range(len(TALK)), first, first + many)
    assert rows == ALL_ROWS[max(0, first) : max(0, first + many)]


def test_types_are_counted_by_who_sent_them():
    assert ("client", "input_audio_buffer.append", 445) in counted(TALK)
    assert counted(Timeline()) == []
