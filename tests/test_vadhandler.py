import time

import numpy as np
import pytest

from rtkit.config import VADConfig, VADMode
from rtkit.speech.synthesis import say
from rtkit.vadhandler import VADHandler


def test_it_is_told_when_somebody_speaks(capsys):
    handler = VADHandler(VADConfig(mode=VADMode.SERVER))
    assert handler.get_speech_duration() == 0
    handler.on_speech_start()
    time.sleep(0.02)
    assert handler.is_speaking
    assert handler.get_speech_duration() >= 0.02
    handler.on_speech_end()
    assert not handler.is_speaking
    assert handler.last_speech_time > handler.speech_start_time
    assert capsys.readouterr().out.startswith("Speech started\nSpeech ended after 0.0")


def test_an_end_without_a_beginning(capsys):
    VADHandler().on_speech_end()
    assert capsys.readouterr().out == ""


def test_it_hears_by_itself(capsys):
    clip = say("What is the capital of France?")
    handler = VADHandler(VADConfig(mode=VADMode.CLIENT, silence_duration_ms=300))
    silence = np.zeros(clip.rate // 2, np.float32)
    found = handler.hear(silence, clip.rate) + handler.hear(clip.samples, clip.rate)
    assert handler.is_speaking
    assert handler.get_speech_duration() == pytest.approx(clip.duration, abs=0.5)
    found += handler.hear(silence, clip.rate)
    assert [type(event).__name__ for event in found] == ["SpeechStarted", "SpeechStopped"]
    assert not handler.is_speaking
    spoken = (handler.last_speech_time - handler.speech_start_time).total_seconds()
    assert spoken == pytest.approx(clip.duration + 0.3, abs=0.4)  # with the prefix padding
    assert "Speech ended after" in capsys.readouterr().out
