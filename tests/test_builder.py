import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtkit.builder import RealtimeConfigBuilder
from rtkit.choices import NoiseReduction, RetiredModelWarning, UseCase, VADMode, Voice
from rtkit.errors import ConfigError
from rtkit.fields import check_update, default_session, merge
from rtkit.formats import AudioFormat
from rtkit.sessionconfig import RealtimeSessionConfig

TOOL = {"type": "function", "name": "look_up", "parameters": {"type": "object"}}


def built(**settings):
    return RealtimeConfigBuilder().with_settings(**settings).build()


def test_the_lessons_chain_builds_the_lessons_configuration():
    config = (
        RealtimeConfigBuilder()
        .for_use_case(UseCase.CUSTOMER_SERVICE)
        .with_voice(Voice.CORAL)
        .with_instructions("You are a helpful customer service agent.")
        .with_transcription(enabled=True, language="en")
        .with_vad(VADMode.SERVER, threshold=0.5, silence_ms=700)
        .build()
    )
    assert config.voice is Voice.CORAL
    assert config.silence_duration_ms == 700
    assert config.transcription_language == "en"
    assert config.temperature == 0.6
    assert config.get_api_config()["turn_detection"]["type"] == "server_vad"


def test_building_twice_gives_two_independent_objects():
    builder = RealtimeConfigBuilder().with_tools(TOOL)
    first, second = builder.build(), builder.build()
    assert first == second
    assert first is not second
    assert first.tools[0] is not second.tools[0]
    first.to_session()["tools"][0]["name"] = "changed"
    first.tools[0]["name"] = "changed"
    assert second.tools[0]["name"] == builder.build().tools[0]["name"] == "look_up"


def test_later_steps_do_not_change_what_was_built():
    builder = RealtimeConfigBuilder().with_voice(Voice.SAGE)
    first = builder.build()
    second = builder.with_voice(Voice.ECHO).build()
    assert (first.voice, second.voice) == (Voice.SAGE, Voice.ECHO)


def test_every_step_returns_the_builder():
    builder = RealtimeConfigBuilder()
    assert builder.with_model("gpt-realtime-2").with_modalities("text") is builder
    assert builder.with_noise_reduction(NoiseReduction.FAR_FIELD, 0.5) is builder
    config = builder.build()
    assert config.model == "gpt-realtime-2"
    assert config.output_modalities == ("text",)
    assert config.to_session()["audio"]["input"]["noise_reduction"] == {
        "type": "far_field",
        "strength": 0.5,
    }


def test_one_audio_format_goes_both_ways_and_two_go_each_their_own():
    both = RealtimeConfigBuilder().with_audio_formats(AudioFormat.G711_ALAW).build()
    assert both.input_audio_format is both.output_audio_format is AudioFormat.G711_ALAW
    assert both.sample_rate == 8000
    mixed = RealtimeConfigBuilder().with_audio_formats("pcm16", "g711_ulaw").build()
    assert mixed.sample_rate == 24000
    assert mixed.output_audio_format is AudioFormat.G711_ULAW


def test_a_step_refuses_at_once_and_leaves_the_builder_as_it_was():
    builder = RealtimeConfigBuilder().with_voice(Voice.SAGE)
    for step in (
        lambda: builder.with_voice("nova"),
        lambda: builder.with_vad(VADMode.SERVER, threshold=1.5),
        lambda: builder.with_vad(VADMode.SERVER, silence_ms=-1),
        lambda: builder.with_modalities("audio", "text"),
        lambda: builder.with_settings(temprature=0.8),
        lambda: builder.with_transcription(colour="red"),
        lambda: builder.with_tools({"type": "function", "function": {"name": "x"}}),
        lambda: builder.for_use_case("party"),
    ):
        with pytest.raises(ConfigError, match=r"allowed|Its settings are"):
            step()
    assert builder.build() == RealtimeSessionConfig(voice=Voice.SAGE)


def test_a_model_that_ends_is_told_of_once_where_it_was_named():
    builder = RealtimeConfigBuilder()
    with pytest.warns(RetiredModelWarning, match="2027-01-20") as told:
        builder.with_model("gpt-realtime").with_voice("ash").build()
    assert [warning.filename for warning in told] == [__file__]


STEPS = st.one_of(
    st.builds(lambda v: ("for_use_case", (v,), {}), st.sampled_from(UseCase)),
    st.builds(lambda v: ("with_voice", (v,), {}), st.sampled_from([*Voice, {"id": "voice_1"}])),
    st.builds(lambda v: ("with_instructions", (v,), {}), st.text(max_size=20)),
    st.builds(
        lambda on, lang, more: ("with_transcription", (on, lang), more),
        st.booleans(),
        st.sampled_from([None, "en", "de"]),
        st.fixed_dictionaries(
            {},
            optional={
                "model": st.sampled_from(["gpt-transcribe", "gpt-live-transcribe"]),
                "prompt": st.text(max_size=9),
                "keywords": st.lists(st.text(max_size=5), max_size=2),
                "logprobs": st.booleans(),
            },
        ),
    ),
    st.builds(
        lambda mode, t, ms: ("with_vad", (mode, t, ms), {}),
        st.sampled_from(VADMode),
        st.floats(0, 1),
        st.integers(0, 5000),
    ),
    st.builds(
        lambda c: ("with_tools", (TOOL,), {"tool_choice": c}), st.sampled_from(["auto", "none"])
    ),
    st.builds(lambda m: ("with_modalities", (m,), {}), st.sampled_from(["audio", "text"])),
    st.builds(lambda f: ("with_audio_formats", (f,), {}), st.sampled_from(AudioFormat)),
    st.builds(
        lambda k: ("with_noise_reduction", (k,), {}), st.sampled_from([None, *NoiseReduction])
    ),
    st.builds(
        lambda s: ("with_settings", (), s),
        st.fixed_dictionaries(
            {},
            optional={
                "speed": st.floats(0.25, 1.5),
                "max_response_tokens": st.integers(1, 4096) | st.just("inf"),
                "reasoning_effort": st.sampled_from([None, "minimal", "xhigh"]),
                "parallel_tool_calls": st.sampled_from([None, True, False]),
                "truncation": st.sampled_from(
                    ["auto", "disabled", {"type": "retention_ratio", "retention_ratio": 0.5}]
                ),
                "tracing": st.sampled_from([None, "auto", {"workflow_name": "x"}]),
                "create_response": st.booleans(),
                "eagerness": st.sampled_from(["low", "auto"]),
            },
        ),
    ),
)


def test_an_idle_timeout_is_taken_back_by_a_mode_that_has_none():
    builder = RealtimeConfigBuilder().for_use_case("phone_line")
    assert builder.config.idle_timeout_ms is not None
    assert builder.with_vad(VADMode.SEMANTIC).config.idle_timeout_ms is None
    with pytest.raises(ConfigError, match="only with server_vad"):
        builder.with_vad(VADMode.SEMANTIC, idle_timeout_ms=6000)


@settings(max_examples=40, deadline=None)
@given(st.lists(STEPS, max_size=8))
def test_whatever_is_built_is_a_session_that_the_server_and_the_official_types_take(steps):
    builder = RealtimeConfigBuilder()
    for name, args, more in steps:
        assert getattr(builder, name)(*args, **more) is builder
    session = builder.build().to_session()
    current = default_session(model=session["model"])
    assert check_update(session, current=current) is None
    applied = merge(current, session)
    assert {name: applied[name] for name in session if name != "audio"} == {
        name: value for name, value in session.items() if name != "audio"
    }
    assert applied["audio"]["output"] == session["audio"]["output"]
    assert json.loads(json.dumps(session)) == session
    official_request().validate_python(session)


def official_request():
    pytest.importorskip("openai")
    from openai.types.realtime import RealtimeSessionCreateRequest
    from pydantic import TypeAdapter

    return TypeAdapter(RealtimeSessionCreateRequest)


# --- explaining ----------------------------------------------------------------------------------


def reasons(builder):
    return {reason.path or reason.setting: reason for reason in builder.explain()}


def test_it_explains_what_differs_from_the_servers_defaults_and_why():
    builder = (
        RealtimeConfigBuilder().for_use_case(UseCase.PHONE_LINE).with_voice(Voice.CORAL)
    ).with_instructions("Take orders.")
    told = reasons(builder)
    silence = told["audio.input.turn_detection.silence_duration_ms"]
    assert (silence.value, silence.default) == (700, 500)
    assert silence.why.startswith("PHONE_LINE: callers look things up")
    assert told["audio.output.voice"].why == told["instructions"].why == "You said so."
    assert told["audio.input.format.type"].setting == "input_audio_format"
    assert "lesson" in told["max_output_tokens"].why
    assert "audio.input.turn_detection.threshold" not in told


def test_what_is_not_sent_is_explained_too():
    told = reasons(RealtimeConfigBuilder().for_use_case("customer_service"))
    assert told["temperature"].path == ""
    assert "no temperature" in told["temperature"].why
    assert "not sent" in str(RealtimeConfigBuilder().with_settings(temperature=1).explain())


@pytest.mark.parametrize("use_case", UseCase)
def test_everything_that_differs_is_explained_in_any_use_case(use_case):
    builder = (
        RealtimeConfigBuilder()
        .for_use_case(use_case)
        .with_settings(reasoning_effort="low", prompt={"id": "p"}, noise_reduction="far_field")
    )
    usual = default_session()
    explained = builder.explain()
    assert all(reason.why.endswith(".") for reason in explained)
    paths = {reason.path for reason in explained}
    for name, value in merge(usual, builder.build().to_session()).items():
        differs = value != usual.get(name)
        assert differs == any(path.split(".")[0] == name for path in paths), name


def test_an_explanation_is_a_table():
    explanation = RealtimeConfigBuilder().explain()
    assert explanation._repr_html_().count("<tr>") == len(explanation) + 1
    assert "Server" in str(explanation)
    assert explanation[:1][0] is explanation[0]


def test_the_input_side_can_be_built_as_a_session_that_only_writes_down():
    builder = RealtimeConfigBuilder().for_use_case(UseCase.TRANSCRIPTION).with_voice("sage")
    session = builder.with_transcription(language="de").build_transcription().to_session()
    assert session["type"] == "transcription"
    heard = session["audio"]["input"]
    assert heard["transcription"]["language"] == "de"
    assert heard["turn_detection"]["silence_duration_ms"] == 700
    assert "create_response" not in heard["turn_detection"]


def test_another_use_case_leaves_nothing_of_the_one_before():
    builder = RealtimeConfigBuilder().for_use_case(UseCase.TRANSCRIPTION).with_voice("sage")
    config = builder.for_use_case(UseCase.PUSH_TO_TALK).build()
    assert config == RealtimeConfigBuilder().for_use_case(UseCase.PUSH_TO_TALK).build()
    assert config.output_modalities == ("audio",)
    idle = RealtimeConfigBuilder().with_vad(VADMode.SERVER, idle_timeout_ms=6000)
    assert idle.for_use_case(UseCase.LANGUAGE_TUTOR).build().idle_timeout_ms is None
