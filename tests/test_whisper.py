"""faster-whisper as the recogniser, as far as it can be tried without its weights."""

import asyncio
import sys
from collections import namedtuple

import numpy as np
import pytest

from rtkit.errors import MissingExtra
from rtkit.speech.recognition import Heard, Word
from rtkit.speech.whisper import WhisperRecogniser, _heard

Said = namedtuple("Said", "start end word probability")  # the shape of faster_whisper's Word


def test_its_words_become_ours():
    heard = _heard([Said(0.5, 0.7, " Hello,", 0.9), Said(0.7, 1.0, " there.", 0.4)])
    assert heard.text == "Hello, there."
    assert heard.words[0] == Word("Hello,", 500.0, 700.0, 0.9)
    assert heard.confidence == pytest.approx(0.6)
    assert _heard([]) == Heard("", (), 0.0, "whisper")


def test_without_the_extra_its_command_is_named_and_silence_needs_no_model(monkeypatch):
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    recogniser = WhisperRecogniser()
    recogniser.begin()
    recogniser.feed(np.zeros(1600, np.int16))
    assert recogniser.partial() == ""
    assert asyncio.run(recogniser.finish()) == Heard("", (), 0.0, "whisper")
    recogniser.feed(np.ones(1600, np.int16))
    with pytest.raises(MissingExtra, match=r"pip install 'rtkit\[whisper\]'"):
        asyncio.run(recogniser.finish())
    recogniser.close()
