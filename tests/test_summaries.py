"""Each kind of event in a line."""

import pytest
from helpers import Story, talk
from hypothesis import given
from hypothesis import strategies as st

from rtkit import events
from rtkit.moments import Moment
from rtkit.summaries import LONGEST, summary

SESSION = {
    "model": "gpt-realtime",
    "audio": {"output": {"voice": "coral"}, "input": {"turn_detection": {"type": "semantic_vad"}}},
    "instructions": "Be brief.",
}


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (
            {"type": "session.update", "session": SESSION},
            "gpt-realtime, coral, semantic_vad, “Be brief.”",
        ),
        (
            {"type": "session.update", "session": {"audio": {"input": {"turn_detection": None}}}},
            "manual",
        ),
        ({"type": "session.update", "session": {"instructions": "Hi"}}, "“Hi”"),
        (events.user_text("Hello  there"), "user: “Hello there”"),
        (events.tool_output("call_1", "noon"), "output of a call: noon"),
        (
            {
                "type": "response.output_item.done",
                "item": {"type": "function_call", "name": "f", "arguments": "{}"},
            },
            "call f({})",
        ),
        ({"type": "response.output_text.delta", "delta": " a"}, "“ a”"),
        ({"type": "response.audio_transcript.done", "transcript": "old name"}, "“old name”"),
        (
            {
                "type": "response.done",
                "response": {"status": "cancelled", "status_details": {"reason": "turn_detected"}},
            },
            "cancelled: turn_detected",
        ),
        (
            {"type": "error", "error": {"code": "bad", "param": "session.voice", "message": "No."}},
            "bad (session.voice): No.",
        ),
        (
            {"type": "input_audio_buffer.speech_started", "audio_start_ms": 1250},
            "at 1.250 s of the input",
        ),
        ({"type": "conversation.item.truncated", "audio_end_ms": 900}, "at 900 ms"),
        ({"type": "input_audio_buffer.clear"}, ""),
    ],
)
def test_an_event_says_what_matters(event, says):
    assert summary(Moment(0.0, "server", event)) == says


def test_sound_is_told_first_and_local_facts_tell_their_fields():
    assert (
        summary(Moment(0.0, "client", {"type": "input_audio_buffer.append"}), 0.02)
        == "20 ms of sound"
    )
    fact = {"type": "turn.ended", "end_of_speech_t": 1.23456, "by": "silero"}
    assert summary(Moment(0.0, "local", fact)) == "end_of_speech_t 1.235, by silero"


def test_a_long_text_is_cut():
    story = Story()
    moment = story.send("conversation.item.create", item=events.user_text("word " * 99)["item"])
    assert len(summary(moment)) == LONGEST
    assert summary(moment).endswith("…")


def test_every_event_of_a_talk_has_one_line():
    assert all("\n" not in summary(moment, 0.1) for moment in talk())


@given(
    st.sampled_from([*events.CLIENT_EVENTS, *events.SERVER_EVENTS]),
    st.dictionaries(
        st.sampled_from(["session", "item", "response", "error", "delta", "audio_end_ms"]),
        st.none()
        | st.integers()
        | st.text(max_size=3)
        | st.lists(st.none(), max_size=2)
        | st.dictionaries(
            st.sampled_from(["type", "content", "status", "audio"]), st.none() | st.text(max_size=3)
        ),
    ),
)
def test_an_event_of_any_shape_has_a_line(type_, fields):
    assert len(summary(Moment(0.0, "server", {**fields, "type": type_}))) <= LONGEST
