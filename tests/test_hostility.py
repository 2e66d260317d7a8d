"""A client that sends garbage to a real server, and a bystander who must not notice.

RTKIT_FUZZ_EXAMPLES also says how much garbage (usual: 100 frames).
"""

import asyncio
import base64
import os
import struct
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
import websockets
from fuzzcases import frames, good, spelled
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from serverstory import only, types
from socketstory import MODEL, connected, serving
from websockets.frames import Frame, Opcode

from rtkit.server.limits import Limits
from rtkit.server.serve import LARGEST_FRAME

AMOUNT = int(os.environ.get("RTKIT_FUZZ_EXAMPLES", "100"))
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def some(strategy, number):
    """Examples of a strategy, the same ones each time."""
    found = []

    @settings(
        max_examples=number,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example):
        found.append(example)

    collect()
    return found


async def well(client):
    """That a text turn goes as it always goes."""
    await client.type("hello")
    await client.send("response.create", response={"output_modalities": ["text"]})
    events = await client.until("rate_limits.updated")
    assert only(events, "response.done")["response"]["status"] == "completed"
    assert types(events)[:3] == [
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]


def encoded(data, opcode=Opcode.TEXT, fin=True):
    """A client's frame as bytes on the wire."""
    return Frame(opcode, data, fin).serialize(mask=True)


async def raw(running):
    """A connection after its handshake, and without any manners."""
    url = urlsplit(running.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    key = base64.b64encode(os.urandom(16)).decode()
    path = f"{url.path}{MODEL}"
    writer.write(HANDSHAKE.format(path=path, host=url.netloc, key=key).encode())
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def close_code(reader):
    """The code of the close frame that the server sends; None when it only hangs up."""
    async with asyncio.timeout(20):
        while True:
            try:
                first, second = await reader.readexactly(2)
                size = second & 0x7F
                if size > 125:
                    size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8))
                data = await reader.readexactly(size)
            except (asyncio.IncompleteReadError, ConnectionError):
                return None
            if first & 0x0F == Opcode.CLOSE:
                return struct.unpack(">H", data[:2])[0] if data else 1005


def test_garbage_in_one_session_is_not_noticed_in_another():
    garbage = [spelled(frame) for frame in some(st.one_of(frames, good), AMOUNT)]

    async def drain(socket):
        async for _ in socket:
            pass

    async def main():
        async with serving() as running, connected(running) as bystander:
            await well(bystander)
            async with websockets.connect(running.url + MODEL, max_size=None) as vandal:
                reading = asyncio.create_task(drain(vandal))
                for number, frame in enumerate(garbage):
                    with suppress(UnicodeEncodeError):  # no text frame can hold it
                        await vandal.send(frame)
                    if number % 25 == 0:
                        await well(bystander)
                assert not reading.done()  # it was never hung up on
                reading.cancel()
            await well(bystander)
            async with connected(running) as newcomer:
                await well(newcomer)

    asyncio.run(main())


HALVES = [
    b"",
    b"GET /v1/realtime?model=m HTTP/1.1\r\nHost: x\r\nUpgrade: websock",
    b"\x00" * 64,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # the beginning of TLS
    b"GET /v1/realtime HTTP/1.1\r\n" + b"X: y\r\n" * 5_000,
    b"POST /v1/realtime/client_secrets HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n{",
    b"GET /v1/realtime?model=m HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n",
]


def test_half_a_handshake_keeps_nobody_waiting():
    async def main():
        async with serving() as running, connected(running) as bystander:
            url = urlsplit(running.url)
            for half in HALVES:
                _, writer = await asyncio.open_connection(url.hostname, url.port)
                writer.write(half)
                with suppress(ConnectionError):
                    await writer.drain()
                await well(bystander)
                writer.close()
            await well(bystander)

    asyncio.run(main())


MISFORMED = {
    "bad UTF-8": (encoded(b'{"type": "\xff\xfe"}'), 1007),
    "bad UTF-8 in the second fragment": (
        encoded(b'{"type', fin=False) + encoded(b"\xc3(", Opcode.CONT),
        1007,
    ),
    "a fragment that continues nothing": (encoded(b"x", Opcode.CONT), 1002),
    "a text within a fragmented one": (encoded(b"{", fin=False) + encoded(b"{}"), 1002),
    "an unknown opcode": (b"\x83\x80\x00\x00\x00\x00", 1002),
    "a long ping": (b"\x89\xfe\x00\x80" + bytes(4 + 128), 1002),
    "a close frame of one byte": (b"\x88\x81\x00\x00\x00\x00\x03", 1002),
    "a close frame with a code that may not be sent": (b"\x88\x82\x00\x00\x00\x00\x03\xed", 1002),
    "reserved bits": (b"\xf1\x80\x00\x00\x00\x00", 1002),
}


@pytest.mark.parametrize("name", MISFORMED)
def test_frames_that_break_the_websocket_end_their_own_session_only(name):
    data, code = MISFORMED[name]

    async def main():
        async with serving() as running, connected(running) as bystander:
            reader, writer = await raw(running)
            writer.write(data)
            assert await close_code(reader) == code
            writer.close()
            await well(bystander)

    asyncio.run(main())


def test_a_session_survives_odd_but_lawful_frames():
    event = b'{"type": "input_audio_buffer.clear"}'
    pieces = [bytes([byte]) for byte in event]

    async def main():
        async with serving() as running, connected(running) as client:
            await client.socket.send([piece.decode() for piece in pieces])  # one byte each
            assert types(await client.until("input_audio_buffer.cleared"))[-1]
            await client.socket.send(b"\x00\xff" * 1000)
            await client.socket.send("")
            for _ in range(2):
                refused = (await client.until("error"))[-1]["error"]
            assert refused["code"] == "invalid_json"
            await client.socket.ping(b"x" * 125)
            await well(client)

    asyncio.run(main())


CLOSES = (b"\x88\x80\x00\x00\x00\x00", encoded(struct.pack(">H", 1000), Opcode.CLOSE), None)


@pytest.mark.parametrize("farewell", CLOSES, ids=["no code", "1000", "none at all"])
@pytest.mark.parametrize("moment", ["at once", "in mid speech", "in mid answer"])
def test_a_client_that_leaves_at_an_odd_moment_takes_nobody_with_it(farewell, moment):
    speech = spelled('{"type": "input_audio_buffer.append", "audio": "~900 ms 0.4~"}').encode()
    before = {
        "at once": b"",
        "in mid speech": encoded(speech),
        "in mid answer": encoded(b'{"type": "response.create"}'),
    }

    async def main():
        async with serving() as running, connected(running) as bystander:
            reader, writer = await raw(running)
            writer.write(before[moment] + (farewell or b""))
            if farewell is None:
                await writer.drain()
                writer.transport.abort()
            else:
                assert await close_code(reader) in (1000, 1005)
                writer.close()
            await well(bystander)

    asyncio.run(main())


def test_the_limits_of_a_server_are_those_of_its_sessions():
    async def main():
        async with serving(limits=Limits(items=2)) as running, connected(running) as client:
            await well(client)
            await client.type("one more")
            refused = (await client.until("error"))[-1]["error"]
            assert refused["code"] == "conversation_full"
            async with connected(running) as other:
                await well(other)

    asyncio.run(main())


def test_the_longest_event_is_refused_by_an_error_and_not_by_the_frame():
    assert Limits().event_chars < LARGEST_FRAME
