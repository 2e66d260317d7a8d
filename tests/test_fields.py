import copy
import json

import pytest
from fieldcases import CASES, FUNCTION, IN, NR, OUT, SEMANTIC, TD, TR, VAD, at
from hypothesis import given, settings
from hypothesis import strategies as st

from rtkit.catalog import DEFAULT_MODEL
from rtkit.fields import FIELDS, check_response, check_update, default_session, get, merge
from rtkit.refusals import Refusal
from rtkit.schema import MISSING, belongs

KINDS = ("realtime", "transcription")
SERVER_VAD = default_session()["audio"]["input"]["turn_detection"]


def refusal(update, current=None, **state):
    return check_update(update, current=current or default_session(), **state)


# --- the default session ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_session_says_everything_that_the_table_has_a_default_for(kind):
    session = default_session(kind)
    for row in FIELDS:
        parent = get(session, row.parent) if row.parent else session
        if row.default is MISSING or not isinstance(parent, dict) or kind in row.ignored:
            continue
        if belongs(row, kind, parent.get("type")):
            assert row.name in parent, row.path


def test_a_new_session_is_the_recorded_one_but_for_the_documented_silence():
    live = {
        "type": "realtime",
        "model": "gpt-realtime",
        "output_modalities": ["audio"],
        "instructions": "",
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "prompt": None,
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": {
                    "type": "server_vad",
                    "threshold": 0.5,
                    "prefix_padding_ms": 300,
                    "silence_duration_ms": 200,
                    "idle_timeout_ms": None,
                    "create_response": True,
                    "interrupt_response": True,
                },
            },
            "output": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "voice": "alloy",
                "speed": 1.0,
            },
        },
        "include": None,
    }
    ours = default_session(model="gpt-realtime")
    assert ours["audio"]["input"]["turn_detection"].pop("silence_duration_ms") == 500
    assert live["audio"]["input"]["turn_detection"].pop("silence_duration_ms") == 200
    assert ours == live


def test_a_transcription_session_has_no_voice_no_model_and_no_automatic_answers():
    session = default_session("transcription")
    assert set(session) == {"type", "audio", "include"}
    assert set(session["audio"]) == {"input"}
    assert "create_response" not in session["audio"]["input"]["turn_detection"]


def test_two_new_sessions_share_nothing():
    first, second = default_session(), default_session()
    first["audio"]["input"]["turn_detection"]["threshold"] = 0.9
    first["tools"].append({})
    assert second == default_session()


def test_the_model_is_the_one_that_was_named():
    assert default_session()["model"] == DEFAULT_MODEL
    assert default_session(model="gpt-realtime-2")["model"] == "gpt-realtime-2"


def official(name):
    pytest.importorskip("openai")
    from openai.types import realtime
    from pydantic import TypeAdapter

    return TypeAdapter(getattr(realtime, name))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("realtime", "RealtimeSessionCreateRequest"),
        ("transcription", "RealtimeTranscriptionSessionCreateRequest"),
    ],
)
def test_the_official_types_take_a_new_session(kind, name):
    made = official(name).validate_python(default_session(kind))
    assert json.loads(made.model_dump_json(exclude_unset=True)) == default_session(kind)


# --- every row of the table ---------------------------------------------------------------------

SESSION_ROWS = [row for row in FIELDS if row.scopes & {"realtime", "transcription"}]


@pytest.mark.parametrize("row", SESSION_ROWS, ids=[row.path for row in SESSION_ROWS])
def test_every_field_of_a_session_takes_what_is_good_and_refuses_what_is_not(row):
    good, bad, code, param = CASES[row.path]
    assert refusal(good) is None
    found = refusal(bad)
    assert (found.code, found.param) == (code, f"session.{param or row.path}")
    assert "'" in found.message


@pytest.mark.parametrize("row", SESSION_ROWS, ids=[row.path for row in SESSION_ROWS])
def test_what_the_table_takes_the_official_types_take_too(row):
    update = CASES[row.path][0]
    official("RealtimeSessionCreateRequest").validate_python(update)
    session = merge(default_session(), update)
    official("RealtimeSessionCreateRequest").validate_python(session)
    assert refusal(session, session) is None


# --- what cannot be changed ---------------------------------------------------------------------


def test_the_voice_is_fixed_once_the_assistant_was_heard_and_the_update_refused_whole():
    update = at(OUT + "voice", "marin", instructions="Sing.")
    assert refusal(update) is None
    found = refusal(update, assistant_audio=True)
    assert found == Refusal(
        "cannot_update_voice",
        "Cannot update a conversation's voice if assistant audio is present.",
        "session.audio.output.voice",
    )
    assert refusal(at(OUT + "voice", "alloy"), assistant_audio=True) is None


def test_a_null_voice_is_a_change_of_voice_when_the_default_is_another():
    session = merge(default_session(), at(OUT + "voice", "sage"))
    assert refusal(at(OUT + "voice", None), session, assistant_audio=True).code == (
        "cannot_update_voice"
    )


def test_the_model_may_be_said_again_but_not_changed():
    assert refusal(at("model", DEFAULT_MODEL)) is None
    assert refusal(at("model", "gpt-realtime-2")).param == "session.model"


def test_tracing_can_be_turned_on_and_then_stays():
    session = merge(default_session(), at("tracing", "auto"))
    assert refusal(at("tracing", "auto"), session) is None
    for other in (None, {"workflow_name": "x"}):
        assert refusal(at("tracing", other), session).param == "session.tracing"


def test_the_speed_changes_between_turns_only():
    assert refusal(at(OUT + "speed", 1.2)) is None
    assert refusal(at(OUT + "speed", 1.2), responding=True).param == "session.audio.output.speed"
    assert refusal(at(OUT + "speed", 1.0), responding=True) is None


@pytest.mark.parametrize(("mine", "other"), [KINDS, KINDS[::-1]])
def test_a_session_keeps_its_kind(mine, other):
    found = refusal({"type": other}, default_session(mine))
    assert found.message == (
        f"Passing a {other} session update event to a {mine} session is not allowed."
    )


def test_a_transcription_session_has_no_fields_of_a_talking_one():
    session = default_session("transcription")
    for name in ("instructions", "tools", "output_modalities", "model"):
        assert refusal({"type": "transcription", name: None}, session).code == "unknown_parameter"
    output = {"type": "transcription", "audio": {"output": {}}}
    assert refusal(output, session).param == "session.audio.output"


# --- merging ------------------------------------------------------------------------------------


def test_an_update_changes_what_it_names_and_nothing_else():
    before = default_session()
    kept = copy.deepcopy(before)
    after = merge(before, at(TD, VAD | {"silence_duration_ms": 900}))
    assert before == kept
    expected = copy.deepcopy(before)
    expected["audio"]["input"]["turn_detection"]["silence_duration_ms"] = 900
    assert after == expected


def test_a_merged_session_shares_nothing_with_the_update():
    update = at("tools", [copy.deepcopy(FUNCTION)])
    after = merge(default_session(), update)
    update["tools"][0]["name"] = "changed"
    assert after["tools"] == [FUNCTION]


def test_another_turn_detection_starts_from_its_own_defaults():
    strict = merge(default_session(), at(TD, VAD | {"threshold": 0.9, "create_response": False}))
    semantic = merge(strict, at(TD, SEMANTIC))
    assert semantic["audio"]["input"]["turn_detection"] == {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": True,
        "interrupt_response": True,
    }
    assert merge(semantic, at(TD, VAD))["audio"]["input"]["turn_detection"] == SERVER_VAD


def test_null_turns_detection_off_and_a_type_turns_it_on_again():
    manual = merge(default_session(), at(TD, None))
    assert manual["audio"]["input"]["turn_detection"] is None
    assert merge(manual, at(TD, VAD)) == default_session()


def test_the_telephone_formats_have_no_rate():
    phone = merge(default_session(), at(IN + "format", {"type": "audio/pcmu"}))
    assert phone["audio"]["input"]["format"] == {"type": "audio/pcmu"}
    assert merge(phone, at(IN + "format", {"type": "audio/pcm"})) == default_session()


def test_noise_reduction_keeps_its_strength_when_only_the_type_changes():
    first = merge(default_session(), at(NR, {"type": "near_field", "strength": 0.4}))
    assert refusal(at(NR, {"strength": 0.6}), first) is None
    second = merge(first, at(NR, {"type": "far_field"}))
    assert second["audio"]["input"]["noise_reduction"] == {"type": "far_field", "strength": 0.4}
    assert merge(second, at(NR, None)) == default_session()


def test_another_transcription_model_forgets_the_settings_of_the_last():
    first = merge(default_session(), at(TR, {"model": "gpt-transcribe", "keywords": ["rtkit"]}))
    same = merge(first, at(TR, {"language": "en"}))
    assert same["audio"]["input"]["transcription"] == {
        "model": "gpt-transcribe",
        "keywords": ["rtkit"],
        "language": "en",
    }
    other = merge(same, at(TR, {"model": "gpt-realtime-whisper"}))
    assert other["audio"]["input"]["transcription"] == {"model": "gpt-realtime-whisper"}


def test_null_brings_a_default_back_where_null_means_nothing():
    changed = merge(
        default_session(), at(OUT + "speed", 1.3, instructions="x", max_output_tokens=9)
    )
    cleared = at(OUT + "speed", None, instructions=None, max_output_tokens=None, model=None)
    assert refusal(cleared, changed) is None
    assert merge(changed, at("audio", None, instructions=None, max_output_tokens=None)) == (
        default_session()
    )


def test_a_transcription_session_drops_the_flags_that_it_ignores():
    update = {"type": "transcription", "audio": {"input": {"turn_detection": {
        "type": "server_vad", "create_response": False}}}}  # fmt: skip
    session = default_session("transcription")
    assert refusal(update, session) is None
    assert merge(session, update) == session


GOOD = [update for update, *_ in CASES.values()]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(GOOD), max_size=8))
def test_any_row_of_good_updates_gives_a_session_that_is_itself_a_good_update(updates):
    session = default_session()
    for update in updates:
        if refusal(update, session) is None:  # tracing cannot be changed once it is on
            session = merge(session, update)
    assert refusal(session, session) is None
    assert merge(session, session) == session
    json.dumps(session)


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(sorted({row.name.strip("[]*") for row in FIELDS})),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_makes_the_check_fail_and_what_passes_can_be_merged(value):
    for kind in KINDS:
        current = default_session(kind)
        update = {**value, "type": kind} if isinstance(value, dict) else value
        if check_update(update, current=current) is None:
            session = merge(current, update)
            assert check_update(session, current=session) is None
    check_response(value)


# --- response.create ----------------------------------------------------------------------------

RESPONSES = [
    ({"conversation": "none"}, {"conversation": "aside"}, "invalid_value", "conversation"),
    ({"metadata": {"a": "b"}}, {"metadata": {"a": 1}}, "invalid_type", "metadata.a"),
    ({"metadata": {}}, {"metadata": "a"}, "invalid_type", "metadata"),
    (
        {"metadata": {str(n): "" for n in range(16)}},
        {"metadata": {str(n): "" for n in range(17)}},
        "object_above_max_properties",
        "metadata",
    ),
    (
        {"metadata": {"a": "x" * 512}},
        {"metadata": {"a": "x" * 513}},
        "string_above_max_length",
        "metadata.a",
    ),
    (
        {"metadata": {"k" * 64: ""}},
        {"metadata": {"k" * 65: ""}},
        "property_name_above_max_length",
        "metadata",
    ),
    ({"input": []}, {"input": {}}, "invalid_type", "input"),
    (
        {"input": [{"type": "item_reference", "id": "item_1"}]},
        {"input": [{"id": "item_1"}]},
        "missing_required_parameter",
        "input[0].type",
    ),
    (
        {"input": [{"type": "message"}]},
        {"input": [{"type": "x"}]},
        "invalid_value",
        "input[0].type",
    ),
    (
        {"output_modalities": ["text"]},
        {"output_modalities": []},
        "invalid_value",
        "output_modalities",
    ),
    (
        {"audio": {"output": {"voice": "sage"}}},
        {"audio": {"output": {"speed": 1.0}}},
        "unknown_parameter",
        "audio.output.speed",
    ),
    (
        {"max_output_tokens": 1},
        {"max_output_tokens": 0},
        "integer_below_min_value",
        "max_output_tokens",
    ),
    ({"tool_choice": "none"}, {"modalities": ["text"]}, "unknown_parameter", "modalities"),
    ({"instructions": "x"}, {"temperature": 0.8}, "unknown_parameter", "temperature"),
]


@pytest.mark.parametrize(("good", "bad", "code", "param"), RESPONSES)
def test_a_response_takes_what_is_good_and_refuses_what_is_not(good, bad, code, param):
    assert check_response(good) is None
    found = check_response(bad)
    assert (found.code, found.param) == (code, f"response.{param}")


@pytest.mark.parametrize("name", ["type", "truncation", "tracing", "include", "model"])
def test_a_response_has_no_fields_that_only_a_session_has(name):
    assert check_response({name: None}).message == f"Unknown parameter: 'response.{name}'."


def test_a_transcription_that_is_committed_by_hand_takes_no_turn_detection():
    by_hand = {"model": "gpt-realtime-whisper"}
    kind = {"type": "transcription"}
    session = default_session("transcription")
    found = check_update({**at(TR, by_hand), **kind}, current=session)
    assert (found.code, found.param) == ("invalid_value", "session.audio.input.turn_detection")
    assert "needs null" in found.message
    both = {"audio": {"input": {"transcription": by_hand, "turn_detection": None}}}
    assert check_update({**kind, **both}, current=session) is None
    session = merge(session, {**kind, **both})
    back = at("audio.input.turn_detection", {"type": "server_vad"})
    assert check_update({**back, **kind}, current=session).param == found.param
    other = at(TR, {"model": "gpt-live-transcribe"})
    assert check_update({**other, **kind}, current=default_session("transcription")) is None


def test_a_conversation_may_have_its_turns_detected_whatever_writes_them_down():
    session = default_session()
    update = {"type": "realtime", **at(TR, {"model": "gpt-realtime-whisper"})}
    assert session["audio"]["input"]["turn_detection"] is not None
    assert check_update(update, current=session) is None
