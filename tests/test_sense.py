"""semantic_vad: which sentences sound finished, and how long a pause ends a turn then."""

import pytest
from serverstory import Story, only, types

from rtkit.sense import WINDOWS_MS, Sense, read

STOPPED = "input_audio_buffer.speech_stopped"


@pytest.mark.parametrize(
    ("said", "reading"),
    [
        ("", "nothing"),
        ("what is the capital of france", "finished"),
        ("what time is it", "finished"),
        ("what's the time", "finished"),
        ("how are you", "finished"),
        ("tell me a story", "finished"),
        ("count to twenty", "finished"),
        ("two plus three", "finished"),
        ("i am very happy", "finished"),
        ("it's raining", "finished"),
        ("yes", "finished"),
        ("no thank you", "finished"),
        ("um okay stop", "finished"),
        ("the blue one please", "finished"),
        ("Bonjour.", "finished"),
        ("tell me a story and", "open"),
        ("what is the", "open"),
        ("what is the capital of", "open"),
        ("i would like um", "open"),
        ("i would like", "open"),
        ("can you tell me", "open"),
        ("two plus", "open"),
        ("well,", "open"),
        ("the thing is...", "open"),
        ("can you", "open"),
        ("paris", "unsure"),
        ("the blue one", "unsure"),
        ("quel temps fait", "unsure"),
    ],
)
def test_a_sentence_is_read_by_its_words(said, reading):
    assert read(said.lower().split()) == reading


@pytest.mark.parametrize(
    ("eagerness", "finished", "open_"),
    [("low", 700, 8000), ("medium", 400, 4000), ("auto", 400, 4000), ("high", 250, 2000)],
)
def test_eagerness_waits_at_most_as_long_as_documented(eagerness, finished, open_):
    sense = Sense()
    sense.hear("what time is it", 500)
    assert sense.window_ms(eagerness) == finished
    sense.hear("what time is it and", 700)
    assert sense.window_ms(eagerness) == open_
    assert max(window[level] for window in WINDOWS_MS.values() for level in window) == 8000


def test_words_keep_the_time_at_which_they_were_first_heard():
    sense = Sense()
    sense.hear("the blue", 500)
    sense.hear("the blew one", 900)
    assert [(word.text, word.at_ms) for word in sense.words] == [
        ("the", 500),
        ("blew", 900),
        ("one", 900),
    ]


def test_who_pauses_within_a_turn_is_given_as_much_time_again():
    sense = Sense()
    sense.hear("paris", 500)
    assert sense.window_ms(None) == 1000
    sense.hear("paris london", 2500)
    assert sense.window_ms(None) == 3000
    sense.hear("paris london rome", 9500)
    assert sense.window_ms(None) == 4000  # but never longer than the longest wait


# In a session


def listening(**detection):
    story = Story()
    turn_detection = {"type": "semantic_vad", **detection}
    story.update(audio={"input": {"turn_detection": turn_detection}})
    return story


def pause_after(guess, **detection):
    """The pause (ms) that ended a turn in which the recogniser guessed this."""
    story = listening(**detection)
    story.speak(600)
    story.guess(guess)
    paused = 0
    while STOPPED not in types(story.silence(100)):
        paused += 100
        assert paused < 9000
    return paused


def test_a_finished_sentence_ends_the_turn_early():
    assert 300 <= pause_after("what time is it") <= 500


def test_a_trailing_and_waits():
    assert 3800 <= pause_after("what time is it and") <= 4100
    assert 1800 <= pause_after("what time is it and", eagerness="high") <= 2100


def test_without_words_pauses_decide():
    assert 600 <= pause_after("") <= 800


def test_who_goes_on_after_and_is_heard_as_one_turn():
    story = listening()
    story.speak(600)
    story.guess("tell me a story and")
    story.silence(2000)
    story.speak(600)
    story.guess("tell me a story and a joke")
    sent = story.silence(600)
    stopped = only(sent, STOPPED)
    assert 3450 <= stopped["audio_end_ms"] <= 3700  # 400 ms after the last word
    assert len(only(sent, "conversation.item.done")["item"]["id"]) > 0


def test_a_guess_that_comes_during_the_pause_ends_it():
    story = listening()
    story.speak(600)
    story.guess("what is the")
    assert types(story.silence(1500)) == []
    story.guess("what is the time")
    assert STOPPED in types(story.silence(40))


def test_the_next_turn_begins_without_the_words_of_the_last():
    story = listening()
    story.speak(600)
    story.guess("tell me a story and")
    story.silence(4200)
    story.hear("tell me a story and")
    story.reply("Once.", 100)
    story.done()
    story.speak(600)
    assert STOPPED in types(story.silence(800))


def test_another_eagerness_holds_from_now_on():
    story = listening(eagerness="low")
    story.speak(600)
    story.guess("tell me a story and")
    assert story.silence(2100) == []
    eager = {"type": "semantic_vad", "eagerness": "high"}
    story.update(audio={"input": {"turn_detection": eager}})
    assert STOPPED in types(story.silence(40))


def test_server_vad_does_not_read_words():
    story = Story()
    story.speak(600)
    story.guess("tell me a story and")
    assert STOPPED in types(story.silence(600))
