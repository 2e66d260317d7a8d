import base64
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serverstory import (
    Finish,
    Forget,
    Listen,
    Stop,
    Story,
    Think,
    error,
    only,
    types,
    voiced,
    words_heard,
)

from rtkit.audio import AudioFormat
from rtkit.schema import LOGPROBS
from rtkit.server.commands import Close

WRITTEN = [
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
    "rate_limits.updated",
]
SPOKEN = [
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio_transcript.delta",
    "response.output_audio.delta",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
    "rate_limits.updated",
]
HEARD = [
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
]


# The session


def test_the_first_event_is_the_whole_session():
    created = Story().events[0]
    session = created["session"]
    assert created["type"] == "session.created"
    assert session["model"] == "gpt-realtime-2.1"
    assert session["object"] == "realtime.session"
    assert session["audio"]["input"]["turn_detection"]["silence_duration_ms"] == 500
    assert session["expires_at"] == 1795348800 + 3600
    assert "stand-in" in session["instructions"]


def test_an_update_is_answered_with_the_whole_session():
    session = only(Story().update(instructions="Be brief."), "session.updated")["session"]
    assert session["instructions"] == "Be brief."
    assert session["audio"]["output"]["voice"] == "alloy"


def test_a_refused_update_is_refused_whole():
    story = Story()
    refused = error(story.update(instructions="Be brief.", bogus_field=1))
    assert refused["message"] == "Unknown parameter: 'session.bogus_field'."
    assert story.core.session["instructions"] != "Be brief."


def test_the_session_ends_after_its_time():
    story = Story(max_session_s=3600)
    assert story.core.next_wakeup == 3600
    assert story.wake(3599) == []
    assert error(story.wake(3600))["code"] == "session_expired"
    assert story.asked(Close) == Close(1001, "session_expired")
    assert story.core.next_wakeup is None
    assert story.type("hello?") == []


# Text turns


def test_a_text_turn_comes_in_the_order_of_the_wire():
    story = Story()
    story.update(output_modalities=["text"])
    assert types(story.type("hello")) == ["conversation.item.added", "conversation.item.done"]
    assert types(story.send("response.create")) == ["response.created"]
    assert types(story.reply("Hello there.") + story.done()) == WRITTEN
    done = story.events[-2]["response"]
    assert done["status"] == "completed"
    assert done["status_details"] is None
    assert done["output"][0]["content"] == [{"type": "output_text", "text": "Hello there."}]


def test_sentences_are_joined_by_blanks():
    story = Story()
    story.update(output_modalities=["text"])
    story.send("response.create")
    sent = story.reply("One.") + story.reply("Two.") + story.done()
    deltas = [e["delta"] for e in sent if e["type"] == "response.output_text.delta"]
    assert "".join(deltas) == only(sent, "response.output_text.done")["text"] == "One. Two."


def test_the_brain_is_told_the_conversation_and_the_settings():
    story = Story()
    tool = {"type": "function", "name": "look", "parameters": {"type": "object"}}
    story.update(instructions="Be brief.", tools=[tool], tool_choice="required")
    story.type("hello")
    story.send("response.create")
    request = story.asked(Think).request
    assert [item["content"][0]["text"] for item in request.history] == ["hello"]
    assert (request.instructions, request.tool_choice) == ("Be brief.", "required")
    assert request.tools[0]["name"] == "look"
    assert request.confidence is None


def test_a_response_overrides_the_session_for_itself_only():
    story = Story()
    story.send("response.create", response={"output_modalities": ["text"], "metadata": {"a": "b"}})
    assert types(story.reply("Hi.") + story.done()) == WRITTEN
    assert story.events[-2]["response"]["metadata"] == {"a": "b"}
    assert story.core.session["output_modalities"] == ["audio"]


def test_a_response_beside_the_conversation_leaves_no_item_in_it():
    story = Story()
    story.type("hello")
    story.send("response.create", response={"conversation": "none", "input": []})
    assert story.asked(Think).request.history == []
    sent = story.reply("Hi.", 300) + story.done()
    assert "conversation.item.added" not in types(sent)
    assert story.events[-2]["response"]["conversation_id"] is None
    assert len(story.core.conversation) == 1


def test_a_response_may_refer_to_items():
    story = Story()
    story.type("one", id="item_a")
    story.type("two", id="item_b")
    reference = {"type": "item_reference", "id": "item_a"}
    story.send("response.create", response={"input": [reference], "conversation": "none"})
    assert [item["id"] for item in story.asked(Think).request.history] == ["item_a"]


def test_a_failed_brain_makes_a_failed_response():
    story = Story()
    story.send("response.create")
    response = only(story.done(error="RuntimeError: no words"), "response.done")["response"]
    assert response["status"] == "failed"
    assert response["status_details"]["error"]["message"] == "RuntimeError: no words"


# Tools


def test_a_call_is_an_item_of_its_own():
    story = Story()
    story.send("response.create")
    sent = story.call("weather", city="Paris") + story.done()
    assert types(sent) == [
        "response.output_item.added",
        "conversation.item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    arguments = only(sent, "response.function_call_arguments.done")
    assert json.loads(arguments["arguments"]) == {"city": "Paris"}
    assert arguments["name"] == "weather"
    assert arguments["call_id"].startswith("call_")


def test_a_message_is_closed_before_the_call_that_follows_it():
    story = Story()
    story.send("response.create")
    story.reply("One moment.", 400)
    story.call("weather")
    output = only(story.done(), "response.done")["response"]["output"]
    assert [item["type"] for item in output] == ["message", "function_call"]


def test_the_output_of_a_tool_reaches_the_brain():
    story = Story()
    output = {"type": "function_call_output", "call_id": "call_1", "output": "rain"}
    story.send("conversation.item.create", item=output)
    story.send("response.create")
    assert story.asked(Think).request.history[-1]["output"] == "rain"


# Voice turns


def test_a_voice_turn_comes_in_the_order_of_the_wire():
    story = Story()
    assert types(story.say_and_wait()) == HEARD
    assert types(story.hear("hello") + story.reply("Hello.", 500) + story.done()) == SPOKEN


def test_the_committed_item_is_the_one_that_was_announced():
    sent = Story().say_and_wait()
    ids = {e["item_id"] for e in sent if "item_id" in e} | {
        e["item"]["id"] for e in sent if "item" in e
    }
    assert len(ids) == 1
    assert only(sent, "conversation.item.done")["item"]["content"] == [
        {"type": "input_audio", "transcript": None}
    ]


def test_positions_count_all_sound_of_the_session():
    story = Story()
    story.silence(1000)
    sent = story.speak(600) + story.silence()
    started = only(sent, "input_audio_buffer.speech_started")["audio_start_ms"]
    stopped = only(sent, "input_audio_buffer.speech_stopped")["audio_end_ms"]
    assert 640 <= started <= 720  # 300 ms before the voice, to a frame of 32 ms
    assert 2090 <= stopped <= 2160  # 500 ms after it
    again = only(story.say_and_wait(), "input_audio_buffer.speech_started")["audio_start_ms"]
    assert again >= stopped


@settings(max_examples=12, deadline=None)
@given(sizes=st.lists(st.sampled_from([1, 7, 20, 33, 100, 250, 900]), min_size=1, max_size=6))
def test_any_chunking_gives_the_same_turns(sizes):
    def told(sizes):
        story = Story()
        samples = [*([0.0] * 4800), *voiced(400), *([0.0] * 16800), *voiced(300), *([0.0] * 16800)]
        at = 0
        while at < len(samples):
            size = sizes[at % len(sizes)] * 24
            story.append(samples[at : at + size], frame_ms=size / 24)
            story.mishear("no") if story.count(Finish) else None
            at += size
        names = ("audio_start_ms", "audio_end_ms")
        found = [
            (e["type"], e.get(names[0], e.get(names[1])))
            for e in story.events
            if "speech_st" in e["type"]
        ]
        heard = [c.samples for c in story.commands if isinstance(c, Listen)]
        return found, np.concatenate(heard).astype(int)

    (events, sound), (same, other) = told([20]), told(sizes)
    assert events == same
    assert len(sound) == len(other)
    assert np.abs(sound - other).max() <= 1  # of 32768
    assert len(events) == 4


def test_the_recogniser_gets_the_turn_with_its_padding():
    story = Story()
    story.silence(1000)
    story.say_and_wait()
    heard = sum(len(c.samples) for c in story.commands if isinstance(c, Listen))
    assert 1380 <= heard / 16 <= 1480  # 300 ms before, 600 ms of voice, 500 ms after


def test_the_brain_waits_for_the_words_even_without_transcription():
    story = Story()
    story.say_and_wait()
    assert story.count(Think) == 0
    story.hear("what time is it", confidence=0.6)
    request = story.asked(Think).request
    assert request.history[0]["content"][0]["transcript"] == "what time is it"
    assert request.confidence == 0.6
    assert not any("transcription" in event["type"] for event in story.events)


def test_transcription_is_sent_word_by_word_and_then_whole():
    story = Story()
    story.transcribe()
    story.update(include=[LOGPROBS])
    story.say_and_wait()
    sent = story.hear("what time is it", confidence=0.5)
    deltas = [e["delta"] for e in sent if e["type"].endswith("transcription.delta")]
    assert deltas == ["what", " time", " is", " it"]
    completed = only(sent, "conversation.item.input_audio_transcription.completed")
    assert completed["transcript"] == "what time is it"
    assert [entry["token"] for entry in completed["logprobs"]] == "what time is it".split()
    assert completed["logprobs"][0]["logprob"] == pytest.approx(-0.693147)
    assert completed["usage"]["input_token_details"]["audio_tokens"] == 12


def test_whisper_is_billed_by_the_second():
    story = Story()
    story.transcribe("whisper-1")
    story.say_and_wait()
    completed = only(story.hear("hello"), "conversation.item.input_audio_transcription.completed")
    assert completed["usage"]["type"] == "duration"
    assert 1.1 < completed["usage"]["seconds"] < 1.2


def test_a_recogniser_that_fails_is_told_and_the_turn_goes_on():
    story = Story()
    story.transcribe()
    story.say_and_wait()
    failed = only(story.mishear("no ears"), "conversation.item.input_audio_transcription.failed")
    assert failed["error"]["message"] == "no ears"
    assert story.count(Think) == 1


def test_without_create_response_the_client_decides():
    story = Story()
    detection = {"type": "server_vad", "create_response": False}
    story.update(audio={"input": {"turn_detection": detection}})
    assert types(story.say_and_wait()) == HEARD[:-1]
    story.hear("hello")
    assert types(story.send("response.create")) == ["response.created"]


def test_semantic_vad_waits_as_eagerly_as_it_is_told():
    story = Story()
    detection = {"type": "semantic_vad", "eagerness": "low"}
    story.update(audio={"input": {"turn_detection": detection}})
    sent = story.speak(400) + story.silence(1000)
    assert types(sent) == ["input_audio_buffer.speech_started"]
    assert "input_audio_buffer.speech_stopped" in types(story.silence(400))


@pytest.mark.parametrize("format", [AudioFormat.G711_ULAW, AudioFormat.G711_ALAW])
def test_a_telephone_call_is_heard_and_answered_in_its_own_format(format):
    story = Story()
    wire = {"format": format.to_wire()}
    story.update(audio={"input": wire, "output": wire})
    story.format = format
    assert types(story.say_and_wait()) == HEARD
    sent = story.hear("hello") + story.reply("Hello.", 500) + story.done()
    deltas = [e["delta"] for e in sent if e["type"] == "response.output_audio.delta"]
    assert sum(len(base64.b64decode(delta)) for delta in deltas) == 8 * 500


# Manual turns


def test_a_manual_turn_is_committed_by_the_client():
    story = Story()
    story.manual()
    assert story.speak(400) == []
    sent = story.send("input_audio_buffer.commit")
    assert types(sent) == HEARD[2:5]
    assert story.count(Think) == 0
    story.hear("hello")
    assert types(story.send("response.create")) == ["response.created"]
    assert story.asked(Think).request.history[0]["content"][0]["transcript"] == "hello"


def test_every_sample_of_a_manual_turn_is_heard():
    story = Story()
    story.manual()
    story.speak(400)
    story.send("input_audio_buffer.commit")
    heard = sum(len(c.samples) for c in story.commands if isinstance(c, Listen))
    assert heard == 400 * 16


def test_a_commit_in_mid_speech_takes_the_utterance_under_way():
    story = Story()
    story.silence(1000)
    item_id = only(story.speak(500), "input_audio_buffer.speech_started")["item_id"]
    sent = story.send("input_audio_buffer.commit")
    assert only(sent, "input_audio_buffer.committed")["item_id"] == item_id
    assert "input_audio_buffer.speech_stopped" not in types(story.silence())


def test_a_commit_of_what_was_not_taken_for_speech_is_heard_all_the_same():
    story = Story()
    story.silence(300)
    story.send("input_audio_buffer.commit")
    assert sum(len(c.samples) for c in story.commands if isinstance(c, Listen)) == 4800
    assert story.asked(Finish).item_id == story.last_id


def test_cleared_sound_is_forgotten():
    story = Story()
    story.manual()
    story.speak(400)
    assert types(story.send("input_audio_buffer.clear")) == ["input_audio_buffer.cleared"]
    assert story.asked(Forget).item_id == story.asked(Listen).item_id
    assert error(story.send("input_audio_buffer.commit"))["code"].endswith("commit_empty")


# Interruption


def interrupted():
    story = Story()
    story.type("tell me a story")
    story.send("response.create")
    story.reply("Once upon a time there was a fox.", 1000)
    return story, story.speak(100)


def test_speech_cancels_the_answer_and_closes_its_parts():
    story, sent = interrupted()
    assert types(sent) == [
        "input_audio_buffer.speech_started",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    response = only(sent, "response.done")["response"]
    assert response["status"] == "cancelled"
    assert response["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    assert response["output"][0]["status"] == "incomplete"
    assert story.asked(Stop).response_id == response["id"]


def test_what_a_stopped_voice_still_says_is_dropped():
    story, _ = interrupted()
    assert story.reply("And then.", 300) == []
    assert story.done() == []


def test_without_interrupt_response_the_answer_goes_on():
    story = Story()
    detection = {"type": "server_vad", "interrupt_response": False}
    story.update(audio={"input": {"turn_detection": detection}})
    story.send("response.create")
    story.reply("Once upon a time.", 1000)
    sent = story.say_and_wait()
    assert types(sent) == [*HEARD[:-1], "error"]
    assert sent[-1]["error"]["code"] == "conversation_already_has_active_response"


def test_the_client_cancels():
    story = Story()
    story.send("response.create")
    response_id = story.thinking
    story.reply("Once upon a time.", 500)
    sent = story.send("response.cancel", response_id=response_id)
    details = only(sent, "response.done")["response"]["status_details"]
    assert details == {"type": "cancelled", "reason": "client_cancelled"}


def test_a_response_may_be_cancelled_while_it_waits_for_the_words():
    story = Story()
    story.say_and_wait()
    sent = story.send("response.cancel")
    assert types(sent) == ["response.done", "rate_limits.updated"]
    story.hear("hello")
    assert story.count(Think) == 0


# Truncation


def test_what_was_not_heard_is_gone_from_the_context():
    story = Story()
    item_id = story.spoken_answer("one two three four", 800)
    sent = story.send(
        "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=450
    )
    assert types(sent) == ["conversation.item.truncated"]
    retrieved = story.send("conversation.item.retrieve", item_id=item_id)[0]["item"]
    part = retrieved["content"][0]
    assert part["transcript"] == "one two"  # "three" begins at 400 ms and ends at 600
    assert len(base64.b64decode(part["audio"])) == 450 * 48
    story.send("response.create")
    assert story.asked(Think).request.history[-1]["content"][0]["transcript"] == "one two"


def test_truncating_at_the_very_end_keeps_everything():
    story = Story()
    item_id = story.spoken_answer("one two three four", 800)
    place = {"item_id": item_id, "content_index": 0}
    story.send("conversation.item.truncate", **place, audio_end_ms=800)
    entry = story.core.conversation.get(item_id)
    assert entry.item["content"][0]["transcript"] == "one two three four"


def test_what_arrives_after_a_truncation_is_not_remembered():
    story = Story()
    story.send("response.create")
    story.reply("one two three four", 800)
    item_id = story.last_id
    place = {"item_id": item_id, "content_index": 0}
    story.send("conversation.item.truncate", **place, audio_end_ms=200)
    story.reply("five six", 400)
    story.done()
    entry = story.core.conversation.get(item_id)
    assert entry.item["content"][0]["transcript"] == "one"
    assert entry.sound.ms == 200


# Items


def test_the_committed_item_keeps_exactly_its_turn():
    story = Story()
    story.silence(1000)
    sent = story.say_and_wait()
    started = only(sent, "input_audio_buffer.speech_started")
    ms = only(sent, "input_audio_buffer.speech_stopped")["audio_end_ms"] - started["audio_start_ms"]
    item = story.send("conversation.item.retrieve", item_id=started["item_id"])[0]["item"]
    assert len(base64.b64decode(item["content"][0]["audio"])) == ms * 48


def test_items_are_placed_where_the_client_says():
    story = Story()
    story.type("two", id="item_2")
    added = story.send(
        "conversation.item.create",
        previous_item_id="root",
        item={
            "id": "item_0",
            "type": "message",
            "role": "system",
            "content": [{"type": "input_text", "text": "zero"}],
        },
    )[0]
    assert added["previous_item_id"] is None
    user = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "1"}]}
    create = {"item": {**user, "id": "item_1"}, "previous_item_id": "item_0"}
    assert story.send("conversation.item.create", **create)[0]["previous_item_id"] == "item_0"
    assert [entry.id for entry in story.core.conversation] == ["item_0", "item_1", "item_2"]


def test_a_deleted_item_is_forgotten():
    story = Story()
    story.type("hello", id="item_1")
    sent = story.send("conversation.item.delete", item_id="item_1")
    assert types(sent) == ["conversation.item.deleted"]
    story.send("response.create")
    assert story.asked(Think).request.history == []


def test_deleting_what_is_not_understood_yet_lets_the_answer_go_on():
    story = Story()
    sent = story.say_and_wait()
    item_id = only(sent, "input_audio_buffer.committed")["item_id"]
    story.send("conversation.item.delete", item_id=item_id)
    assert story.asked(Forget).item_id == item_id
    assert story.asked(Think).request.history == []


def test_an_item_made_of_sound_is_heard_before_it_is_answered():
    story = Story()
    story.transcribe()
    audio = base64.b64encode(bytes(9600)).decode()
    content = [{"type": "input_audio", "audio": audio}]
    item = {"type": "message", "role": "user", "content": content}
    sent = story.send("conversation.item.create", item=item)
    assert "audio" not in sent[0]["item"]["content"][0]
    story.send("response.create")
    assert story.count(Think) == 0
    sent = story.hear("hello")
    assert "conversation.item.input_audio_transcription.completed" in types(sent)
    assert story.count(Think) == 1


# Usage


def test_usage_counts_by_the_published_rules():
    story = Story()
    story.update(instructions="x" * 40)
    story.say_and_wait()
    story.hear("hello")
    story.reply("Hello there.", 1000)
    usage = only(story.done(), "response.done")["response"]["usage"]
    assert usage["input_token_details"]["text_tokens"] == 10
    assert usage["input_token_details"]["audio_tokens"] == 12  # 1.1 s of user audio
    assert usage["output_token_details"] == {"text_tokens": 3, "audio_tokens": 20}
    assert usage["input_token_details"]["cached_tokens"] == 0
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_later_turns_have_cached_tokens():
    story = Story()
    story.spoken_answer()
    story.type("again")
    story.send("response.create")
    story.reply("Hello.", 300)
    details = only(story.done(), "response.done")["response"]["usage"]["input_token_details"]
    assert 0 < details["cached_tokens"] < details["text_tokens"] + details["audio_tokens"]


# Errors


def place(**fields):
    return {"item_id": "item_x", "content_index": 0, **fields}


MESSAGE = {"type": "message", "role": "user", "content": []}
ERRORS = [
    ("nope", {}, "invalid_value", "type", "Invalid value: 'nope'. Supported values are: 'sess"),
    (
        "output_audio_buffer.clear",
        {},
        "invalid_value",
        "type",
        "Invalid value: 'output_audio_buffer.clear'. Supported",
    ),
    (
        "session.update",
        {},
        "missing_required_parameter",
        "session",
        "Missing required parameter: 'session'.",
    ),
    (
        "session.update",
        {"session": {"voice": "sage"}},
        "missing_required_parameter",
        "session.type",
        "Missing required parameter: 'session.type'.",
    ),
    (
        "session.update",
        {"session": {"type": "realtime", "voice": "sage"}},
        "unknown_parameter",
        "session.voice",
        "Unknown parameter: 'session.voice'.",
    ),
    (
        "session.update",
        {"session": {"type": "realtime", "output_modalities": ["audio", "text"]}},
        "invalid_value",
        "session.output_modalities",
        "Invalid modalities: ['audio', 'text']. Supported combinations are: ['text'] and",
    ),
    (
        "session.update",
        {
            "session": {
                "type": "realtime",
                "audio": {"input": {"format": {"type": "audio/pcm", "rate": 16000}}},
            }
        },
        "integer_below_min_value",
        "session.audio.input.format.rate",
        "Invalid 'session.audio.input.format.rate': integer below minimum value",
    ),
    (
        "response.cancel",
        {},
        "response_cancel_not_active",
        None,
        "Cancellation failed: no active response found",
    ),
    (
        "input_audio_buffer.commit",
        {},
        "input_audio_buffer_commit_empty",
        None,
        "Error committing input audio buffer: buffer too small. Expected at least 100ms of "
        "audio, but buffer only has 0.00ms of audio.",
    ),
    (
        "input_audio_buffer.append",
        {"audio": "not base64!"},
        "invalid_value",
        "audio",
        "Invalid 'audio'. Expected base64-encoded audio bytes (mono PCM16 at 24kHz)",
    ),
    (
        "input_audio_buffer.append",
        {"audio": base64.b64encode(b"odd").decode()},
        "invalid_value",
        "audio",
        "Invalid 'audio'. Expected base64-encoded audio bytes (mono PCM16 at 24kHz) but got an "
        "invalid value: 3 bytes are not a whole number of samples.",
    ),
    (
        "input_audio_buffer.append",
        {"audio": 7},
        "invalid_type",
        "audio",
        "Invalid type for 'audio': expected a string, but got",
    ),
    (
        "conversation.item.truncate",
        place(audio_end_ms=1),
        "item_truncate_invalid_item_id",
        "item_id",
        "Item with item_id not found: item_x",
    ),
    (
        "conversation.item.truncate",
        place(audio_end_ms=-1),
        "integer_below_min_value",
        "audio_end_ms",
        "Invalid 'audio_end_ms': integer below minimum value.",
    ),
    ("conversation.item.truncate", place(audio_end_ms="1"), "invalid_type", "audio_end_ms", ""),
    (
        "conversation.item.delete",
        {"item_id": "item_x"},
        "item_delete_invalid_item_id",
        None,
        "Error deleting item: the item with id 'item_x' does not exist.",
    ),
    (
        "conversation.item.retrieve",
        {"item_id": ["item_x"]},
        "item_retrieve_invalid_item_id",
        None,
        "Error retrieving item: the item with id '['item_x']' does not exist.",
    ),
    (
        "conversation.item.create",
        {"item": MESSAGE, "previous_item_id": "item_x"},
        "item_create_invalid_previous_item_id",
        "previous_item_id",
        "",
    ),
    (
        "conversation.item.create",
        {"item": {**MESSAGE, "type": "song"}},
        "invalid_value",
        "item.type",
        "Invalid value: 'song'. Supported values are: 'message', 'function_call', and",
    ),
    (
        "conversation.item.create",
        {
            "item": {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_audio", "audio": ""}],
            }
        },
        "invalid_value",
        "item.content[0].type",
        "Invalid value: 'output_audio'. Supported values are: 'output_text'.",
    ),
    (
        "response.create",
        {"response": {"conversation": "aside"}},
        "invalid_value",
        "response.conversation",
        "",
    ),
    (
        "response.create",
        {"response": {"input": [{"type": "item_reference", "id": "item_x"}]}},
        "invalid_value",
        "response.input",
        "Item with item_id not found: item_x",
    ),
]


@pytest.mark.parametrize(
    ("type_", "fields", "code", "param", "message"), ERRORS, ids=[row[0] for row in ERRORS]
)
def test_an_error_says_what_the_service_says_and_the_session_goes_on(
    type_, fields, code, param, message
):
    story = Story()
    refused = error(story.send(type_, event_id="mine", **fields))
    assert (refused["code"], refused["param"]) == (code, param)
    assert refused["message"].startswith(message)
    assert refused["event_id"] == "mine"
    assert refused["type"] == "invalid_request_error"
    assert types(story.type("hello")) == ["conversation.item.added", "conversation.item.done"]


def test_clearing_the_output_is_for_webrtc_alone_and_stops_nothing():
    story = Story()
    story.send("response.create")
    story.reply("Once upon a time.", 300)
    refused = error(story.send("output_audio_buffer.clear"))
    assert refused["message"].endswith("'response.create', and 'response.cancel'.")
    assert only(story.done(), "response.done")["response"]["status"] == "completed"


@pytest.mark.parametrize(
    ("frame", "code", "message"),
    [
        ("{", "invalid_json", "Invalid event: failed to parse JSON value. "),
        ("[" * 100_000, "invalid_value", "Invalid event: nested more than 100 levels deep."),
        ("[1]", "invalid_event", "Invalid event: expected a JSON object"),
        ("{}", "invalid_event", "The 'type' field is missing."),
        ('{"type": ["a"]}', "invalid_value", "Invalid value: "),
        (
            b"{}",
            "invalid_event",
            "Expected a text WebSocket message; binary frames are not supported.",
        ),
    ],
)
def test_a_frame_that_is_no_event_is_refused(frame, code, message):
    refused = error(Story().frame(frame))
    assert refused["code"] == code
    assert refused["message"].startswith(message)


def test_a_second_response_has_to_wait():
    story = Story()
    story.send("response.create")
    refused = error(story.send("response.create"))
    assert refused["code"] == "conversation_already_has_active_response"
    assert story.thinking in refused["message"]


def test_the_voice_is_fixed_once_it_was_heard():
    story = Story()
    story.spoken_answer()
    refused = error(story.update(audio={"output": {"voice": "sage"}}))
    assert refused["code"] == "cannot_update_voice"
    assert refused["param"] == "session.audio.output.voice"


def test_nothing_is_truncated_beyond_its_end():
    story = Story()
    item_id = story.spoken_answer(ms=800)
    refused = error(
        story.send(
            "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=8160
        )
    )
    assert refused["message"] == "Audio content of 800ms is already shorter than 8160ms"
    assert refused["param"] == "audio_end_ms"


def test_only_the_speech_of_the_assistant_can_be_truncated():
    story = Story()
    story.type("hello", id="item_x")
    refused = error(story.send("conversation.item.truncate", **place(audio_end_ms=1)))
    assert refused["message"] == "Only model output audio messages can be truncated"


def test_too_short_a_buffer_is_told_in_milliseconds():
    story = Story()
    story.manual()
    story.speak(60)
    refused = error(story.send("input_audio_buffer.commit"))
    assert refused["message"].endswith("but buffer only has 60.00ms of audio.")


def test_too_much_sound_at_once_is_refused():
    refused = error(Story().send("input_audio_buffer.append", audio="A" * (21 * 1024 * 1024)))
    assert refused["code"] == "string_above_max_length"


def test_words_that_come_too_late_are_dropped():
    story = Story()
    assert story.core.heard("item_unknown", words_heard("hello"), 0.0) == []


def test_words_that_come_after_the_end_of_the_session_are_not_sent():
    story = Story(max_session_s=60)
    story.transcribe()
    story.say_and_wait()
    story.wake(60)
    assert story.core.closed
    assert story.hear("too late") == []


def test_an_empty_piece_of_sound_does_not_settle_the_voice():
    story = Story()
    story.type("hello")
    story.send("response.create")
    story.reply("Hi.")
    story._take(story.core.audio(story.thinking, np.zeros(0, np.int16), story.now))
    story.done()
    sent = story.update(audio={"output": {"voice": "sage"}})
    assert types(sent) == ["session.updated"]


def test_an_answer_that_is_not_to_be_interrupted_goes_on_and_the_turn_waits_for_the_client():
    story = Story()
    turn_detection = {"type": "server_vad", "interrupt_response": False}
    story.update(audio={"input": {"turn_detection": turn_detection}})
    story.type("hello")
    story.send("response.create")
    first = story.thinking
    sent = story.say_and_wait()
    assert "response.done" not in types(sent)
    assert sent[-1]["error"]["code"] == "conversation_already_has_active_response"
    story.hear("and now")
    story.say_in(first, "Well.")
    done = only(story.done_with(first), "response.done")["response"]
    assert done["status"] == "completed"
    story.send("response.create")
    assert len(story.asked(Think).request.history) == 3


def test_a_response_cancelled_before_its_words_are_known_costs_nothing():
    story = Story()
    story.say_and_wait()
    done = only(story.send("response.cancel"), "response.done")["response"]
    assert (done["usage"]["total_tokens"], done["output"]) == (0, [])
    assert story.hear("never mind") == []
