import asyncio
import base64
import json

import aiohttp
import pytest
import websockets
from socketstory import MODEL, Client, connected, serving

from rtkit.server.serve import new_id, start


def test_ids_are_those_of_the_service():
    made = {new_id("event_") for _ in range(100)}
    assert len(made) == 100
    assert all(len(name) == 27 and name[6:].isalnum() for name in made)


def test_it_says_what_it_is_over_http():
    async def story():
        async with serving() as running, aiohttp.ClientSession() as web:
            base = running.url.replace("ws://", "http://").removesuffix("/v1/realtime")
            for path in ("/", "/health"):
                async with web.get(base + path) as answer:
                    facts = await answer.json()
                assert facts["status"] == "ok"
                assert "stand-in" in facts["about"]
            async with web.get(running.url.replace("ws://", "http://")) as answer:
                assert answer.status == 426

    asyncio.run(story())


def test_a_port_that_is_taken_is_an_error():
    async def story():
        async with serving() as running:
            with pytest.raises(OSError, match=str(running.port)):
                await start(port=running.port)

    asyncio.run(story())


def test_the_subprotocol_realtime_is_echoed():
    async def story():
        offered = ["realtime", "openai-insecure-api-key.local"]
        async with serving() as running, connected(running, subprotocols=offered) as client:
            assert client.socket.subprotocol == "realtime"

    asyncio.run(story())


@pytest.mark.parametrize(
    ("query", "headers", "api_key", "code", "close"),
    [
        ("", {}, None, "missing_model", (4000, "invalid_request_error.missing_model")),
        (
            MODEL,
            {"OpenAI-Beta": "realtime=v1"},
            None,
            "beta_api_shape_disabled",
            (4000, "invalid_request_error.beta_api_shape_disabled"),
        ),
        (MODEL, {}, "secret", None, (3000, "invalid_request_error")),
        (
            MODEL,
            {"Authorization": "Bearer sk-wrong-1234567"},
            "secret",
            "invalid_api_key",
            (3000, "invalid_request_error.invalid_api_key"),
        ),
    ],
)
def test_who_may_not_come_in_is_told_after_the_handshake(query, headers, api_key, code, close):
    async def story():
        async with serving(api_key=api_key) as running:
            address = running.url + query
            async with websockets.connect(address, additional_headers=headers) as socket:
                client = Client(socket)
                refused = (await client.until("error"))[0]["error"]
                assert refused["code"] == code
                with pytest.raises(websockets.ConnectionClosed) as closed:
                    await socket.recv()
                assert (closed.value.rcvd.code, closed.value.rcvd.reason) == close

    asyncio.run(story())


@pytest.mark.parametrize(
    "headers", [{"Authorization": "Bearer secret"}, {"api-key": "secret"}], ids=["bearer", "azure"]
)
def test_the_right_key_opens(headers):
    async def story():
        async with (
            serving(api_key="secret") as running,
            connected(running, additional_headers=headers) as client,
        ):
            assert client.events[0]["type"] == "session.created"

    asyncio.run(story())


def test_a_page_of_another_site_may_not_connect():
    async def story():
        async with serving(origins=("https://school.example",)) as running:
            with pytest.raises(websockets.InvalidStatus, match="403"):
                await websockets.connect(running.url + MODEL, origin="https://evil.example")
            for origin in ("https://school.example", "http://localhost:8888"):
                async with connected(running, origin=origin):
                    pass

    asyncio.run(story())


def test_closing_the_server_says_goodbye_to_every_session():
    async def story():
        async with serving() as running, connected(running) as client:
            assert running.sessions == 1
            await running.close()
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await client.socket.recv()
            assert closed.value.rcvd.code == 1001
            assert running.sessions == 0

    asyncio.run(story())


def test_transcription_needs_no_model_in_the_url():
    async def story():
        async with serving() as running, connected(running, "?intent=transcription") as client:
            assert client.events[0]["session"]["type"] == "transcription"

    asyncio.run(story())


def test_a_retired_model_is_a_warning_only(caplog):
    async def story():
        async with serving() as running, connected(running, "?model=gpt-4o-realtime-preview"):
            pass

    asyncio.run(story())
    assert "gpt-4o-realtime-preview" in caplog.text


def test_a_frame_of_fifteen_megabytes_of_sound_is_taken_and_others_are_served_meanwhile():
    async def story():
        async with serving() as running, connected(running) as big, connected(running) as small:
            await small.send(
                "session.update", session={"type": "realtime", "output_modalities": ["text"]}
            )
            await small.until("session.updated")
            sound = base64.b64encode(bytes(15 * 1024 * 1024)).decode()
            await big.send("input_audio_buffer.append", audio=sound)
            await big.send("input_audio_buffer.clear")
            heard_all = asyncio.create_task(big.until("input_audio_buffer.cleared"))
            await small.type("hello")
            await small.send("response.create")
            await small.until("response.done")
            assert not heard_all.done()
            await heard_all

    asyncio.run(story())


def test_a_binary_frame_is_refused_and_the_session_goes_on():
    async def story():
        async with serving() as running, connected(running) as client:
            await client.socket.send(b"\x00\x01")
            assert (await client.until("error"))[-1]["error"]["code"] == "invalid_event"
            await client.socket.send(json.dumps({"type": "input_audio_buffer.clear"}))
            await client.until("input_audio_buffer.cleared")

    asyncio.run(story())
