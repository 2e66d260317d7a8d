import math

import numpy as np
import pytest
from helpers import Story, tone

from rtkit.audio import AudioFormat
from rtkit.cost import read_cost
from rtkit.turns import Turn, TurnReader, read_turns


def test_a_spoken_turn_has_its_question_answer_sound_and_latency():
    story = Story().open()
    item_id = story.speak(1.0)
    story.transcribe(item_id, "capital of france", logprobs=[{"logprob": math.log(0.8)}])
    answer = story.answer("Paris.", tone(1.0))
    (turn,) = read_turns(story.timeline)
    assert (turn.question, turn.answer, turn.status) == ("capital of france", "Paris.", "completed")
    assert (turn.user_item_id, turn.assistant_item_ids) == (item_id, (answer,))
    assert turn.question_confidence == pytest.approx(0.8)
    assert (turn.interrupted, turn.heard) == (False, None)
    assert turn.latency.wait_ms == pytest.approx(673, abs=3)
    assert np.abs(turn.audio.samples - tone(1.0)).max() < 1e-4


@pytest.mark.parametrize("format", [AudioFormat.G711_ULAW, AudioFormat.G711_ALAW])
def test_the_sound_of_a_telephone_call_is_decoded(format):
    story = Story(format=format).open()
    story.speak(1.0)
    story.answer("Paris.", tone(1.0, rate=8_000))
    clip = read_turns(story.timeline)[0].audio
    assert (clip.rate, clip.duration) == (8_000, 1.0)
    assert np.corrcoef(clip.samples, tone(1.0, rate=8_000))[0, 1] > 0.99


def test_a_typed_turn_has_no_sound():
    story = Story().open()
    story.type("hello")
    story.write("Good morning.")
    (turn,) = read_turns(story.timeline)
    assert (turn.question, turn.answer, turn.audio) == ("hello", "Good morning.", None)


def test_several_turns_keep_their_own_words():
    story = Story().open()
    for n in range(3):
        story.transcribe(story.speak(0.4), f"question {n}")
        story.answer(f"Answer {n}.", 0.3)
    assert [(turn.question, turn.answer) for turn in read_turns(story.timeline)] == [
        ("question 0", "Answer 0."),
        ("question 1", "Answer 1."),
        ("question 2", "Answer 2."),
    ]


def test_a_transcription_that_comes_a_turn_late_belongs_to_its_turn():
    story = Story().open()
    first = story.speak(0.4)
    story.answer("One.", 0.3)
    story.transcribe(story.speak(0.4), "second")
    story.answer("Two.", 0.3)
    assert [turn.question for turn in read_turns(story.timeline)] == ["", "second"]
    story.transcribe(first, "first")
    assert [turn.question for turn in read_turns(story.timeline)] == ["first", "second"]


def test_an_interrupted_turn_tells_what_was_heard():
    story = Story().open()
    story.transcribe(story.speak(0.4), "tell me a story")
    _, user = story.interrupted_answer("one two three four five six", 6.0, heard_s=3.0)
    story.transcribe(user, "stop")
    story.answer("All right.", 0.4)
    first, second = read_turns(story.timeline)
    assert (first.interrupted, first.heard) == (True, "one two three")
    assert first.answer == "one two three four five six"
    assert first.audio.duration == 6.0
    assert (second.question, second.answer, second.interrupted) == ("stop", "All right.", False)


def test_a_response_cancelled_before_it_spoke_is_an_interrupted_turn_without_an_answer():
    story = Story().open()
    story.transcribe(story.speak(0.4), "tell me")
    story.end_response(story.respond(), "cancelled", "turn_detected")
    story.transcribe(story.speak(0.4), "a story")
    story.answer("Once upon a time.", 0.5)
    first, second = read_turns(story.timeline)
    assert (first.question, first.answer, first.status, first.interrupted) == (
        "tell me",
        "",
        "cancelled",
        True,
    )
    assert (second.question, second.answer) == ("a story", "Once upon a time.")


def test_a_failed_response_is_a_turn_that_says_so():
    story = Story().open()
    story.type("hello")
    story.end_response(story.respond(), "failed")
    (turn,) = read_turns(story.timeline)
    assert (turn.status, turn.interrupted) == ("failed", False)
    assert repr(turn) == "Turn(question='hello', answer='', status='failed')"


def test_questions_that_nobody_answered_are_turns_of_their_own():
    story = Story().open()
    for text in ("one", "two"):
        story.transcribe(story.speak(0.3), text)
    turns = read_turns(story.timeline)
    assert [(turn.question, turn.status, turn.latency) for turn in turns] == [
        ("one", None, None),
        ("two", None, None),
    ]


def test_two_questions_before_one_answer_are_one_turn():
    story = Story().open()
    for text in ("one", "two"):
        story.transcribe(story.speak(0.3), text)
    story.answer("Both.", 0.3)
    (turn,) = read_turns(story.timeline)
    assert (turn.question, turn.answer) == ("one two", "Both.")


def test_a_greeting_is_a_turn_without_a_question():
    story = Story().open()
    story.answer("Welcome.", 0.4)
    (turn,) = read_turns(story.timeline)
    assert (turn.question, turn.answer, turn.user_item_id) == ("", "Welcome.", None)


def test_a_turn_goes_on_after_a_tool_was_called():
    story = Story().open()
    story.type("what is the weather?")
    first = story.respond()
    call = {"id": "c", "type": "function_call", "name": "weather", "call_id": "call_1"}
    story.hear("response.output_item.added", item=call, response_id=first, output_index=0)
    story.hear("conversation.item.added", item=call)
    story.end_response(first)
    output = {"id": "o", "type": "function_call_output", "call_id": "call_1", "output": "dry"}
    story.send("conversation.item.create", item=output)
    story.hear("conversation.item.added", item=output)
    story.answer("It is dry.", 0.4)
    (turn,) = read_turns(story.timeline)
    assert (turn.question, turn.answer, turn.response_id) == (
        "what is the weather?",
        "It is dry.",
        "resp_2",
    )


def test_history_that_the_client_restores_makes_turns():
    story = Story().open()
    for n, (role, text) in enumerate([("user", "hello"), ("assistant", "Hi."), ("user", "bye")]):
        kind = "input_text" if role == "user" else "output_text"
        story._add(f"h{n}", role, [{"type": kind, "text": text}], done=True)
    story.write("Goodbye.")
    assert [(turn.question, turn.answer) for turn in read_turns(story.timeline)] == [
        ("hello", "Hi."),
        ("bye", "Goodbye."),
    ]


def test_a_turn_shows_its_words():
    assert repr(Turn("hi", "Hello.")) == "Turn(question='hi', answer='Hello.')"
    cut = Turn("hi", "Hello there.", interrupted=True, heard="Hello", status="cancelled")
    assert repr(cut) == "Turn(question='hi', answer='Hello there.', heard='Hello')"


def test_an_empty_session_has_no_turns():
    assert read_turns(Story().open().timeline) == []


def test_a_turn_costs_what_its_own_response_and_transcription_cost():
    story = Story().open()
    for words in ("one", "two"):
        item_id = story.speak(0.5)
        story.transcribe(item_id, words)
        story.answer("Well.", tone(0.2))
    turns, session = read_turns(story.timeline), read_cost(story.timeline)
    billed = [[charge.id for charge in turn.cost.charges] for turn in turns]
    assert billed == [
        ["item_1", turns[0].response_id],
        [turns[1].user_item_id, turns[1].response_id],
    ]
    assert sum(len(turn.cost.charges) for turn in turns) == len(session.charges)


def test_a_timeline_that_is_read_while_it_grows_gives_the_same_turns_as_one_that_is_read_whole():
    story = Story().open()
    reader, told = TurnReader(story.timeline), []
    hear, note = story.hear, story.note

    def watched(tell):
        def also_read(*args, **fields):
            moment = tell(*args, **fields)
            told.append(reader.turns() == read_turns(story.timeline))
            return moment

        return also_read

    story.hear, story.note = watched(hear), watched(note)
    story.silence(0.3)
    story.transcribe(story.speak(1.0), "what is the capital of france")
    story.answer("Paris.", 0.5)
    _, user = story.interrupted_answer("once upon a time", 2.0, heard_s=0.5, speech=0.5)
    story.answer("All right.", 0.3)
    story.transcribe(user, "stop")  # late
    story.type("bye")
    last = story.write("Goodbye.")
    assert len(told) > 60
    assert all(told)
    assert reader.of_response("resp_4") == read_turns(story.timeline)[-1]
    assert reader.of_response("resp_4").assistant_item_ids == (last,)
    assert reader.of_response("nonsense") is None
