import numpy as np
import pytest
from socketstory import options

from rtkit.audio import AudioFormat, encode
from rtkit.config import RealtimeSessionConfig
from rtkit.errors import AudioError
from rtkit.interactions import SpeechInteraction, SpeechInteractionMode, SpeechToSpeechHandler
from rtkit.server.brain import Script

TONE = 0.3 * np.sin(2 * np.pi * 220 * np.arange(12_000) / 24_000)


def test_sound_goes_in_and_sound_comes_out():
    server = options(Script("Hello there."))
    with SpeechToSpeechHandler(RealtimeSessionConfig(), server=server) as handler:
        found = handler.process_audio_input(encode(TONE, AudioFormat.PCM16))
        assert found.mode is SpeechInteractionMode.SPEECH_TO_SPEECH
        assert (found.transcript, found.output_text) == ("hello", "Hello there.")
        assert found.has_audio_output
        assert len(found.output_audio) == 2 * 60 * 48  # two words of 60 ms
        assert found.latency_ms > 400  # half a second of silence ends the turn
        assert handler.get_conversation_transcript() == "User: hello\nAssistant: Hello there."
        session = handler.session
        handler.process_audio_input(encode(TONE[::3], AudioFormat.G711_ULAW), "g711_ulaw")
        assert (handler.session, len(handler.interactions)) == (session, 2)
    assert session.closed


def test_a_format_that_nobody_knows():
    with pytest.raises(AudioError, match=r"no audio format is called 'mp3'. Allowed: pcm16, g711"):
        SpeechToSpeechHandler().process_audio_input(b"", "mp3")


def test_no_sound_is_no_question():
    with (
        pytest.raises(AudioError, match="the clip is empty"),
        SpeechToSpeechHandler(server=options()) as handler,
    ):
        handler.process_audio_input(b"")


def test_an_interaction_without_sound():
    typed = SpeechInteraction(SpeechInteractionMode.TEXT_TO_SPEECH, input_text="hi")
    assert not typed.has_audio_output
    handler = SpeechToSpeechHandler()
    handler.interactions.append(typed)
    assert handler.get_conversation_transcript() == "User: hi"
    handler.close()
