"""A realtime server on loopback that does what a script, or a table of answers, tells it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from rtkit import background, events

from .answers import ANSWERS, SESSION, Answer
from .script import Script, ScriptFailure
from .steps import Step
from .voice import Event, Voice

PATIENCE_S = 1.0  # for what the client sent last and is still on its way
GONE = 410


class Peer:
    """Serves the realtime protocol inside a `with`; `url` and `http_url` say where.

    With `steps` it plays them in order and checks what the client sends; at the end of the `with`
    ScriptFailure tells what was expected and what happened, side by side. Without, it answers
    every client event by the table `rtkit.testing.ANSWERS`, in which `answers` replaces rows.
    `session` is the session that it begins with, `refuse` an HTTP status for every client.
    It runs on rtkit's own loop, in this process; any number of clients may come without a script.
    """

    def __init__(
        self,
        steps: Iterable[Step] | None = None,
        *,
        answers: Mapping[str, Answer] | None = None,
        session: Event = SESSION,
        refuse: int | None = None,
    ) -> None:
        if steps is not None and answers is not None:
            raise TypeError("a peer plays steps or gives answers; leave one of the two out.")
        self.script = None if steps is None else Script(steps)
        self.answers = {**ANSWERS, **(answers or {})}
        self.session, self.refuse = session, refuse
        self.received: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.url = self.http_url = ""
        self._faults: list[Exception] = []
        self._serving: set[asyncio.Task[Any]] = set()
        self._server: Server | None = None

    def types(self) -> list[str]:
        """The types of all that clients sent, sound left out."""
        return [event["type"] for event in self.received if event["type"] != events.APPEND]

    def sound(self) -> bytes:
        """All sound that clients sent, as it was on the wire."""
        sent = (event["audio"] for event in self.received if event["type"] == events.APPEND)
        return b"".join(base64.b64decode(audio) for audio in sent)

    def check(self) -> None:
        """ScriptFailure unless the script was played to its end, and nothing else happened."""
        for fault in self._faults:
            raise fault
        verdict = self.script.verdict() if self.script else None
        if verdict:
            raise ScriptFailure(verdict)

    def __enter__(self) -> Peer:
        background.run(self._start())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        background.run(self._stop())
        wrong = self.script.problem if self.script else None
        if error is None or wrong or self._faults:
            self.check()  # what the client complains of is the consequence
        elif self.script and not self.script.complete:
            error.add_note(f"The script of the peer: {self.script.verdict()}")

    async def _start(self) -> None:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            0,
            process_request=self._admit,
            max_size=None,
            close_timeout=PATIENCE_S,
        )
        port = next(iter(self._server.sockets)).getsockname()[1]
        self.url = f"ws://127.0.0.1:{port}/v1/realtime"
        self.http_url = f"http://127.0.0.1:{port}/v1"

    async def _stop(self) -> None:
        if self.script and not self.script.complete and self._serving:
            await asyncio.wait(self._serving, timeout=PATIENCE_S)
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        told = request.headers.raw_items()
        self.headers.append({name.lower(): value for name, value in told})
        self.paths.append(request.path)
        if self.script and self.script.problem is not None:
            return connection.respond(GONE, "the script has failed")
        return connection.respond(self.refuse, "refused") if self.refuse else None

    async def _serve(self, socket: ServerConnection) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            await self._converse(socket)
        except (ConnectionClosed, OSError):
            pass  # the client may leave at any time
        except Exception as exc:  # told at the end of the `with`
            self._faults.append(exc)
        finally:
            self._serving.discard(task)

    async def _converse(self, socket: ServerConnection) -> None:
        voice = Voice(socket, self.session, 1 + 10_000 * (len(self.paths) - 1))
        await self.answers["hello"](voice, {})
        if self.script:
            await self.script.go_on(voice)
        async for text in socket:
            event = json.loads(text)
            self.received.append(event)
            if self.script:
                await self.script.take(voice, event)
            elif answer := self.answers.get(event["type"]):
                await answer(voice, event)
