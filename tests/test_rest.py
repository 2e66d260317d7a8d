"""What the server answers over plain HTTP, on the port of its WebSocket."""

import asyncio
import json
from contextlib import asynccontextmanager

import aiohttp
import pytest
import websockets
from openai import AsyncOpenAI
from serverstory import OFFICIAL
from socketstory import MODEL, connected, options, serving

from rtkit import catalog
from rtkit.server.brain import Say, Script
from rtkit.server.rest import Rest
from rtkit.server.secrets import Secrets
from rtkit.server.serve import new_id
from rtkit.server.tutor import Tutor

KEY = {"Authorization": "Bearer secret"}
SECRETS = "/realtime/client_secrets"


class Stranger:
    """A brain of somebody's own."""

    grammar = ""

    async def reply(self, request):
        yield Say("Hello.")


def base(running):
    return running.url.replace("ws://", "http://").removesuffix("/realtime")


@asynccontextmanager
async def visiting(**fields):
    async with serving(**fields) as running, aiohttp.ClientSession() as web:
        yield running, web


async def asked(web, method, url, **fields):
    async with web.request(method, url, **fields) as answer:
        return answer.status, await answer.json()


async def ephemeral(running, web, **session):
    body = {"session": {"type": "realtime", **session}} if session else {}
    status, reply = await asked(web, "POST", base(running) + SECRETS, json=body, headers=KEY)
    assert status == 200
    return reply["value"]


async def turned_away(running, key, query=MODEL):
    """The error that a connection with this key gets, and its close code."""
    headers = {"Authorization": f"Bearer {key}"}
    async with websockets.connect(running.url + query, additional_headers=headers) as socket:
        event = json.loads(await socket.recv())
        OFFICIAL.validate_python(event)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.recv()
    return event["error"]["code"], closed.value.rcvd.code


def test_it_is_healthy_without_a_key():
    async def story():
        async with visiting(api_key="secret") as (running, web):
            url = base(running).removesuffix("/v1") + "/healthz"
            status, facts = await asked(web, "GET", url)
            assert (status, facts["status"], facts["sessions"]) == (200, "ok", 0)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("brain", "told"),
    [
        (Tutor(), "the answers come from a small brain made of rules, not from a language model."),
        (Script("Hello."), "the answers come from a script of given replies, whatever is said."),
        (Stranger(), "the answers come from a brain that does not say what it is."),
    ],
)
def test_it_says_whose_words_its_answers_are(brain, told):
    async def story():
        async with visiting(brain=brain) as (running, web):
            _, facts = await asked(web, "GET", base(running).removesuffix("/v1") + "/")
            assert facts["about"].endswith(told)

    asyncio.run(story())


def test_the_official_client_lists_models_and_makes_a_key():
    async def story():
        async with serving(api_key="secret") as running:
            async with AsyncOpenAI(api_key="secret", base_url=base(running)) as client:
                names = [model.id async for model in await client.models.list()]
                session = {"type": "realtime", "audio": {"output": {"voice": "sage"}}}
                secret = await client.realtime.client_secrets.create(session=session)
            assert catalog.DEFAULT_MODEL in names
            assert catalog.DEFAULT_TRANSCRIPTION in names
            assert secret.session.audio.output.voice == "sage"
            async with (
                AsyncOpenAI(api_key=secret.value, base_url=base(running)) as page,
                page.realtime.connect(model=catalog.DEFAULT_MODEL) as connection,
            ):
                created = await connection.recv()
                assert created.session.audio.output.voice == "sage"

    asyncio.run(story())


def test_an_ephemeral_key_opens_sessions_of_its_own_settings_more_than_once():
    async def story():
        async with visiting(api_key="secret") as (running, web):
            key = await ephemeral(running, web, model="gpt-realtime-1.5")
            for _ in range(2):
                offered = ["realtime", f"openai-insecure-api-key.{key}"]
                async with connected(running, "", subprotocols=offered) as client:
                    session = client.events[0]["session"]
                    assert session["model"] == "gpt-realtime-1.5"
                    assert "stand-in" in session["instructions"]

    asyncio.run(story())


def test_a_key_for_writing_down_opens_a_transcription_session():
    async def story():
        async with visiting() as (running, web):
            body = {"session": {"type": "transcription"}}
            _, reply = await asked(web, "POST", base(running) + SECRETS, json=body)
            headers = {"Authorization": f"Bearer {reply['value']}"}
            async with connected(running, "", additional_headers=headers) as client:
                assert client.events[0]["session"]["type"] == "transcription"

    asyncio.run(story())


def test_a_key_that_has_expired_or_never_was_does_not_open(monkeypatch):
    async def story():
        async with visiting(api_key="secret") as (running, web):
            key = await ephemeral(running, web)
            assert await turned_away(running, "ek_never") == ("invalid_api_key", 3000)
            later = Secrets.find

            def find(self, key):  # ten minutes pass
                found = later(self, key)
                return found and type(found)(1, found.session, found.model)

            monkeypatch.setattr(Secrets, "find", find)
            assert await turned_away(running, key) == ("invalid_api_key", 3000)

    asyncio.run(story())


@pytest.mark.parametrize(("method", "path"), [("GET", "/models"), ("POST", SECRETS)])
def test_both_want_the_real_key_and_no_beta(method, path):
    async def story():
        async with visiting(api_key="secret") as (running, web):
            url = base(running) + path
            key = await ephemeral(running, web)
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"api-key": key}):
                status, body = await asked(web, method, url, headers=headers)
                assert (status, body["error"]["type"]) == (401, "invalid_request_error")
            beta = {**KEY, "OpenAI-Beta": "realtime=v1"}
            status, body = await asked(web, method, url, headers=beta)
            assert (status, body["error"]["code"]) == (400, "beta_api_shape_disabled")
            page = {**KEY, "Origin": "https://evil.example"}
            status, body = await asked(web, method, url, headers=page)
            assert (status, body["error"]["code"]) == (403, "origin_not_allowed")

    asyncio.run(story())


@pytest.mark.parametrize(
    ("data", "code", "param"),
    [
        ("{", "invalid_json", None),
        ("[" * 100_000, "invalid_value", None),
        ('{"session": {"type": "realtime", "tools": [{"a": NaN}]}}', "invalid_json", None),
        ('{"session": {"type": "realtime", "instructions": "\\ud800"}}', "invalid_json", None),
        ("[]", "invalid_event", None),
        ('{"expires_after": {"seconds": 5}}', "integer_below_min_value", "expires_after.seconds"),
        (b"\xff\xfe", "invalid_json", None),
    ],
)
def test_a_bad_request_is_answered_with_the_reason(data, code, param):
    async def story():
        async with visiting() as (running, web):
            status, body = await asked(web, "POST", base(running) + SECRETS, data=data)
            assert (status, body["error"]["code"]) == (400, code)
            assert body["error"]["param"] == param

    asyncio.run(story())


def test_a_request_that_is_too_long_is_answered_in_the_same_shape():
    async def story():
        async with visiting() as (running, web):
            data = '{"session": "' + "x" * 2**20 + '"}'
            status, body = await asked(web, "POST", base(running) + SECRETS, data=data)
            assert (status, body["error"]["param"]) == (413, "body")
            assert (
                "maximum length 1048576, but got a string with length 1048591"
                in (body["error"]["message"])
            )

    asyncio.run(story())


def test_keys_expire_by_the_clock_that_made_them():
    rest = Rest(options(), Secrets(new_id), clock=lambda: 1000.9)
    assert rest.secrets.issue({}, rest.clock())["expires_at"] == 1600
