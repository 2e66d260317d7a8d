"""The embedded server on real sockets, checked against the protocol; docs/protocol.md is this run.

Scenes and tables are in conformance_scenes.py and conformance_errors.py; this file asks of them
what must hold, one named test for each event, order, refusal and close code.
"""

import ast
import asyncio
import dataclasses
import json
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from conformance import SCENES, Stage, askers, log_of, seen, told, witnesses
from conformance_errors import AWAY, ELSEWHERE, HTTP, LIMITS, WRONG, kinds_of
from conformance_fields import EFFECT, FIELD_PATHS, GONE, ON_THE_WIRE, RESPONSE_PATHS, SHOWN
from conformance_scenes import ORDERS, SILENCE
from serverstory import only
from socketstory import MODEL, serving

import rtkit
from rtkit.events import CLIENT_EVENTS, SERVER_EVENTS
from rtkit.fields import get
from rtkit.schema import FIELDS
from rtkit.server.brain import Call, Script
from rtkit.server.deviations import NOT_SENT
from rtkit.server.limits import Limits
from rtkit.server.local import ServerOptions
from rtkit.server.rejections import REFUSALS

TESTS = Path(__file__).parent
SENT = [type_ for type_ in SERVER_EVENTS if type_ not in NOT_SENT]


@pytest.mark.parametrize("name", SCENES)
def test_the_scene_is_played_to_its_end(name):
    assert log_of(name)


@pytest.mark.parametrize("type_", SENT)
def test_the_server_sends(type_):
    assert witnesses(type_), f"no scene saw {type_}"


def test_what_is_not_sent_is_sent_by_no_scene():
    sent = {type_ for name in SCENES for type_ in seen(log_of(name))}
    assert sent & set(NOT_SENT) == set()
    assert set(NOT_SENT) <= set(SERVER_EVENTS)


@pytest.mark.parametrize("type_", CLIENT_EVENTS)
def test_the_server_answers(type_):
    assert askers(type_), f"no scene sends {type_}"


@pytest.mark.parametrize("title", ORDERS)
def test_the_order_of_a(title):
    name, lines = ORDERS[title]
    assert told(log_of(name)) == lines


# Refusals


@pytest.mark.parametrize("row", WRONG, ids=lambda row: row.name)
def test_what_is_wrong_is_named_and_the_session_goes_on(row):
    async def story():
        async with Stage().talk(row.query, **row.server) as talk:
            assert await row.provoke(talk) == row.expected

    asyncio.run(story())


@pytest.mark.parametrize("row", AWAY, ids=lambda row: row.name)
def test_who_may_not_stay_is_told_and_then_hung_up_on(row):
    async def story():
        stage, connect = Stage(), {"additional_headers": row.headers}.items()
        async with serving(**row.options) as running, AsyncExitStack() as stack:
            for _ in range(row.after):
                await stack.enter_async_context(stage.visit(running))
            visit = stage.visit(running, row.query, welcome=False, connect=connect)
            talk = await stack.enter_async_context(visit)
            if row.hear:
                await talk.append(SILENCE)
            error = (await talk.until("error"))[-1]["error"]
            expected = {"type": row.type, "code": row.code, "message": row.message}
            assert error == {**expected, "param": None, "event_id": None}
            assert await talk.closed() == row.close

    asyncio.run(story())


@pytest.mark.parametrize("row", HTTP, ids=lambda row: row.name)
def test_a_request_by_http_is_answered(row):
    async def story():
        async with serving(**row.options) as running, aiohttp.ClientSession() as web:
            url = f"http://127.0.0.1:{running.port}{row.path}"
            async with web.request(row.method, url, headers=row.headers, data=row.body) as answer:
                body = await answer.text()
                assert (answer.status, row.message in body) == (row.status, True)
                error = json.loads(body).get("error", {})
                assert (error.get("code"), error.get("param")) == (row.code, row.param)

    asyncio.run(story())


def test_every_refusal_of_the_server_is_provoked():
    made = {kind for row in (*WRONG, *AWAY) for kind in kinds_of(row.code, row.message)}
    made |= {kind for kind in REFUSALS for row in HTTP if row.code == REFUSALS[kind].code != ""}
    assert set(REFUSALS) - made - set(ELSEWHERE) == set(), "give them rows in conformance_errors"
    assert [test for test in ELSEWHERE.values() if not exists(test)] == []


def test_a_fault_that_nobody_knows_is_refused_at_the_door():
    async def story():
        async with Stage().talk(f"{MODEL}&fault=nonsense", welcome=False) as talk:
            error = (await talk.until("error"))[-1]["error"]
            assert (error["code"], error["param"]) == ("invalid_fault", "fault")
            assert await talk.closed() == (4000, "invalid_request_error.invalid_fault")

    asyncio.run(story())


def test_four_bad_frames_in_a_row_leave_the_session_usable():
    async def story():
        async with Stage().talk() as talk:
            for frame in ("nope", "[]", b"\x00", "{}"):
                await talk.frame(frame)
                await talk.until("error")
            await talk.type("hello")
            await talk.send("response.create")
            assert (await talk.until("response.done"))[-1]["response"]["status"] == "completed"

    asyncio.run(story())


# Close codes, keepalive, compression


def test_the_close_of_the_client_is_echoed():
    async def story():
        async with Stage().talk() as talk:
            await talk.socket.close(1000)
            assert (talk.socket.close_code, talk.socket.protocol.close_rcvd.code) == (1000, 1000)

    asyncio.run(story())


def test_a_server_that_ends_says_that_it_goes_away():
    async def story():
        stage = Stage()
        async with serving() as running, stage.visit(running) as talk:
            await running.close()
            assert await talk.closed() == (1001, "server closed")

    asyncio.run(story())


def test_a_frame_beyond_all_bounds_ends_the_connection():
    async def story():
        async with Stage().talk() as talk:
            await talk.frame("x" * (24 * 1024 * 1024 + 1))
            assert (await talk.closed())[0] == 1009

    asyncio.run(story())


def test_the_connection_is_kept_alive_by_pings(monkeypatch):
    monkeypatch.setattr("rtkit.server.visit.PING_S", 0.05)

    async def story():
        async with serving() as running, aiohttp.ClientSession() as web:
            address = running.url + "?model=gpt-realtime-2.1"
            async with web.ws_connect(address, autoping=False) as socket:
                types = [(await socket.receive(5)).type for _ in range(2)]
                assert types == [aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.PING]

    asyncio.run(story())


def test_compression_is_offered():
    async def story():
        async with Stage().talk() as talk:
            assert "permessage-deflate" in talk.socket.response.headers["Sec-WebSocket-Extensions"]

    asyncio.run(story())


# Fields of a session


@pytest.mark.parametrize("path", FIELD_PATHS)
def test_a_session_field_is_taken_and_shown_and_what_is_wrong_in_it_refused(path):
    good, bad, code, param = ON_THE_WIRE[path]

    async def story():
        async with Stage().talk() as talk:
            await talk.send("session.update", session=bad)
            error = (await talk.until("error"))[-1]["error"]
            assert (error["code"], error["param"]) == (code, f"session.{param or path}")
            shown = await talk.update(**{k: v for k, v in good.items() if k != "type"})
            for leaf in leaves(good):
                assert get(shown, leaf) == get(good, leaf)

    asyncio.run(story())


@pytest.mark.parametrize("name", GONE)
def test_a_field_of_the_beta_is_unknown(name):
    async def story():
        async with Stage().talk() as talk:
            await talk.send("session.update", session={"type": "realtime", name: None})
            error = (await talk.until("error"))[-1]["error"]
            assert (error["code"], error["param"]) == ("unknown_parameter", f"session.{name}")

    asyncio.run(story())


def leaves(value, path=""):
    """The dotted paths of all that is in an object."""
    for name, inner in value.items():
        here = f"{path}.{name}" if path else name
        yield from leaves(inner, here) if isinstance(inner, dict) else [here]


# The tables are whole


def test_every_field_has_its_place_and_every_effect_its_test():
    paths = {row.path for row in FIELDS if not row.read_only}
    assert paths == {*FIELD_PATHS, *RESPONSE_PATHS}
    assert {*EFFECT, *SHOWN} >= {path for path in paths if not path.endswith(("[]", "*"))}
    assert set(EFFECT) & set(SHOWN) == set()
    assert [test for test in EFFECT.values() if not exists(test)] == []


def test_every_limit_has_a_test():
    assert {field.name for field in dataclasses.fields(Limits)} == set(LIMITS)
    rows = {row.name for row in WRONG}
    assert [test for test in LIMITS.values() if test not in rows and not exists(test)] == []


def exists(test):
    """Whether `file::function` is a test of ours."""
    file, _, name = test.partition("::")
    tree = ast.parse((TESTS / f"{file}.py").read_text(encoding="utf-8"))
    return name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


# With the parts that hear and speak


@asynccontextmanager
async def hearing(**options):
    stage = Stage()
    running = await rtkit.server.serve.start(options=ServerOptions(**options))
    try:
        async with stage.visit(running) as talk:
            yield talk
    finally:
        await running.close()


async def question(talk, text):
    """A phrase in the synthesiser's voice, then silence; the events up to the answer's end."""
    clip = await asyncio.to_thread(rtkit.say, text)
    await talk.append([*clip.samples, *SILENCE])
    return await talk.until("rate_limits.updated")


def test_a_voice_turn_has_its_order_with_real_ears_and_a_real_voice():
    async def story():
        async with hearing() as talk:
            await talk.update(output_modalities=["audio"])
            events = await question(talk, "What is the capital of France?")
            assert told(talk.log) == ORDERS["voice turn"][1]
            assert "Paris" in json.dumps(only(events, "response.done"))

    asyncio.run(story())


def test_an_answer_in_a_custom_voice_fails_and_names_the_voices_that_there_are():
    async def story():
        async with hearing(brain=Script("Hello.")) as talk:
            await talk.update(audio={"output": {"voice": {"id": "voice_mine"}}})
            await talk.send("response.create")
            response = (await talk.until("response.done"))[-1]["response"]
            assert response["status"] == "failed"
            assert "alloy, ash" in response["status_details"]["error"]["message"]

    asyncio.run(story())


def test_a_spoken_question_calls_a_tool_with_real_ears_and_a_real_voice():
    async def story():
        async with hearing(brain=Script(Call("look_up", {"what": "time"}))) as talk:
            await talk.update(tools=[{"type": "function", "name": "look_up"}])
            await question(talk, "What time is it?")
            lines = told(talk.log)
            call = ORDERS["function call"][1]
            at = call.index("< response.created")
            assert lines[lines.index("< response.created") :] == call[at : at + 9]

    asyncio.run(story())
