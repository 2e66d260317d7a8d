"""The table of differences is whole, and names its sources."""

import re

from rtkit.events import SERVER_EVENTS
from rtkit.server.deviations import DEVIATIONS, NOT_SENT, SOURCES

ROWS = [row for rows in DEVIATIONS.values() for row in rows]


def test_every_difference_says_how_the_service_is_known():
    for row in ROWS:
        assert row.source.split(", ")
        assert set(row.source.split(", ")) <= set(SOURCES), row.topic
        assert all((row.topic, row.hosted, row.ours, row.why)), row.topic


def test_no_difference_is_told_twice():
    topics = [row.topic for row in ROWS]
    assert len(set(topics)) == len(topics)


def test_what_is_not_sent_are_events_of_the_wire_with_a_reason():
    assert set(NOT_SENT) < set(SERVER_EVENTS)
    assert all(re.fullmatch(r".+\.", reason) for reason in NOT_SENT.values())
