"""What clients do to items, and what becomes of an answer whose item they delete."""

import base64

import pytest
from serverstory import Finish, Listen, Story, Think, error, only, types

from rtkit.rules import violations

PLACE = {"content_index": 0, "audio_end_ms": 100}


def create(story, item):
    return story.send("conversation.item.create", item=item)


@pytest.mark.parametrize(
    ("role", "kind"),
    [("system", "input_text"), ("user", "input_text"), ("assistant", "output_text")],
)
def test_every_role_may_write(role, kind):
    story = Story()
    content = [{"type": kind, "text": "Paris."}]
    sent = create(story, {"type": "message", "role": role, "content": content})
    assert types(sent) == ["conversation.item.added", "conversation.item.done"]
    assert sent[1]["item"]["content"] == content
    story.send("response.create")
    assert story.asked(Think).request.history[0]["role"] == role


def test_a_call_and_its_output_can_be_told():
    story = Story()
    call = {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "call_1"}
    create(story, call)
    create(story, {"type": "function_call_output", "call_id": "call_1", "output": "7"})
    assert [entry.item["type"] for entry in story.core.conversation] == [
        "function_call",
        "function_call_output",
    ]


def test_the_same_id_is_not_given_twice():
    story = Story()
    story.type("one", id="mine")
    refused = error(story.type("two", id="mine"))
    assert refused["code"] == "item_create_duplicate_item_id"


def test_an_empty_previous_item_id_is_none():
    story = Story()
    story.type("one", id="first")
    item = {"id": "second", "type": "message", "role": "user", "content": []}
    added, _ = story.send("conversation.item.create", item=item, previous_item_id="")
    assert added["previous_item_id"] == "first"


def deleted_while_written():
    story = Story()
    story.type("tell me a story")
    story.send("response.create")
    story.reply("Once upon a time there was a fox.", 300)
    item_id = story.last_id
    sent = story.send("conversation.item.delete", item_id=item_id)
    assert types(sent) == ["conversation.item.deleted"]
    return story, item_id


def test_an_item_deleted_while_it_is_written_is_written_to_its_end_but_not_remembered():
    story, item_id = deleted_while_written()
    sent = story.reply("It was red.", 200) + story.done()
    assert types(sent) == [
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    assert only(sent, "response.output_item.done")["item"]["id"] == item_id
    story.send("response.create")
    assert [item["role"] for item in story.asked(Think).request.history] == ["user"]


def test_what_follows_a_deleted_item_stands_behind_the_one_before_it():
    story, _ = deleted_while_written()
    story.done()
    question, added = story.last_id, story.type("and then")[0]
    assert added["previous_item_id"] == question


def test_an_interruption_closes_an_item_that_was_deleted():
    story, _ = deleted_while_written()
    sent = story.speak(100)
    assert "conversation.item.done" not in types(sent)
    assert only(sent, "response.done")["response"]["output"][0]["status"] == "incomplete"


def test_a_deleted_item_can_neither_be_truncated_nor_retrieved():
    story, item_id = deleted_while_written()
    refused = error(story.send("conversation.item.truncate", item_id=item_id, **PLACE))
    assert refused["code"] == "item_truncate_invalid_item_id"
    refused = error(story.send("conversation.item.retrieve", item_id=item_id))
    assert refused["code"] == "item_retrieve_invalid_item_id"


def test_the_rules_want_a_deleted_item_closed_by_its_response():
    story, _ = deleted_while_written()
    story.done()
    closing = "response.output_item.done"
    events = [event for event in story.events if event["type"] != closing]
    states = {(one.type, one.state) for one in violations(events)}
    assert states == {("response.done", "deleted while written")}


def two_sounds(*transcripts):
    """An item with text between two sounds of one and two tenths of a second, as events."""
    sounds = [base64.b64encode(bytes([n]) * 4800 * n).decode() for n in (1, 2)]
    parts = [{"type": "input_audio", "audio": sound} for sound in sounds]
    for part, transcript in zip(parts, transcripts, strict=True):
        if transcript is not None:
            part["transcript"] = transcript
    content = [parts[0], {"type": "input_text", "text": "and"}, parts[1]]
    story = Story()
    story.transcribe()
    item = {"type": "message", "role": "user", "content": content}
    return story, story.send("conversation.item.create", item=item), sounds


def test_an_item_keeps_the_sound_of_each_of_its_parts():
    story, sent, sounds = two_sounds(None, None)
    item_id = sent[0]["item"]["id"]
    parts = story.send("conversation.item.retrieve", item_id=item_id)[0]["item"]["content"]
    assert [part.get("audio") for part in parts] == [sounds[0], None, sounds[1]]


def test_sounds_without_words_are_heard_as_one_and_told_with_the_first():
    story, _, _ = two_sounds(None, None)
    assert sum(len(c.samples) for c in story.commands if isinstance(c, Listen)) == 4800
    completed = story.hear("one two three")[-1]
    assert (completed["content_index"], completed["transcript"]) == (0, "one two three")
    story.send("response.create")
    content = story.asked(Think).request.history[0]["content"]
    assert [part.get("transcript") for part in content] == ["one two three", None, ""]


def test_only_sounds_without_words_are_listened_to():
    story, _, _ = two_sounds("one", None)
    assert sum(len(c.samples) for c in story.commands if isinstance(c, Listen)) == 3200
    completed = story.hear("two")[-1]
    assert (completed["content_index"], completed["transcript"]) == (2, "two")
    story, _, _ = two_sounds("one", "two")
    assert story.count(Finish) == 0


def test_the_id_of_an_item_that_is_gone_may_be_used_again():
    story = Story()
    item = story.type("hello")[0]["item"]
    story.send("conversation.item.delete", item_id=item["id"])
    again = {"id": item["id"], "type": "message", "role": "user", "content": []}
    story.send("conversation.item.create", item=again)
    story.send("response.create", response={"conversation": "none"})
    answer = only(story.reply("Hi.") + story.done(), "response.output_item.done")["item"]
    story.send("conversation.item.create", item={**again, "id": answer["id"]})
    story.send("conversation.item.delete", item_id=answer["id"])
    assert violations(story.events) == []


def test_the_id_of_an_item_that_is_being_written_may_not():
    story = Story()
    story.send("response.create")
    added = only(story.reply("Hi."), "response.output_item.added")
    made = {"type": "conversation.item.added", "previous_item_id": None}
    made["item"] = {**added["item"], "role": "user", "status": "completed"}
    assert [v.kind for v in violations([*story.events, made])] == ["output item"]


@pytest.mark.parametrize("index", [False, 0.0, "0", None])
def test_a_content_index_is_an_integer(index):
    story = Story()
    item_id = story.spoken_answer()
    sent = story.send(
        "conversation.item.truncate", item_id=item_id, content_index=index, audio_end_ms=100
    )
    assert error(sent)["param"] == "content_index"


def test_what_kind_of_object_an_item_is_is_not_the_clients_to_say():
    assert "object" not in Story().type("hello", object="nonsense")[0]["item"]


def test_two_responses_beside_the_conversation_read_the_same_item_at_once():
    story = Story()
    item_id = story.type("hello")[0]["item"]["id"]
    reference = {"type": "item_reference", "id": item_id}
    asked = {"conversation": "none", "input": [reference], "output_modalities": ["text"]}
    ids = [
        story.send("response.create", response={**asked, "metadata": {"topic": topic}})[0][
            "response"
        ]["id"]
        for topic in ("one", "two")
    ]
    story.send("conversation.item.delete", item_id=item_id)
    for think in [command for command in story.commands if isinstance(command, Think)]:
        assert think.request.history[0]["content"][0]["text"] == "hello"
    for response_id, topic in zip(reversed(ids), ("two", "one"), strict=True):
        story.say_in(response_id, "Yes.")
        done = only(story.done_with(response_id), "response.done")["response"]
        assert (done["metadata"], done["conversation_id"]) == ({"topic": topic}, None)
    assert len(story.core.conversation) == 0
