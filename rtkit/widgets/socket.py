"""The WebSocket server for sound between a page and this process: one per process, on 127.0.0.1.

Any page that is open in the browser can reach a port of this machine, so two locks: the page must
come from here (its Origin is this machine, or an origin that the kernel's own channel named), and
its first message must hold a token that was given to the widget and works once.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import secrets
from http import HTTPStatus
from urllib.parse import urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from .wire import PATHS, Guest, parse

HOST = "127.0.0.1"
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
HELLO_WITHIN = 2.0  # seconds
BIGGEST = 1 << 20  # bytes of one message from a page
REFUSED = 4401  # close code: wrong token


class SocketLink:
    """One page over a WebSocket. What is sent is queued here and never waits."""

    def __init__(self, connection: ServerConnection, path: str) -> None:
        self.path = path
        self._connection = connection
        self._queue: asyncio.Queue[str | bytes | None] = asyncio.Queue()

    def send(self, data: str | bytes) -> None:
        self._queue.put_nowait(data)

    def close(self) -> None:
        """Close after what is queued has been sent."""
        self._queue.put_nowait(None)

    async def write(self) -> None:
        """Send what is queued, until `close`."""
        with contextlib.suppress(ConnectionClosed):
            while (data := await self._queue.get()) is not None:
                await self._connection.send(data)
            await self._connection.close()


class AudioSocket:
    """The server. `invite` makes the token with which one page may come to one guest."""

    def __init__(self) -> None:
        self.port = 0
        self.origins: set[str] = set()  # beyond this machine's own
        self._server: Server | None = None
        self._guests: dict[str, Guest] = {}

    async def start(self) -> AudioSocket:
        """Listen on a free port; itself."""
        self._server = await serve(
            self._visit, HOST, 0, process_request=self._check, max_size=BIGGEST, compression=None
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        return self

    async def close(self) -> None:
        """Close the server and all its connections."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def invite(self, guest: Guest) -> str:
        """A token for one page of this guest; an older unused one stops working."""
        self.forget(guest)
        token = secrets.token_urlsafe(24)
        self._guests[token] = guest
        return token

    def forget(self, guest: Guest) -> None:
        """No page can come to this guest any more."""
        self._guests = {token: g for token, g in self._guests.items() if g is not guest}

    def _check(self, connection: ServerConnection, request: Request) -> Response | None:
        origin = request.headers.get("Origin", "")
        if origin in self.origins or urlsplit(origin).hostname in LOCAL_HOSTS:
            return None
        refusal = f"pages of {origin or 'no origin'} may not connect to rtkit on this machine\n"
        return connection.respond(HTTPStatus.FORBIDDEN, refusal)

    def _admit(self, hello: str | bytes) -> tuple[Guest, str] | None:
        found = parse(hello)
        token, path = str(found.get("token", "")).encode(), found.get("path")
        known = next((t for t in self._guests if hmac.compare_digest(t.encode(), token)), None)
        if known is None or path not in PATHS:
            return None
        return self._guests.pop(known), str(path)

    async def _visit(self, connection: ServerConnection) -> None:
        try:
            hello = await asyncio.wait_for(connection.recv(), HELLO_WITHIN)
        except (TimeoutError, ConnectionClosed):
            return
        admitted = self._admit(hello)
        if admitted is None:
            await connection.close(REFUSED, "the token is not known, or was used before")
            return
        await self._host(connection, *admitted)

    async def _host(self, connection: ServerConnection, guest: Guest, path: str) -> None:
        link = SocketLink(connection, path)
        writer = asyncio.create_task(link.write())
        guest.arrive(link)
        try:
            async for data in connection:
                guest.receive(link, data)
        except ConnectionClosed:
            pass
        finally:
            link.close()
            guest.leave(link)
            await writer


_shared: asyncio.Task[AudioSocket] | None = None


async def shared() -> AudioSocket:
    """The process's audio socket, started at the first call (on rtkit's loop)."""
    global _shared
    if _shared is None:
        _shared = asyncio.create_task(AudioSocket().start())
    return await _shared
