"""One session on the background loop: what the protocol decides, carried out.

All methods are called on the loop's thread. `rtkit.session` is the way in from everywhere else.
Every step ends in `_after`: commands first (silence is urgent), then the socket, then those who
watch. Nothing here waits while something is being read.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import string
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import events
from .audience import Audience, Complaints, fail
from .audio import AudioFormat, encode
from .commands import Command, Fail, Play, PlayDone, Report, StopPlayback, TurnDone, Updated
from .connection import CLOSED, Wire
from .errors import RtkitError, SessionClosed, SessionError, TargetError
from .pcm import pcm16_to_float
from .playback import Feed, Heard, Player
from .protocol import Protocol
from .reconnection import Reconnection
from .resampling import StreamResampler
from .talking import Talking
from .targets import Target
from .timeline import Timeline
from .toolbox import Toolbox
from .troubles import advised
from .turns import TurnReader

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

log = logging.getLogger("rtkit")
HELLO_SECONDS = 15.0
ANSWER_SECONDS = 15.0
LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str) -> str:
    """An id as the wire has them: the prefix and 21 letters or digits."""
    return f"{prefix}_{''.join(secrets.choice(LETTERS) for _ in range(21))}"


class Link:
    """The live end of a session: socket, protocol, player, and whoever waits or watches."""

    def __init__(self, target: Target, timeline: Timeline, player: Player | None) -> None:
        self.target = target
        self.timeline = timeline
        timeline.secrets.learn(target.secrets)
        self.player = player
        self.protocol = Protocol(timeline, new_id)
        self.asking = asyncio.Lock()
        self.ended: str | None = None  # why the session is over
        self.end_code: int | None = None
        self.loop = asyncio.get_running_loop()
        self._began = self.loop.time()
        self._wire: Wire | None = None
        self._wires = 0  # so far; what an earlier one still says does not count
        self._feed = Feed(player) if player else None
        self._to_wire: StreamResampler | None = None
        self.talking = Talking(self)
        self._answers: dict[str, asyncio.Future[str]] = {}
        self.audience = Audience(timeline)
        self.turns = TurnReader(timeline)
        self.toolbox = Toolbox(self, (), None)
        self.reconnection = Reconnection(self)
        self.complaints = Complaints()
        self._tasks: set[asyncio.Task[None]] = set()
        self._complaint = ""  # the last error of the server, which explains a close
        if player:
            player.attach(self.note)

    @property
    def now(self) -> float:
        """Seconds since the session was opened."""
        return self.loop.time() - self._began

    # opening and closing

    async def open(self, socket: ClientConnection) -> None:
        """Take an open socket and wait for the server's `session.created`."""
        self.note({"type": "session.opened", "target": self.target.name, "url": self.target.shown})
        try:
            self.attach(socket)
            await self.until(lambda: self.protocol.greeted, HELLO_SECONDS)
        except SessionClosed:
            await self.close()
            raise TargetError(self._turned_away()) from None
        except TimeoutError:
            await self.close("the server said nothing")
            raise TargetError(
                f"{self.target.shown} opened the connection but sent no session.created within "
                f"{HELLO_SECONDS:.0f} s. Is it a realtime server?"
            ) from None
        except BaseException as exc:
            await self.close(f"not opened: {type(exc).__name__}")
            raise

    def _turned_away(self) -> str:
        remedy = CLOSED.get(self.end_code or 0, "Is this the address of a realtime server?")
        reason = (self._complaint or self.ended or "").rstrip(".")
        return f"{self.target.shown} ended the session at once: {reason}. {remedy}"

    async def close(self, reason: str = "closed here") -> None:
        """End the session; whoever still waits gets SessionClosed. Again: nothing happens."""
        self._finish(reason)
        await self.reconnection.close()
        await self.detach()
        await self.toolbox.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def attach(self, socket: ClientConnection) -> None:
        """Speak and listen through this socket."""
        self._wires = number = self._wires + 1
        self._wire = Wire(
            socket,
            lambda text: self._text(text) if number == self._wires else None,
            lambda code, reason: self._end(code, reason) if number == self._wires else None,
        )

    async def detach(self) -> None:
        """Close the socket; what it still says does not count."""
        wire, self._wire = self._wire, None
        self._wires += self.ended is None
        if wire:
            await wire.close()

    def _end(self, code: int, reason: str) -> None:
        """The socket is closed: by us, by the server, or by the world."""
        told = self.scrub(": ".join(text for text in (self._complaint, reason) if text))
        why = f"the server closed it with code {code}" + (f" ({told})" if told else "")
        self._complaint = ""
        if self.ended is not None or not self.reconnection.begin(code, why):
            self.finish(why, code)

    def finish(self, reason: str, code: int | None = None) -> None:
        """The session is over, and whoever still waits is told so."""
        self.end_code = code
        self._finish(reason)

    def _finish(self, reason: str) -> None:
        if self.ended is not None:
            return
        fact = {"type": "session.closed", "reason": reason, "code": self.end_code}
        self.note(fact)
        self.ended = reason
        error = self.closed_error()
        fail(self._answers.values(), error)
        self.audience.leave(error)
        if self.player and hasattr(self.player, "close"):
            self.player.close()
        self.timeline.close()

    def closed_error(self) -> SessionClosed:
        """Why nothing more can be asked of this session, and where its record is."""
        remedy = CLOSED.get(self.end_code or 0, "Open a new one with rtkit.connect.")
        folder = getattr(self.timeline.journal, "folder", None)
        place = f"in {folder}" if folder else "in session.timeline"
        reason = (self.ended or "").rstrip(".")
        return SessionClosed(f"the session has ended: {reason}. {remedy} Its record is {place}.")

    def scrub(self, text: str) -> str:
        """Text without the keys that let us in, or anything that looks like one."""
        return self.timeline.secrets.text(text)

    def use(self, toolbox: Toolbox) -> None:
        """Let these tools be called from now on."""
        self.toolbox = toolbox
        self.audience.watch(toolbox.take)

    # what goes out

    def send(self, event: Mapping[str, Any], at_once: bool = False) -> str:
        """Send a client event; its id comes back. A `response.create` may wait for its turn."""
        self._check_open()
        event_id = self.protocol.send(event, self.now, at_once=at_once)
        self._after([])
        return event_id

    def append(self, pcm: bytes) -> None:
        """Send sound, PCM16 mono at 24 kHz, in whatever format the session has."""
        self._check_open()
        format = self.protocol.input_format
        if format is not AudioFormat.PCM16:
            self._to_wire = self._to_wire or StreamResampler(AudioFormat.PCM16.rate, format.rate)
            pcm = encode(self._to_wire.push(pcm16_to_float(pcm)), format)
        if pcm:
            self.append_wire(pcm)

    def append_wire(self, data: bytes) -> None:
        """Send sound that is already in the session's input format."""
        self._check_open()
        for heard in self.talking.offer(data):
            self.protocol.append(heard, self.now)
        self._after([])

    def interrupt(self) -> None:
        """Stop the assistant: cancel what it makes, silence what is played."""
        if self.ended is None:
            self._after(self.protocol.interrupt(self.now))

    def note(self, fact: Mapping[str, Any]) -> None:
        """Record a local fact; those of playback decide where an item is truncated."""
        if self.ended is None:
            self._after(self.protocol.note(fact, self.now))

    def _check_open(self) -> None:
        if self.ended is not None:
            raise self.closed_error()

    # waiting and watching

    def expect(self, *event_ids: str) -> asyncio.Future[str]:
        """What becomes of client events: the first answer or refusal of any of them."""
        future: asyncio.Future[str] = self.loop.create_future()
        for event_id in event_ids:
            self._answers[event_id] = future
        future.add_done_callback(lambda _: [self._answers.pop(key, None) for key in event_ids])
        return future

    @property
    def expected(self) -> Iterable[str]:
        """The ids of the client events that somebody waits for."""
        return self._answers.keys()

    async def update(self, session: Mapping[str, Any]) -> None:
        """Change the session; SessionError if the server refuses, which then changes nothing."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self.expect(self.send(events.update_session(session)))
        except TimeoutError:
            raise SessionError(
                f"the server did not answer session.update within {ANSWER_SECONDS:.0f} s; what "
                "holds is in session.effective."
            ) from None

    async def until(self, condition: Callable[[], bool], timeout: float | None) -> None:
        """Wait until a condition holds; TimeoutError after so many seconds, or SessionClosed."""
        if not condition():
            self._check_open()
            await self.audience.until(condition, timeout)

    # what comes in

    def _text(self, text: str) -> None:
        if self.ended is not None:
            return  # said while the goodbye was under way
        try:
            self._after(self.protocol.receive(text, self.now))
        except Exception as exc:  # a fault of ours must not stop the ears
            log.exception("rtkit could not handle a message of the server")
            self.note({"type": "error", "where": "session", "message": repr(exc)})

    def _after(self, commands: Sequence[Command]) -> None:
        """Carry out commands, put on the socket what is to be sent, show what is new."""
        if any(isinstance(command, StopPlayback) for command in commands):
            self._silence()
        for command in commands:
            self._carry_out(command)
        texts = self.protocol.data_to_send()
        if self._wire and texts:
            self._wire.put(texts)
        self.audience.show()

    def _carry_out(self, command: Command) -> None:
        match command:
            case Play() if self._feed:
                self._feed.play(command.item_id, command.pcm, command.format)
            case PlayDone() if self._feed:
                self._feed.finish(command.item_id)
            case TurnDone(event_id=str(key)) | Updated(event_id=str(key)) if key in self._answers:
                self._answer(key, command)
            case Fail():
                self._fail(command)
            case Report():
                self._report(command.error)

    def answered(self, event_id: str, response_id: str) -> None:
        """Whoever waits for this `response.create` gets this response."""
        if event_id in self._answers:
            self._answer(event_id, TurnDone(response_id, event_id, ""))

    def carry_out(self, commands: Sequence[Command] = ()) -> None:
        """Do what the protocol has decided, and send what it has to send."""
        self._after(commands)

    def _answer(self, key: str, command: Command) -> None:
        future = self._answers.pop(key)
        if not future.done():
            future.set_result(command.response_id if isinstance(command, TurnDone) else "")

    def _fail(self, command: Fail) -> None:
        future = self._answers.pop(command.event_id, None)
        if future is None:
            self._report(advised(self.target, command.error))
        elif not future.done():
            future.set_exception(advised(self.target, command.error))

    def _report(self, error: RtkitError) -> None:
        self._complaint = error.words if isinstance(error, SessionError) else str(error)
        if self.protocol.session:  # before that it is the reason why nothing was opened
            self.complaints.tell(error)

    def _silence(self) -> None:
        """Flush the player, and let the protocol know what was heard."""
        heard = self.player.flush() if self.player else []
        if self._feed:
            self._feed.forget()
        if isinstance(heard, Awaitable):
            task = self.loop.create_task(self._heard_later(heard))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            self._heard(heard)

    async def _heard_later(self, heard: Awaitable[Heard]) -> None:
        try:
            self._heard(await heard or [])
        except Exception as exc:  # the page may be gone
            self.note({"type": "error", "where": "player", "message": repr(exc)})

    def _heard(self, heard: Heard) -> None:
        for item_id, played_ms in heard or []:
            fact = {"type": "playback.flushed", "item_id": item_id, "played_ms": played_ms}
            self.note(fact)
