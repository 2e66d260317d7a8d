"""The peer that users test with: what it plays, what it checks, and how it says what went wrong."""

import asyncio
import base64
import doctest
import json
import re
import subprocess
import sys
import textwrap

import pytest
from openai import AsyncOpenAI
from scripted import DICT, TONE
from serverstory import OFFICIAL
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect as websocket

import rtkit
import rtkit.testing
from rtkit import events
from rtkit.commands import StopPlayback
from rtkit.errors import SessionClosed, SessionError, TargetError
from rtkit.rules import violations
from rtkit.testing import (
    Peer,
    ScriptFailure,
    Story,
    aligned,
    call,
    calls,
    close,
    drop,
    expect,
    fail,
    hear,
    refuse,
    say,
    story,
    tell,
    typed,
    wait,
)

ASK = [typed("hi"), expect("response.create")]


def talk(peer, **options):
    return rtkit.connect(options.pop("config", DICT), peer.url, record=False, **options)


def sound_of_server(session):
    return [m.event for m in session.timeline if m.source == "server"]


def failure(script, client):
    """What is said when this script is played to this client."""
    with pytest.raises(ScriptFailure) as caught, Peer(script) as peer, talk(peer) as session:
        client(session)
    return str(caught.value)


@pytest.mark.parametrize("module", [rtkit.testing, aligned, story])
def test_the_examples_run(module):
    assert doctest.testmod(module).failed == 0


def test_a_script_is_played_and_the_session_says_what_it_heard():
    with Peer([*ASK, say("Hello there.", seconds=0.5)]) as peer, talk(peer) as session:
        turn = session.ask("hi")
    assert (turn.answer, turn.audio.duration) == ("Hello there.", pytest.approx(0.5))
    types = ["session.update", "conversation.item.create", "response.create"]
    assert peer.types() == types


def test_speech_is_heard_as_the_words_of_the_script():
    script = [hear("good morning"), say("Good morning.")]
    config = {"audio": {"input": {"transcription": {"model": "whisper-1"}}}}
    with Peer(script) as peer, talk(peer, config=config) as session:
        turn = session.ask(TONE, pace=None)
    assert (turn.question, turn.answer) == ("good morning", "Good morning.")
    assert len(peer.sound()) > 0.3 * 48_000


def test_what_a_script_says_is_valid_and_in_the_order_of_the_wire():
    script = [
        *(hear("hello"), say("Yes?"), *ASK, calls(call("a", x=1), call("b")), *ASK),
        *(
            fail("out of order"),
            *ASK,
            refuse("rate_limit_exceeded", "Slow down."),
            *ASK,
            wait(0.01),
        ),
        *(say("On and on.", seconds=3, done=False), expect("response.cancel")),
        *(expect("conversation.item.truncate"), tell("rate_limits.updated", rate_limits=[])),
    ]
    with Peer(script) as peer, talk(peer) as session:
        session.ask(TONE, pace=None)
        for _ in ASK:
            session.send(events.user_text("hi"))
            session.send(events.create_response())
            session.wait_for("response.done")
        with pytest.raises(SessionError, match="Slow down"):
            session.ask("hi")
        session.send(events.user_text("hi"))
        session.send(events.create_response())
        session.wait_for("playback.started")
        session.wait_for("playback.position")
        session.interrupt()
        session.wait_for("rate_limits.updated")
    told = sound_of_server(session)
    for event in told:
        OFFICIAL.validate_python(event)
    assert [str(violation) for violation in violations(told)] == []
    done = [e["response"]["status"] for e in told if e["type"] == "response.done"]
    assert done == ["completed", "completed", "failed", "cancelled"]


def test_a_text_session_is_answered_in_text():
    config = {"output_modalities": ["text"]}
    with Peer([*ASK, say("Hello there.")]) as peer, talk(peer, config=config) as session:
        turn = session.ask("hi")
    assert (turn.answer, turn.audio) == ("Hello there.", None)


def test_a_client_that_does_something_else_sees_both_conversations():
    script = [*ASK, say("Hello.", seconds=0.3), expect("response.cancel"), say("Bye.")]
    told = failure(script, lambda session: [session.ask(text) for text in ("hi", "and now?")])
    assert told.splitlines() == [
        "step 4 of 5 expects response.cancel, and the client sent conversation.item.create",
        "",
        *_columns("expected", "actual"),
        *_columns("-" * 46, "-" * 46),
        *_columns("", "> session.update"),
        *_columns(*["> conversation.item.create user: 'hi'"] * 2),
        *_columns("> response.create", "> response.create"),
        *_columns("< says 'Hello.' (0.3 s of sound)", "< says 'Hello.' (0.3 s of sound)"),
        "=>" + _columns("> response.cancel", "> conversation.item.create user: 'and now?'")[0][2:],
        *_columns("< says 'Bye.' (0.2 s of sound)", ""),
        "",
        "> the client  < the server",
    ]


def _columns(left, right):
    return [f"   {left:<46}   {right}".rstrip()]


def test_sound_is_shown_as_seconds():
    def speak(session):
        session.append(TONE.to_pcm16())
        session.send({"type": "input_audio_buffer.commit"})
        session.wait_for("session.closed")

    told = failure([], speak)
    assert told.startswith("the script was at its end, and the client sent input_audio_buffer.co")
    assert "> 0.30 s of sound" in told


def test_a_field_that_differs_is_named_with_what_was_found():
    script = [expect("session.update", session={"audio": {"output": {"voice": "marin"}}})]
    told = r"audio\.output\.voice: expected 'marin', found 'coral'"
    with pytest.raises(ScriptFailure, match=told) as caught, Peer(script) as peer, talk(peer):
        pass
    assert isinstance(caught.value.__context__, SessionClosed | TargetError | None)


def test_a_script_that_was_not_finished_says_which_step_is_missing():
    told = failure([*ASK, say("Hello."), *ASK[:1]], lambda session: session.ask("hi"))
    assert told.startswith("the client did not go on: step 4 of 4 of the script was not done")
    assert "=> > conversation.item.create" in told


def test_an_error_of_the_test_itself_stays_and_is_told_how_far_the_script_was():
    with pytest.raises(ZeroDivisionError) as caught, Peer(ASK):
        1 / 0  # noqa: B018
    assert "step 1 of 2 of the script was not done" in caught.value.__notes__[0]


def test_fields_are_compared_by_what_is_given():
    script = [
        typed(re.compile("^h")),
        expect("response.create", response=lambda r: r["instructions"].startswith("Be")),
        say("Hello."),
    ]
    with Peer(script) as peer, talk(peer) as session:
        session.send(events.user_text("hi"))
        session.send(events.create_response(instructions="Be brief."))
        session.wait_for("response.done")


@pytest.mark.parametrize(
    ("end", "code", "told"), [(close(1011, "overload"), 1011, "overload"), (drop(), 1006, "")]
)
def test_a_connection_that_ends_goes_on_with_the_next(end, code, told):
    ask = json.dumps({"type": "response.create"})
    with Peer([expect("response.create"), end, expect("response.create"), say("Back.")]) as peer:
        with websocket(peer.url) as first:
            first.send(ask)
            assert json.loads(first.recv())["type"] == "session.created"
            with pytest.raises(ConnectionClosed):
                first.recv(timeout=5)
        assert (first.close_code, first.close_reason) == (code, told)
        with websocket(peer.url) as second:
            second.send(ask)
            received = [json.loads(second.recv())["type"]]
            while received[-1] != "response.done":
                received.append(json.loads(second.recv(timeout=5))["type"])
    assert received[:2] == ["session.created", "response.created"]


def test_a_fault_in_an_answer_of_the_test_is_raised_and_not_lost():
    async def broken(voice, event):
        raise KeyError("oops")

    broken_peer = Peer(answers={"session.update": broken})
    with pytest.raises(KeyError, match="oops"), broken_peer as peer, talk(peer):
        pass


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: expect("response.creat"), r"no client sends 'response\.creat'\. The types are:"),
        (lambda: expect("input_audio_buffer.append"), r"sound is told by hear"),
        (lambda: Peer([ASK]), r"made of steps such as expect"),
        (lambda: Peer([], answers={}), r"steps or gives answers"),
    ],
)
def test_what_is_no_script_is_refused_at_once(make, told):
    with pytest.raises((ValueError, TypeError), match=told):
        make()


@pytest.mark.client("openai", "tool")
def test_the_official_client_is_tested_by_the_same_script():
    script = [
        *(expect("session.update"), typed("Weather?"), expect("response.create")),
        call("get_weather", city="Paris"),
        expect("conversation.item.create", item={"output": "rain"}),
        *(expect("response.create"), say("It rains.", seconds=0.4)),
    ]

    async def agent(url):
        client = AsyncOpenAI(api_key="none", base_url=url)
        async with client, client.realtime.connect(model="gpt-realtime-2.1") as connection:
            await connection.session.update(session={"type": "realtime"})
            content = [{"type": "input_text", "text": "Weather?"}]
            item = {"type": "message", "role": "user", "content": content}
            await connection.conversation.item.create(item=item)
            await connection.response.create()
            return await answered(connection)

    async def answered(connection):
        sound = b""
        async for event in connection:
            if event.type == "response.function_call_arguments.done":
                output = {"type": "function_call_output", "call_id": event.call_id}
                item = {**output, "output": "rain"}
                await connection.conversation.item.create(item=item)
                await connection.response.create()
            elif event.type == "response.output_audio.delta":
                sound += base64.b64decode(event.delta)
            elif event.type == "response.output_audio_transcript.done":
                return event.transcript, len(sound)

    with Peer(script) as peer:
        assert asyncio.run(agent(peer.http_url)) == ("It rains.", 19200)


def test_it_works_in_a_plain_program_and_its_failure_ends_it(tmp_path):
    program = tmp_path / "check.py"
    program.write_text(
        textwrap.dedent("""
        import rtkit
        from rtkit.testing import Peer, expect
        with Peer([expect("input_audio_buffer.commit")]) as peer:
            with rtkit.connect(target=peer.url, record=False):
                pass
        """)
    )
    ended = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert "=> > input_audio_buffer.commit" in ended.stderr


def test_a_story_plays_what_it_is_told_and_notes_it_at_its_instant():
    told = Story()
    told.begin()
    told.speak(700, after=1.0)
    told.end()
    told.wait(5.0)
    played = [(m.type, round(m.t, 3)) for m in told.timeline if m.source == "local"]
    assert played == [
        ("playback.started", 1.02),
        ("playback.position", 1.53),
        ("playback.finished", 1.72),
    ]
    assert told.now == pytest.approx(6.03)


def test_a_story_without_a_player_only_says_what_is_to_be_done():
    told = Story(player=False)
    told.begin()
    told.speak(700)
    assert told.interrupt() == [StopPlayback("i1")]
    assert told.sent_types() == ["response.cancel"]
