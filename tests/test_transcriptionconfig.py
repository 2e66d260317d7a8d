import pytest

from rtkit.choices import RetiredModelWarning, VADMode
from rtkit.errors import ConfigError
from rtkit.linter import lint
from rtkit.transcriptionconfig import TranscriptionSessionConfig


def test_it_is_the_session_of_the_wire_without_anything_that_answers():
    config = TranscriptionSessionConfig(
        transcription_language="de", noise_reduction="far_field", silence_duration_ms=700
    )
    assert config.to_session() == {
        "type": "transcription",
        "include": ["item.input_audio_transcription.logprobs"],
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "noise_reduction": {"type": "far_field"},
                "transcription": {"model": "gpt-transcribe", "language": "de"},
                "turn_detection": {
                    "type": "server_vad",
                    "threshold": 0.5,
                    "prefix_padding_ms": 300,
                    "silence_duration_ms": 700,
                    "idle_timeout_ms": None,
                },
            }
        },
    }
    assert not lint(config)


def test_the_streaming_model_is_committed_by_hand():
    with pytest.raises(ConfigError, match=r"session\.audio\.input\.turn_detection: .* needs null"):
        TranscriptionSessionConfig(transcription_model="gpt-realtime-whisper")
    config = TranscriptionSessionConfig(
        transcription_model="gpt-realtime-whisper", vad_mode=VADMode.MANUAL
    )
    assert config.to_session()["audio"]["input"]["turn_detection"] is None


def test_settings_of_an_assistant_are_none_of_its():
    with pytest.raises(ConfigError, match="voice: TranscriptionSessionConfig has no such setting"):
        TranscriptionSessionConfig(voice="sage")
    with pytest.raises(ConfigError, match="create_response"):
        TranscriptionSessionConfig(create_response=True)


def test_a_copy_does_not_warn_again_of_the_same_model():
    with pytest.warns(RetiredModelWarning):
        config = TranscriptionSessionConfig(transcription_model="whisper-1")
    assert config.replace(transcription_language="en").transcription_language == "en"
    assert config.replace(vad_mode=None).vad_mode is VADMode.MANUAL
