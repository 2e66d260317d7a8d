import numpy as np
import pytest
from helpers import Story, tone

from rtkit.sounds import read_sounds
from rtkit.turns import read_turns


def test_speech_lies_where_it_was_spoken_and_answers_where_they_were_played():
    story = Story().open()
    story.silence(1.0)
    story.speak(1.5)
    story.answer("Paris.", tone(2.0))
    user, assistant = read_sounds(story.timeline)
    assert (user.speaker, user.start) == ("user", pytest.approx(1.0))
    assert user.clip.duration == pytest.approx(2.0)  # with the silence that ended the turn
    started = next(m.t for m in story.timeline if m.type == "playback.started")
    assert (assistant.start, assistant.end) == (started, pytest.approx(started + 2.0))
    assert np.abs(assistant.clip.samples - tone(2.0)).max() < 1e-4


def test_padding_from_before_a_pause_in_sending_does_not_move_the_speech():
    story = Story().open()
    story.speak(0.5)
    story.at(6.0).stream(tone(0.2))
    padded_ms = round(1000 * story.sent_s) - 500  # the frames of the pause count as padding
    story.hear("input_audio_buffer.speech_started", item_id="u", audio_start_ms=padded_ms)
    story.silence(0.5)
    stop_ms = round(1000 * story.sent_s)
    story.hear("input_audio_buffer.speech_stopped", item_id="u", audio_end_ms=stop_ms)
    story.commit("u")
    assert read_sounds(story.timeline)[1].start == pytest.approx(6.0)


def test_sound_that_was_sent_at_once_ends_where_it_was_sent():
    story = Story().open()
    story.at(5.0).speak(1.5, pace=0.0)
    (user,) = read_sounds(story.timeline)
    assert (user.start, user.end) == (pytest.approx(3.0), pytest.approx(5.0))


def test_an_answer_that_was_cut_off_knows_how_much_was_heard():
    story = Story().open()
    story.speak(0.5)
    story.interrupted_answer("one two three", 6.0, heard_s=2.0)
    sound = read_sounds(story.timeline)[1]
    assert (sound.heard_s, sound.heard_until) == (2.0, sound.start + 2.0)
    assert sound.end == sound.start + 6.0


def test_an_answer_that_nobody_listened_to_further_sounded_that_long_but_was_not_interrupted():
    story = Story().open()
    story.type("hello")
    item_id = story.answer("One.", 3.0, play=False)
    story.note("playback.started", item_id=item_id)
    story.note("playback.finished", 0.4, item_id=item_id, played_ms=400.0)
    assert read_sounds(story.timeline)[0].heard_s == 0.4
    assert not read_turns(story.timeline)[0].interrupted


def test_without_a_player_answers_follow_one_another():
    story = Story().open()
    story.type("hello")
    story.answer("One.", 3.0, play=False)
    story.type("again")
    story.answer("Two.", 1.0, play=False)
    first, second = read_sounds(story.timeline)
    assert second.start == pytest.approx(first.end)


def test_a_manual_turn_is_all_that_was_sent_since_the_last():
    story = Story().open(turn_detection=False)
    for n, seconds in enumerate((1.0, 0.5)):
        story.stream(tone(seconds))
        story.send("input_audio_buffer.commit")
        story.commit(f"u{n}")
    assert [round(sound.clip.duration, 3) for sound in read_sounds(story.timeline)] == [1.0, 0.5]
    assert [round(sound.start, 3) for sound in read_sounds(story.timeline)] == [0.0, 1.003]


def test_typed_words_have_no_sound():
    story = Story().open()
    story.type("hello")
    story.write("Hi.")
    assert read_sounds(story.timeline) == []
