"""One utterance through a grammar: what is held back, and the evidence."""

import numpy as np
import pytest

from rtkit.server.tutor import Tutor
from rtkit.speech.grammar import Grammar
from rtkit.speech.listening import (
    Listener,
    Listeners,
    enough,
    judged_part,
    silence_missing,
    speaking,
)
from rtkit.speech.synthesis import say

QUIET = np.zeros(1600, np.int16)
TONE = np.rint(8000 * np.sin(np.arange(3200) / 5)).astype(np.int16)


@pytest.fixture(scope="module")
def listener():
    return Listener(Grammar(Tutor().grammar))


def sound_of(text, voice="coral"):
    said = np.frombuffer(say(text, voice=voice).resampled(16_000).to_pcm16(), "<i2")
    return np.concatenate([QUIET, said, np.zeros(8000, np.int16)])


def evidence(listener, text):
    return heard(listener, sound_of(text))


def heard(listener, sound):
    listener.start()
    for start in range(0, len(sound), 320):
        listener.feed(sound[start : start + 320])
    return listener.stop()


def test_speech_is_told_from_silence_by_its_level():
    assert (
        list(speaking(np.concatenate([QUIET, TONE, QUIET])))
        == [False] * 5 + [True] * 10 + [False] * 5
    )
    assert not speaking(QUIET).any()


def test_what_is_judged_begins_three_tenths_of_a_second_before_speech():
    late = np.concatenate([np.zeros(16_000, np.int16), TONE])
    assert judged_part(late) == slice(16_000 - 4800, 16_000 - 4800 + 19_200)
    assert silence_missing(late) == 0
    assert silence_missing(TONE) == 4800
    assert silence_missing(np.concatenate([QUIET, TONE])) == 3200


def test_sound_is_held_back_until_it_can_be_judged():
    spoken, pause = np.tile(TONE, 4), np.zeros(3200, np.int16)
    assert not enough(np.concatenate([QUIET, spoken]))
    assert enough(np.concatenate([QUIET, QUIET, QUIET, QUIET, spoken]))
    assert enough(np.concatenate([QUIET, TONE, pause]))
    assert not enough(np.concatenate([QUIET, TONE, pause[:-320]]))
    assert not enough(np.zeros(32_000, np.int16))


def test_the_same_sound_is_heard_alike_whatever_was_heard_before(listener):
    question = sound_of("what is the capital of france")
    first = heard(listener, question)
    noise = np.random.default_rng(0).normal(0, 3000, 32_000).astype(np.int16)
    for before in (noise, sound_of("my brother lives near the sea", "ash"), question // 20):
        heard(listener, before)
        assert heard(listener, question) == first
    assert heard(Listener(listener.grammar), question) == first


def test_a_sentence_of_the_grammar_fits_better_than_another(listener):
    inside = evidence(listener, "what is the capital of france")
    outside = evidence(listener, "my brother lives in a small village near the sea")
    assert inside.whole
    assert inside.text == "what is the capital of france"
    assert inside.words[0][1] < 300  # the silence that was put before it does not count
    assert inside.lost < 0.1 < outside.lost
    assert inside.speech_frames > 80


def test_an_utterance_without_sound_holds_nothing(listener):
    listener.start()
    listener.feed(np.zeros(0, np.int16))
    heard = listener.stop()
    assert (heard.words, heard.whole) == ((), False)


def test_a_listener_is_lent_again():
    pool, grammar = Listeners(), Grammar("#JSGF V1.0;\ngrammar g;\npublic <g> = yes | no ;")
    one = pool.lend(grammar)
    other = pool.lend(grammar)
    assert one is not other
    pool.give_back(one)
    assert pool.lend(grammar) is one
