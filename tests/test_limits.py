import base64
import json

import pytest
from serverstory import Finish, Listen, Story, Think, error, only, types

from rtkit import catalog
from rtkit.errors import ConfigError
from rtkit.server.limits import Limits

SECOND = base64.b64encode(bytes(48_000)).decode()


def story(**limits):
    return Story(limits=Limits(**limits))


def manual(**limits):
    told = story(**limits)
    told.manual()
    return told


def good(told):
    """That the session still answers."""
    told.type("hello")
    told.send("response.create", response={"output_modalities": ["text"]})
    told.reply("Hi.")
    return only(told.done(), "response.done")["response"]["status"] == "completed"


def test_what_the_service_documents_stands_in_the_catalog():
    assert Limits().append_bytes == catalog.limit("append_bytes") == 15 * 1024 * 1024
    assert Limits().event_id_chars == catalog.limit("event_id_chars") == 512


@pytest.mark.parametrize("value", [0, -1, True, "many", float("nan")])
def test_a_limit_is_a_number_above_zero(value):
    with pytest.raises(ConfigError, match=r"Limits\(items=.*a limit is a number above 0"):
        Limits(items=value)


def test_an_append_may_be_as_large_as_the_limit_and_no_larger():
    told = manual(append_bytes=48_000)
    assert told.send("input_audio_buffer.append", audio=SECOND) == []
    more = base64.b64encode(bytes(48_006)).decode()
    refused = error(told.send("input_audio_buffer.append", audio=more))
    assert refused["code"] == "string_above_max_length"
    assert "got 48006 bytes" in refused["message"]
    assert told.core.hearing.buffered_ms == 1000


def test_the_largest_append_fits_into_an_event():
    most = Limits()
    assert most.append_bytes * 4 / 3 + 1_000 < most.event_chars


def test_a_long_event_is_refused_unread():
    told = story(event_chars=200)
    refused = error(told.type("x" * 200))
    assert refused["code"] == "string_above_max_length"
    assert len(told.core.conversation) == 0
    assert good(story(event_chars=400))


@pytest.mark.parametrize("nested", ["[" * 101 + "]" * 101, '{"a":' * 101 + "1" + "}" * 101])
def test_a_deep_event_is_refused(nested):
    told = story()
    refused = error(told.frame(f'{{"type": "response.create", "response": {nested}}}'))
    assert (refused["code"], refused["message"]) == (
        "invalid_value",
        "Invalid event: nested more than 100 levels deep.",
    )
    assert good(told)


def test_an_event_of_very_many_values_is_refused_before_it_is_read():
    told = story(event_values=50)
    frame = json.dumps({"type": "response.create", "response": {"input": [[]] * 60}})
    assert "more than 50 values" in error(told.frame(frame))["message"]
    assert good(told)


def test_an_event_id_has_a_length():
    told = story()
    refused = error(told.send("input_audio_buffer.clear", event_id="e" * 513))
    assert (refused["code"], refused["param"]) == ("string_above_max_length", "event_id")
    assert refused["event_id"] is None
    assert types(told.send("input_audio_buffer.clear", event_id="e" * 512)) == [
        "input_audio_buffer.cleared"
    ]
    assert error(told.send("input_audio_buffer.clear", event_id=7))["code"] == "invalid_type"


def test_an_error_quotes_only_a_part_of_what_is_very_long():
    refused = error(story().send("x" * 100_000, event_id="mine"))
    assert refused["code"] == "invalid_value"
    assert len(refused["message"]) < 3_000


def test_the_buffer_of_a_session_without_turn_detection_has_a_length():
    told = manual(buffer_s=2)
    for _ in range(2):
        assert told.send("input_audio_buffer.append", audio=SECOND) == []
    refused = error(told.send("input_audio_buffer.append", audio=SECOND))
    assert refused["code"] == "input_audio_buffer_full"
    assert "may hold 2 s of audio and this would make 3.0 s" in refused["message"]
    assert told.core.hearing.buffered_ms == 2000
    assert types(told.send("input_audio_buffer.commit"))[0] == "input_audio_buffer.committed"
    assert told.send("input_audio_buffer.append", audio=SECOND) == []


def test_an_utterance_without_end_fills_the_buffer():
    told = story(buffer_s=3)
    sent = told.speak(4_000)
    assert types(sent[:1]) == ["input_audio_buffer.speech_started"]
    assert {event["error"]["code"] for event in sent[1:]} == {"input_audio_buffer_full"}
    assert told.core.hearing.kept_ms <= 3_000
    assert "input_audio_buffer.committed" in types(told.send("input_audio_buffer.commit"))
    told.hear("hello")
    assert good(told)


def test_silence_never_fills_the_buffer():
    told = story(buffer_s=40)
    assert told.silence(60_000, frame_ms=500) == []


def test_a_conversation_holds_so_many_items():
    told = story(items=2)
    told.type("one")
    told.type("two")
    refused = error(told.type("three"))
    assert refused["code"] == "conversation_full"
    assert "holds 2 items, the most is 2" in refused["message"]
    assert error(told.send("response.create"))["code"] == "conversation_full"
    assert error(told.speak(20))["code"] == "conversation_full"
    aside = told.send("response.create", response={"conversation": "none"})
    assert types(aside) == ["response.created"]
    told.send("conversation.item.delete", item_id=told.last_id)
    assert types(told.send("response.create")) == ["response.created"]


def test_a_full_conversation_takes_no_commit():
    told = manual(items=1)
    told.type("one")
    told.speak(200)
    assert error(told.send("input_audio_buffer.commit"))["code"] == "conversation_full"
    assert told.core.hearing.buffered_ms == 200
    assert told.count(Finish) == 0


def test_a_silence_is_not_committed_into_a_full_conversation():
    told = story(items=2)
    turn_detection = {"type": "server_vad", "idle_timeout_ms": 5000}
    told.update(audio={"input": {"turn_detection": turn_detection}})
    told.type("hello")
    told.send("response.create")
    told.reply("Hi.", 100)
    told.done()
    told.now += 1
    told.wake(told.core.next_wakeup)
    assert error(told.wake(told.core.next_wakeup))["code"] == "conversation_full"


def test_sound_images_and_text_count_together():
    told = manual(conversation_bytes=200_000)
    for _ in range(4):
        told.send("input_audio_buffer.append", audio=SECOND)
        told.send("input_audio_buffer.commit")
    assert told.core.conversation.size == pytest.approx(192_000, abs=1_000)
    told.send("input_audio_buffer.append", audio=SECOND)
    refused = error(told.send("input_audio_buffer.commit"))
    assert refused["code"] == "conversation_full"
    assert "may keep 200000 bytes" in refused["message"]
    assert error(told.type("x" * 20_000))["code"] == "conversation_full"
    told.send("conversation.item.delete", item_id=told.last_id)
    assert types(told.type("x" * 2_000))[0] == "conversation.item.added"


def test_a_voiced_turn_needs_room_before_it_is_heard():
    told = story(conversation_bytes=40_000)
    sent = told.speak(2_000)
    assert sent[-1]["error"]["code"] == "conversation_full"
    assert told.core.hearing.kept_bytes <= 40_000


def test_a_long_conversation_is_not_counted_for_every_frame_of_sound(monkeypatch):
    told, counted = story(), []
    told.type("hello")
    size = type(told.core.conversation).size
    monkeypatch.setattr(
        type(told.core.conversation),
        "size",
        property(lambda self: counted.append(1) or size.fget(self)),
    )
    told.append([0.0] * 72_000)  # 3 s in 150 frames
    assert len(counted) == 3


@pytest.mark.parametrize("where", ["session", "response"])
def test_tools_and_instructions_have_a_length(where):
    told = story(tools=2, instructions_chars=100)
    tools = [{"type": "function", "name": f"t{i}"} for i in range(3)]

    def sent(**fields):
        if where == "session":
            return told.update(**fields)
        return told.send("response.create", response=fields)

    refused = error(sent(tools=tools))
    assert (refused["code"], refused["param"]) == ("array_above_max_length", f"{where}.tools")
    refused = error(sent(instructions="x" * 101))
    assert refused["param"] == f"{where}.instructions"
    assert told.core.session["tools"] == []
    assert types(sent(tools=tools[:2], instructions="x" * 100))[0] != "error"


def test_so_many_responses_run_beside_the_conversation():
    told = story(responses_aside=2)
    aside = {"conversation": "none"}
    first = told.send("response.create", response=aside)[0]["response"]["id"]
    told.send("response.create", response=aside)
    refused = error(told.send("response.create", response=aside))
    assert refused["code"] == "rate_limit_exceeded"
    assert told.count(Think) == 2
    told.done_with(first)
    assert types(told.send("response.create", response=aside)) == ["response.created"]
    assert types(told.send("response.create")) == ["response.created"]


def test_a_client_that_commits_faster_than_words_are_found_is_told_to_wait():
    told = manual()
    codes = []
    for _ in range(1_000):
        told.speak(100, frame_ms=100)
        codes += [
            e["error"]["code"] for e in told.send("input_audio_buffer.commit")[:1] if "error" in e
        ]
        if codes:
            break
    assert told.count(Finish) == Limits().unheard == 64
    assert codes == ["rate_limit_exceeded"]
    assert told.core.hearing.buffered_ms == 100
    told.hear("words")
    assert types(told.send("input_audio_buffer.commit"))[0] == "input_audio_buffer.committed"


def test_items_with_sound_and_spoken_turns_wait_as_well():
    told = story(unheard=1)
    part = {"type": "input_audio", "audio": SECOND}
    item = {"type": "message", "role": "user", "content": [part]}
    told.send("conversation.item.create", item=item)
    assert error(told.send("conversation.item.create", item=item))["code"] == "rate_limit_exceeded"
    assert error(told.speak(20))["code"] == "rate_limit_exceeded"
    assert told.count(Listen) == 1
    known = {**item, "content": [{**part, "transcript": "known already"}]}
    assert types(told.send("conversation.item.create", item=known))[0] != "error"
