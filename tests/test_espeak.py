"""espeak-ng's settings and phonemes."""

import pytest

from rtkit.speech.espeak import RATE, SLOWEST_RATE, WORD_GAP, Prosody
from rtkit.speech.synthesis import default_synthesiser
from rtkit.speech.voices import VOICES


def test_every_setting_is_named_for_every_sentence():
    names = {frozenset(Prosody(voice).parameters()) for voice in VOICES.values()}
    assert len(names) == 1
    assert len(names.pop()) == 5


@pytest.mark.parametrize(("speed", "rate"), [(1.0, 165), (1.5, 248), (0.5, 82)])
def test_speed_is_words_a_minute(speed, rate):
    parameters = Prosody(VOICES["ash"], speed).parameters()
    assert (parameters[RATE], parameters[WORD_GAP]) == (rate, 0)


def test_below_its_slowest_rate_longer_gaps_slow_it_down():
    parameters = Prosody(VOICES["alloy"], 0.25).parameters()
    assert parameters[RATE] == SLOWEST_RATE
    assert parameters[WORD_GAP] > 10


def test_phonemes_are_those_of_american_english_whatever_was_spoken_before():
    default_synthesiser().speak("hello", "ballad", 1.0, lambda piece: None)
    assert default_synthesiser().phonemes("tomato bath") == [
        *("t", "@", "m", "'eI", "t#", "oU"),
        *("b", "'aa", "T"),
    ]
