from helpers import Story

from rtkit import reconnection
from rtkit.incidents import Break, Call, read_breaks, read_calls


def call(story, call_id, name="look"):
    item = {"id": f"f_{call_id}", "type": "function_call", "call_id": call_id, "name": name}
    story.hear("response.output_item.done", 0.5, response_id="r", item=item)


def give(story, call_id):
    output = {"type": "function_call_output", "call_id": call_id, "output": "dry"}
    story.send("conversation.item.create", 0.5, item=output)


def test_a_tool_is_called_until_its_output_is_sent():
    story = Story().open()
    call(story, "a", "get_weather")
    call(story, "b", "get_time")
    give(story, "b")
    give(story, "a")
    assert read_calls(story.timeline) == [
        Call("get_weather", 0.5, 2.0, "f_a", output="dry"),
        Call("get_time", 1.0, 1.5, "f_b", output="dry"),
    ]


def test_a_call_that_nobody_answered_has_no_end():
    story = Story().open()
    call(story, "a")
    assert read_calls(story.timeline) == [Call("look", 0.5, None, "f_a")]


def test_a_call_tells_when_it_was_begun_and_what_went_wrong():
    story = Story().open()
    call(story, "a")
    story.note("tool.called", 0.25, call_id="a", name="look", arguments="{}")
    assert read_calls(story.timeline) == [Call("look", 0.5, None, "f_a", begun=0.75)]
    story.note("tool.failed", 0.25, call_id="a", name="look", message="the lens is shut")
    give(story, "a")
    [seen] = read_calls(story.timeline)
    assert (seen.begun, seen.end, seen.error) == (0.75, 1.5, "the lens is shut")


def test_what_a_new_session_is_told_again_is_no_new_call():
    story = Story().open()
    call(story, "a")
    give(story, "a")
    item = {"type": "function_call", "call_id": "a", "name": "look", "arguments": "{}"}
    story.send("conversation.item.create", 5.0, item=item)
    give(story, "a")
    assert read_calls(story.timeline) == [Call("look", 0.5, 1.0, "f_a", output="dry")]


def test_items_of_a_wrong_shape_are_passed_over():
    story = Story().open()
    story.hear("response.output_item.done", response_id="r", item=None)
    story.hear("response.output_item.done", response_id="r")
    assert read_calls(story.timeline) == []


def test_a_break_lasts_from_the_first_try_until_the_session_holds():
    story = Story().open()
    for attempt in (1, 2):
        story.note("reconnecting", 1.0, reason=f"reason {attempt}", attempt=attempt)
    story.note("reconnected", 0.5)
    story.note("reconnecting", 2.0, reason="again", attempt=1)
    assert read_breaks(story.timeline) == [Break("reason 1", 1.0, 2.5), Break("again", 4.5, None)]


def test_a_session_that_held_has_neither():
    timeline = Story().open().timeline
    assert (read_calls(timeline), read_breaks(timeline)) == ([], [])


def test_a_connection_that_was_renewed_in_time_was_not_lost():
    story = Story().open()
    story.note("reconnecting", 1.0, reason=reconnection.RENEWED, attempt=0)
    story.note("reconnected", 0.5)
    assert [broken.renewed for broken in read_breaks(story.timeline)] == [True]
    assert not Break("1006", 1.0).renewed
