"""Sessions that only write down: their object, the order of their events, and what they refuse."""

import asyncio

import pytest
from serverstory import NOON, Story, error, only, types
from socketstory import connected, serving

TRANSCRIPTION = "conversation.item.input_audio_transcription"
ITEM = [
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
]
WRITTEN_DOWN = [f"{TRANSCRIPTION}.delta", f"{TRANSCRIPTION}.completed"]


def writing(model="gpt-transcribe", **audio_input):
    story = Story(kind="transcription", model=None)
    update(story, audio={"input": {"transcription": {"model": model}, **audio_input}})
    return story


def update(story, **session):
    return story.send("session.update", session={"type": "transcription", **session})


def test_the_session_object_is_that_of_a_transcription():
    created = Story(kind="transcription", model=None).events[0]["session"]
    detection = {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300}
    detection |= {"silence_duration_ms": 500, "idle_timeout_ms": None}
    assert created == {
        "type": "transcription",
        "object": "realtime.transcription_session",
        "id": created["id"],
        "expires_at": int(NOON.timestamp()) + 3600,
        "include": None,
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": detection,
            }
        },
    }


def test_an_update_is_answered_with_the_whole_object():
    story = Story(kind="transcription", model=None)
    transcription = {"model": "gpt-transcribe", "language": "en"}
    sent = update(story, audio={"input": {"transcription": transcription}})
    session = only(sent, "session.updated")["session"]
    assert session["audio"]["input"]["transcription"] == transcription
    assert session["audio"]["input"]["turn_detection"]["type"] == "server_vad"
    assert session["object"] == "realtime.transcription_session"


def test_a_turn_comes_in_the_order_of_the_wire():
    story = writing()
    sent = story.say_and_wait() + story.hear("hello there")
    assert types(story.events[:2]) == ["session.created", "session.updated"]
    assert types(sent) == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        *ITEM,
        *WRITTEN_DOWN,
    ]
    assert only(sent, f"{TRANSCRIPTION}.completed")["transcript"] == "hello there"


def test_a_commit_by_hand_in_mid_speech_leaves_out_the_stop():
    story = writing()
    sent = story.speak(500) + story.send("input_audio_buffer.commit") + story.hear("hello")
    assert types(sent) == ["input_audio_buffer.speech_started", *ITEM, *WRITTEN_DOWN]
    assert story.silence() == []


def test_a_manual_turn_has_neither_start_nor_stop():
    story = writing(turn_detection=None)
    sent = story.speak(500) + story.send("input_audio_buffer.commit") + story.hear("hello")
    assert types(sent) == [*ITEM, *WRITTEN_DOWN]


def test_a_streaming_model_writes_while_somebody_speaks():
    story = writing("gpt-live-transcribe")
    story.speak(300)
    story.guess("what time is")
    assert [event["delta"] for event in story.guess("what time is it")] == ["what", " time"]
    sent = story.silence() + story.hear("what time is it")
    deltas = [event["delta"] for event in sent if event["type"] == f"{TRANSCRIPTION}.delta"]
    assert deltas == [" is", " it"]


def test_turns_that_follow_each_other_are_told_apart_by_their_items():
    story = writing()
    first = only(story.say_and_wait(), "conversation.item.done")["item"]["id"]
    story.hear("one")
    committed = only(story.say_and_wait(), "input_audio_buffer.committed")
    assert committed["previous_item_id"] == first
    assert only(story.hear("two"), f"{TRANSCRIPTION}.completed")["item_id"] != first


def test_nothing_is_answered_and_no_limits_are_told():
    story = writing(turn_detection={"type": "server_vad", "idle_timeout_ms": 5000})
    story.say_and_wait()
    story.hear("are you there")
    story.wake(60)
    assert not [e for e in types(story.events) if e.startswith(("response.", "rate_limits"))]
    assert story.core.next_wakeup == 3600


@pytest.mark.parametrize("type_", ["response.create", "response.cancel"])
def test_responses_are_refused(type_):
    refused = error(writing().send(type_))
    assert refused["code"] == "invalid_event"
    assert f"'{type_}'" in refused["message"]


@pytest.mark.parametrize(
    ("kind", "other"), [("realtime", "transcription"), ("transcription", "realtime")]
)
def test_an_update_of_the_other_kind_is_refused(kind, other):
    story = Story(kind=kind)
    before = story.core.session
    refused = error(story.send("session.update", session={"type": other, "include": []}))
    assert refused["param"] == "session.type"
    assert refused["message"] == (
        f"Passing a {other} session update event to a {kind} session is not allowed."
    )
    assert story.core.session == before


@pytest.mark.parametrize("field", ["instructions", "output_modalities", "tools", "model"])
def test_what_belongs_to_conversations_is_unknown_here(field):
    refused = error(update(Story(kind="transcription", model=None), **{field: "x"}))
    assert refused["code"] == "unknown_parameter"
    assert refused["param"] == f"session.{field}"


def test_a_connection_with_that_intent_needs_no_model():
    async def story():
        async with serving() as running, connected(running, "?intent=transcription") as client:
            assert client.events[0]["session"]["type"] == "transcription"

    asyncio.run(story())
