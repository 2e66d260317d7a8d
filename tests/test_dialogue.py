"""A conversation of the realtime API as the body of a chat completion."""

from datetime import UTC, datetime

import pytest

from rtkit.server.brain import Request
from rtkit.server.dialogue import NO_RESULT, NOT_UNDERSTOOD, body_of, messages

NOW = datetime(2026, 11, 22, tzinfo=UTC)
IMAGE = {"type": "input_image", "image_url": "data:image/png;base64,AA", "description": "an image"}


def message(role, *parts):
    return {"type": "message", "role": role, "content": list(parts)}


def typed(text, role="user"):
    return message(role, {"type": "input_text", "text": text})


def spoken(text, role="user"):
    kind = "input_audio" if role == "user" else "output_audio"
    return message(role, {"type": kind, "transcript": text})


def call(id_, name="clock", arguments="{}"):
    return {"type": "function_call", "call_id": id_, "name": name, "arguments": arguments}


def result(id_, output="noon"):
    return {"type": "function_call_output", "call_id": id_, "output": output}


def asked(*history, **fields):
    return Request(list(history), NOW, **fields)


def chat(*history, images=False, **fields):
    return messages(asked(*history, **fields), images)


def roles(found):
    return [entry["role"] for entry in found]


def test_instructions_words_and_what_was_heard_of_an_answer():
    said = chat(
        typed("Hi."), spoken("Hello, I", "assistant"), spoken("stop"), instructions="Be brief."
    )
    assert said == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi."},
        {"role": "assistant", "content": "Hello, I"},
        {"role": "user", "content": "stop"},
    ]


def test_messages_of_one_role_in_a_row_are_one():
    assert chat(typed("One."), spoken("two")) == [{"role": "user", "content": "One.\ntwo"}]


def test_what_was_not_understood_is_said_so_and_an_empty_answer_is_left_out():
    assert chat(spoken(None), spoken("", "assistant")) == [
        {"role": "user", "content": NOT_UNDERSTOOD}
    ]


def test_calls_in_a_row_are_one_message_with_their_results_behind_it():
    said = chat(
        spoken("Times?"), spoken("One moment.", "assistant"),
        call("a"), call("b", "lamp", '{"on": true}'),
        typed("And?"), result("b", "lit"), result("a"),
    )  # fmt: skip
    assert roles(said) == ["user", "assistant", "tool", "tool", "user"]
    assert said[1]["content"] == "One moment."
    assert said[1]["tool_calls"] == [
        {"id": "a", "type": "function", "function": {"name": "clock", "arguments": "{}"}},
        {"id": "b", "type": "function", "function": {"name": "lamp", "arguments": '{"on": true}'}},
    ]
    assert [(m["tool_call_id"], m["content"]) for m in said[2:4]] == [("a", "noon"), ("b", "lit")]


def test_calls_that_were_answered_one_by_one_stay_apart():
    said = chat(call("a"), result("a"), call("b"), result("b"))
    assert roles(said) == ["assistant", "tool", "assistant", "tool"]
    assert said[0]["content"] is None


def test_a_missing_result_is_told_a_lone_one_too_and_cut_arguments_are_none():
    said = chat(call("a", arguments='{"zo'), result("gone"))
    assert said[0]["tool_calls"][0]["function"]["arguments"] == "{}"
    assert said[1] == {"role": "tool", "tool_call_id": "a", "content": NO_RESULT}
    assert said[2] == {"role": "user", "content": "(A tool gave this: noon)"}


def test_an_image_is_sent_where_it_is_taken_and_described_elsewhere():
    item = message("user", {"type": "input_text", "text": "What is this?"}, IMAGE)
    assert chat(item)[0]["content"] == "What is this? [an image, which cannot be seen]"
    url = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}
    text = {"type": "text", "text": "What is this?"}
    assert chat(item, images=True)[0]["content"] == [text, url]
    assert chat(typed("Look."), item, images=True) == [
        {"role": "user", "content": [{"type": "text", "text": "Look."}, text, url]}
    ]


TOOL = {
    "type": "function",
    "name": "clock",
    "description": "Time.",
    "parameters": {"type": "object"},
}


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("auto", None),
        ("none", "none"),
        ("required", "required"),
        (
            {"type": "function", "name": "clock"},
            {"type": "function", "function": {"name": "clock"}},
        ),
        ({"type": "mcp", "server_label": "x"}, None),
    ],
)
def test_tools_are_nested_and_the_choice_is_mapped(choice, sent):
    request = asked(typed("Hi"), tools=[TOOL, {"type": "mcp"}], tool_choice=choice)
    body = body_of(request, "m", images=False, limit_field="max_tokens")
    nested = {k: v for k, v in TOOL.items() if k != "type"}
    assert body["tools"] == [{"type": "function", "function": nested}]
    assert body.get("tool_choice") == sent
    assert body["stream"] is True
    assert "temperature" not in body
    assert "max_tokens" not in body


def test_without_tools_there_is_no_choice_and_a_limit_has_the_endpoints_name():
    request = asked(typed("Hi"), tool_choice="required", max_output_tokens=50)
    body = body_of(request, "m", images=False, limit_field="max_completion_tokens")
    assert body == {
        "model": "m",
        "stream": True,
        "messages": [{"role": "user", "content": "Hi"}],
        "max_completion_tokens": 50,
    }
