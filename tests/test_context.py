import pytest
from serverstory import OFFICIAL, Story, Think, error, only, types

from rtkit.server.context import Window, check_truncation, input_limit, window
from rtkit.server.conversation import Entry
from rtkit.server.rejections import Refused
from rtkit.server.usage import Tokens

FORTY = "x" * 40  # ten tokens


def message(item_id, tokens):
    content = [{"type": "input_text", "text": "x" * 4 * tokens}]
    return Entry({"id": item_id, "type": "message", "role": "user", "content": content})


def call(item_id, call_id):
    item = {"id": item_id, "type": "function_call", "call_id": call_id}
    return Entry({**item, "name": "look", "arguments": "{}"})


def output(item_id, call_id):
    item = {"id": item_id, "type": "function_call_output", "call_id": call_id}
    return Entry({**item, "output": "yes"})


def ids(entries):
    return [entry.id for entry in entries]


def ratio(retention_ratio, tokens=None):
    found = {"type": "retention_ratio", "retention_ratio": retention_ratio}
    return found if tokens is None else found | {"token_limits": {"post_instructions": tokens}}


def settings(truncation="auto", model="gpt-realtime-2.1"):
    return {"model": model, "truncation": truncation}


def test_a_model_reads_its_window_less_its_longest_answer():
    assert input_limit("gpt-realtime-2.1") == 128_000 - 32_000
    assert input_limit("gpt-realtime-1.5") == 32_000 - 4_096
    assert input_limit("a model of one's own") == input_limit("gpt-realtime-2.1")


def test_instructions_and_tools_take_from_the_window():
    assert window(settings(), Tokens(1_000)) == Window(95_000, 95_000)
    assert window(settings("disabled"), Tokens(1_000)) == Window(95_000, None)
    assert window(settings(ratio(0.8)), Tokens(1_000)) == Window(95_000, 76_000)
    assert window(settings(ratio(0.8, 5_000)), Tokens(1_000)) == Window(5_000, 4_000)
    assert window(settings(ratio(0.5, 95_999)), Tokens(1_000)) == Window(95_000, 47_500)


def test_the_oldest_are_left_out_only_when_there_is_too_much():
    entries = [message("a", 10), message("b", 10), message("c", 10)]
    assert ids(Window(30, 10).fit(entries)) == ["a", "b", "c"]
    assert ids(Window(29, 29).fit(entries)) == ["b", "c"]
    assert ids(Window(29, 15).fit(entries)) == ["c"]
    assert ids(Window(29, 0).fit(entries)) == ["c"]


def test_nothing_is_left_out_when_truncation_is_disabled_or_the_newest_alone_is_too_long():
    with pytest.raises(Refused, match="has 20 tokens; 19 fit"):
        Window(19, None).fit([message("a", 10), message("b", 10)])
    with pytest.raises(Refused, match="has 30 tokens; 19 fit"):
        Window(19, 19).fit([message("a", 10), message("b", 20)])
    with pytest.raises(Refused, match="; 0 fit"):
        Window(-5, -5).fit([message("a", 1)])
    assert Window(0, 0).fit([]) == []


def test_an_output_goes_with_its_call():
    entries = [call("call", "c1"), output("out", "c1"), message("a", 10), message("b", 10)]
    assert ids(Window(21, 21).fit(entries)) == ["a", "b"]
    assert ids(Window(23, 23).fit(entries)) == ["call", "out", "a", "b"]


def test_a_limit_of_ones_own_is_not_above_the_models():
    session = settings(ratio(1, 96_000))
    assert check_truncation(session) is None
    session["truncation"]["token_limits"]["post_instructions"] = 96_001
    refusal = check_truncation(session)
    assert (refusal.code, refusal.param) == (
        "integer_above_max_value",
        "session.truncation.token_limits.post_instructions",
    )
    assert check_truncation(settings()) is None


def told(truncation, instructions=FORTY):
    """A session in writing, of a model that reads 27,904 tokens."""
    story = Story(model="gpt-realtime-1.5")
    story.update(
        truncation=truncation, instructions=instructions, output_modalities=["text"], tools=[]
    )
    return story


def answered(story, text):
    """A question of ten tokens and its answer; the usage, and what the brain was given."""
    story.type(text)
    story.send("response.create")
    history = story.asked(Think).request.history
    story.reply("y" * 40)
    usage = only(story.done(), "response.done")["response"]["usage"]
    return usage, [item["content"][0].get("text") for item in history]


def test_each_turn_reads_all_before_it_and_finds_it_cached():
    story = told("auto")
    # instructions 10 + question 10
    usage, _ = answered(story, "a" * 40)
    assert (usage["input_tokens"], usage["input_token_details"]["cached_tokens"]) == (20, 0)
    # instructions, two questions, an answer, 10 each; the first two of them were read before
    usage, _ = answered(story, "b" * 40)
    assert (usage["input_tokens"], usage["input_token_details"]["cached_tokens"]) == (40, 20)


def test_a_full_context_loses_its_oldest_items_and_the_cache_behind_the_instructions():
    story = told(ratio(0.6, 50))
    answered(story, "a" * 40)  # 10 tokens after the instructions
    answered(story, "b" * 40)  # 30
    usage, given = answered(story, "c" * 40)  # 50: as much as may be
    assert usage["input_tokens"] == 60
    # now there would be 70: the oldest four go, until no more than 0.6 * 50 = 30 are left
    usage, given = answered(story, "d" * 40)
    assert given == ["c" * 40, "y" * 40, "d" * 40]
    assert usage["input_tokens"] == 40
    assert usage["input_token_details"]["cached_tokens"] == 10  # the instructions
    # what was left out stays out: 50 again, of which the 40 of the turn before are cached
    usage, given = answered(story, "e" * 40)
    assert given == ["c" * 40, "y" * 40, "d" * 40, "y" * 40, "e" * 40]
    assert usage["input_tokens"] == 60
    assert usage["input_token_details"]["cached_tokens"] == 40


def test_auto_leaves_out_only_what_must_be():
    story = told("auto", instructions="x" * 4 * 27_869)
    answered(story, "a" * 40)  # 35 fit beside the instructions
    answered(story, "b" * 40)
    usage, given = answered(story, "c" * 40)  # 50: two of five go
    assert given == ["b" * 40, "y" * 40, "c" * 40]
    assert usage["input_tokens"] == 27_869 + 30


def test_what_was_left_out_can_still_be_retrieved():
    story = told(ratio(0.0, 15))
    first = story.type(FORTY)[0]["item"]["id"]
    story.type(FORTY)
    story.send("response.create")
    assert len(story.asked(Think).request.history) == 1
    assert types(story.send("conversation.item.retrieve", item_id=first)) == [
        "conversation.item.retrieved"
    ]


def test_a_conversation_that_is_too_long_is_refused_when_truncation_is_disabled():
    story = told("disabled", instructions="x" * 4 * 27_889)
    story.type(FORTY)
    story.type(FORTY)
    refused = error(story.send("response.create", event_id="mine"))
    assert (refused["code"], refused["event_id"]) == ("context_length_exceeded", "mine")
    assert "has 20 tokens; 15 fit" in refused["message"]
    story.update(truncation="auto")
    assert types(story.send("response.create")) == ["response.created"]


def test_a_spoken_turn_that_is_too_long_is_refused_too():
    story = told("disabled", instructions="x" * 4 * 27_903)
    sent = story.say_and_wait()
    assert types(sent)[-1] == "error"
    assert sent[-1]["error"]["code"] == "context_length_exceeded"
    assert story.core.closed is False


def test_a_context_that_grew_too_long_before_it_was_read_fails_the_response():
    story = told("disabled", instructions="x" * 4 * 27_884)
    story.update(audio={"input": {"turn_detection": {"type": "server_vad"}}})
    story.say_and_wait()  # 1.4 s of sound: 14 tokens, and the words are still to come
    story.type(FORTY)
    response = only(story.hear("what time is it"), "response.done")["response"]
    assert response["status"] == "failed"
    assert response["status_details"]["error"]["code"] == "context_length_exceeded"


def test_a_response_beside_the_conversation_leaves_out_for_itself_alone():
    story = told(ratio(0.0, 25))
    story.type(FORTY)
    story.type(FORTY)
    tight = {"conversation": "none", "instructions": "x" * 4 * 27_894}
    story.send("response.create", response=tight)
    assert len(story.asked(Think).request.history) == 1
    story.send("response.create")
    assert len(story.asked(Think).request.history) == 2


def test_own_input_is_cut_as_well():
    story = told(ratio(0.0, 15))
    item = {"type": "message", "role": "user"}
    item["content"] = [{"type": "input_text", "text": FORTY}]
    story.send("response.create", response={"conversation": "none", "input": [item, item]})
    assert len(story.asked(Think).request.history) == 1


def test_a_truncated_answer_is_no_longer_cached():
    story = Story()
    story.update(instructions="")
    item_id = story.spoken_answer("Hello there my friend.", 1_000)
    story.type("go on")
    story.send("response.create")
    story.reply("Yes.", 100)
    story.done()
    story.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=500)
    story.type("and on")
    story.send("response.create")
    story.reply("Yes.", 100)
    usage = only(story.done(), "response.done")["response"]["usage"]
    details = usage["input_token_details"]
    # "hello" 2; the answer, 1 s = 20 before and 10 now, is where the cache ends
    assert details["cached_tokens"] == 2
    # "hello" 2 + "go on" 2 + "and on" 2; 500 ms + 100 ms of answers
    assert (details["text_tokens"], details["audio_tokens"]) == (6, 12)


def test_a_limit_above_the_models_is_refused_whole():
    story = Story()
    sent = story.update(truncation=ratio(0.5, 97_000), instructions="other")
    assert error(sent)["code"] == "integer_above_max_value"
    assert story.core.session["instructions"] != "other"
    OFFICIAL.validate_python(sent[0])
