"""What a response.create may say for itself: tools, voice, words, several beside each other."""

import json

import pytest
from serverstory import Say, Stop, Story, Think, error, only, types

from rtkit.server.tutor import Tutor

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"type": "function", "name": "get_weather", "parameters": CITY}
TIME = {"type": "function", "name": "get_time", "parameters": CITY}
SAGE = {"output": {"voice": "sage"}}


def answered_by_tutor(story, **response):
    """The response that the tutor makes of what was typed last."""
    story.send("response.create", response=response)
    for piece in Tutor().answer(story.asked(Think).request):
        if isinstance(piece, Say):
            story.reply(piece.text)
        else:
            story.call(piece.name, **piece.arguments)
    return only(story.done(), "response.done")["response"]


def calls(response):
    return [
        (item["name"], json.loads(item["arguments"]))
        for item in response["output"]
        if item["type"] == "function_call"
    ]


# Tools


def test_two_calls_in_one_response_have_their_own_places():
    story = Story()
    story.send("response.create")
    sent = story.call("get_weather", city="Paris") + story.call("get_time", city="Rome")
    done = [e for e in sent if e["type"] == "response.function_call_arguments.done"]
    assert [event["output_index"] for event in done] == [0, 1]
    assert len({event["call_id"] for event in done}) == 2
    assert len({event["item_id"] for event in done}) == 2
    assert calls(only(story.done(), "response.done")["response"]) == [
        ("get_weather", {"city": "Paris"}),
        ("get_time", {"city": "Rome"}),
    ]


def test_parallel_calls_can_be_turned_off():
    story = Story()
    story.update(parallel_tool_calls=False)
    story.send("response.create")
    story.call("get_weather", city="Paris")
    assert story.call("get_time", city="Rome") == []
    assert len(calls(only(story.done(), "response.done")["response"])) == 1


def test_the_tutor_calls_two_tools_and_reads_both_answers():
    story = Story()
    story.update(tools=[WEATHER, TIME], output_modalities=["text"])
    story.type("the weather in Paris and the time in Rome")
    response = answered_by_tutor(story)
    assert calls(response) == [("get_weather", {"city": "Paris"}), ("get_time", {"city": "Rome"})]
    for call, output in zip(response["output"], ("rain", "noon"), strict=True):
        item = {"type": "function_call_output", "call_id": call["call_id"], "output": output}
        story.send("conversation.item.create", item=item)
    said = answered_by_tutor(story)["output"][0]["content"][0]["text"]
    assert said == "The result is: rain. The result is: noon."


def test_auto_asks_for_what_is_missing_but_a_required_call_is_made():
    story = Story()
    story.update(tools=[WEATHER, TIME], output_modalities=["text"])
    story.type("what is the weather")
    asked = answered_by_tutor(story)
    assert asked["output"][0]["content"][0]["text"].startswith("Which city?")
    story.type("hello")
    assert calls(answered_by_tutor(story, tool_choice="required")) == [("get_weather", {})]


def test_a_named_tool_is_called_and_none_calls_nothing():
    story = Story()
    story.update(tools=[WEATHER, TIME], output_modalities=["text"])
    story.type("what is the weather in Paris")
    named = {"type": "function", "name": "get_time"}
    assert calls(answered_by_tutor(story, tool_choice=named)) == [("get_time", {"city": "Paris"})]
    story.type("what is the weather in Paris")
    assert calls(answered_by_tutor(story, tool_choice="none")) == []


# Overrides


def test_a_response_has_instructions_tools_words_and_voice_of_its_own():
    story = Story()
    story.update(instructions="Be brief.", tools=[WEATHER])
    own = {"instructions": "Be kind.", "tools": [TIME], "tool_choice": "required"}
    created = story.send("response.create", response={**own, "audio": SAGE})[0]["response"]
    assert created["audio"]["output"]["voice"] == "sage"
    think = story.asked(Think)
    assert think.voice == "sage"
    assert (think.request.instructions, think.request.tool_choice) == ("Be kind.", "required")
    assert [tool["name"] for tool in think.request.tools] == ["get_time"]
    story.done()
    story.send("response.create", response={"output_modalities": ["text"]})
    think = story.asked(Think)
    assert think.voice is None
    assert think.request.instructions == "Be brief."
    assert [tool["name"] for tool in think.request.tools] == ["get_weather"]


def test_once_heard_a_voice_is_not_changed_for_one_response_either():
    story = Story()
    story.spoken_answer()
    refused = error(story.send("response.create", response={"audio": SAGE}))
    assert refused["code"] == "cannot_update_voice"
    assert refused["param"] == "response.audio.output.voice"
    alloy = {"output": {"voice": "alloy"}}
    assert types(story.send("response.create", response={"audio": alloy})) == ["response.created"]


@pytest.mark.parametrize("field", ["speed", "truncation", "tracing", "voice"])
def test_what_belongs_to_the_session_is_unknown_in_a_response(field):
    refused = error(Story().send("response.create", response={field: "x"}))
    assert (refused["code"], refused["param"]) == ("unknown_parameter", f"response.{field}")


# Several at once


def three_at_once():
    """A response of the conversation and two beside it, all under way; their ids by topic."""
    story, ids = Story(), {}
    story.type("hello")
    for topic in ("talk", "mood", "title"):
        aside = {} if topic == "talk" else {"conversation": "none", "output_modalities": ["text"]}
        sent = story.send("response.create", response={"metadata": {"topic": topic}, **aside})
        ids[topic] = sent[0]["response"]["id"]
    return story, ids


def test_responses_beside_the_conversation_run_together_and_are_told_apart():
    story, ids = three_at_once()
    for text in ("One.", "Two."):
        for topic, id_ in ids.items():
            story.say_in(id_, f"{topic} {text}")
    for topic in ("title", "talk", "mood"):
        response = only(story.done_with(ids[topic]), "response.done")["response"]
        assert response["metadata"] == {"topic": topic}
        assert (response["conversation_id"] is None) == (topic != "talk")
        part = response["output"][0]["content"][0]
        assert part.get("text", part.get("transcript")) == f"{topic} One. {topic} Two."
    assert len(story.core.conversation) == 2  # the question and the talk


def test_one_of_several_is_cancelled_by_its_id():
    story, ids = three_at_once()
    story.say_in(ids["mood"], "Calm.")
    sent = story.send("response.cancel", response_id=ids["mood"])
    assert only(sent, "response.done")["response"]["id"] == ids["mood"]
    assert story.asked(Stop).response_id == ids["mood"]
    assert story.say_in(ids["mood"], "More.") == []
    assert types(story.say_in(ids["title"], "A talk."))[0] == "response.output_item.added"


def test_speech_stops_the_talk_and_not_what_runs_beside_it():
    story, ids = three_at_once()
    sent = story.speak(100)
    assert only(sent, "response.done")["response"]["id"] == ids["talk"]
    assert only(story.done_with(ids["title"]), "response.done")["response"]["status"] == "completed"


def test_a_custom_voice_is_named_by_its_id_in_the_response():
    story = Story()
    audio = {"output": {"voice": {"id": "voice_mine"}}}
    created = only(story.send("response.create", response={"audio": audio}), "response.created")
    assert created["response"]["audio"]["output"]["voice"] == "voice_mine"
    assert story.asked(Think).voice == "voice_mine"


def test_a_field_that_is_null_is_the_sessions():
    story = Story()
    story.update(instructions="Be brief.", audio={"output": {"voice": "sage"}})
    audio = {"output": {"voice": None, "format": None}}
    story.send("response.create", response={"instructions": None, "tools": None, "audio": audio})
    asked = story.asked(Think)
    assert (asked.request.instructions, asked.voice) == ("Be brief.", "sage")
