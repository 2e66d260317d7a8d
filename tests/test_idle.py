"""The idle timeout: counted from the end of playback, in told time and on a real connection."""

import asyncio
import json

import pytest
from serverstory import NOON, Finish, Story, Think, counted_ids, error, only, types
from socketstory import options

from rtkit.server.core import Settings
from rtkit.server.idle import Idle
from rtkit.server.visit import Visit

FIVE = {"type": "server_vad", "idle_timeout_ms": 5000}
TIMED_OUT = [
    "input_audio_buffer.timeout_triggered",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
]


def waiting(ms=1000, **detection):
    """A session whose assistant has just given an answer of `ms`."""
    story = Story()
    story.update(audio={"input": {"turn_detection": {**FIVE, **detection}}})
    story.spoken_answer(ms=ms)
    return story


def test_nobody_is_hurried_before_the_first_answer():
    story = Story(max_session_s=60)
    story.update(audio={"input": {"turn_detection": FIVE}})
    assert story.core.next_wakeup == 60


def test_silence_after_an_answer_is_committed_and_answered():
    story = waiting(ms=1000)
    assert story.silence(900) == []
    assert story.wake(story.core.next_wakeup) == []  # the answer has been played
    assert story.silence(4900) == []
    assert story.core.next_wakeup == pytest.approx(6)
    sent = story.wake(6.0)
    assert types(sent) == TIMED_OUT
    triggered = sent[0]
    assert (triggered["audio_start_ms"], triggered["audio_end_ms"]) == (900, 5800)
    assert only(sent, "input_audio_buffer.committed")["item_id"] == triggered["item_id"]
    assert story.core.conversation.get(triggered["item_id"]).sound.ms == 4900
    assert story.asked(Think).request.history[-1]["content"][0]["transcript"] == ""
    assert story.count(Finish) == 0  # nothing to recognise


def test_each_answer_is_followed_by_a_new_count():
    story = waiting()
    story.wake(6.0)
    assert story.core.next_wakeup == 3600
    story.reply("Are you there?", 500)
    story.done()
    assert story.core.next_wakeup == 6.5
    assert types(story.wake(11.5)) == TIMED_OUT


def test_a_session_without_sound_times_out_too():
    story = waiting()
    sent = story.wake(6.0)
    assert (sent[0]["audio_start_ms"], sent[0]["audio_end_ms"]) == (0, 0)


def test_speech_stops_the_count_until_the_next_answer():
    story = waiting()
    story.silence(2000)
    story.speak(600)
    assert story.core.next_wakeup == 3600
    story.silence()
    story.hear("hello")
    assert story.wake(60) == []
    story.reply("Hello.", 500)
    story.done()
    assert story.core.next_wakeup == 60.5


def test_a_new_question_stops_the_count():
    story = waiting()
    story.send("response.create")
    assert story.core.next_wakeup == 3600


def test_an_answer_beside_the_conversation_counts_for_nothing():
    story = waiting()
    story.send("response.create", response={"conversation": "none"})
    story.reply("Aside.", 3000)
    story.done()
    assert story.core.next_wakeup == 1.0


def test_a_cancelled_answer_ends_at_once():
    story = Story()
    story.update(audio={"input": {"turn_detection": FIVE}})
    story.send("response.create")
    story.reply("Once upon a time.", 3000)
    story.now = 2.0
    story.send("response.cancel")
    assert types(story.wake(7.0)) == TIMED_OUT


def test_a_truncated_answer_is_not_waited_for():
    story = waiting(ms=3000)
    story.now = 1.0
    place = {"item_id": story.last_id, "content_index": 0}
    story.send("conversation.item.truncate", **place, audio_end_ms=900)
    assert types(story.wake(6.0)) == TIMED_OUT


def test_speech_after_the_timeout_begins_behind_the_silence():
    story = waiting()
    story.silence(1000)
    story.wake(1.0)
    story.silence(5000)
    end = story.wake(6.0)[0]["audio_end_ms"]
    story.reply("Hm?", 200)
    story.done()
    sent = story.say_and_wait()
    assert only(sent, "input_audio_buffer.speech_started")["audio_start_ms"] >= end


@pytest.mark.parametrize("model", ["gpt-4o-mini-transcribe", "whisper-1"])
def test_a_silence_has_an_empty_transcript(model):
    story = waiting()
    story.transcribe(model)
    sent = story.wake(6.0)
    assert types(sent) == [*TIMED_OUT, "conversation.item.input_audio_transcription.completed"]
    assert sent[-1]["transcript"] == ""


def test_where_nothing_is_automatic_nothing_times_out():
    story = waiting(create_response=False)
    assert story.core.next_wakeup == 3600


def test_a_timeout_that_is_turned_on_later_counts_from_then():
    story = Story()
    story.spoken_answer(ms=1000)
    story.now = 100.0
    story.update(audio={"input": {"turn_detection": FIVE}})
    assert story.wake(104.9) == []
    assert types(story.wake(105.0)) == TIMED_OUT


def test_the_timeout_belongs_to_server_vad_and_has_bounds():
    story = Story()
    semantic = {"type": "semantic_vad", "idle_timeout_ms": 5000}
    refused = error(story.update(audio={"input": {"turn_detection": semantic}}))
    assert refused["code"] == "unknown_parameter"
    short = {**FIVE, "idle_timeout_ms": 4999}
    refused = error(story.update(audio={"input": {"turn_detection": short}}))
    assert refused["code"] == "integer_below_min_value"


def test_a_late_waker_finds_the_beginning_of_the_silence():
    idle = Idle()
    idle.configure(FIVE, 0.0)
    idle.start(1.0)
    assert idle.wake(6.2, position_ms=8000) == 2800
    assert idle.next_wakeup is None


def test_a_connection_wakes_its_core_earlier_when_that_is_asked_for():
    async def story():
        settings = Settings(model="gpt-realtime-2.1", wall=lambda: NOON)
        visit = Visit(None, settings, options(pace=None), counted_ids(), clock=lambda: 0.0)
        visit._do(visit.core.open(0.0))
        waker = asyncio.create_task(visit._wake())
        await asyncio.sleep(0)
        assert visit.alarm == 3600
        detection = {"audio": {"input": {"turn_detection": FIVE}}}
        update = {"type": "session.update", "session": {"type": "realtime", **detection}}
        for event in (update, {"type": "response.create"}, {"type": "response.cancel"}):
            visit._do(visit.core.receive(json.dumps(event), 1.0))
        await asyncio.sleep(0.01)
        assert visit.alarm == 1.0  # the end of playback
        waker.cancel()

    asyncio.run(story())
