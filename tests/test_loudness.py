"""Speech is brought to one level before it is recognised."""

import numpy as np
import pytest

from rtkit.speech.loudness import levelled, loudness_gain


@pytest.mark.parametrize("level", [0.003, 0.05, 0.9])
def test_speech_is_brought_to_one_level(level):
    sound = np.rint(level * 32767 * np.sin(np.arange(16_000) / 5)).astype(np.int16)
    even = levelled(sound, loudness_gain(sound)).astype(float) / 32768
    assert 20 * np.log10(np.sqrt((even**2).mean())) == pytest.approx(-20, abs=0.5)


def test_silence_gets_the_most_gain_and_becomes_a_quiet_room():
    assert loudness_gain(np.zeros(1600, np.int16)) == pytest.approx(100)
    room = levelled(np.zeros(16_000, np.int16), 100.0)
    assert 28 < np.sqrt((room.astype(float) ** 2).mean()) < 32


def test_too_short_a_sound_is_left_as_loud_as_it_is():
    assert loudness_gain(np.zeros(10, np.int16)) == 1.0
    assert levelled(np.zeros(0, np.int16), 1.0).size == 0


def test_what_would_be_too_loud_is_clipped():
    assert levelled(np.full(100, 30_000, np.int16), 2.0).max() == 32_767
