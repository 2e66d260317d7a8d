"""The linter: every rule has a session that breaks it, and its errors are the server's refusals."""

import json
import re

import pytest
from fieldcases import FUNCTION, IN, OUT, SEMANTIC, TD, TR, VAD, at
from hypothesis import given, settings
from hypothesis import strategies as st
from sessioncases import corrupted, sessions

from rtkit.betashape import MOVES
from rtkit.catalog import DEFAULT_MODEL
from rtkit.choices import VADMode
from rtkit.fields import check_response, check_update, default_session
from rtkit.linter import RULES, Findings, lint
from rtkit.rulebook import HOSTED
from rtkit.sessionconfig import RealtimeSessionConfig
from rtkit.verdicts import REFUSED

DEAD = {f"dead-{move.old.replace('_', '-')}": (at(move.old, "x"), {}) for move in MOVES}
WHISPER, LIVE = {"model": "gpt-realtime-whisper"}, {"model": "gpt-live-transcribe"}
PLAIN = {"model": "gpt-transcribe"}
OPENAI, AZURE = {"target": "openai"}, {"target": "azure"}
TRANSCRIBE = {"type": "transcription"}
NR = "audio.input.noise_reduction"
PHONE_IN = {"format": {"type": "audio/pcmu"}}


def vad(**more):
    return at(TD, VAD | more)


def heard(**told):
    return at(TR, told)


# rule -> (what breaks it, what else the linter is told)
BROKEN = DEAD | {
    "kind-missing": ({"instructions": "x"}, {}),
    "kind-wrong": ({"type": "talk"}, {}),
    "not-an-object": (["voice"], {}),
    "transcription-enabled": (heard(enabled=True), {}),
    "nested-function": (at("tools", [{"type": "function", "function": {"name": "x"}}]), {}),
    "read-only": (at("id", "sess_1"), {}),
    "other-kind-field": (at(TD, SEMANTIC | {"threshold": 0.5}), {}),
    "unknown-field": (at("loudness", 3), {}),
    "noise-reduction-type": (at(NR + ".strength", 0.5), {}),
    "missing-field": (at("tools", [{"type": "function"}]), {}),
    "format-as-text": (at(IN + "format", "pcm16"), {}),
    "format-name": (at(OUT + "format", {"type": "g711_ulaw"}), {}),
    "pcm-rate": (at(IN + "format", {"type": "audio/pcm", "rate": 16000}), {}),
    "no-such-detection": (at(TD, {"type": "none"}), {}),
    "no-such-voice": (at(OUT + "voice", "onyx"), {}),
    "both-modalities": (at("output_modalities", ["text", "audio"]), {}),
    "model-fixed": (at("model", "gpt-realtime-2"), {"model": DEFAULT_MODEL}),
    "voice-after-audio": (at(OUT + "voice", "sage"), {"assistant_audio": True}),
    "tracing-once-on": (
        at("tracing", {"group_id": "g"}),
        {"session": default_session() | {"tracing": "auto"}},
    ),
    "speed-in-response": (at(OUT + "speed", 1.2), {"responding": True}),
    "by-hand-model": (at(TR, WHISPER, type="transcription"), {}),
    "not-a-choice": (at("tool_choice", "any"), {}),
    "negative-ms": (vad(prefix_padding_ms=-1), {}),
    "idle-timeout-range": (vad(idle_timeout_ms=100), {}),
    "out-of-range": (vad(threshold=1.5), {}),
    "size": (heard(languages=[]), {}),
    "wrong-type": (at("instructions", 5), {}),
    "model-retired": (at("model", "gpt-4o-realtime-preview"), OPENAI),
    "model-retired-elsewhere": (at("model", "gpt-4o-realtime-preview"), {}),
    "model-deprecated": (at("model", "gpt-realtime"), OPENAI),
    "model-unknown": (at("model", "gpt-nope"), OPENAI),
    "model-other-kind": (at("model", "gpt-transcribe"), OPENAI),
    "transcription-model-ends": (heard(model="whisper-1"), {}),
    "transcription-model-unknown": (heard(model="ears-9"), OPENAI),
    "transcription-model-unnamed": (heard(language="en"), {}),
    "azure-transcription-deployment": (heard(**PLAIN), AZURE),
    "reasoning-model": (at("reasoning", {"effort": "low"}, model="gpt-realtime-1.5"), {}),
    "parallel-tools-model": (at("parallel_tool_calls", True), {"model": "gpt-realtime-1.5"}),
    "streaming-with-detection": (heard(**WHISPER), {}),
    "live-with-detection": (heard(**LIVE), {}),
    "prompt-for-streaming": (heard(**WHISPER, prompt="names"), {}),
    "lists-for-model": (heard(model="whisper-1", keywords=["rtkit"]), {}),
    "two-language-fields": (heard(**PLAIN, language="en", languages=["de"]), {}),
    "language-code": (heard(**PLAIN, language="en-US"), {}),
    "delay-for-model": (heard(**PLAIN, delay="low"), {}),
    "delay-for-live": (heard(**LIVE, delay="low"), {}),
    "prompt-object": (at("prompt", {"id": "pmpt_1"}), {}),
    "connector": (
        at(
            "tools",
            [{"type": "mcp", "server_label": "mail", "connector_id": "connector_gmail"}],
        ),
        {},
    ),
    "same-tool-name": (at("tools", [FUNCTION, FUNCTION]), {}),
    "tool-name": (at("tools", [FUNCTION | {"name": "look up!"}]), {}),
    "tool-parameters": (at("tools", [FUNCTION | {"parameters": {"type": "string"}}]), {}),
    "tool-choice-without-tool": (at("tool_choice", {"type": "function", "name": "x"}), {}),
    "flags-ignored": (at(TD, VAD | {"create_response": True}, **TRANSCRIBE), {}),
    "silence-not-stated": (at(TD, VAD), OPENAI),
    "azure-semantic": (at(TD, SEMANTIC), AZURE),
    "noise-strength": (at(NR, {"type": "near_field", "strength": 3}), {}),
    "retired-setting": (RealtimeSessionConfig(temperature=0.6), {}),
    "nothing-to-include": (at("include", ["item.input_audio_transcription.logprobs"]), {}),
    "truncation-disabled": (at("truncation", "disabled"), {}),
    "echo-risk": (vad(threshold=0.2), {}),
    "deaf-risk": (vad(threshold=0.72), {}),
    "silence-short": (vad(silence_duration_ms=200), {}),
    "silence-short-for-phone": (
        {
            "type": "realtime",
            "audio": {"input": PHONE_IN | {"turn_detection": VAD | {"silence_duration_ms": 400}}},
        },
        {},
    ),
    "silence-long": (vad(silence_duration_ms=2000), {}),
    "padding-short": (vad(prefix_padding_ms=50), {}),
    "eagerness-high": (at(TD, SEMANTIC | {"eagerness": "high"}), {}),
    "eagerness-low": (at(TD, SEMANTIC | {"eagerness": "low"}), {}),
    "no-transcript": (at(TR, None), {}),
    "no-language": (heard(**PLAIN), {}),
    "few-tokens": (at("max_output_tokens", 50), {}),
    "answers-on-demand": (vad(create_response=False), {}),
    "cannot-interrupt": (vad(interrupt_response=False), {}),
    "turns-by-hand": (at(TD, None), {}),
    "no-instructions": ({"type": "realtime"}, {}),
    "long-instructions": (at("instructions", "word " * 2000), {}),
    "tool-undescribed": (at("tools", [FUNCTION]), {}),
    "voice-unheard": (at(OUT + "voice", "sage", output_modalities=["text"]), {}),
    "two-codecs": (at("audio.input", PHONE_IN), {}),
    "odd-speed": (at(OUT + "speed", 1.5), {}),
    "retention-full": (
        at("truncation", {"type": "retention_ratio", "retention_ratio": 1.0}),
        {},
    ),
    "noise-on-phone": (
        at("audio.input", PHONE_IN | {"noise_reduction": {"type": "far_field"}}),
        {},
    ),
}


def test_every_rule_has_a_session_that_breaks_it():
    assert set(BROKEN) == {rule.id for rule in RULES}
    assert len(RULES) == len({rule.id for rule in RULES}) >= 60


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_breach_is_found_with_what_why_what_to_do_and_source(rule):
    config, told = BROKEN[rule.id]
    found = next(finding for finding in lint(config, **told) if finding.rule == rule.id)
    assert found.severity == rule.severity
    assert found.path.startswith("session")
    assert all(text.endswith(".") for text in (found.what, found.why, found.fix)), found
    assert rule.source in found.source
    assert found.why.lower().count("not verified") == (not rule.verified)


def test_the_source_of_a_field_is_told_in_words():
    (found,) = lint({"type": "realtime", "instructions": 7}).errors
    assert found.source.endswith("; openai Python SDK, recorded sessions")


SOUND = RealtimeSessionConfig(instructions="Be brief.", transcription_language="en")


@pytest.mark.parametrize("target", ["embedded", "openai", "azure", "ws://127.0.0.1:1/v1/realtime"])
def test_a_sound_configuration_has_nothing_to_be_said_of(target):
    findings = lint(SOUND, target=target)
    expected = {"azure-transcription-deployment"} if target == "azure" else set()
    assert {found.rule for found in findings} == expected
    assert findings.ok


def test_no_rule_but_a_refusal_is_an_error_for_the_embedded_server():
    others = [rule for rule in RULES if rule not in REFUSED and rule.severity == "error"]
    assert {target for rule in others for target in rule.targets} <= set(HOSTED)
    assert all(rule.targets for rule in others)


# --- what the linter and the server hold of a session -------------------------------------------

STATES = st.fixed_dictionaries({"assistant_audio": st.booleans(), "responding": st.booleans()})


@settings(max_examples=100, deadline=None)
@given(st.one_of(corrupted(), corrupted("transcription")), STATES)
def test_an_error_for_the_embedded_server_is_exactly_what_it_refuses(update, state):
    kind = "transcription" if update.get("type") == "transcription" else "realtime"
    findings = lint(update, session=default_session(kind), **state)
    refusal = check_update(update, current=default_session(kind), **state)
    assert (refusal is None) == findings.ok
    if refusal is not None:
        assert (findings.errors[0].path, findings.errors[0].what) == (
            refusal.param,
            refusal.message,
        )


@settings(max_examples=40, deadline=None)
@given(st.one_of(sessions(), sessions("transcription")), st.sampled_from(["embedded", "openai"]))
def test_a_session_of_the_table_has_no_errors(update, target):
    assert lint(update, target=target).ok


@settings(max_examples=40, deadline=None)
@given(corrupted(), st.sampled_from(["embedded", "openai", "azure", "wss://example.org"]))
def test_findings_can_always_be_shown(update, target):
    findings = lint(update, target=target)
    assert findings._repr_html_().count("<tr>") == (len(findings) + 1 if findings else 0)
    assert len(findings._repr_markdown_().splitlines()) >= len(findings)
    assert "<script" not in findings._repr_html_()
    json.dumps([found.what for found in findings])


# --- what is looked at ---------------------------------------------------------------------------


def test_every_dead_field_is_named_with_its_new_place():
    beta = {move.old: "x" for move in MOVES}
    errors = {found.path: found for found in lint(beta).errors}
    assert errors["session.type"].rule == "kind-missing"
    for move in MOVES:
        assert move.new in errors[f"session.{move.old}"].fix


def test_what_is_not_verified_of_a_hosted_service_is_a_warning_there():
    update = at("id", "sess_1")
    assert [found.severity for found in lint(update)][:1] == ["error"]
    (found,) = lint(update, target="openai").at("id")
    assert found.severity == "warning"
    assert "Not verified" in found.why


def test_the_event_that_holds_a_session_is_looked_into():
    event = {"type": "session.update", "session": {"type": "realtime", "voice": "sage"}}
    assert [found.rule for found in lint(event).errors] == ["dead-voice"]
    beta = {"type": "transcription_session.update", "session": {"input_audio_format": "pcm16"}}
    rules = [found.rule for found in lint(beta).errors]
    assert rules == ["kind-missing", "dead-input-audio-format"]
    response = {"type": "response.create", "response": {"modalities": ["text"]}}
    (found,) = lint(response).errors
    assert found.path == check_response(response["response"]).param
    assert found.rule == "dead-modalities"


def test_a_detector_on_this_side_is_not_told_that_turns_end_by_hand():
    assert not lint(SOUND.replace(vad_mode=VADMode.CLIENT))
    by_hand = lint(SOUND.replace(vad_mode=VADMode.MANUAL))
    assert [found.rule for found in by_hand] == ["turns-by-hand"]


def test_the_gravest_come_first_and_can_be_had_by_kind():
    config = at("model", "gpt-4o-realtime-preview", truncation="disabled")
    findings = lint(config, target="openai")
    grave = [found.severity for found in findings]
    assert grave == sorted(grave, key=["error", "warning", "advice"].index)
    assert len(findings.errors) + len(findings.warnings) + len(findings.advice) == len(findings)
    assert not findings.ok
    assert re.match(r"1 error, \d warnings, \d advice", findings.summary)
    assert repr(Findings()) == "Findings(none)"


def test_what_is_no_target_is_told():
    with pytest.raises(TypeError, match="a target is a name or a URL"):
        lint(SOUND, target=3)
