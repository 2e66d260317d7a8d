"""A relay on loopback between a client and the embedded server, which breaks things by a plan.

It has a thread and a loop of its own, so that the client's can be counted. Each connection takes
the next fault of the plan; a fault strikes when that many messages have gone by, either way.
"""

import asyncio
import json
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from rtkit.server.local import ServerOptions
from rtkit.server.serve import start

GARBAGE = (
    "{not json",
    "[1, 2, 3]",
    "null",
    '{"type": 7}',
    '{"type": "response.done"}',
    '{"type": "response.created", "response": null}',
    '{"type": "response.output_audio.delta", "delta": null, "item_id": []}',
    '{"type": "conversation.item.done", "item": "?"}',
    '{"type": "no.such.event", "event_id": "event_none"}',
    '{"type": "error", "error": {"message": "nothing in particular", "code": null}}',
    "[" * 100_000,
    "\x00\x01",
)
HALF_A_FRAME = b"\x81\x7e\x20\x00" + b'{"type": "response.output_text.delta", "delta": "'
MANY = 1 << 20


@dataclass
class Fault:
    """What happens to one connection, and what it had carried until then."""

    kind: str = "none"
    after: int = 0  # messages, counted both ways
    number: float = 0.0  # between 0 and 1: which garbage, how long a delay
    struck: bool = False
    delivered: list = field(default_factory=list)  # event ids to the client, before it struck
    asked: list = field(default_factory=list)  # event ids from the client, before it struck

    def note(self, ids, text):
        """Remember what passed before the fault."""
        if not self.struck:
            event_id = json.loads(text).get("event_id")
            ids.append(event_id) if event_id else None


class Relay:
    """`with Relay() as relay`: connect to `relay.url`, after `relay.plan(fault)`."""

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)
        self._thread.start()
        self._fault = Fault()
        self._run(self._open())
        return self

    def __exit__(self, *about):
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def sessions(self):
        """How many sessions the server still has open."""
        return self._running.sessions

    @property
    def tasks(self):
        """How many tasks the relay's loop, with the server in it, has."""
        return len(asyncio.all_tasks(self._loop))

    def plan(self, fault):
        self._fault = fault
        return fault

    def _run(self, coro):
        return asyncio.run_coroutine_threadsafe(coro, self._loop).result(30)

    async def _open(self):
        self._running = await start(options=ServerOptions(pace=None))
        self._server = await serve(
            self._carry, "127.0.0.1", 0, max_size=None, compression=None, ping_interval=None
        )
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"ws://127.0.0.1:{port}/v1/realtime"

    async def _close(self):
        self._server.close(close_connections=True)
        await self._server.wait_closed()
        await self._running.close()

    async def _carry(self, client):
        fault = self._fault
        address = self._running.url + client.request.path.removeprefix("/v1/realtime")
        async with connect(address, max_size=None, compression=None) as upstream:
            passed = Passage(client, upstream, fault)
            ways = [asyncio.create_task(way) for way in passed.ways()]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)


class Passage:
    """One connection, both ways."""

    def __init__(self, client, upstream, fault):
        self.client, self.upstream, self.fault = client, upstream, fault
        self.count = 0
        self.open = asyncio.Event()  # cleared while the line stalls
        self.open.set()

    def ways(self):
        """Down, up, and the end of the client, of which a stalled line would hear nothing."""
        return self.down(), self.up(), self.client.wait_closed()

    async def down(self):
        with suppress(ConnectionClosed):
            async for text in self.upstream:
                await self.open.wait()
                text = await self.perhaps(text)
                await self.client.send(text)
                self.fault.note(self.fault.delivered, text)
        await self.client.close(self.upstream.close_code or 1011)

    async def up(self):
        with suppress(ConnectionClosed):
            async for text in self.client:
                self.fault.note(self.fault.asked, text)
                await self.perhaps(None)
                await self.open.wait()
                await self.upstream.send(text)

    async def perhaps(self, text):
        """Strike if it is time; the text that is to go to the client."""
        self.count += 1
        fault = self.fault
        if fault.struck or fault.kind == "none" or self.count <= fault.after:
            return text
        if fault.kind == "audio":
            return self.unreadable(text)
        fault.struck = True
        await getattr(self, fault.kind)()
        return text

    def unreadable(self, text):
        event = json.loads(text) if text else {}
        if event.get("type") != "response.output_audio.delta":
            return text
        self.fault.struck = True
        return json.dumps({**event, "delta": "!" + event["delta"][: int(self.fault.number * 40)]})

    async def cut(self):
        """The connection ends without a word."""
        self.client.transport.abort()
        await asyncio.sleep(MANY)

    async def half(self):
        """A frame begins, and then the connection ends."""
        self.client.transport.write(HALF_A_FRAME)
        self.client.transport.close()
        await asyncio.sleep(MANY)

    async def failed(self):
        """The server closes with 1011."""
        await self.client.close(1011, "keepalive ping timeout")
        await asyncio.sleep(MANY)

    async def garbage(self):
        await self.client.send(GARBAGE[int(self.fault.number * len(GARBAGE))])

    async def binary(self):
        await self.client.send(bytes(range(256)))

    async def delay(self):
        self.open.clear()
        await asyncio.sleep(self.fault.number)
        self.open.set()

    async def stall(self):
        """Nothing comes any more, and nobody says so."""
        self.open.clear()
        await asyncio.sleep(MANY)
