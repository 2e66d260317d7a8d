import warnings

import pytest

from rtkit.choices import RetiredModelWarning, VADMode
from rtkit.errors import ConfigError
from rtkit.fields import check_update, default_session
from rtkit.parts import CustomVoice, TranscriptionConfig, VADConfig


def taken(**audio_input):
    update = {"type": "realtime", "audio": {"input": audio_input}}
    return check_update(update, current=default_session()) is None


def test_the_default_turn_taking_is_that_of_a_new_session():
    new = default_session()["audio"]["input"]["turn_detection"]
    assert VADConfig().to_turn_detection() == new
    assert VADConfig(mode=VADMode.SERVER).to_turn_detection() == new


def test_semantic_turn_taking_has_eagerness_in_place_of_silence():
    wire = VADConfig(mode=VADMode.SEMANTIC, eagerness="low").to_turn_detection()
    assert wire == {
        "type": "semantic_vad",
        "eagerness": "low",
        "create_response": True,
        "interrupt_response": True,
    }
    assert taken(turn_detection=wire)


@pytest.mark.parametrize("mode", [VADMode.CLIENT, VADMode.MANUAL])
def test_turns_that_end_on_this_side_are_null_on_the_wire(mode):
    assert VADConfig(mode=mode).to_turn_detection() is None
    assert VADConfig(mode=mode).to_dict() is None


def test_the_lessons_getter_gives_the_lessons_shape(capsys):
    vad_config = VADConfig(mode=VADMode.SERVER, threshold=0.5, silence_duration_ms=500)
    print(f"VAD config: {vad_config.to_dict()}")
    assert capsys.readouterr().out == (
        "VAD config: {'type': 'server_vad', 'threshold': 0.5, 'prefix_padding_ms': 300, "
        "'silence_duration_ms': 500}\n"
    )
    assert VADConfig(VADMode.SEMANTIC).to_dict() == {"type": "semantic_vad", "eagerness": "auto"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"threshold": 1.5}, "threshold: found 1.5; allowed: .* 0 to 1"),
        ({"silence_duration_ms": -1}, "silence_duration_ms: found -1; allowed: .* 0 or more"),
        ({"idle_timeout_ms": 100}, "idle_timeout_ms: found 100; allowed: .*5000 to 30000, or None"),
        ({"eagerness": "hasty"}, "eagerness: found 'hasty'; allowed: 'low', 'medium', 'high'"),
        ({"mode": "server"}, "mode: found 'server'; .* Did you mean 'server_vad'"),
        ({"idle_timeout_ms": 6000, "mode": "manual"}, "only with server_vad"),
    ],
)
def test_turn_taking_that_no_session_can_have_is_refused(wrong, words):
    with pytest.raises(ConfigError, match=words):
        VADConfig(**wrong)


def test_transcription_is_a_current_model_unless_it_is_off():
    assert TranscriptionConfig().to_transcription() == {"model": "gpt-transcribe"}
    assert TranscriptionConfig(enabled=False).to_transcription() is None


def test_transcription_says_what_was_set_and_the_session_takes_it():
    config = TranscriptionConfig(
        language="de", keywords=["rtkit"], languages=["de", "en"], prompt="names", delay="low"
    )
    assert config.to_transcription() == {
        "model": "gpt-transcribe",
        "language": "de",
        "languages": ["de", "en"],
        "prompt": "names",
        "keywords": ["rtkit"],
        "delay": "low",
    }
    assert taken(transcription=config.to_transcription())


def test_the_lessons_transcription_works_and_warns_of_the_model_that_ends():
    with pytest.warns(RetiredModelWarning, match="'whisper-1' is deprecated"):
        config = TranscriptionConfig(enabled=True, model="whisper-1", language=None)
    assert config.to_transcription() == {"model": "whisper-1"}


def test_a_model_that_is_not_used_is_not_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TranscriptionConfig(enabled=False, model="whisper-1")


@pytest.mark.parametrize("wrong", [{"languages": []}, {"delay": "none"}, {"keywords": "rtkit"}])
def test_transcription_that_no_session_can_have_is_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        TranscriptionConfig(**wrong)


def test_a_custom_voice_is_its_id_on_the_wire():
    assert CustomVoice(id="voice_1").value == {"id": "voice_1"}
    with pytest.raises(ConfigError, match="id: not given"):
        CustomVoice()
