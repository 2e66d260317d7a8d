"""One visit: carries out what the core decides, each thing in a task of its own.

The reader feeds the core and is never kept waiting by recognition, thought or voice; one writer
sends in order; a stopped response takes its brain and its voice with it. Faults and delays that
are switched on lie between the core and the writer; a fault of our own ends this visit with 1011
and no other.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, cast

from aiohttp import WSMsgType, web

from rtkit.errors import BrainError
from rtkit.server.brain import Piece, Say
from rtkit.server.commands import Close, Command, Finish, Forget, Listen, Send, Stop, Think
from rtkit.server.core import Core, Settings
from rtkit.server.delays import Holding, Line
from rtkit.server.ears import Ears
from rtkit.server.faults import Fault, delays_of, faults_of
from rtkit.server.journal import note
from rtkit.server.lateness import APPEND, Waiting, type_about_sound
from rtkit.server.mischief import Act, Answer, Fail, Frame, Mischief, Struck
from rtkit.server.naps import sleep_until
from rtkit.server.outbox import Letter, Outbox
from rtkit.server.portions import Portion
from rtkit.server.sender import GRACE_S, Sender
from rtkit.server.speaker import speak

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from rtkit.server.local import ServerOptions
    from rtkit.speech.recognition import Heard
    from rtkit.vad import Detector

log = logging.getLogger("rtkit.server")

PING_S = 20.0
HEAD_START_S = 1.0
"""So much of a reply is sent at once; the rest at `pace` times the speed of speech."""
TICK_S = 0.05
"""How often a session with faults looks at the clock."""
END_S = 5.0
"""How long a task that was cancelled may take to end before it is left alone."""


class Visit:
    """A session on a WebSocket, from `session.created` to the close frame.

    `faults` are those of this session, beside those of the options; `transport` is the socket's.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        settings: Settings,
        options: ServerOptions,
        new_id: Callable[[str], str],
        clock: Callable[[], float] = time.monotonic,
        faults: Iterable[Fault] = (),
        transport: asyncio.Transport | None = None,
    ) -> None:
        self.socket = socket
        self.core = Core(settings, self._the_detector, new_id)
        self.options = options
        self.clock = clock
        self._detector: Detector | None = None
        self._outbox = Outbox()
        self._sender = Sender(socket, transport, self._outbox, clock, options.patience_s)
        self._ears = Ears(
            options.new_recogniser, self._on_partial, self._on_heard, self._on_unheard
        )
        self.alarm: float | None = None  # when the core is going to be woken
        self._sooner = asyncio.Event()  # it wants to be woken at another time
        self._answers: dict[str, asyncio.Task[None]] = {}
        self._taking = asyncio.Lock()  # one frame is with the core, and what it sounds like
        self._switch_on((*faults_of(options.faults), *faults), new_id)

    def _switch_on(self, faults: tuple[Fault, ...], new_id: Callable[[str], str]) -> None:
        delays = self.delays = self.options.delays + delays_of(faults)
        strikes = [fault for fault in faults if fault.kind != "delay"]
        self._mischief = Mischief(strikes, new_id, self.clock()) if strikes else None
        self._holding = Holding(delays)
        late = delays.send_ms or delays.jitter_ms
        self._line = Line(delays.send_ms, delays.jitter_ms, delays.seed) if late else None
        self._late_sound: Waiting[str | bytes] | None = None
        self._late_words: Waiting[Callable[[], None]] | None = None
        if delays.detect_ms:
            self._late_sound = Waiting(Line(delays.detect_ms), self.clock)
        if delays.recognise_ms:
            self._late_words = Waiting(Line(delays.recognise_ms), self.clock)

    async def run(self) -> None:
        """Serve until either side closes; nothing of it is left afterwards."""
        helpers = [self._helper(name, job) for name, job in self._jobs()]
        try:
            self._do(self.core.open(self.clock()))
            with suppress(ConnectionError):  # it went just when its ping was to be answered
                await self._read()
        finally:
            self._outbox.close()
            await _end(list(self._answers.values()))
            await self._sender.finish()
            await _end(helpers)
            if self._detector is not None:
                self.options.give_back(self._detector)

    async def close(self, code: int, reason: str) -> None:
        """Say goodbye, also to a client that does not read; `run` ends soon after."""
        await asyncio.wait([self._sender.say_goodbye(Close(code, reason), GRACE_S)])

    def _jobs(self) -> Iterable[tuple[str, Coroutine[Any, Any, None]]]:
        yield "writer", self._sender.run()
        yield "ears", self._ears.run()
        yield "clock", self._wake()
        yield "ping", self._ping()
        if self._mischief is not None:
            yield "faults", self._strike_by_the_clock(self._mischief)
        if self._late_sound is not None:
            yield "late sound", self._hear_late(self._late_sound)
        if self._late_words is not None:
            yield "late words", self._tell_late(self._late_words)

    def _helper(self, name: str, job: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(job, name=f"rtkit {name}")
        task.add_done_callback(self._look_at)
        return task

    def _look_at(self, task: asyncio.Task[None]) -> None:
        """A helper that died takes its own visit with it: half a session is of use to nobody."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._break(error)

    def _break(self, error: BaseException) -> None:
        log.error("a session broke", exc_info=error)
        try:
            self._do(self.core.fail(f"{type(error).__name__}: {error}", self.clock()))
        except Exception:
            self._sender.hang_up()

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                break
            late = self._late_sound
            if late is not None and self._is_late(message.data, late):
                late.put(message.data, len(message.data))
                await late.room()
            else:
                await self._take_in(message.data)
            await asyncio.sleep(0)
            await self._outbox.room()

    async def _take_in(self, frame: str | bytes) -> None:
        async with self._taking:
            try:
                await self._tell_core(frame)
            except Exception as error:  # whatever a client sends, the others are served
                self._break(error)

    async def _tell_core(self, frame: str | bytes) -> None:
        self._do(self.core.receive(frame, self.clock()))
        if self.core.hungry and self._detector is None:
            await self._prepare_to_hear()
        while self.core.hungry and not self.core.closed:
            await asyncio.sleep(0)
            self._do(self.core.resume(self.clock()))
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

    def _is_late(self, frame: str | bytes, late: Waiting[str | bytes]) -> bool:
        """Whether a frame is judged late; what is about sound keeps its place behind sound."""
        type_ = type_about_sound(frame)
        judged = self.core.session["audio"]["input"]["turn_detection"]
        return bool(type_ and (len(late) or (judged and type_ == APPEND)))

    async def _hear_late(self, late: Waiting[str | bytes]) -> None:
        while True:
            await self._take_in(await late.get())

    async def _tell_late(self, late: Waiting[Callable[[], None]]) -> None:
        while True:
            (await late.get())()

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

    async def _strike_by_the_clock(self, mischief: Mischief) -> None:
        while True:
            at = mischief.next_wakeup
            await asyncio.sleep(TICK_S if at is None else min(max(at - self.clock(), 0), TICK_S))
            self._act(mischief.wake(self.clock()))

    def _do(self, commands: Iterable[Command]) -> None:
        failed: list[Fail] = []
        for command in commands:
            if isinstance(command, Send):
                failed += self._send(command)
            elif isinstance(command, Listen | Finish | Forget):
                self._ears.put(command)
            elif isinstance(command, Think):
                self._start_answer(command)
            elif isinstance(command, Stop):
                self._stop_answer(command.response_id)
            else:
                self._post(command)
        for fail in failed:
            self._stop_answer(fail.response_id)
            self._do(self.core.reply_done(fail.response_id, self.clock(), fail.message))
        if self.core.next_wakeup != self.alarm:
            self._sooner.set()

    def _send(self, command: Send) -> list[Fail]:
        self._holding.take(command.event, self.clock())
        if self._mischief is None:
            self._post(json.dumps(command.event))
            return []
        return self._act(self._mischief.event(command.event, self.clock()))

    def _act(self, acts: Iterable[Act]) -> list[Fail]:
        """Do what the faults decided; the responses that fail by it are for the core."""
        failed = []
        for act in acts:
            if isinstance(act, Struck):
                told = {"fault": act.fault.kind, "number": act.number, "at": act.type}
                note(logging.INFO, "session.fault", session=self.core.id, **told)
            elif isinstance(act, Fail):
                failed.append(act)
            elif isinstance(act, Answer):
                asyncio.get_running_loop().call_soon(self._answer_once_more)
            elif isinstance(act, Send):
                self._post(json.dumps(act.event))
            else:
                self._post(act.data if isinstance(act, Frame) else act)
        return failed

    def _answer_once_more(self) -> None:
        self._do(self.core.answer(self.clock()))

    def _post(self, letter: Letter) -> None:
        due = self._holding.until
        if self._line:
            due = self._line.due(max(due, self.clock()))
        self._outbox.put(letter, due)

    def _on_partial(self, item_id: str, text: str) -> None:
        self._tell(lambda: self._do(self.core.partial(item_id, text, self.clock())))

    def _on_heard(self, item_id: str, heard: Heard) -> None:
        self._tell(lambda: self._do(self.core.heard(item_id, heard, self.clock())))

    def _on_unheard(self, item_id: str, message: str) -> None:
        self._tell(lambda: self._do(self.core.unheard(item_id, message, self.clock())))

    def _tell(self, word: Callable[[], None]) -> None:
        if self._late_words is None:
            word()
        else:
            self._late_words.put(word)

    def _start_answer(self, think: Think) -> None:
        answer = self._helper(think.response_id, self._answer(think))
        self._answers[think.response_id] = answer
        answer.add_done_callback(lambda _: self._answers.pop(think.response_id, None))

    def _stop_answer(self, response_id: str) -> None:
        if (answer := self._answers.get(response_id)) is not None:
            answer.cancel()

    async def _answer(self, think: Think) -> None:
        error = None
        try:
            out = max(self._holding.until, self.clock())  # it begins when what is held is out
            due = out + self.options.delay_s + self.delays.think_ms / 1000
            await sleep_until(due, self.clock)
            await asyncio.sleep(0)  # what is due at the same time goes out first
            await self._think(think)
        except BrainError as failure:
            about = {"error": type(failure).__name__, "why": failure.outline}
            note(logging.WARNING, "response.failed", session=self.core.id, **about)
            error = str(failure)
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
                    await sleep_until(self.clock() + self.delays.speak_ms / 1000, self.clock)
                    budget = await self._say(think, think.voice, piece.text, first, budget)
                    first = False

    async def _say(self, think: Think, voice: str, text: str, first: bool, budget: float) -> float:
        """Speak a sentence; what is left of the head start."""
        mouth, lead_ms = self.options.voice, self.delays.lead_ms if first else 0.0
        async with aclosing(speak(mouth, text, voice, think.speed, first, lead_ms)) as portions:
            async for portion in portions:
                self._play(think.response_id, portion)
                budget = await self._pace(budget - portion.seconds)
        return budget

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


def _closing(pieces: AsyncIterator[Piece]) -> aclosing[AsyncGenerator[Piece, None]]:
    return aclosing(cast("AsyncGenerator[Piece, None]", pieces))


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait for them, but not for ever for one that will not end."""
    for task in tasks:
        task.cancel()
    if tasks:
        _, stuck = await asyncio.wait(tasks, timeout=END_S)
        for task in stuck:
            log.error("%s does not end though it was cancelled", task.get_name())
