"""A conversation with a realtime server: in a script, in a notebook cell, in async code.

    with rtkit.connect() as session:
        turn = session.ask("What is the capital of France?")

    async with rtkit.connect_async() as session:
        turn = await session.ask("What is the capital of France?")

Both are thin: the session itself (`rtkit.link`) lives on one background thread with its own loop,
where its socket is always read, whatever the caller's thread is doing. `send`, `append`, `note`
and `interrupt` only hand something over and may be called from any thread.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import weakref
from collections.abc import Callable, Coroutine, Generator, Mapping
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from . import background, exchange
from .catalog import DEFAULT_MODEL
from .clip import Clip
from .errors import AudioError, SessionClosed, TargetError
from .link import Link, new_id
from .moments import Moment
from .playback import ClockPlayer, Player
from .store import open_timeline
from .targets import EMBEDDED, Target, open_embedded, resolve
from .timeline import Timeline
from .transcript import Line, read_transcript
from .turns import Turn, read_turns

if TYPE_CHECKING:
    from .config import RealtimeSessionConfig
    from .server.local import ServerOptions

T = TypeVar("T")
Config = "RealtimeSessionConfig | Mapping[str, Any] | None"
WAIT_SECONDS = 10.0
EXIT_SECONDS = 3.0

_open: weakref.WeakSet[Link] = weakref.WeakSet()


def connect(
    config: RealtimeSessionConfig | Mapping[str, Any] | None = None,
    target: str | Target | None = None,
    *,
    api_key: str | None = None,
    record: bool = True,
    player: Player | None = None,
    server: ServerOptions | None = None,
) -> Session:
    """An open session with the embedded server, or with the target that is named.

    `target` is "openai", "azure" or a URL; without it RTKIT_TARGET, else the embedded server, for
    which `server` holds settings. `config` is a RealtimeSessionConfig or a GA session dict. With
    `record` the timeline is written to a folder as it grows. `player` plays the answers; by
    default they are played to nobody, by the clock, so that they can be interrupted.

    TargetError if the server cannot be reached, SessionError if it refuses the configuration.
    """
    wanted = _Wanted(config, target, api_key, record, player, server)
    return Session(background.run(wanted.open()), config)


def connect_async(
    config: RealtimeSessionConfig | Mapping[str, Any] | None = None,
    target: str | Target | None = None,
    *,
    api_key: str | None = None,
    record: bool = True,
    player: Player | None = None,
    server: ServerOptions | None = None,
) -> Connecting:
    """As `connect`, for async code: `async with connect_async() as session`, or await it."""
    return Connecting(_Wanted(config, target, api_key, record, player, server))


class _Wanted:
    """What was asked of `connect`, checked before anything is opened."""

    def __init__(
        self,
        config: RealtimeSessionConfig | Mapping[str, Any] | None,
        target: str | Target | None,
        api_key: str | None,
        record: bool,
        player: Player | None,
        server: ServerOptions | None,
    ) -> None:
        self.target = resolve(target, os.environ, api_key)
        self.config = config
        self.session, self.model = session_of(config)
        self.record, self.player, self.server = record, player, server
        if server is not None and self.target.name != EMBEDDED:
            raise TargetError(
                f"server= holds settings of the embedded server, but the target is {self.target!r}."
                " Leave one of the two out."
            )

    async def open(self) -> Link:
        """On the loop: the open link, configured."""
        url = self.target.url or await open_embedded(self.server)
        link = Link(self.target, self._timeline(), self.player or ClockPlayer())
        await link.open(url, self.model)
        try:
            if self.session:
                await link.update(self.session)
        except BaseException as exc:
            await link.close(f"not configured: {exc}")
            raise
        _open.add(link)
        return link

    def _timeline(self) -> Timeline:
        if self.record:
            return open_timeline(self.target.name)
        now = datetime.now().astimezone().isoformat(timespec="milliseconds")
        return Timeline(started=now, target=self.target.name)


class _Handle:
    """What a session is to its user, whichever way they wait."""

    def __init__(
        self, link: Link, config: RealtimeSessionConfig | Mapping[str, Any] | None
    ) -> None:
        self._link = link
        self._mark = len(link.timeline)  # from here on wait_for looks
        self.config = config

    @property
    def timeline(self) -> Timeline:
        """Everything that happened; it stays when the session has ended."""
        return self._link.timeline

    @property
    def turns(self) -> list[Turn]:
        return read_turns(self.timeline)

    @property
    def transcript(self) -> list[Line]:
        return read_transcript(self.timeline)

    @property
    def effective(self) -> Mapping[str, Any]:
        """The server's own account of the session, defaults filled in."""
        return self._link.protocol.session

    @property
    def id(self) -> str:
        return str(self.effective.get("id", ""))

    @property
    def target(self) -> Target:
        return self._link.target

    @property
    def closed(self) -> bool:
        return self._link.ended is not None

    def send(self, event: Mapping[str, Any]) -> str:
        """Hand over a client event as the wire has it; its `event_id` comes back.

        A refusal by the server is logged and stands on the timeline.
        """
        self._check_open()
        if not isinstance(event, Mapping) or not isinstance(event.get("type"), str):
            raise ValueError(f"an event is a dict with a `type`, found {type(event).__name__}.")
        event = {**event, "event_id": event.get("event_id") or new_id("event")}
        self._mark = len(self.timeline)
        self._post(self._link.send, event)
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

    def subscribe(self, callback: Callable[[Moment], None]) -> Callable[[], None]:
        """Show every moment from now on to `callback`, on the session's thread; undo by the result.

        The callback must return at once; what it raises is logged.
        """
        self._post(self._link.watch, callback)
        return lambda: self._post(self._link.unwatch, callback)

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

    def _updating(
        self, config: RealtimeSessionConfig | Mapping[str, Any]
    ) -> Coroutine[Any, Any, None]:
        self._check_open()
        session, _ = session_of(config)
        kind = str(self.effective.get("type", "realtime"))
        return self._link.update({"type": kind, **session})

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


class Session(_Handle):
    """An open session; its methods wait. Use it in a `with`, or call `close`."""

    def ask(
        self,
        question: str | Clip,
        *,
        pace: float | None = 1.0,
        timeout: float = 60.0,
        barge_in: bool = False,
        wait_for_playback: bool = False,
    ) -> Turn:
        """Put a question, in words or as sound, and wait for the complete answer.

        A clip is spoken in real time (`pace` 2.0 is twice as fast, None at once). `timeout` counts
        from the end of the question. A new question ends the playback of the last answer; with
        `barge_in` it interrupts it, as a person would who speaks over it.

        TurnTimeout if no answer comes or no speech is heard; SessionError if the server refuses
        or fails; SessionClosed if the session ends. An interrupt from the keyboard leaves the
        session usable.
        """
        manner = exchange.Manner(pace, timeout, barge_in, wait_for_playback)
        return self._run(self._asking(question, manner))

    def update(self, config: RealtimeSessionConfig | Mapping[str, Any]) -> None:
        """Change the session; SessionError if the server refuses, which then changes nothing."""
        self._run(self._updating(config))

    def wait_for(self, type_: str, timeout: float = WAIT_SECONDS) -> Moment:
        """The next moment of a type since the last `send`, `ask` or `wait_for`."""
        return self._run(self._waiting_for(type_, timeout))

    def close(self) -> None:
        """End the session. Its timeline stays."""
        self._run(self._link.close())

    def _run(self, coro: Coroutine[Any, Any, T]) -> T:
        return background.run(coro)

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncSession(_Handle):
    """An open session for async code, in whichever loop; its slow methods are awaited."""

    async def ask(
        self,
        question: str | Clip,
        *,
        pace: float | None = 1.0,
        timeout: float = 60.0,
        barge_in: bool = False,
        wait_for_playback: bool = False,
    ) -> Turn:
        """As `Session.ask`."""
        manner = exchange.Manner(pace, timeout, barge_in, wait_for_playback)
        return await _on_loop(self._asking(question, manner))

    async def update(self, config: RealtimeSessionConfig | Mapping[str, Any]) -> None:
        """As `Session.update`."""
        await _on_loop(self._updating(config))

    async def wait_for(self, type_: str, timeout: float = WAIT_SECONDS) -> Moment:
        """As `Session.wait_for`."""
        return await _on_loop(self._waiting_for(type_, timeout))

    async def close(self) -> None:
        """End the session. Its timeline stays."""
        await _on_loop(self._link.close())

    async def __aenter__(self) -> AsyncSession:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


class Connecting:
    """A session that is about to be opened: `async with` it, or await it."""

    def __init__(self, wanted: _Wanted) -> None:
        self._wanted = wanted
        self._session: AsyncSession | None = None

    def __await__(self) -> Generator[Any, None, AsyncSession]:
        return self._connect().__await__()

    async def __aenter__(self) -> AsyncSession:
        self._session = await self._connect()
        return self._session

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session:
            await self._session.close()

    async def _connect(self) -> AsyncSession:
        return AsyncSession(await _on_loop(self._wanted.open()), self._wanted.config)


def session_of(
    config: RealtimeSessionConfig | Mapping[str, Any] | None,
) -> tuple[dict[str, Any], str]:
    """The GA session to send, and the model to ask for; None stands for all defaults."""
    if config is None:
        from .config import RealtimeSessionConfig

        config = RealtimeSessionConfig()
    if isinstance(config, Mapping):
        return {"type": "realtime", **config}, str(config.get("model") or DEFAULT_MODEL)
    return config.to_session(), config.model


async def _on_loop(coro: Coroutine[Any, Any, T]) -> T:
    """Await in the caller's loop what runs on the session's."""
    return await asyncio.wrap_future(background.spawn(coro))


def _quietly(act: Callable[..., object], args: tuple[object, ...]) -> None:
    """What was handed over may find the session closed in the meantime; that is on the timeline."""
    with suppress(SessionClosed):
        act(*args)


@atexit.register
def _close_all() -> None:
    """No session outlives the process without having said goodbye."""
    links = [link for link in _open if link.ended is None]
    if links:
        background.run(_close(links), EXIT_SECONDS)


async def _close(links: list[Link]) -> None:
    await asyncio.gather(*(link.close("the process ended") for link in links))
