"""What the beta said, in the GA shape: accepted by the server, with every change told."""

import json

import pytest
from betacases import EVENTS, GH, SESSIONS, VAD
from hypothesis import given, settings
from hypothesis import strategies as st
from sessioncases import JUNK, sessions

from rtkit.betashape import EVENTS as RENAMED
from rtkit.betashape import MOVES
from rtkit.builder import RealtimeConfigBuilder
from rtkit.choices import UseCase, VADMode
from rtkit.fields import check_response, check_update, default_session, merge
from rtkit.manager import RealtimeSessionManager
from rtkit.migrator import migrate
from rtkit.sessionconfig import RealtimeSessionConfig
from rtkit.transcriptionconfig import TranscriptionSessionConfig

KEPT = "ignore::rtkit.choices.RetiredModelWarning"


def at(session, path):
    for name in path.split("."):
        session = session[0] if isinstance(session, list) else session
        session = session[name]
    return session


def taken(session):
    return check_update(session, current=default_session(session["type"], session.get("model")))


# --- shapes that people have shown ---------------------------------------------------------------


def test_there_are_enough_of_them():
    assert len(SESSIONS) >= 20
    assert len(SESSIONS) + len(EVENTS) >= 30


@pytest.mark.filterwarnings(KEPT)
@pytest.mark.parametrize("seen", SESSIONS)
def test_a_session_as_people_sent_it_becomes_one_that_is_taken(seen):
    beta, expected = SESSIONS[seen]
    migration = migrate(beta)
    session = migration.session
    assert taken(session) is None
    assert {path: at(session, path) for path in expected} == expected
    assert migration.config.to_session()["type"] == session["type"]
    assert all(change.why.endswith(".") and change.source for change in migration.changes)
    assert migration.changes
    migrated_again = migrate(session)
    assert (migrated_again.session, migrated_again.changes) == (session, ())


@pytest.mark.parametrize("seen", SESSIONS)
def test_every_field_of_it_is_there_or_told_as_lost(seen):
    beta, _ = SESSIONS[seen]
    told = beta.get("session", beta)
    migration = migrate(beta)
    moved = {change.old for change in migration.changes}
    for name in told:
        assert name in moved or name in migration.session, name


@pytest.mark.parametrize("seen", EVENTS)
def test_an_event_as_people_saw_it_has_its_names_of_now(seen):
    beta, expected = EVENTS[seen]
    after = migrate([beta]).after
    found = []
    for event in after:
        content = event.get("item", {}).get("content")
        found.append((event["type"], content and [part["type"] for part in content]))
    assert found == expected


# --- what cannot be carried over -----------------------------------------------------------------


def test_what_is_lost_is_told_with_the_reason():
    beta, _ = SESSIONS[GH + "vm0-ai/vm0/pull/8644"]
    (voice,) = migrate(beta).lost
    assert (voice.old, voice.before) == ("voice", "onyx")
    assert "no voice 'onyx'" in voice.why
    (heat,) = migrate({"temperature": 0.6}).lost
    assert "instructions" in heat.why


def test_what_the_server_would_refuse_is_taken_out_and_told():
    detection = {"type": "server_vad", "eagerness": "low", "threshold": 2}
    migration = migrate({"turn_detection": detection, "loudness": 3})
    assert migration.session == {
        "type": "realtime",
        "audio": {"input": {"turn_detection": {"type": "server_vad"}}},
    }
    assert {change.old for change in migration.lost} == {
        "loudness",
        VAD + ".eagerness",
        VAD + ".threshold",
    }


def test_a_streaming_model_that_only_writes_has_its_detection_turned_off():
    beta = {"input_audio_transcription": {"model": "gpt-realtime-whisper"}}
    session = migrate(beta, kind="transcription").session
    assert session["audio"]["input"]["turn_detection"] is None
    assert taken(session) is None


def test_models_that_ended_are_replaced_and_those_that_will_are_told():
    migration = migrate({"model": "gpt-4o-realtime-preview", "voice": "sage"})
    assert migration.session["model"] == "gpt-realtime-2.1"
    kept = migrate({"model": "gpt-realtime"})
    assert kept.session["model"] == "gpt-realtime"
    assert "model-deprecated" in {finding.rule for finding in kept.findings()}


@pytest.mark.filterwarnings(KEPT)
@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([move.old for move in MOVES] + ["model", "tools", "type", "audio", "id"]),
        st.sampled_from(JUNK),
    )
)
def test_whatever_was_said_what_comes_out_is_taken(beta):
    migration = migrate(beta, kind="realtime")
    if migration.after.get("type") in ("realtime", "transcription"):
        assert taken(migration.session) is None


@settings(max_examples=40, deadline=None)
@given(sessions())
def test_a_session_of_now_stays_as_it_is(session):
    migration = migrate(session)
    assert migration.session == session
    assert not migration.lost


# --- the lesson's own shapes ---------------------------------------------------------------------


@pytest.mark.parametrize("use_case", UseCase)
def test_the_lessons_getters_are_understood(use_case):
    config = RealtimeConfigBuilder().for_use_case(use_case).with_instructions("Be kind.").build()
    for beta in (
        config.get_api_config(),
        config.to_session_config(),
        RealtimeSessionManager(config),
    ):
        session = migrate(beta).session
        assert taken(session) is None
        effective = merge(default_session(), session)
        assert effective["audio"]["output"]["voice"] == config.voice.value
        assert effective["audio"]["input"]["format"] == config.input_audio_format.to_wire()
    assert (migrate(config).config, migrate(config).changes) == (config.without("temperature"), ())


@pytest.mark.parametrize("mode", ["manual", "none", "client_vad"])
def test_the_lessons_modes_that_never_were_types_become_null(mode):
    beta = {"voice": "alloy", "turn_detection": {"type": mode, "threshold": 0.5}}
    migration = migrate(beta)
    assert migration.session["audio"]["input"]["turn_detection"] is None
    assert migration.config.vad_mode is VADMode.MANUAL


# --- streams of events ---------------------------------------------------------------------------

STREAM = [
    {
        "type": "session.created",
        "event_id": "e1",
        "session": {
            "id": "sess_1",
            "object": "realtime.session",
            "model": "gpt-4o-realtime-preview",
            "modalities": ["text", "audio"],
            "voice": "alloy",
            "temperature": 0.8,
        },
    },
    {"type": "conversation.created", "event_id": "e2", "conversation": {"id": "conv_1"}},
    {"type": "session.update", "session": {"voice": "sage", "turn_detection": None}},
    {
        "type": "response.create",
        "response": {"modalities": ["text", "audio"], "voice": "sage", "temperature": 0.7}
        | {"commit": True, "max_output_tokens": 500},
    },
    *({"type": "response.audio.delta", "event_id": f"d{n}", "delta": "AAAA"} for n in range(3)),
    {
        "type": "response.done",
        "event_id": "e9",
        "response": {
            "id": "resp_1",
            "object": "realtime.response",
            "status": "completed",
            "modalities": ["text", "audio"],
            "voice": "sage",
            "output_audio_format": "pcm16",
            "temperature": 0.8,
            "usage": None,
            "output": [
                {"role": "assistant", "content": [{"type": "audio", "transcript": "Hello"}]}
            ],
        },
    },
]


def test_a_stream_is_carried_over_event_by_event():
    migration = migrate(STREAM)
    created, updated, asked, *deltas, done = migration.after
    assert created["session"]["id"] == "sess_1"
    assert created["session"]["type"] == "realtime"
    assert updated["session"]["audio"] == {
        "output": {"voice": "sage"},
        "input": {"turn_detection": None},
    }
    assert check_response(asked["response"]) is None
    assert asked["response"]["output_modalities"] == ["audio"]
    assert {event["type"] for event in deltas} == {"response.output_audio.delta"}
    assert done["response"]["output"][0]["content"][0]["type"] == "output_audio"
    assert done["response"]["status"] == "completed"
    assert done["response"]["audio"]["output"]["voice"] == "sage"
    assert "temperature" not in done["response"]
    assert [change.count for change in migration.changes if "audio.delta" in change.old] == [3]
    assert migration.session["model"] == "gpt-realtime-2.1"


@pytest.mark.parametrize("old", RENAMED)
def test_every_renamed_event_has_its_new_name(old):
    assert migrate({"type": old, "event_id": "e1"}).after["type"] == RENAMED[old]


# --- forms ---------------------------------------------------------------------------------------


def test_text_of_json_and_the_body_of_a_request_for_a_key_are_understood():
    body = {"session": {"voice": "sage"}, "expires_after": {"seconds": 60}}
    for beta in (body, json.dumps(body)):
        assert migrate(beta).session["audio"]["output"]["voice"] == "sage"
    with pytest.raises(TypeError, match="migrate takes a session"):
        migrate(5)
    with pytest.raises(ValueError, match="there is no session"):
        _ = migrate([{"type": "response.cancel"}]).session


def test_the_configuration_is_of_the_right_kind():
    assert isinstance(migrate({"voice": "sage"}).config, RealtimeSessionConfig)
    beta, _ = SESSIONS[GH + "Azure-Samples/aoai-realtime-audio-sdk/pull/135"]
    with pytest.warns(UserWarning, match="gpt-4o-transcribe"):
        config = migrate(beta).config
    assert isinstance(config, TranscriptionSessionConfig)
    assert config.transcription_prompt == "Names of birds."


def test_what_was_given_is_not_changed():
    beta = {"tools": [{"type": "function", "function": {"name": "x"}}], "voice": "sage"}
    copy = json.loads(json.dumps(beta))
    migrate(beta).session["tools"][0]["name"] = "y"
    assert beta == copy


def test_it_shows_both_sides_and_the_list_of_changes():
    migration = migrate({"voice": "<sage>", "temperature": 0.6})
    html = migration._repr_html_()
    assert "Beta" in html
    assert "&lt;sage&gt;" in html
    assert "<script" not in html
    assert "cannot be carried over" in html
    markdown = migration._repr_markdown_()
    assert markdown.startswith("```diff\n")
    assert '-   "temperature": 0.6' in markdown
    assert '+   "type": "realtime"' in markdown
