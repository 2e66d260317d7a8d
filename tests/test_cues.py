import numpy as np
import pytest
from helpers import Story, tone

from rtkit.cues import read_cues
from rtkit.timeline import Timeline


def test_a_spoken_question_comes_as_long_after_the_answer_as_it_did():
    story = Story().open()
    story.silence(0.4)
    story.speak(tone(1.0))
    story.answer("Paris.", 2.0)
    fell_silent = story.now
    story.silence(1.5)
    story.speak(tone(0.5, hertz=300.0))
    first, second = read_cues(story.timeline)
    assert (first.after_s, first.into, first.heard_s) == (0.0, False, None)
    assert first.clip.duration == pytest.approx(1.5)  # with the silence that ended the turn
    assert np.abs(first.clip.samples[:24000] - tone(1.0)).max() < 1e-3
    assert second.after_s == pytest.approx(1.5)
    assert second.start == pytest.approx(fell_silent + 1.5)


def test_who_spoke_over_an_answer_comes_in_at_the_same_place():
    story = Story().open()
    story.speak(0.5)
    story.interrupted_answer("one two three", 8.0, heard_s=2.0, speech=1.0)
    _, barge_in = read_cues(story.timeline)
    assert barge_in.into
    assert barge_in.after_s == pytest.approx(1.9, abs=0.03)  # it was noticed 0.1 s later


def test_an_answer_that_was_not_listened_to_further_is_not_listened_to_further():
    story = Story().open()
    story.type("hello")
    item_id = story.answer("One.", 3.0, play=False)
    story.note("playback.started", item_id=item_id)
    story.note("playback.finished", 0.4, item_id=item_id, played_ms=400.0)
    story.at(story.now + 0.2).type("next")
    _, second = read_cues(story.timeline)
    assert (second.into, second.heard_s, second.after_s) == (False, 0.4, pytest.approx(0.2))


def test_typed_items_stand_in_their_order_and_say_whether_they_want_an_answer():
    story = Story().open()
    story.send("conversation.item.create", item={"type": "message", "role": "system", "id": "s"})
    story.type("hello", item_id="mine")
    story.write("Hello to you.")
    story.at(story.now + 2.0)
    story.speak(0.5)
    output = {"type": "function_call_output", "call_id": "c", "output": "1"}
    story.send("conversation.item.create", item=output)
    system, typed, spoken = read_cues(story.timeline)
    assert (system.item, system.wants_answer) == ({"type": "message", "role": "system"}, False)
    assert typed.item["content"] == [{"type": "input_text", "text": "hello"}]
    assert ("id" in typed.item, typed.wants_answer) == (False, True)
    assert (spoken.clip is not None, spoken.after_s) == (True, pytest.approx(2.0))


def test_what_a_reconnection_told_again_was_not_said_again():
    story = Story().open()
    story.type("hello")
    story.note("reconnecting", reason="drop", attempt=1, wait_s=0.1)
    item = {"type": "message", "role": "user", "content": []}
    story.send("conversation.item.create", item=item)
    story.note("reconnected", session="s", items=1, attempt=1)
    story.type("next")
    texts = [cue.item["content"][0]["text"] for cue in read_cues(story.timeline)]
    assert texts == ["hello", "next"]


def test_questions_in_bursts_have_the_gaps_of_their_sending():
    story = Story().open()
    story.speak(2.0, pace=0.0)
    story.answer("Yes.", 1.0)
    story.at(story.now + 0.7).speak(2.0, pace=0.0)
    _, second = read_cues(story.timeline)
    assert second.after_s == pytest.approx(0.7, abs=0.05)


def test_an_empty_timeline_has_none():
    assert read_cues(Timeline()) == []
