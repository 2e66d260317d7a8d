"""faster-whisper as the recogniser, as far as it can be tried without it.

With it, and a model made on the spot: tests/clients/test_whisper_model.py.
"""

import asyncio
import sys
from collections import namedtuple

import numpy as np
import pytest

from rtkit.errors import MissingExtra
from rtkit.speech.recognition import Heard, Word
from rtkit.speech.whisper import Model, WhisperRecogniser, _heard

Segment = namedtuple("Segment", "text words avg_logprob")  # the shapes of faster_whisper's own
Said = namedtuple("Said", "start end word probability")


def test_its_segments_become_ours():
    words = [Said(0.5, 0.7, " Hello,", 0.9), Said(0.7, 1.0, " there.", np.float64(0.4))]
    heard = _heard([Segment(" Hello, there.", words, -0.3), Segment(" Bye.", [], -0.3)])
    assert heard.text == "Hello, there. Bye."
    assert heard.words == (Word("Hello,", 500.0, 700.0, 0.9), Word("there.", 700.0, 1000.0, 0.4))
    assert all(type(number) is float for number in (heard.confidence, heard.words[1].confidence))
    assert heard.confidence == pytest.approx(0.6)
    assert _heard([]) == Heard("", (), 0.0, "whisper")


def test_text_without_words_has_the_confidence_of_its_tokens():
    assert _heard([Segment(" Yes.", None, np.log(0.5))]).confidence == pytest.approx(0.5)


def test_what_is_not_given_is_taken_from_the_environment(monkeypatch):
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    for name in ("MODEL", "DEVICE", "COMPUTE", "LANGUAGE"):
        monkeypatch.delenv(f"RTKIT_WHISPER_{name}", raising=False)
    usual = WhisperRecogniser()
    assert (usual.model, usual.language) == (Model("base.en", "cpu", "int8"), "en")
    monkeypatch.setenv("RTKIT_WHISPER_MODEL", "small")
    monkeypatch.setenv("RTKIT_WHISPER_DEVICE", "cuda")
    monkeypatch.setenv("RTKIT_WHISPER_LANGUAGE", "auto")
    named = WhisperRecogniser()
    assert (named.model, named.language) == (Model("small", "cuda", "default"), "auto")
    given = WhisperRecogniser("tiny", device="cpu", compute="float32", language="DE")
    assert (given.model, given.language) == (Model("tiny", "cpu", "float32"), "de")
    for recogniser in (usual, named, given):
        recogniser.close()


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
