"""One utterance through a grammar: what is held back, and the evidence."""

import numpy as np
import pytest

from rtkit.server.tutor import Tutor
from rtkit.speech.grammar import Grammar
from rtkit.speech.listening import Listener, Listeners, judged_part, silence_missing, speaking
from rtkit.speech.synthesis import say

QUIET = np.zeros(1600, np.int16)
TONE = np.rint(8000 * np.sin(np.arange(3200) / 5)).astype(np.int16)


@pytest.fixture(scope="module")
def listener():
    return Listener(Grammar(Tutor().grammar))


def evidence(listener, text, voice="coral"):
    said = np.frombuffer(say(text, voice=voice).resampled(16_000).to_pcm16(), "<i2")
    sound = np.concatenate([QUIET, said, np.zeros(8000, np.int16)])
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
    assert judged_part(late) == slice(16_000 - 4800, 16_000 - 4800 + 14_400)
    assert silence_missing(late) == 0
    assert silence_missing(TONE) == 4800
    assert silence_missing(np.concatenate([QUIET, TONE])) == 3200


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
