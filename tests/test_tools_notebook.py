"""Notebook 09 by what can be said of it without running it: its measure, and its solutions."""

import json

from helpers import Story
from lessonbook import Lesson

import rtkit
from rtkit import events

LESSON = Lesson("09_tools")
CALL = {"type": "function_call", "name": "look", "call_id": "call_1", "arguments": "{}"}


def test_it_keeps_the_measure_of_a_lesson():
    LESSON.check_measure()


def test_it_shows_pictures_and_sound():
    LESSON.check_outputs(pictures=5)


def test_the_first_solution_answers_a_call_and_asks_for_a_response():
    reply = LESSON.solution(1, {"events": events, "json": json})["reply"]
    output, create = reply(CALL, {"sky": "grey"})
    assert output["item"]["call_id"] == "call_1"
    assert json.loads(output["item"]["output"]) == {"sky": "grey"}
    assert create["type"] == "response.create"


def test_the_second_solution_is_called_with_a_number():
    book_table = LESSON.solution(2, {"rtkit": rtkit})["book_table"]
    with rtkit.connect(
        {"output_modalities": ["text"]}, tools=[book_table], record=False
    ) as session:
        session.ask("Book a table for four")
        (called,) = session.timeline.select("tool.called")
    assert json.loads(called.event["arguments"]) == {"guests": 4}


def test_the_third_solution_finds_the_calls_without_an_output():
    story = Story().open()
    for number in (1, 2, 3):
        item = {**CALL, "call_id": f"call_{number}"}
        story.hear("response.output_item.done", item=item, response_id="resp_1", output_index=0)
    message = {"type": "message", "role": "assistant", "content": []}
    story.hear("response.output_item.done", item=message, response_id="resp_1", output_index=0)
    story.send("conversation.item.create", item=events.tool_output("call_2", "4")["item"])
    unanswered = LESSON.solution(3, {})["unanswered"]
    assert unanswered(story.timeline) == ["call_1", "call_3"]
