import base64

import numpy as np
import pytest
from serverstory import counted_ids, only, types

from rtkit.audio import AudioFormat
from rtkit.fields import default_session, merge
from rtkit.server.conversation import Conversation
from rtkit.server.responses import Plan, Response

SOUND = np.full(2400, 1000, np.int16)  # 100 ms


def response(**changes):
    fields = {"in_conversation": changes.pop("in_conversation", True)}
    plan = Plan(merge(default_session(), changes), **fields)
    return Response("resp_1", plan, Conversation("conv_1"), counted_ids())


def deltas(events, kind):
    return [e["delta"] for e in events if e["type"] == f"response.{kind}.delta"]


def test_the_words_of_a_sentence_come_just_before_their_sound():
    made = response()
    assert "response.output_audio_transcript.delta" not in types(made.say("one two three"))
    first = made.sound(SOUND, [(0, 0), (4, 90)])
    assert deltas(first, "output_audio_transcript") == ["one", " two"]
    assert first[-1]["type"] == "response.output_audio.delta"
    assert deltas(made.sound(SOUND), "output_audio_transcript") == []


def test_the_first_word_is_written_before_a_breath_that_carries_no_mark():
    made = response()
    made.say("one two")
    names = types(made.sound(SOUND) + made.sound(SOUND, [(0, 10), (4, 90)]))
    assert names[-2:] == ["response.output_audio_transcript.delta", "response.output_audio.delta"]
    assert next(iter(made.conversation)).item["content"][0]["transcript"] == "one two"


def test_words_that_the_voice_did_not_mark_follow_at_the_end_of_the_sentence():
    made = response()
    events = made.say("one two") + made.sound(SOUND, [(0, 0)]) + made.say("three.")
    assert "".join(deltas(events, "output_audio_transcript")) == "one two"
    done = made.finish("completed")
    assert only(done, "response.output_audio_transcript.done")["transcript"] == "one two three."


def test_marks_of_a_later_sentence_count_from_the_start_of_the_item():
    made = response()
    made.say("one two.")
    made.sound(SOUND, [(0, 0), (4, 50)])
    made.say("three four.")
    made.sound(SOUND, [(0, 0), (6, 50)])
    entry = next(iter(made.conversation))
    assert entry.sound.words == [(0, 0), (4, 50), (9, 100), (15, 150)]
    assert [entry.item["content"][0]["transcript"][at:][:1] for at, _ in entry.sound.words] == [
        "o",
        "t",
        "t",
        "f",
    ]


def test_a_stopped_voice_leaves_the_words_that_were_sent():
    made = response()
    made.say("one two three")
    made.sound(SOUND, [(0, 0), (4, 90)])
    done = made.finish("cancelled", "client_cancelled")
    item = only(done, "conversation.item.done")["item"]
    assert (item["status"], item["content"][0]["transcript"]) == ("incomplete", "one two")
    assert made.done


def test_a_response_without_a_word_is_complete_and_empty():
    assert types(response().finish("completed")) == ["response.done"]


@pytest.mark.parametrize("format", list(AudioFormat))
def test_sound_leaves_in_the_format_of_the_session(format):
    made = response(audio={"output": {"format": format.to_wire()}})
    events = made.say("one") + [e for _ in range(5) for e in made.sound(SOUND)]
    events += made.finish("completed")
    data = b"".join(base64.b64decode(delta) for delta in deltas(events, "output_audio"))
    assert len(data) == format.rate * format.bytes_per_sample // 2
    assert next(iter(made.conversation)).sound.ms == 500


def test_sound_without_a_sentence_is_dropped():
    assert response().sound(SOUND) == []
    written = response(output_modalities=["text"])
    written.say("one")
    assert written.sound(SOUND) == []


def test_beside_the_conversation_only_the_output_is_shown():
    made = response(in_conversation=False)
    events = made.say("one") + made.finish("completed")
    assert not [type_ for type_ in types(events) if type_.startswith("conversation.")]
    assert len(made.conversation) == 0


def test_the_response_object_tells_what_it_was_made_with():
    made = response(audio={"output": {"voice": "sage"}}, max_output_tokens=100)
    told = made.start()[0]["response"]
    assert told["audio"]["output"]["voice"] == "sage"
    assert (told["max_output_tokens"], told["conversation_id"]) == (100, "conv_1")
    assert (told["status"], told["usage"], told["output"]) == ("in_progress", None, [])


def test_a_custom_voice_is_named_by_its_id():
    assert response(audio={"output": {"voice": {"id": "voice_1"}}}).plan.voice == "voice_1"


def test_usage_counts_sound_once_however_it_was_cut():
    made = response()
    made.say("one two.")
    for _ in range(10):
        made.sound(SOUND[:24])  # 1 ms
    usage = only(made.finish("completed"), "response.done")["response"]["usage"]
    assert usage["output_token_details"] == {"audio_tokens": 1, "text_tokens": 2}
