import time
from datetime import timedelta

import numpy as np
import pytest

from rtkit.clip import Clip
from rtkit.config import VADConfig, VADMode
from rtkit.detectors import listen
from rtkit.segments import segment
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


@pytest.mark.parametrize(
    "config",
    [
        VADConfig(mode=VADMode.SERVER, silence_duration_ms=250, threshold=0.7),
        VADConfig(mode=VADMode.SEMANTIC, eagerness="high"),
        VADConfig(mode=VADMode.MANUAL),
    ],
)
def test_it_finds_the_turns_that_segment_finds(config, capsys):
    said = say("Okay.") + Clip.silence(0.4) + say("What time is it?") + Clip.silence(1.0)
    handler, found = VADHandler(config, "energy"), []
    for piece in np.array_split(said.samples, 70):
        found += handler.hear(piece, said.rate)
    manual = config.mode is VADMode.MANUAL  # speech is noticed, though turns are ended by hand
    told = segment(listen(said, "energy"), None if manual else config)
    places = [event.get("audio_start_ms", event.get("audio_end_ms")) for event in told.events]
    came = [getattr(e, "audio_start_ms", None) or getattr(e, "audio_end_ms", 0) for e in found]
    assert came == [place for place in places if place is not None] != []
    last = timedelta(milliseconds=told.segments[-1].speech_end_ms)
    assert handler.last_speech_time - handler._began == last


def test_sound_that_comes_at_once_has_turns_as_long_as_in_pieces(capsys):
    said = say("Okay.") + Clip.silence(0.8) + say("What time is it?") + Clip.silence(1.0)
    VADHandler().hear(said.samples, said.rate)
    at_once, handler = capsys.readouterr().out, VADHandler()
    for piece in np.array_split(said.samples, 70):
        handler.hear(piece, said.rate)
    assert capsys.readouterr().out == at_once
    assert at_once.count("Speech ended after") == 2
