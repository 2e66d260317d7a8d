import math
import time

import pytest
from helpers import Story

from rtkit.latency import measure
from rtkit.questions import confidence
from rtkit.reading import Conversation
from rtkit.transcript import read_transcript
from rtkit.turns import read_turns


def test_events_of_a_wrong_shape_are_passed_over():
    story = Story().open()
    for type_ in (
        "conversation.item.added",
        "response.created",
        "response.done",
        "response.output_audio.delta",
        "input_audio_buffer.speech_started",
        "session.updated",
        "playback.flushed",
    ):
        story.hear(type_)
        story.hear(type_, item="text", response=[], item_id={}, session=7)
    story.type("hello")
    story.write("Hi.")
    assert [turn.answer for turn in read_turns(story.timeline)] == ["Hi."]


def test_responses_outside_the_conversation_are_left_out():
    story = Story().open()
    story.type("hello")
    story.write("Hi.")
    aside = story.respond(conversation_id=None)
    where = story.begin_item(aside, "text")
    story.hear("response.output_text.delta", delta="a summary", **where)
    story.end_response(aside, conversation=None)
    talk = Conversation(story.timeline)
    assert [talk.items[item_id].text for item_id in talk.order] == ["hello", "Hi."]
    assert len(talk.responses) == 1


def test_the_names_of_the_beta_are_understood():
    story = Story().open()
    item = {"id": "u", "type": "message", "role": "user", "content": [{"type": "input_text"}]}
    item["content"][0]["text"] = "hello"
    story.hear("conversation.item.created", item=item)
    response_id = story.respond()
    where = {"response_id": response_id, "item_id": "a", "content_index": 0, "output_index": 0}
    answer = {"id": "a", "type": "message", "role": "assistant", "content": []}
    story.hear("response.output_item.added", item=answer, response_id=response_id)
    story.hear("response.audio_transcript.delta", delta="Hi.", **where)
    story.hear("response.audio.delta", sound=b"\0\0" * 4800, delta="", **where)
    (turn,) = read_turns(story.timeline)
    assert (turn.question, turn.answer, turn.audio.duration) == ("hello", "Hi.", 0.2)


def test_confidence_is_the_exponential_of_the_mean_log_probability():
    assert confidence([{"logprob": math.log(0.9)}, {"logprob": math.log(0.4)}]) == pytest.approx(
        0.6
    )
    assert confidence([]) is None
    assert confidence(None) is None


def test_twelve_thousand_moments_are_read_in_well_under_a_tenth_of_a_second():
    story = Story().open()
    while len(story.timeline) < 12_000:
        item_id = story.speak(2.0)
        story.transcribe(item_id, "tell me a story")
        story.answer("Once upon a time there was a king.", 4.0)
    for view in (read_turns, read_transcript, measure):
        taken = []
        for _ in range(5):
            begun = time.perf_counter()
            view(story.timeline)
            taken.append(time.perf_counter() - begun)
        assert min(taken) < 0.1
