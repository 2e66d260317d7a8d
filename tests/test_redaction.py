import base64
import contextlib
import json
import logging
import traceback

import pytest
from helpers import Story
from scripted import Peer

import rtkit
from rtkit.errors import RtkitError
from rtkit.redaction import Redactor, cut_audio, mask_secrets
from rtkit.timeline import Timeline

SOUND = bytes(range(256)) * 3
ENCODED = base64.b64encode(SOUND).decode()


def test_the_audio_is_cut_out_of_the_event_and_the_rest_of_the_text_stays_byte_for_byte():
    text = f'{{ "type" : "response.output_audio.delta",  "delta" : "{ENCODED}" , "x":1.50 }}'
    event, rest, data = cut_audio(json.loads(text), text)
    assert event == {"type": "response.output_audio.delta", "delta": "", "x": 1.5}
    assert rest == '{ "type" : "response.output_audio.delta",  "delta" : "" , "x":1.50 }'
    assert data == SOUND


def test_escaped_slashes_in_the_text_are_cut_too():
    text = json.dumps({"type": "response.output_audio.delta", "delta": ENCODED})
    text = text.replace("/", "\\/")
    assert cut_audio(json.loads(text), text)[1] == (
        '{"type": "response.output_audio.delta", "delta": ""}'
    )


def test_the_same_words_elsewhere_in_the_text_are_left_alone():
    text = '{"item_id": "AAAA", "type": "response.output_audio.delta", "delta": "AAAA"}'
    assert '"item_id": "AAAA"' in cut_audio(json.loads(text), text)[1]


def test_what_is_no_base64_stays_as_evidence():
    event = {"type": "input_audio_buffer.append", "audio": "not base64!"}
    assert cut_audio(event, None) == (event, None, b"")


def test_a_delta_of_words_is_not_taken_for_sound():
    event = {"type": "response.output_audio_transcript.delta", "delta": "AAAA"}
    assert cut_audio(event, None) == (event, None, b"")


def test_credentials_of_tools_are_masked_in_the_event_and_in_its_text():
    event = {
        "type": "session.update",
        "session": {
            "type": "realtime",
            "tools": [{"type": "mcp", "authorization": "s3cret", "headers": {"x-key": "s3cret"}}],
        },
    }
    masked, text = mask_secrets(event, json.dumps(event))
    assert "s3cret" not in text + str(masked)
    assert masked["session"]["tools"][0] == {
        "type": "mcp",
        "authorization": "***",
        "headers": "***",
    }
    assert event["session"]["tools"][0]["authorization"] == "s3cret"


def test_an_event_without_credentials_is_handed_back_as_it_is():
    event = {"type": "session.update", "session": {"type": "realtime", "tools": []}}
    assert mask_secrets(event, "as it came") == (event, "as it came")


# Keys as they look in the world; none of these opens anything.
OPENAI = "sk-4Tz1rQ9LxKc0PnVb7YwE2mHs"
PROJECT = "sk-proj-Zk3_8fQxW1-vB7nM0pLrT5yUcE9aHdGj2sXq"
EPHEMERAL = "ek_68a1f0c4d2e8819099b7c6d5e4f3a2b1"
AZURE = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"
OPAQUE = "Qm9-xY_72.kfLp4ZtRw8"  # of an MCP server, say
BY_LOOK = [OPENAI, PROJECT, EPHEMERAL, JWT]
SENTENCES = {
    "Incorrect API key provided: {}.": BY_LOOK,
    "Authorization: Bearer {}": [*BY_LOOK, AZURE, OPAQUE],
    "{}": BY_LOOK,
    "api-key: {}": [*BY_LOOK, AZURE],
    '{{"api_key": "{}"}}': [*BY_LOOK, AZURE],
    "wss://me:{}@host.example/v1/realtime": [*BY_LOOK, AZURE, OPAQUE],
    "https://host.example/mcp?api-key={}&x=1": [*BY_LOOK, AZURE, OPAQUE],
    "https://host.example/mcp?x=1&token={}": [*BY_LOOK, AZURE, OPAQUE],
    "x-api-key={}": [*BY_LOOK, AZURE, OPAQUE],
}
CASES = [(sentence, key) for sentence, keys in SENTENCES.items() for key in keys]


@pytest.mark.parametrize(("sentence", "key"), CASES)
def test_what_looks_like_a_key_is_masked_in_any_text(sentence, key):
    told = sentence.format(key)
    assert key not in Redactor().text(told)
    assert "***" in Redactor().text(told)
    assert Redactor().text(Redactor().text(told)) == Redactor().text(told)


@pytest.mark.parametrize(
    "text",
    [
        "task-management-in-2026 is a risk-assessment-of-24-things",
        "What is the key? The key is C major, and the token: none.",
        "https://host.example/v1/realtime?model=gpt-realtime-2.1",
        "the bearer of good news, bearer certificates",
        "item_9f8e7d6c5b4a39281706f5e4d3c2b1a0 and 9f8e7d6c5b4a39281706f5e4d3c2b1a0",
        "a week_2026_plan, seek_0123456789",
        "me@example.org wrote to http://example.org/@you",
        "monkey: 0123456789abcdef0123",
    ],
)
def test_ordinary_text_stays_as_it_is(text):
    assert Redactor().text(text) == text


def fields_of(session):
    """Every place in a session object that holds text, as a path."""
    if isinstance(session, dict):
        return [(key, *path) for key, inner in session.items() for path in fields_of(inner)]
    if isinstance(session, list):
        return [(n, *path) for n, inner in enumerate(session) for path in fields_of(inner)]
    return [()] if isinstance(session, str) else []


def placed(session, path, text):
    """A copy of the session with this text at that place."""
    session = json.loads(json.dumps(session))
    place = session
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = text
    return session


FULL = {
    "type": "realtime",
    "model": "gpt-realtime-2.1",
    "instructions": "Be brief.",
    "output_modalities": ["audio"],
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "transcription": {"model": "whisper-1", "language": "en", "prompt": "names"},
            "noise_reduction": {"type": "near_field"},
            "turn_detection": {"type": "semantic_vad", "eagerness": "low"},
        },
        "output": {"format": {"type": "audio/pcmu"}, "voice": "coral"},
    },
    "tools": [
        {
            "type": "mcp",
            "server_label": "deepwiki",
            "server_url": "https://mcp.example/sse",
            "server_description": "wiki",
            "connector_id": "connector_dropbox",
            "authorization": "later",
            "headers": {"X-Api-Key": "later", "Content-Type": "application/json"},
            "allowed_tools": ["ask"],
            "require_approval": "never",
        },
        {
            "type": "function",
            "name": "look",
            "description": "Look it up.",
            "parameters": {
                "type": "object",
                "properties": {"headers": {"type": "string", "description": "which"}},
            },
        },
    ],
    "tool_choice": {"type": "function", "name": "look"},
    "prompt": {"id": "pmpt_1", "version": "1", "variables": {"city": "Bonn"}},
    "tracing": {"workflow_name": "talk", "group_id": "g", "metadata": {"user": "u"}},
    "include": ["item.input_audio_transcription.logprobs"],
}


@pytest.mark.parametrize("path", fields_of(FULL), ids=lambda path: ".".join(map(str, path)))
def test_a_key_in_any_field_of_the_configuration_is_nowhere_in_the_record(path, tmp_path):
    timeline = Timeline()
    wanted = [*BY_LOOK, f"Bearer {OPAQUE}", f"https://u:{AZURE}@mcp.example/?token={OPAQUE}"]
    for t, text in enumerate(wanted):
        session = placed(FULL, path, text)
        timeline.append(t, "client", {"type": "session.update", "session": session})
        told = {"type": "session.updated", "event_id": "event_1", "session": session}
        timeline.append(t, "server", told, text=json.dumps(told))
        escaped = json.dumps(told).replace("/", "\\/").replace("sk-", "\\u0073k-")
        timeline.append(t, "server", json.loads(escaped), text=escaped)
    written = timeline.save(tmp_path / "a.jsonl").read_text() + repr(list(timeline))
    for key in (*BY_LOOK, OPAQUE, AZURE):
        assert key not in written
        assert key not in written.replace("\\", "").replace("u0073", "s")
    assert [moment.event["session"]["type"] != "" for moment in timeline]


def test_only_what_is_secret_is_masked():
    session, _ = mask_secrets({"type": "session.update", "session": FULL}, None)
    expected = placed(FULL, ("tools", 0, "authorization"), "***")
    expected["tools"][0]["headers"] = "***"
    assert session["session"] == expected


def test_a_credential_of_a_tool_is_masked_wherever_it_turns_up_again():
    timeline = Timeline()
    tool = {"type": "mcp", "authorization": OPAQUE, "headers": {"X-Key": AZURE, "Accept": "text"}}
    told = {"type": "session.update", "session": {"tools": [tool]}}
    timeline.append(0.0, "client", told)
    assert told["session"]["tools"][0]["authorization"] == OPAQUE  # the caller's own dict
    arguments = json.dumps({"key": AZURE, "as": "text"})
    for event in (
        {"type": "error", "error": {"message": f"401 for {OPAQUE} as text"}},
        {"type": "response.function_call_arguments.done", "arguments": arguments},
    ):
        moment = timeline.append(1.0, "server", event, text=json.dumps(event))
        assert OPAQUE not in repr(moment)
        assert AZURE not in repr(moment)
        assert "text" in repr(moment.event)
        assert json.loads(moment.text) == moment.event
    output = {"type": "function_call_output", "call_id": "c", "output": f"used {AZURE}"}
    moment = timeline.append(2.0, "client", {"type": "conversation.item.create", "item": output})
    assert moment.event["item"]["output"] == "used ***"
    fact = {"type": "tool.returned", "call_id": "c", "output": f"used {OPAQUE}"}
    assert timeline.append(2.0, "local", fact).event["output"] == "used ***"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11, 40])
@pytest.mark.parametrize("key", [PROJECT, AZURE])
def test_a_key_that_comes_in_pieces_is_masked_from_where_it_can_be_told(key, size):
    timeline = Timeline()
    timeline.secrets.learn([AZURE])
    text = f"The key is {key}, as asked."
    for at in range(0, len(text), size):
        event = {"type": "response.function_call_arguments.delta", "item_id": "i"}
        event["delta"] = text[at : at + size]
        timeline.append(0.0, "server", event, text=json.dumps(event))
        other = {**event, "item_id": "other", "delta": "so"}  # in between
        timeline.append(0.0, "server", other, text=json.dumps(other))
    told = "".join(m.event["delta"] for m in timeline if m.event["item_id"] == "i")
    assert told.startswith("The key is ")
    assert told.endswith(", as asked.")
    assert key[: 20 if key is PROJECT else 6 + size] not in told
    assert key[20:] not in told
    assert {m.event["delta"] for m in timeline if m.event["item_id"] == "other"} == {"so"}


def test_a_text_that_is_not_json_is_masked_too():
    moment = Timeline().append(0.0, "local", {"type": "error"}, text=f"oops {PROJECT} {{")
    assert moment.text == "oops *** {"


def test_the_text_around_a_masked_key_stays_byte_for_byte():
    text = f'{{"type":"error",  "error": {{"message": "bad {OPENAI}"}} , "x":1.50}}'
    _, masked = mask_secrets(json.loads(text), text)
    assert masked == text.replace(OPENAI, "***")


def test_a_whole_talk_without_keys_is_recorded_as_it_was():
    story = Story().open()
    story.transcribe(story.speak(0.5), "is it the key of c or a bearer of tokens")
    story.answer("The key is 12, see https://example.org/?a=1.", 0.5)
    for moment in story.timeline:
        assert mask_secrets(moment.event, None) == (moment.event, None)


CONFIG = rtkit.RealtimeSessionConfig(
    instructions=f"Use {OPENAI}.",
    tools=(
        {
            "type": "mcp",
            "server_label": "wiki",
            "server_url": f"https://me:{OPAQUE}@mcp.example/?token={EPHEMERAL}",
            "authorization": JWT,
            "headers": {"api-key": AZURE},
        },
    ),
)


async def betray(voice, event):
    """A server that says again whatever it was told, in each of its ways."""
    told = json.dumps(event) + voice.socket.request.path + str(voice.socket.request.headers)
    await voice.begin("resp_1")
    where = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
    for at in range(0, len(told), 9):
        piece = told[at : at + 9]
        await voice.tell("response.output_audio_transcript.delta", **where, delta=piece)
    await voice.tell("response.function_call_arguments.done", **where, arguments=told)
    await voice.tell("new.event", deep=[{"a": {"b": told}}], **{told: 1})
    await voice.socket.send(f"not json: {told}")
    await voice.refuse("invalid_api_key", f"wrong: {told}", event.get("event_id"))
    await voice.refuse("server_error", f"wrong: {told}")
    await voice.close(1011, "bad " + PROJECT)


async def echo(voice, event):
    voice.session = {**voice.session, "tools": event["session"]["tools"]}
    voice.session["instructions"] = event["session"]["instructions"]
    await voice.tell("session.updated", session=voice.session)


@pytest.mark.usefixtures("own_recordings")
@pytest.mark.parametrize(
    ("query", "target"),
    [
        ("", {"api_key": PROJECT}),
        ("?api-key=" + AZURE + "&sig=p%C3%A4ss%2Fw%C3%B6rd", {}),
        ("", {"headers": {"api-key": AZURE, "X-Trace": OPAQUE}}),
    ],
)
def test_nothing_that_lets_a_session_in_is_seen_anywhere(tmp_path, caplog, capsys, query, target):
    caplog.set_level(logging.DEBUG)
    shown = []
    with Peer({"session.update": echo, "response.create": betray}) as peer:
        url = peer.url.replace("://", "://user:p%40ss-W0rd@") + query
        session = rtkit.connect(CONFIG, rtkit.target(url, **target))
        with contextlib.suppress(RtkitError):
            shown.append(repr(session.turns))
        session.send({"type": "conversation.item.create", "item": {"type": "message", **MESSAGE}})
        for question in ("hello", "again"):
            try:
                session.ask(f"{question} {OPENAI}")
            except RtkitError:
                shown.append(traceback.format_exc())
        shown += [repr(session), repr(session.target), repr(session.config), repr(session.turns)]
        shown += [str(session.effective), repr(session.timeline), repr(session.timeline[:])]
        shown += [repr(session.transcript), repr(session.cost), repr(session.target.shown)]
        session.close()
    assert len(shown) > 8
    session.timeline.save(tmp_path / "talk.jsonl")
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {file.name for file in files} >= {"talk.jsonl", "events.jsonl"}
    shown += [file.read_bytes().decode() for file in files]
    shown += [*capsys.readouterr()]
    shown += [r.getMessage() for r in caplog.records if not r.name.startswith("websockets.server")]
    for key in (OPENAI, PROJECT, EPHEMERAL, AZURE, JWT, OPAQUE, *SPELLINGS):
        assert [text for text in shown if key in text] == [], key


@pytest.mark.parametrize("key", [OPENAI, PROJECT, AZURE, f"wss://u:{OPAQUE}@[bad"])
def test_a_key_in_the_wrong_place_is_not_shown_by_the_complaint(key):
    wrong = [
        lambda: rtkit.connect(None, key),
        lambda: rtkit.connect(None, f"ftp://host?key={key}"),
        lambda: rtkit.connect(None, "openai", api_key=f"{key} x"),
    ]
    if key is not AZURE:
        wrong += [lambda: rtkit.connect(key), lambda: rtkit.RealtimeSessionConfig(voice=key)]
    for act in wrong:
        with pytest.raises((RtkitError, TypeError)) as caught:
            act()
        assert key not in "".join(traceback.format_exception(caught.value))
        assert OPAQUE not in str(caught.value)


SPELLINGS = ("ss-W0rd", "w%C3%B6rd", "wörd", "dXNlcjpw")  # also of "user:p" in base64
MESSAGE = {
    "role": "user",
    "content": [{"type": "input_text", "text": f"{OPENAI} {EPHEMERAL} Bearer {OPAQUE}"}],
}


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"response.output_audio.delta","delta":"AAAA"}',
        '{"delta" \n:\t"AAAA", "type": "response.output_audio.delta"}',
        '{"type": "response.output_audio.delta", "a": "delta", "delta": "AAAA"}',
        '{"a": {"delta": "AAAB"}, "type": "response.output_audio.delta", "delta": "AAAA"}',
        '{"a": "\\"delta\\": \\"AAAA\\"", "type": "response.output_audio.delta", "delta": "AAAA"}',
        '{"type": "response.output_audio.delta", "delta": "\\u0041AAA"}',
    ],
)
def test_sound_is_cut_out_of_the_text_wherever_it_stands_and_nothing_else_is(text):
    event = json.loads(text)
    cut, left, audio = cut_audio(event, text)
    assert audio == bytes(3)
    assert json.loads(left) == cut == {**event, "delta": ""}
    assert len(left) == len(text) - (9 if "u0041" in text else 4)
