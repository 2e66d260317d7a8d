import asyncio
import base64
import io
import json
import logging

import aiohttp
import pytest
import websockets
from socketstory import MODEL, Client, connected, options, serving

from rtkit.errors import ConfigError
from rtkit.server.brain import Script
from rtkit.server.journal import write_to
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


async def refused_at_the_door(running, **fields):
    """(error code, close code, close reason) of a connection that is turned away."""
    async with websockets.connect(running.url + MODEL, **fields) as socket:
        client = Client(socket)
        code = (await client.until("error"))[-1]["error"]["code"]
        await socket.wait_closed()
        return code, socket.close_code, socket.close_reason


def test_who_comes_when_the_house_is_full_is_told_to_come_back_and_then_gets_in():
    async def story():
        async with serving(max_sessions=2) as running, connected(running) as first:
            async with connected(running):
                told = await refused_at_the_door(running)
                assert told[:2] == ("rate_limit_exceeded", 1013)
                assert told[2] == "invalid_request_error.rate_limit_exceeded"
                assert running.sessions == 2
            await until(lambda: running.sessions == 1)
            async with connected(running):
                await first.send("input_audio_buffer.clear")
                await first.until("input_audio_buffer.cleared")

    asyncio.run(story())


def test_in_a_full_house_a_wrong_key_is_still_a_wrong_key():
    async def story():
        right = {"additional_headers": {"Authorization": "Bearer secret"}}
        house = serving(api_key="secret", max_sessions=1)
        async with house as running, connected(running, **right):
            assert (await refused_at_the_door(running))[1] == 3000
            assert (await refused_at_the_door(running, **right))[1] == 1013

    asyncio.run(story())


async def until(holds):
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.01)


def test_where_other_machines_can_come_in_nothing_is_opened_without_a_key():
    async def story():
        for host in ("0.0.0.0", ""):
            with pytest.raises(ConfigError, match="no key"):
                await start(host, options=options())
        running = await start("0.0.0.0", options=options(api_key="secret"))
        try:
            assert running.url == f"ws://0.0.0.0:{running.port}/v1/realtime"
            assert (await refused_at_the_door(running))[1] == 3000
        finally:
            await running.close()

    asyncio.run(story())


def test_a_site_that_points_its_name_at_this_machine_gets_nothing():
    """DNS rebinding: to the browser, page and server are then of one host, evil.example."""

    async def story():
        async with serving() as running, aiohttp.ClientSession() as web:
            name = f"evil.example:{running.port}"
            page = {"Host": name, "Origin": f"http://{name}"}
            base = running.url.replace("ws://", "http://")
            for method, path in (("GET", ""), ("POST", "/client_secrets")):
                async with web.request(method, base + path, headers=page) as answer:
                    assert answer.status == 403
            upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
            key = {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
            async with web.get(base + MODEL, headers={**page, **upgrade, **key}) as answer:
                assert answer.status == 403
            root = base.removesuffix("/v1/realtime")
            for path in ("/healthz", "/v1/models"):
                for headers in (page, {"Host": name}):
                    async with web.get(root + path, headers=headers) as answer:
                        assert answer.status == 403
                        assert "evil.example" in (await answer.json())["error"]["message"]

    asyncio.run(story())


def test_sessions_that_name_no_voice_have_the_servers_own():
    async def story():
        async with serving(default_voice="coral") as running:
            async with connected(running) as client:
                assert client.events[0]["session"]["audio"]["output"]["voice"] == "coral"
            async with connected(running, "?intent=transcription") as client:
                assert client.events[0]["session"]["type"] == "transcription"
            base = running.url.replace("ws://", "http://")
            for wanted, voice in (({}, "coral"), ({"audio": {"output": {"voice": "ash"}}}, "ash")):
                body = {"session": {"type": "realtime", **wanted}}
                async with (
                    aiohttp.ClientSession() as web,
                    web.post(base + "/client_secrets", json=body) as answer,
                ):
                    reply = await answer.json()
                assert reply["session"]["audio"]["output"]["voice"] == voice
                key = {"Authorization": f"Bearer {reply['value']}"}
                async with connected(running, "", additional_headers=key) as client:
                    assert client.events[0]["session"]["audio"]["output"]["voice"] == voice

    asyncio.run(story())


def test_each_session_hears_a_script_from_its_first_reply_on():
    async def story():
        async with serving(brain=Script("First reply.", "Second reply.")) as running:
            for _ in range(2):
                async with connected(running) as client:
                    for words in ("First reply.", "Second reply.", "Second reply."):
                        await client.send("response.create")
                        done = (await client.until("response.done"))[-1]["response"]
                        assert done["output"][0]["content"][0]["transcript"] == words
                        await client.until("rate_limits.updated")

    asyncio.run(story())


def test_the_log_has_a_line_for_the_beginning_and_the_end_of_a_session(caplog):
    caplog.set_level("INFO", "rtkit.server")

    async def story():
        async with serving() as running, connected(running) as client:
            await client.append([0.0] * 24_000)
            await client.send("nonsense")
            await client.until("error")
            await client.type("my secret diary")
            await client.send("response.create")
            await client.until("rate_limits.updated")

    asyncio.run(story())
    begin, error, end = (line.split(" ") for line in caplog.messages)
    session = begin[1]
    assert session.startswith("session=sess_")
    assert begin == ["session.begin", session, "kind=realtime", "model=gpt-realtime-2.1"]
    assert error == ["session.error", session, "code=invalid_value"]
    facts = dict(pair.split("=") for pair in end[1:])
    assert end[:2] == ["session.end", session]
    assert (facts["audio_in_s"], facts["responses"], facts["errors"]) == ("1.0", "1", "1")
    assert int(facts["events_in"]) == 8
    assert float(facts["audio_out_s"]) > 0
    assert (facts["close"], facts["by"]) == ("1000", "client")
    assert "diary" not in caplog.text


def test_the_log_does_not_grow_with_the_errors_of_one_session(caplog):
    caplog.set_level("INFO", "rtkit.server")

    async def story():
        async with serving() as running, connected(running) as client:
            for _ in range(100):
                await client.send("nonsense")
            await client.send("input_audio_buffer.clear")
            await client.until("input_audio_buffer.cleared")

    asyncio.run(story())
    assert len([line for line in caplog.messages if line.startswith("session.error")]) == 20
    assert "errors=100" in caplog.messages[-1]


@pytest.mark.parametrize("key", ["sk-proj-Ab12Cd34Ef56Gh78", "ek_Qw12Er34Ty56Ui78Op90A"])
def test_no_key_gets_into_the_words_of_aiohttp(caplog, key):
    async def story():
        only_a_key = {"subprotocols": [f"openai-insecure-api-key.{key}"]}
        async with serving() as running, connected(running, **only_a_key):
            pass

    asyncio.run(story())
    assert "openai-insecure-api-key.***" in caplog.text
    assert key not in "".join(r.getMessage() for r in caplog.records if r.name.startswith("aio"))


def test_at_debug_with_every_package_talking_no_key_is_in_the_log():
    """Server and client in one process: websockets writes whole handshakes and frames."""
    stream = io.StringIO()
    root, before = logging.getLogger(), logging.getLogger().level
    handler = write_to(stream, "debug", secrets=("correct-horse-battery",))
    root.setLevel(logging.DEBUG)
    keys = ("correct-horse-battery", "sk-proj-Ab12Cd34Ef56Gh78")

    async def story():
        right = {"Authorization": "Bearer correct-horse-battery"}
        async with serving(api_key=keys[0]) as running:
            async with connected(running, additional_headers=right) as client:
                await client.send("session.update", session={"type": "realtime", keys[1]: 1})
                await client.until("error")
            wrong = {"additional_headers": {"api-key": keys[1]}}
            await refused_at_the_door(running, **wrong)

    try:
        asyncio.run(story())
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        logging.getLogger("rtkit").setLevel(logging.NOTSET)
        logging.captureWarnings(False)
    log = stream.getvalue()
    assert "from=websockets.client" in log
    assert "from=asyncio" in log
    assert [key for key in keys if key in log] == []


@pytest.mark.parametrize("key", [b"ek_\xff\xfe", b"\xff\xfe1234567890", b"schl\xc3\xbcssel"])
def test_a_key_that_is_no_text_is_a_wrong_key(key):
    async def story():
        async with serving(api_key="secret") as running:
            upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            handshake = upgrade + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            for path, head in ((f"/v1/realtime{MODEL}", handshake), ("/v1/models", b"")):
                reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
                start = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n".encode()
                writer.write(start + head + b"Authorization: Bearer " + key + b"\r\n\r\n")
                async with asyncio.timeout(5):
                    await reader.readuntil(b"invalid_api_key")
                writer.close()

    asyncio.run(story())


def test_the_log_says_who_closed_a_session_and_how(caplog):
    caplog.set_level("INFO", "rtkit.server")

    async def story():
        async with serving() as running, connected(running) as client:
            await running.close()
            await client.socket.wait_closed()

    asyncio.run(story())
    assert caplog.messages[-1].endswith("close=1001 by=server")
