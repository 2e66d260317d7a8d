"""The embedded server on a port: HTTP and WebSocket on one, through aiohttp."""

from __future__ import annotations

import asyncio
import logging
import secrets
import string
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from aiohttp import WSCloseCode, web

import rtkit
from rtkit.server.core import Settings
from rtkit.server.door import TurnedAway, Visitor, about_model, admit, origin_allowed
from rtkit.server.local import ServerOptions
from rtkit.server.rejections import error_event
from rtkit.server.rest import Rest
from rtkit.server.secrets import Secrets
from rtkit.server.visit import Visit

log = logging.getLogger("rtkit.server")

PATH = "/v1/realtime"
LARGEST_FRAME = 24 * 1024 * 1024  # 15 MiB of audio are 20 MiB of base64
CLOSE_TIMEOUT_S = 2.0  # how long a client may take to answer a close frame
ID_LENGTH = 21
ALPHABET = string.ascii_letters + string.digits
ABOUT = (
    "rtkit's embedded realtime server: a stand-in that runs on this machine. Turn detection, "
    "recognition, voice and the protocol are real; the answers come from a small brain made of "
    "rules, not from a language model."
)


def new_id(prefix: str) -> str:
    """An id as the service makes them: the prefix and 21 characters of base62."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


@dataclass(slots=True)
class Running:
    """A server that runs: where it is, and how to end it."""

    url: str
    port: int
    _runner: web.AppRunner
    _sockets: set[web.WebSocketResponse]
    _warming: asyncio.Task[None]
    closed: bool = False

    @property
    def sessions(self) -> int:
        """How many sessions are open."""
        return len(self._sockets)

    async def close(self) -> None:
        """Close every session (1001, going away) and the port."""
        self.closed = True
        code = WSCloseCode.GOING_AWAY
        closing = [socket.close(code=code, message=b"server closed") for socket in self._sockets]
        await asyncio.gather(*closing, return_exceptions=True)
        await self._runner.cleanup()
        await self._warming


async def start(
    host: str = "127.0.0.1", port: int = 0, options: ServerOptions | None = None
) -> Running:
    """Serve on `host`; port 0 takes a free one. OSError when the port is taken."""
    options = options or ServerOptions()
    house = House(options)
    runner = web.AppRunner(house.app(), access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except BaseException:
        await runner.cleanup()
        raise
    warming = asyncio.create_task(asyncio.to_thread(options.warm), name="rtkit warming")
    bound = int(runner.addresses[0][1])
    shown = f"[{host}]" if ":" in host else host
    return Running(f"ws://{shown}:{bound}{PATH}", bound, runner, house.sockets, warming)


class House:
    """The HTTP side: what answers to which path."""

    def __init__(self, options: ServerOptions) -> None:
        self.options = options
        self.sockets: set[web.WebSocketResponse] = set()
        self.secrets = Secrets(new_id)

    def app(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application()
        app.router.add_get(PATH, self.realtime)
        for path in ("/", "/health", "/healthz"):
            app.router.add_get(path, self.about)
        Rest(self.options, self.secrets).add_to(app)
        return app

    async def about(self, request: web.Request) -> web.Response:
        """What this server is, as JSON."""
        facts = {"name": "rtkit", "version": rtkit.__version__, "status": "ok", "about": ABOUT}
        return web.json_response({**facts, "realtime": PATH, "sessions": len(self.sockets)})

    async def realtime(self, request: web.Request) -> web.StreamResponse:
        """The WebSocket: one session."""
        origin = request.headers.get("Origin")
        if not origin_allowed(origin, request.host, self.options.origins):
            return _http_error(403, f"pages of {origin} may not connect. Allow the origin.")
        socket = web.WebSocketResponse(
            timeout=CLOSE_TIMEOUT_S, protocols=("realtime",), max_msg_size=LARGEST_FRAME
        )
        if not socket.can_prepare(request).ok:
            return _http_error(426, f"{PATH} is a WebSocket: connect by ws://, not http://.")
        await socket.prepare(request)
        self.sockets.add(socket)
        try:
            await self._welcome(socket, request)
        finally:
            self.sockets.discard(socket)
        return socket

    async def _welcome(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        visitor = Visitor(headers, dict(request.query))
        now = time.time()
        secret = self.secrets.find(visitor.key)
        away = admit(visitor, self.options.api_key, secret, now)
        if away is not None:
            await _turn_away(socket, away)
            return
        secret = secret if secret and secret.valid(now) else None
        model = secret.model if secret else visitor.model
        kind = secret.kind if secret else visitor.kind
        if (word := about_model(model)) is not None:
            log.warning("%s", word)
        settings = Settings(
            model=model,
            kind=kind,
            session=secret.session if secret else None,
            max_session_s=self.options.max_session_s,
            wall=lambda: datetime.now().astimezone(),
        )
        visit = Visit(socket, settings, self.options, new_id)
        log.info("session %s begins: %s, %s", visit.core.id, kind, model)
        await visit.run()
        log.info("session %s ended: close code %s", visit.core.id, socket.close_code)


async def _turn_away(socket: web.WebSocketResponse, away: TurnedAway) -> None:
    log.info("a client was turned away: %s", away.reason)
    event = error_event(away.refusal)
    with suppress(ConnectionError):
        await socket.send_json({"type": "error", "event_id": new_id("event_"), **event})
        await socket.close(code=away.code, message=away.reason.encode())


def _http_error(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message}}, status=status)
