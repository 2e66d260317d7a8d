"""The embedded server on a port: HTTP and WebSocket on one, through aiohttp."""

from __future__ import annotations

import asyncio
import logging
import secrets
import string
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import WSCloseCode, web

import rtkit
from rtkit.errors import ConfigError
from rtkit.refusals import Refusal
from rtkit.server.core import Settings
from rtkit.server.door import BAD_REQUEST, TurnedAway, Visitor, about_model, admit, no_room
from rtkit.server.faults import Fault
from rtkit.server.gate import Gate
from rtkit.server.journal import masking, note, session_id
from rtkit.server.local import ServerOptions
from rtkit.server.reach import require_key
from rtkit.server.rejections import error_event
from rtkit.server.rest import Rest
from rtkit.server.secrets import Secret, Secrets
from rtkit.server.tally import CountedSocket, Tally
from rtkit.server.visit import Visit

PATH = "/v1/realtime"
LARGEST_FRAME = 24 * 1024 * 1024  # 15 MiB of audio are 20 MiB of base64
CLOSE_TIMEOUT_S = 2.0  # how long a client may take to answer a close frame
LOGGERS = ("aiohttp.websocket", "aiohttp.server")  # they quote what visitors sent, keys too
MOST_ERRORS_TOLD = 20  # lines of the log for the errors of one session
ID_LENGTH = 21
ALPHABET = string.ascii_letters + string.digits
ABOUT = (
    "rtkit's embedded realtime server: a stand-in that runs on this machine. Turn detection, "
    "recognition, voice and the protocol are real; the answers come from {brain}."
)
UNTOLD = "a brain that does not say what it is"


def new_id(prefix: str) -> str:
    """An id as the service makes them: the prefix and 21 characters of base62."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


@dataclass(slots=True)
class Running:
    """A server that runs: where it is, and how to end it."""

    url: str
    port: int
    _runner: web.AppRunner
    _house: House
    _warming: asyncio.Task[None]
    closed: bool = False

    @property
    def sessions(self) -> int:
        """How many sessions are open."""
        return len(self._house.sessions)

    async def close(self) -> None:
        """Take nobody in any more, close every session (1001, going away) and the port."""
        if self.closed:
            return
        self.closed = True
        note(logging.DEBUG, "server.stop", sessions=self.sessions)
        for site in list(self._runner.sites):
            await site.stop()
        code, visits = WSCloseCode.GOING_AWAY, list(self._house.sessions.values())
        closing = [visit.close(code, "server closed") for visit in visits]
        await asyncio.gather(*closing, return_exceptions=True)
        await self._runner.cleanup()
        await asyncio.gather(self._warming, return_exceptions=True)


async def start(
    host: str = "127.0.0.1", port: int = 0, options: ServerOptions | None = None
) -> Running:
    """Serve on `host`; port 0 takes a free one.

    OSError when the port is taken; ConfigError when other machines can reach `host` and `options`
    hold no key.
    """
    options = options or ServerOptions()
    for name in LOGGERS:
        logging.getLogger(name).addFilter(masking)
    await require_key(host, options.api_key)
    house = House(options, host)
    runner = web.AppRunner(house.app(), access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except BaseException:
        await runner.cleanup()
        raise
    warming = asyncio.create_task(asyncio.to_thread(options.warm), name="rtkit warming")
    bound = int(runner.addresses[0][1])
    shown = f"[{host}]" if ":" in host else host or "0.0.0.0"
    url = f"ws://{shown}:{bound}{PATH}"
    note(logging.DEBUG, "server.start", url=url, key=options.api_key is not None)
    return Running(url, bound, runner, house, warming)


class House:
    """The HTTP side: what answers to which path. `host` is where it listens."""

    def __init__(self, options: ServerOptions, host: str = "127.0.0.1") -> None:
        self.options = options
        self.gate = Gate(options.origins, host, keyed=options.api_key is not None)
        self.sessions: dict[str, Visit] = {}
        self.secrets = Secrets(new_id, limits=options.limits)

    def app(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application()
        app.router.add_get(PATH, self.realtime)
        for path in ("/", "/health", "/healthz"):
            app.router.add_get(path, self.about)
        Rest(self.options, self.secrets, gate=self.gate).add_to(app)
        return app

    async def about(self, request: web.Request) -> web.Response:
        """What this server is, as JSON."""
        foreign = self.gate.refusal(request.headers.get("Origin"), request.host)
        if foreign is not None:
            return _http_error(403, foreign.message)
        facts = {"name": "rtkit", "version": rtkit.__version__, "status": "ok"}
        facts["about"] = ABOUT.format(brain=getattr(self.options.mind, "about", UNTOLD))
        return web.json_response({**facts, "realtime": PATH, "sessions": len(self.sessions)})

    async def realtime(self, request: web.Request) -> web.StreamResponse:
        """The WebSocket: one session."""
        origin = request.headers.get("Origin")
        foreign = self.gate.refusal(origin, request.host, websocket=True)
        if foreign is not None:
            note(logging.INFO, "session.refused", status=403, code=foreign.code, origin=origin)
            return _http_error(403, foreign.message)
        socket = CountedSocket(
            timeout=CLOSE_TIMEOUT_S, protocols=("realtime",), max_msg_size=LARGEST_FRAME
        )
        if not socket.can_prepare(request).ok:
            return _http_error(426, f"{PATH} is a WebSocket: connect by ws://, not http://.")
        await socket.prepare(request)
        try:
            await self._welcome(socket, request)
        finally:
            socket.forget_compressor()
        return socket

    async def _welcome(self, socket: CountedSocket, request: web.Request) -> None:
        visitor = Visitor.of(request.headers, request.query)
        now = time.time()
        secret = self.secrets.find(visitor.key)
        away = admit(visitor, self.options.api_key, secret, now)
        if away is None and len(self.sessions) >= self.options.max_sessions:
            away = no_room(self.options.max_sessions)
        faults: tuple[Fault, ...] = ()
        try:
            faults = self.options.faults_asked(request.query.getall("fault", []))
        except ConfigError as error:
            refusal = Refusal("invalid_fault", str(error), "fault")
            away = away or TurnedAway(refusal, BAD_REQUEST, "invalid_request_error.invalid_fault")
        if away is not None:
            await _turn_away(socket, away)
            return
        secret = secret if secret and secret.valid(now) else None
        settings, options = self._settings(visitor, secret), self.options.for_session()
        transport = request.transport
        visit = Visit(socket, settings, options, new_id, faults=faults, transport=transport)
        self.sessions[visit.core.id] = visit
        try:
            await _hold(visit, socket)
        finally:
            del self.sessions[visit.core.id]

    def _settings(self, visitor: Visitor, secret: Secret | None) -> Settings:
        kind = secret.kind if secret else visitor.kind
        return Settings(
            model=secret.model if secret else visitor.model,
            kind=kind,
            session=self.options.opening(secret.session if secret else {"type": kind}),
            max_session_s=self.options.max_session_s,
            word_times=visitor.word_times,
            limits=self.options.limits,
            wall=lambda: datetime.now().astimezone(),
        )


async def _hold(visit: Visit, socket: CountedSocket) -> None:
    """Run a session; its beginning, its errors and its end go to the log."""
    core, began, model = visit.core, time.monotonic(), visit.core.settings.model
    kind = core.settings.kind
    tally = Tally(lambda way: _format(core.session, way))
    socket.tally, socket.on_error = tally, _error_teller(core.id)
    about = {"session": core.id, "kind": kind, "model": model}
    session_id.set(core.id)
    note(logging.INFO, "session.begin", **about)
    if (word := about_model(model)) is not None:
        note(logging.WARNING, "session.model", session=core.id, about=word)
    try:
        await visit.run()
    finally:
        facts = {"seconds": time.monotonic() - began, **tally.fields()}
        close = socket.said or socket.close_code or 1006  # 1006: it went without a word
        by = "server" if socket.said else "client"
        note(logging.INFO, "session.end", **about, **facts, close=close, by=by)


def _format(session: Mapping[str, Any], way: str) -> str:
    return str(session["audio"][way]["format"]["type"])


def _error_teller(session: str) -> Callable[[str], None]:
    """Logs the first errors of a session; the rest are only counted, at its end."""
    left = MOST_ERRORS_TOLD

    def tell(code: str) -> None:
        nonlocal left
        if (left := left - 1) >= 0:
            note(logging.INFO, "session.error", session=session, code=code)

    return tell


async def _turn_away(socket: web.WebSocketResponse, away: TurnedAway) -> None:
    note(logging.INFO, "session.refused", close=away.code, code=away.refusal.code or "no_key")
    event = error_event(away.refusal)
    with suppress(ConnectionError):
        await socket.send_json({"type": "error", "event_id": new_id("event_"), **event})
        await socket.close(code=away.code, message=away.reason.encode())


def _http_error(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message}}, status=status)
