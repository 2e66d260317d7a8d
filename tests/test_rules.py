import subprocess
import sys

import pytest
from helpers import Story

from rtkit import events
from rtkit.rules import TABLES, Judge, mermaid, violations


def told(story):
    return [moment.event for moment in story.timeline]


def found(story):
    return [(one.type, one.kind, one.state) for one in violations(told(story))]


def interrupted():
    """A response that speech cancels while it is still being made; its parts are open."""
    story = Story().open()
    story.speak(0.5)
    response_id = story.respond()
    where = story.begin_item(response_id)
    story.hear(events.AUDIO_DELTA, delta="", **where)
    story.hear(events.SPEECH_STARTED, item_id="item_9", audio_start_ms=9000)
    return story, response_id, where


def test_a_spoken_turn_a_typed_turn_and_a_late_transcription_are_in_order():
    story = Story().open()
    item_id = story.speak(0.5)
    story.answer("Paris.", 1.0)
    story.transcribe(item_id, "capital of france")
    story.type("and of spain?")
    story.write("It is Madrid.")
    assert violations(told(story)) == []


def test_a_manual_turn_is_in_order():
    story = Story().open(turn_detection=False)
    story.silence(0.3)
    story.send("input_audio_buffer.commit")
    story.commit("item_7")
    story.send("response.create")
    story.answer("Yes.", 0.4)
    assert violations(told(story)) == []


def test_a_tool_turn_is_in_order():
    story = Story().open()
    story.type("what is the weather?")
    response_id = story.respond()
    item = {"id": "item_c", "type": "function_call", "name": "weather", "status": "in_progress"}
    where = {"response_id": response_id, "output_index": 0}
    call = {**where, "item_id": "item_c", "call_id": "call_1"}
    story.hear(events.OUTPUT_ITEM_ADDED, item=item, **where)
    story.hear(events.ITEM_ADDED, item=item)
    story.hear(events.CALL_DELTA, delta="{}", **call)
    story.hear(events.CALL_DONE, arguments="{}", name="weather", **call)
    story.hear(events.ITEM_DONE, item=item)
    story.hear(events.OUTPUT_ITEM_DONE, item=item, **where)
    story.end_response(response_id)
    output = {"id": "item_o", "type": "function_call_output", "call_id": "call_1", "output": "dry"}
    story.send("conversation.item.create", item=output)
    story.hear(events.ITEM_ADDED, item=output)
    story.hear(events.ITEM_DONE, item=output)
    story.write("It is dry.")
    assert violations(told(story)) == []


def test_an_idle_timeout_is_in_order():
    story = Story().open()
    fields = {"item_id": "item_8", "audio_start_ms": 0, "audio_end_ms": 6000}
    story.hear("input_audio_buffer.timeout_triggered", **fields)
    story.commit("item_8")
    story.answer("Are you still there?", 0.4)
    assert violations(told(story)) == []


def test_a_cancelled_response_closes_what_it_has_opened():
    story, response_id, where = interrupted()
    story.end_item(where, "Once upon", status="incomplete")
    story.end_response(response_id, "cancelled", "turn_detected")
    assert violations(told(story)) == []


def test_a_cancelled_response_that_leaves_its_parts_open_is_found():
    story, response_id, _ = interrupted()
    story.end_response(response_id, "cancelled", "turn_detected")
    assert found(story) == [
        ("response.done", "output item", "open"),
        ("response.done", "content part", "open"),
    ]


def test_late_sound_of_a_finished_response_is_found():
    story, response_id, where = interrupted()
    story.end_item(where, "Once upon", status="incomplete")
    story.end_response(response_id, "cancelled", "turn_detected")
    story.hear(events.AUDIO_DELTA, delta="", **where)
    assert found(story) == [
        (events.AUDIO_DELTA, "response", "done"),
        (events.AUDIO_DELTA, "content part", "closed"),
    ]


def test_two_responses_in_the_conversation_at_once_are_found():
    story = Story().open()
    story.respond()
    story.respond()
    assert found(story) == [(events.RESPONSE_CREATED, "conversation", "answering")]


def test_responses_outside_the_conversation_may_overlap():
    story = Story().open()
    ids = [story.respond(conversation_id=None) for _ in range(3)]
    for response_id in reversed(ids):
        story.end_response(response_id, conversation=None)
    assert violations(told(story)) == []


def test_a_turn_that_is_committed_twice_is_found():
    story = Story().open()
    item_id = story.speak(0.5)
    story.hear(events.COMMITTED, item_id=item_id)
    assert found(story) == [(events.COMMITTED, "input item", "done")]


def test_an_event_before_the_session_was_created_is_found_but_a_refusal_is_not():
    refusal = {"type": "error", "error": {}}
    assert violations([refusal]) == []
    assert [one.kind for one in violations([{"type": "rate_limits.updated"}])] == ["session"]


def test_an_output_item_that_joins_the_conversation_unannounced_is_found():
    item = {"id": "item_1", "role": "assistant", "status": "in_progress"}
    story = Story().open()
    story.hear(events.ITEM_ADDED, item=item)
    assert found(story) == [(events.ITEM_ADDED, "output item", "new")]


def test_events_that_nobody_knows_and_those_of_the_client_are_passed_over():
    assert violations([{"type": "something.new"}, {"type": "response.cancel"}, {}]) == []


def test_a_violation_says_what_was_allowed():
    story = Story().open()
    story.respond()
    story.respond()
    assert str(violations(told(story))[0]) == (
        "event 3: response.created, but conversation is 'answering'; allowed there: response.done"
    )


@pytest.mark.parametrize("kind", TABLES)
def test_each_table_is_closed_and_every_state_can_be_reached(kind):
    table = TABLES[kind]
    reached = {"new"} | {to for row in table.values() for to in row.values()}
    assert reached == set(table)
    assert {type_ for row in table.values() for type_ in row} <= set(events.SERVER_EVENTS)


def test_a_table_is_printed_as_a_state_diagram():
    assert mermaid(TABLES["function call"]).splitlines()[:3] == [
        "stateDiagram-v2",
        "    [*] --> new",
        "    new --> writing: response.function_call_arguments.delta",
    ]


def test_the_module_prints_every_table():
    done = subprocess.run([sys.executable, "-m", "rtkit.rules"], capture_output=True, text=True)
    assert done.stdout.count("stateDiagram-v2") == len(TABLES)


def test_a_judge_that_is_told_one_by_one_finds_the_same_and_says_it_in_a_sentence():
    story, response_id, _ = interrupted()
    story.end_response(response_id)
    judge = Judge()
    one_by_one = [one for n, event in enumerate(told(story)) for one in judge.take(n, event)]
    assert one_by_one == violations(told(story))
    assert str(one_by_one[0]) == f"event {one_by_one[0].index}: {one_by_one[0].sentence}"
