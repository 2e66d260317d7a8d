"""What a session is to its user, whichever way they wait: its record, and what is handed over."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any

from . import background, exchange
from .clip import Clip
from .comparison import Differences
from .cost import Cost, read_cost
from .differences import read_differences
from .errors import AudioError, SessionClosed
from .link import Link, new_id
from .moments import Moment
from .opening import ConfigLike, own_turns, session_of
from .targets import Target
from .timeline import Timeline
from .transcript import Line, read_transcript
from .turns import Turn, read_turns


class Handle:
    """The part of `Session` and `AsyncSession` that never waits; any thread may call it."""

    def __init__(self, link: Link, config: ConfigLike | None) -> None:
        self._link = link
        self._mark = len(link.timeline)  # from here on wait_for looks
        self.config = config

    @property
    def timeline(self) -> Timeline:
        """Everything that happened; it stays when the session has ended."""
        return self._link.timeline

    @property
    def turns(self) -> list[Turn]:
        """Questions and answers so far, as the timeline tells them now."""
        return read_turns(self.timeline)

    @property
    def transcript(self) -> list[Line]:
        """The words of both speakers so far, in the order of the conversation."""
        return read_transcript(self.timeline)

    @property
    def cost(self) -> Cost:
        """What the session has cost so far, in tokens and in money."""
        return read_cost(self.timeline)

    @property
    def effective(self) -> Mapping[str, Any]:
        """The server's own account of the session, defaults filled in."""
        return self._link.protocol.session

    @property
    def differences(self) -> Differences:
        """What was asked of the session and is not so, field by field; false when all is."""
        return read_differences(self.timeline)

    @property
    def id(self) -> str:
        """The server's name for this session, `sess_...`."""
        return str(self.effective.get("id", ""))

    @property
    def expires_in(self) -> float | None:
        """Seconds until the server ends this session (60 minutes after it began, hosted); None if
        it tells no end. A session that reconnects is renewed in a quiet moment shortly before."""
        return self._link.reconnection.expires_in

    @property
    def reconnecting(self) -> bool:
        """Whether the connection broke, and a new one is being tried."""
        return self._link.reconnection.active

    @property
    def target(self) -> Target:
        """The server that is spoken to."""
        return self._link.target

    @property
    def closed(self) -> bool:
        """Whether the session has ended, from whichever side."""
        return self._link.ended is not None

    def send(self, event: Mapping[str, Any], *, at_once: bool = False) -> str:
        """Hand over a client event as the wire has it; its `event_id` comes back.

        A refusal by the server is logged and stands on the timeline. While a response is active a
        `response.create` waits for its end, since the server would refuse it; not with `at_once`.
        """
        self._check_open()
        if not isinstance(event, Mapping) or not isinstance(event.get("type"), str):
            raise ValueError(f"an event is a dict with a `type`, found {type(event).__name__}.")
        event = {**event, "event_id": event.get("event_id") or new_id("event")}
        self._mark = len(self.timeline)
        self._post(self._link.send, event, at_once)
        return str(event["event_id"])

    def append(self, pcm: bytes) -> None:
        """Hand over sound: PCM16 mono at 24 kHz, whatever the session's format is."""
        self._check_open()
        if not isinstance(pcm, bytes | bytearray | memoryview):
            raise TypeError(f"append takes bytes of PCM16, found {type(pcm).__name__}.")
        data = bytes(pcm)
        if len(data) % 2:
            raise AudioError(
                f"PCM16 has 2 bytes a sample, found {len(data)} bytes. Keep the odd byte for the "
                "next call, or look whether the data is PCM16 at all."
            )
        self._post(self._link.append, data)

    def note(self, fact: Mapping[str, Any]) -> None:
        """Hand over a local fact, such as {"type": "microphone.opened"}, for the timeline."""
        self._post(self._link.note, fact)

    def interrupt(self) -> None:
        """Stop the assistant: its response is cancelled and what is playing is silenced."""
        self._post(self._link.interrupt)

    def press(self) -> None:
        """Push to talk, button down: the assistant is interrupted, and what follows is a turn.

        For VADMode.MANUAL; ValueError while somebody else finds the turns.
        """
        self._check_open()
        found = self._link.talking.detection
        if found is not None:
            raise ValueError(
                f"turns are found by {found['type']}, so there is no button to press. Configure "
                "the session with VADMode.MANUAL."
            )
        self._post(self._link.talking.press)

    def release(self) -> None:
        """Push to talk, button up: the turn is committed, and an answer is asked for.

        Less than 100 ms are dropped: the wire takes no such turn (`turn.dropped` says so).
        """
        self._check_open()
        self._post(self._link.talking.release)

    def subscribe(self, callback: Callable[[Moment], None]) -> Callable[[], None]:
        """Show every moment from now on to `callback`, on the session's thread; undo by the result.

        The callback must return at once; the first error that it raises is logged.
        """
        self._post(self._link.audience.watch, callback)
        return lambda: self._post(self._link.audience.unwatch, callback)

    def on_error(self, callback: Callable[[Exception], object]) -> Callable[[], None]:
        """Hand errors of the server that nobody waits for to `callback`; undo by the result.

        It gets a SessionError, on the session's thread, and must return at once. Without such a
        callback they are logged; on the timeline they stand in any case.
        """
        self._post(self._link.complaints.add, callback)
        return lambda: self._post(self._link.complaints.drop, callback)

    def _check_open(self) -> None:
        if self.closed:
            raise self._link.closed_error()

    def _post(self, act: Callable[..., object], *args: object) -> None:
        """Do it on the loop's thread: now, if this is it."""
        if background.on_loop():
            act(*args)
        else:
            background.loop().call_soon_threadsafe(_quietly, act, args)

    def _asking(self, question: str | Clip, manner: exchange.Manner) -> Coroutine[Any, Any, Turn]:
        self._check_open()
        exchange.check(question, manner)
        self._mark = len(self.timeline)
        return exchange.ask(self._link, question, manner)

    def _updating(self, config: ConfigLike) -> Coroutine[Any, Any, None]:
        self._check_open()
        session, _ = session_of(config)
        kind = str(self.effective.get("type", "realtime"))
        return self._changed(config, self._link.toolbox.complete({"type": kind, **session}))

    async def _changed(self, config: ConfigLike, session: Mapping[str, Any]) -> None:
        await self._link.update(session)
        if not isinstance(config, Mapping):
            await self._link.talking.listen(own_turns(config))

    async def _waiting_for(self, type_: str, timeout: float) -> Moment:
        place = self._mark

        def came() -> bool:
            nonlocal place
            while place < len(self.timeline) and self.timeline[place].type != type_:
                place += 1
            return place < len(self.timeline)

        try:
            await self._link.until(came, timeout)
        except TimeoutError:
            raise TimeoutError(f"no {type_} came within {timeout:g} s.") from None
        self._mark = place + 1
        return self.timeline[place]

    def __repr__(self) -> str:
        state = "closed" if self.closed else "open"
        return f"{type(self).__name__}({self.target.shown}, {state}, {len(self.timeline)} moments)"


def _quietly(act: Callable[..., object], args: tuple[object, ...]) -> None:
    """What was handed over may find the session closed in the meantime; that is on the timeline."""
    with suppress(SessionClosed):
        act(*args)
