"""One visit: carries out what the core decides, each thing in a task of its own.

The reader feeds the core and is never kept waiting by recognition, thought or voice; one writer
sends in order; a stopped response takes its brain and its voice with it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, cast

from aiohttp import WSMsgType, web

from rtkit.server.brain import Piece, Say
from rtkit.server.commands import Close, Command, Finish, Forget, Listen, Send, Stop, Think
from rtkit.server.core import Core, Settings
from rtkit.server.ears import Ears
from rtkit.server.outbox import Outbox
from rtkit.server.portions import Portion, Portions

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from rtkit.server.local import ServerOptions
    from rtkit.speech.recognition import Heard
    from rtkit.speech.synthesis import Spoken
    from rtkit.vad import Detector

log = logging.getLogger("rtkit.server")

PING_S = 20.0
WRITE_TIMEOUT_S = 60.0
HEAD_START_S = 1.0
"""So much of a reply is sent at once; the rest at `pace` times the speed of speech."""


class Visit:
    """A session on a WebSocket, from `session.created` to the close frame."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        settings: Settings,
        options: ServerOptions,
        new_id: Callable[[str], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.socket = socket
        self.core = Core(settings, self._the_detector, new_id)
        self.options = options
        self.clock = clock
        self._detector: Detector | None = None
        self._outbox = Outbox()
        self._ears = Ears(
            options.new_recogniser, self._on_partial, self._on_heard, self._on_unheard
        )
        self.alarm: float | None = None  # when the core is going to be woken
        self._sooner = asyncio.Event()  # it wants to be woken at another time
        self._answers: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Serve until either side closes; nothing of it is left afterwards."""
        helpers = [
            asyncio.create_task(job, name=f"rtkit {name}")
            for name, job in (
                ("writer", self._write()),
                ("ears", self._ears.run()),
                ("clock", self._wake()),
                ("ping", self._ping()),
            )
        ]
        try:
            self._do(self.core.open(self.clock()))
            await self._read()
        finally:
            await _end([*helpers, *self._answers.values()])
            if self._detector is not None:
                self.options.give_back(self._detector)

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                break
            self._do(self.core.receive(message.data, self.clock()))
            if self.core.hungry and self._detector is None:
                await self._prepare_to_hear()
            while self.core.hungry and not self.core.closed:
                await asyncio.sleep(0)
                self._do(self.core.resume(self.clock()))
            await asyncio.sleep(0)
            await self._outbox.room()

    async def _prepare_to_hear(self) -> None:
        self._ears.prepare()
        try:
            self._detector = await asyncio.to_thread(self.options.new_detector)
        except Exception as error:
            log.exception("there is no voice detector")
            self._do(self.core.fail(f"{type(error).__name__}: {error}", self.clock()))

    def _the_detector(self) -> Detector:
        assert self._detector is not None
        return self._detector

    async def _write(self) -> None:
        while True:
            text = await self._outbox.get()
            try:
                async with asyncio.timeout(WRITE_TIMEOUT_S):
                    if isinstance(text, Close):
                        await self.socket.close(code=text.code, message=text.reason.encode())
                    else:
                        await self.socket.send_str(text)
            except (ConnectionError, TimeoutError) as error:
                log.info("a client went away: %s", error or type(error).__name__)
                _hang_up(self.socket)
                return

    async def _wake(self) -> None:
        while (at := self.core.next_wakeup) is not None:
            self.alarm = at
            self._sooner.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(max(at - self.clock(), 0)):
                    await self._sooner.wait()
            self._do(self.core.wake(self.clock()))

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_S)
            with suppress(ConnectionError):
                await self.socket.ping()

    def _do(self, commands: Iterable[Command]) -> None:
        for command in commands:
            if isinstance(command, Send):
                self._outbox.put(json.dumps(command.event))
            elif isinstance(command, Listen | Finish | Forget):
                self._ears.put(command)
            elif isinstance(command, Think):
                self._start_answer(command)
            elif isinstance(command, Stop):
                if (answer := self._answers.get(command.response_id)) is not None:
                    answer.cancel()
            else:
                self._outbox.put(command)
        if self.core.next_wakeup != self.alarm:
            self._sooner.set()

    def _on_partial(self, item_id: str, text: str) -> None:
        self._do(self.core.partial(item_id, text, self.clock()))

    def _on_heard(self, item_id: str, heard: Heard) -> None:
        self._do(self.core.heard(item_id, heard, self.clock()))

    def _on_unheard(self, item_id: str, message: str) -> None:
        self._do(self.core.unheard(item_id, message, self.clock()))

    def _start_answer(self, think: Think) -> None:
        answer = asyncio.create_task(self._answer(think), name=f"rtkit {think.response_id}")
        self._answers[think.response_id] = answer
        answer.add_done_callback(lambda _: self._answers.pop(think.response_id, None))

    async def _answer(self, think: Think) -> None:
        error = None
        try:
            await asyncio.sleep(self.options.delay_s)
            await self._think(think)
        except Exception as failure:
            log.exception("a response failed")
            error = f"{type(failure).__name__}: {failure}"
        self._do(self.core.reply_done(think.response_id, self.clock(), error))

    async def _think(self, think: Think) -> None:
        budget = HEAD_START_S
        first = True
        async with _closing(self.options.mind.reply(think.request)) as pieces:
            async for piece in pieces:
                self._do(self.core.reply_piece(think.response_id, piece, self.clock()))
                await self._outbox.room()
                if isinstance(piece, Say) and think.voice is not None:
                    async for portion in self._speak(think, piece.text, at_once=first):
                        self._play(think.response_id, portion)
                        budget = await self._pace(budget - portion.seconds)
                    first = False

    def _play(self, response_id: str, portion: Portion) -> None:
        self._do(self.core.audio(response_id, portion.samples, self.clock(), portion.words))

    async def _pace(self, budget: float) -> float:
        """Wait as the pace asks; what is left of the head start."""
        await self._outbox.room()
        if budget >= 0 or self.options.pace is None:
            await asyncio.sleep(0)
            return budget
        await asyncio.sleep(-budget / self.options.pace)
        return 0.0

    async def _speak(self, think: Think, text: str, at_once: bool) -> AsyncIterator[Portion]:
        spoken: asyncio.Queue[Spoken | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def deliver(piece: Spoken | None) -> None:
            with suppress(RuntimeError):  # the loop is gone, and whoever listened
                loop.call_soon_threadsafe(spoken.put_nowait, piece)

        assert think.voice is not None
        job = self.options.voice.speak(text, think.voice, think.speed, deliver)
        portions = Portions(at_once)
        try:
            while (piece := await spoken.get()) is not None:
                for portion in portions.push(piece):
                    yield portion
            for portion in portions.rest():
                yield portion
        finally:
            job.cancel()


def _closing(pieces: AsyncIterator[Piece]) -> aclosing[AsyncGenerator[Piece, None]]:
    return aclosing(cast("AsyncGenerator[Piece, None]", pieces))


def _hang_up(socket: web.WebSocketResponse) -> None:
    """Drop the connection without a word: the client does not read."""
    request = socket._req
    if request is not None and request.transport is not None:
        request.transport.abort()


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
