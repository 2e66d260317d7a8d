"""Lines and calls in one order, read as the timeline grows."""

from helpers import Story

from rtkit.flow import Flow
from rtkit.incidents import Call
from rtkit.transcript import Line


def call(story, item_id, call_id):
    item = {"id": item_id, "type": "function_call", "call_id": call_id, "name": "look"}
    response_id = story.respond()
    story.hear("response.output_item.added", response_id=response_id, item=item)
    before, story.last_item = story.last_item, item_id
    story.hear("conversation.item.added", item=item, previous_item_id=before)
    story.hear(
        "response.output_item.done", response_id=response_id, item={**item, "arguments": "{}"}
    )
    story.end_response(response_id)


def kinds(entries):
    return [entry.name if isinstance(entry, Call) else entry.text for entry in entries]


def test_a_call_stands_between_the_question_and_the_answer():
    story = Story().open()
    story.type("look at the sky")
    call(story, "f1", "c1")
    output = {"type": "function_call_output", "call_id": "c1", "output": "clear"}
    story.send("conversation.item.create", item=output)
    story.answer("It is clear.", 0.5)
    asked, called, said = Flow(story.timeline).entries()
    assert kinds([asked, called, said]) == ["look at the sky", "look", "It is clear."]
    assert (called.item_id, called.output) == ("f1", "clear")


def test_what_is_read_piece_by_piece_is_what_is_read_at_once():
    story = Story().open()
    flow = Flow(story.timeline)
    assert flow.entries() == []
    story.type("look at the sky")
    assert kinds(flow.entries()) == ["look at the sky"]
    call(story, "f1", "c1")
    story.answer("It is clear.", 0.5)
    assert flow.entries() == Flow(story.timeline).entries()
    assert [type(entry) for entry in flow.entries()] == [Line, Call, Line]
