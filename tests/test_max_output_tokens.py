"""max_output_tokens: an answer that grows too long is stopped, closed and called incomplete."""

import asyncio
import json

import pytest
from serverstory import Stop, Story, only, types
from socketstory import Tones, connected, serving

from rtkit.audio import AudioFormat, from_base64
from rtkit.server.brain import Script
from rtkit.server.usage import Output

SENTENCE = "One two three four five six seven."


def deltas(events, kind):
    return [event["delta"] for event in events if event["type"] == f"response.{kind}.delta"]


def test_a_written_answer_stops_at_its_last_token():
    story = Story()
    story.update(output_modalities=["text"], max_output_tokens=3)
    story.send("response.create")
    sent = story.reply(SENTENCE)
    assert types(sent)[-6:] == [
        "response.output_text.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    assert "".join(deltas(sent, "output_text")) == SENTENCE[:12]
    response = only(sent, "response.done")["response"]
    assert response["status"] == "incomplete"
    assert response["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    assert response["output"][0]["status"] == "incomplete"
    assert response["max_output_tokens"] == 3
    assert response["usage"]["output_tokens"] == 3
    assert story.asked(Stop).response_id == response["id"]
    assert story.reply("More.") + story.done() == []


def test_a_spoken_answer_stops_in_mid_sound():
    story = Story()
    story.send("response.create", response={"max_output_tokens": 10})
    sent = story.reply(SENTENCE, 2000)
    response = only(sent, "response.done")["response"]
    assert response["status_details"]["reason"] == "max_output_tokens"
    assert response["usage"]["output_tokens"] == 10
    ms = sum(len(from_base64(delta)) for delta in deltas(sent, "output_audio")) / 48
    assert response["usage"]["output_token_details"]["audio_tokens"] == ms / 50
    told = "".join(deltas(sent, "output_audio_transcript"))
    assert SENTENCE.startswith(told)
    assert only(sent, "response.output_audio_transcript.done")["transcript"] == told
    assert types(sent)[-7:-4] == [
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
    ]


def test_the_limit_of_a_response_is_its_own():
    story = Story()
    story.update(max_output_tokens=5, output_modalities=["text"])
    story.send("response.create", response={"max_output_tokens": "inf"})
    story.reply(SENTENCE)
    assert only(story.done(), "response.done")["response"]["status"] == "completed"
    story.send("response.create")
    assert only(story.reply(SENTENCE), "response.done")["response"]["status"] == "incomplete"


def test_an_answer_that_fits_exactly_is_complete():
    story = Story()
    story.update(output_modalities=["text"], max_output_tokens=3)
    story.send("response.create")
    story.reply("twelve chars")
    assert only(story.done(), "response.done")["response"]["status"] == "completed"


def test_words_without_sound_of_their_own_count_at_the_end():
    story = Story()
    story.send("response.create", response={"max_output_tokens": 4})
    story.reply(SENTENCE)  # the voice marks no words
    response = only(story.done(), "response.done")["response"]
    assert response["status"] == "incomplete"
    assert response["output"][0]["content"][0]["transcript"] == SENTENCE[:16]


def test_a_call_that_does_not_fit_is_incomplete():
    story = Story()
    story.send("response.create", response={"max_output_tokens": 4})
    sent = story.call("weather", city="Paris", when="tomorrow")
    arguments = only(sent, "response.function_call_arguments.done")["arguments"]
    assert arguments == json.dumps({"city": "Paris", "when": "tomorrow"})[:9]
    output = only(sent, "response.done")["response"]["output"]
    assert (output[0]["type"], output[0]["status"]) == ("function_call", "incomplete")


def test_no_call_follows_a_sentence_that_did_not_fit():
    story = Story()
    story.send("response.create", response={"max_output_tokens": 4})
    story.reply(SENTENCE)
    sent = story.call("weather")
    output = only(sent, "response.done")["response"]["output"]
    assert [(item["type"], item["status"]) for item in output] == [("message", "incomplete")]


def test_on_a_connection_brain_and_voice_stop_and_the_next_answer_is_made():
    async def story():
        voice = Tones()
        async with (
            serving(brain=Script(" ".join([SENTENCE] * 9)), synthesiser=voice) as running,
            connected(running) as client,
        ):
            for limit, status in ((8, "incomplete"), ("inf", "completed")):
                await client.send("response.create", response={"max_output_tokens": limit})
                events = await client.until("rate_limits.updated")
                assert only(events, "response.done")["response"]["status"] == status
            assert [job.cancelled for job in voice.jobs] == [True, True]

    asyncio.run(story())


@pytest.mark.parametrize("form", [AudioFormat.PCM16, AudioFormat.G711_ULAW])
def test_sound_and_words_share_the_room(form):
    made = Output(limit=4)
    assert made.text("eight ch") == "eight ch"  # 2 tokens
    kept = made.sound(bytes(form.rate * form.bytes_per_sample), form)  # a second, 20 tokens
    assert len(kept) == form.rate * form.bytes_per_sample // 10
    assert made.full
    assert made.tokens.total == 4
    assert (made.text("more"), made.sound(b"ab", form)) == ("", b"")


def test_without_a_limit_everything_fits():
    made = Output()
    assert made.text("x" * 9999) == "x" * 9999
    assert not made.full
