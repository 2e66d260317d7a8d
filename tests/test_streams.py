"""What may come twice or in another order is judged by the tables of order themselves."""

import pytest
from serverstory import Story, only

from rtkit import events
from rtkit.rules import violations
from rtkit.server.streams import REORDERABLE, REPEATABLE, may_pass


def turns():
    """Sessions that hold every kind of turn, as their events."""
    voice = Story()
    voice.transcribe()
    voice.say_and_wait()
    voice.guess("what time")
    voice.hear("what time is it")
    voice.reply("It is noon.", 600)
    voice.done()
    yield voice.events

    late = Story()
    late.transcribe()
    late.say_and_wait()
    late.hear("tell me a story")
    late.reply("Once upon a time.", 900)
    late.speak(300)  # an interruption
    late.silence()
    late.mishear("noise")
    late.send("input_audio_buffer.clear")
    yield late.events

    beside = Story()
    item_id = beside.spoken_answer()
    beside.send("conversation.item.retrieve", item_id=item_id)
    beside.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=100)
    apart = {"conversation": "none", "output_modalities": ["audio"]}
    beside.send("response.create", response=apart)
    one = beside.thinking
    beside.send("response.create", response=apart)
    two = beside.thinking
    beside.say_in(one, "One.")
    beside.say_in(two, "Two.")
    beside.done_with(two)
    beside.done_with(one)
    beside.send("nonsense")
    yield beside.events


SESSIONS = list(turns())


def reordered(told, index, places):
    """The event at index comes later, by as many places as others may pass it."""
    at = index
    while at - index < places and at + 1 < len(told) and may_pass(told[at + 1], told[index]):
        at += 1
    return [*told[:index], *told[index + 1 : at + 1], told[index], *told[at + 1 :]]


@pytest.mark.parametrize("places", [1, 3, 100])
def test_whatever_is_reordered_breaks_no_rule(places):
    moved = 0
    for told in SESSIONS:
        for index, event in enumerate(told):
            if event["type"] in REORDERABLE:
                other = reordered(told, index, places)
                moved += other != told
                assert [str(v) for v in violations(other)] == []
    assert moved > 20


def test_whatever_is_repeated_breaks_no_rule():
    seen = set()
    for told in SESSIONS:
        for index, event in enumerate(told):
            if event["type"] in REPEATABLE:
                seen.add(event["type"])
                assert violations([*told[: index + 1], event, *told[index + 1 :]]) == []
    assert seen == set(REPEATABLE)


def test_every_kind_that_may_be_reordered_is_somewhere():
    types = {event["type"] for told in SESSIONS for event in told}
    assert set(REORDERABLE) <= types


@pytest.mark.parametrize("told", SESSIONS)
def test_the_order_inside_a_stream_is_never_changed(told):
    for index, held in enumerate(told):
        if held["type"] not in REORDERABLE:
            continue
        for later in told[index + 1 :]:
            same_item = later.get("item_id", 0) == held.get("item_id", 1)
            if same_item and later["type"].rpartition(".")[0] == held["type"].rpartition(".")[0]:
                assert not may_pass(later, held)


def test_nothing_passes_what_is_no_stream_of_its_own():
    told = SESSIONS[0]
    created = only(told, "response.created")
    assert not any(may_pass(event, created) for event in told)


def test_the_tables_name_server_events_only_and_say_why():
    assert set(REORDERABLE) | set(REPEATABLE) <= set(events.SERVER_EVENTS)
    assert all({**REORDERABLE, **REPEATABLE}.values())
