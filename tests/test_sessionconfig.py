import json
import warnings

import pytest

from rtkit.catalog import DEFAULT_MODEL, model
from rtkit.choices import NoiseReduction, RetiredModelWarning, VADMode, Voice
from rtkit.errors import ConfigError
from rtkit.fields import check_update, default_session, merge
from rtkit.formats import AudioFormat
from rtkit.parts import CustomVoice, TranscriptionConfig, VADConfig
from rtkit.sessionconfig import RealtimeConfig, RealtimeSessionConfig


def test_the_default_configuration_is_the_lessons_with_models_that_live():
    config = RealtimeSessionConfig()
    assert config.model == DEFAULT_MODEL
    assert model(config.transcription_model).status == "active"
    lesson = {
        "voice": Voice.ALLOY,
        "instructions": "",
        "input_audio_format": AudioFormat.PCM16,
        "output_audio_format": AudioFormat.PCM16,
        "sample_rate": 24000,
        "vad_mode": VADMode.SERVER,
        "vad_threshold": 0.5,
        "silence_duration_ms": 500,
        "transcription_enabled": True,
        "transcription_language": None,
        "temperature": 0.8,
        "max_response_tokens": 4096,
    }
    assert {name: getattr(config, name) for name in lesson} == lesson


def test_what_is_sent_is_the_ga_session_in_full():
    config = RealtimeSessionConfig(
        voice=Voice.CORAL, instructions="Be brief.", silence_duration_ms=700, temperature=0.6
    )
    assert config.to_session() == {
        "type": "realtime",
        "model": DEFAULT_MODEL,
        "output_modalities": ["audio"],
        "instructions": "Be brief.",
        "max_output_tokens": 4096,
        "tools": [],
        "tool_choice": "auto",
        "truncation": "auto",
        "include": ["item.input_audio_transcription.logprobs"],
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "noise_reduction": None,
                "transcription": {"model": "gpt-transcribe"},
                "turn_detection": {
                    "type": "server_vad",
                    "threshold": 0.5,
                    "prefix_padding_ms": 300,
                    "silence_duration_ms": 700,
                    "idle_timeout_ms": None,
                    "create_response": True,
                    "interrupt_response": True,
                },
            },
            "output": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "voice": "coral",
                "speed": 1.0,
            },
        },
    }
    json.dumps(config.to_session())


def test_settings_that_are_optional_on_the_wire_are_sent_when_they_were_made():
    session = RealtimeSessionConfig(
        reasoning_effort="low",
        parallel_tool_calls=False,
        tracing="auto",
        tools=[{"type": "function", "name": "look_up"}],
        tool_choice={"type": "function", "name": "look_up"},
        voice={"id": "voice_1"},
        output_modalities="text",
        transcription_enabled=False,
    ).to_session()
    assert session["reasoning"] == {"effort": "low"}
    assert session["parallel_tool_calls"] is False
    assert session["tracing"] == "auto"
    assert session["output_modalities"] == ["text"]
    assert session["audio"]["output"]["voice"] == {"id": "voice_1"}
    assert session["audio"]["input"]["transcription"] is None
    assert "include" not in session
    assert "instructions" not in session
    assert check_update(session, current=default_session()) is None


def test_each_session_is_a_new_one():
    config = RealtimeSessionConfig(tools=[{"type": "function", "name": "look_up"}])
    config.to_session()["tools"][0]["name"] = "changed"
    config.to_session()["audio"]["input"].clear()
    assert config.to_session() == config.replace().to_session()


@pytest.mark.parametrize("mode", [VADMode.MANUAL, VADMode.CLIENT, None, "none"])
def test_turns_that_end_on_this_side_are_null_on_the_wire(mode):
    config = RealtimeSessionConfig(vad_mode=mode)
    assert config.to_session()["audio"]["input"]["turn_detection"] is None
    assert config.get_api_config()["turn_detection"] is None


def test_the_first_class_of_the_lesson_is_the_same_class_and_knows_its_names(capsys):
    assert RealtimeConfig is RealtimeSessionConfig
    with pytest.warns(RetiredModelWarning, match=r"on 2026-05-07; use 'gpt-realtime-2.1'"):
        config = RealtimeConfig(
            model="gpt-4o-realtime-preview",
            voice="alloy",
            instructions="You are a helpful voice assistant.",
            turn_detection="server_vad",
        )
    print(f"Session config: {config.to_session_config()}")
    assert "'turn_detection': {'type': 'server_vad'}" in capsys.readouterr().out
    other = RealtimeConfig(input_audio_transcription=False, max_response_output_tokens=100)
    assert (other.transcription_enabled, other.max_response_tokens) == (False, 100)
    assert (other.input_audio_transcription, other.max_response_output_tokens) == (False, 100)
    assert other.turn_detection == "server_vad"
    with pytest.raises(ConfigError, match="the same setting as vad_mode"):
        RealtimeConfig(turn_detection="server_vad", vad_mode="manual")


def test_the_lessons_getters_give_the_flat_shape_that_is_retired():
    config = RealtimeSessionConfig(
        instructions="Be brief.", transcription_language="en", temperature=0.6
    )
    flat = {
        "model": DEFAULT_MODEL,
        "voice": "alloy",
        "input_audio_format": "pcm16",
        "output_audio_format": "pcm16",
        "turn_detection": {"type": "server_vad"},
        "temperature": 0.6,
        "max_response_output_tokens": 4096,
        "input_audio_transcription": {"model": "gpt-transcribe"},
        "instructions": "Be brief.",
    }
    assert config.to_session_config() == flat
    assert config.get_api_config() == flat | {
        "turn_detection": {
            "type": "server_vad",
            "threshold": 0.5,
            "prefix_padding_ms": 300,
            "silence_duration_ms": 500,
        },
        "input_audio_transcription": {"model": "gpt-transcribe", "language": "en"},
    }
    assert "input_audio_transcription" not in (
        config.replace(transcription_enabled=False).get_api_config()
    )
    for getter in (config.to_session_config, config.get_api_config, VADConfig().to_dict):
        assert "Retired" in getter.__doc__


def test_what_has_no_place_in_a_ga_session_is_told_only_when_it_was_set():
    assert RealtimeSessionConfig().retired_fields() == {}
    told = RealtimeSessionConfig(temperature=0.6, sample_rate=24000).retired_fields()
    assert set(told) == {"temperature", "sample_rate"}
    assert "temperature" not in json.dumps(RealtimeSessionConfig(temperature=0.6).to_session())
    assert set(RealtimeSessionConfig(temperature=1).replace(voice="ash").retired_fields()) == {
        "temperature"
    }


def test_the_sample_rate_is_that_of_the_format():
    phone = RealtimeSessionConfig(input_audio_format="g711_ulaw", output_audio_format="g711_ulaw")
    assert phone.sample_rate == 8000
    assert phone.replace(input_audio_format="pcm16").sample_rate == 24000
    assert phone.replace(sample_rate=8000).sample_rate == 8000
    with pytest.raises(ConfigError, match=r"sample_rate: found 16000; allowed: 24000.*resample"):
        RealtimeSessionConfig(sample_rate=16000)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            {"voice": "corall"},
            r"voice: found 'corall'; allowed: 'alloy', .* mean 'coral'\?",
        ),
        ({"voice": {"name": "x"}}, r"voice: found \{'name': 'x'\}; allowed: .*custom voice"),
        ({"vad_threshold": 1.5}, r"vad_threshold: found 1.5; allowed: .* from 0 to 1"),
        ({"silence_duration_ms": -1}, r"silence_duration_ms: found -1; allowed: .*0 or more"),
        ({"output_modalities": ["audio", "text"]}, r"output_modalities: .*never both"),
        ({"output_modalities": []}, r"output_modalities: found \[\]"),
        ({"temprature": 0.8}, r"temprature: .* no such setting. Did you mean 'temperature'"),
        ({"speed": 2}, r"speed: found 2.0; allowed: .* 0.25 to 1.5"),
        ({"max_response_tokens": 5000}, r"from 1 to 4096, or 'inf'"),
        ({"max_response_tokens": "all"}, r"from 1 to 4096, or 'inf'"),
        ({"idle_timeout_ms": 6000, "vad_mode": "manual"}, r"only with server_vad.*Leave it out"),
        (
            {"input_audio_format": "mp3"},
            r"input_audio_format: found 'mp3'; allowed: 'pcm16', ",
        ),
        ({"noise_reduction": "far"}, r"noise_reduction: found 'far'; allowed: 'near_field' or"),
        ({"reasoning_effort": "max"}, r"reasoning_effort: found 'max'; allowed: 'minimal'"),
        (
            {"tools": [{"type": "function"}]},
            r"tools: .*Missing .*: 'tools\[0\].name'",
        ),
        ({"tool_choice": "any"}, r"tool_choice: found 'any'; allowed: 'auto', 'none', 'required'"),
        ({"truncation": {"type": "retention_ratio"}}, r"truncation: .*retention_ratio"),
        (
            {"transcription_languages": []},
            r"transcription_languages: found \[\]; allowed: an array",
        ),
        ({"tracing": "on"}, r"tracing: found 'on'; allowed: None, 'auto'"),
        ({"instructions": None}, r"instructions: found None; allowed: a string"),
    ],
)
def test_a_value_that_no_session_can_have_is_refused_in_plain_words(wrong, words):
    with pytest.raises(ConfigError, match=words):
        RealtimeSessionConfig(**wrong)


def test_a_configuration_does_not_change_once_it_is_made():
    config = RealtimeSessionConfig()
    with pytest.raises(ConfigError, match=r"config\.replace\(voice='sage'\)"):
        config.voice = "sage"
    assert config.replace(voice="sage").voice is Voice.SAGE
    assert config.voice is Voice.ALLOY


def test_a_copy_may_be_made_by_the_first_names_too():
    config = RealtimeSessionConfig(vad_mode="semantic_vad")
    assert config.replace(turn_detection="manual").vad_mode is VADMode.MANUAL


def test_its_parts_say_what_the_whole_says():
    config = RealtimeSessionConfig(
        vad_threshold=0.7, transcription_language="de", noise_reduction=NoiseReduction.NEAR_FIELD
    )
    assert config.vad == VADConfig(threshold=0.7)
    assert config.transcription == TranscriptionConfig(language="de")
    assert config.replace(voice=CustomVoice(id="voice_1")).voice.value == {"id": "voice_1"}


def test_every_setting_that_is_sent_is_checked_by_a_row_of_the_table_or_by_its_type():
    checked = set(RealtimeSessionConfig.PATHS)
    typed = set(RealtimeSessionConfig.model_fields) - checked
    assert typed == {
        *("model", "input_audio_format", "output_audio_format", "sample_rate", "vad_mode"),
        *("transcription_enabled", "transcription_logprobs", "temperature"),
    }


@pytest.mark.parametrize("name", ["model", "transcription_model"])
def test_a_retired_model_is_a_warning_at_the_callers_line_and_no_refusal(name):
    ended = {"model": "gpt-4o-realtime-preview", "transcription_model": "whisper-1"}[name]
    with pytest.warns(RetiredModelWarning, match="use 'gpt-") as told:
        config = RealtimeSessionConfig(**{name: ended})
    assert [warning.filename for warning in told] == [__file__]
    assert getattr(config, name) == ended
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        config.replace(voice="sage")
        config.to_session()


def test_it_reads_as_the_call_that_makes_it_again():
    config = RealtimeSessionConfig(voice=Voice.CORAL, input_audio_format="g711_ulaw")
    text = repr(config)
    assert text == "RealtimeSessionConfig(input_audio_format='g711_ulaw', voice='coral')"
    assert eval(text) == config


# --- from the wire -------------------------------------------------------------------------------


def test_what_was_sent_is_read_as_the_same_configuration():
    config = RealtimeSessionConfig(
        voice="sage",
        vad_mode=VADMode.SEMANTIC,
        eagerness="low",
        noise_reduction="far_field",
        reasoning_effort="low",
        prompt={"id": "pmpt_1"},
        tools=[{"type": "function", "name": "look_up"}],
    )
    assert RealtimeSessionConfig.from_session(config.to_session()) == config
    assert RealtimeSessionConfig.from_session(config.to_session()).given() == config.given()


def test_what_a_session_leaves_out_is_what_the_server_would_have():
    config = RealtimeSessionConfig.from_session({"type": "realtime"})
    assert merge(default_session(), config.to_session()) == default_session()
    assert config.given() == {"max_response_tokens": "inf", "transcription_enabled": False} | {
        "transcription_logprobs": False
    }


def test_a_session_that_is_refused_is_refused_here_in_the_servers_words():
    with pytest.raises(ConfigError, match=r"session\.voice: Unknown parameter.*rtkit\.migrate"):
        RealtimeSessionConfig.from_session({"type": "realtime", "voice": "sage"})


def test_details_may_be_asked_for_while_transcription_is_off():
    logprobs = ["item.input_audio_transcription.logprobs"]
    session = {"type": "realtime", "include": logprobs}
    config = RealtimeSessionConfig.from_session(session)
    assert config.to_session()["include"] == logprobs
    assert "include" not in RealtimeSessionConfig(transcription_enabled=False).to_session()
