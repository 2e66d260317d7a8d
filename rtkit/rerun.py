"""A recorded conversation that happens again: same moments, same order, at any speed.

    replay = rtkit.Replay("talk.jsonl", speed=2.0)
    rtkit.LiveConsole(session=replay)           # or replay.subscribe(print); replay.play()

To whoever watches a `Replay` is a session: it has a timeline that grows, turns, a transcript, a
cost, and shows each moment to those who subscribed. Nobody is connected to, and nobody answers.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from types import TracebackType
from typing import Any

from . import background, events
from .agreement import effective_session, sent_session
from .audience import Audience
from .cost import Cost, read_cost
from .dialects import common_name
from .formats import AudioFormat
from .moments import Moment, Span
from .playback import Feed, Player
from .playhead import Playhead
from .timeline import Timeline
from .transcript import Line, read_transcript
from .turns import Turn, read_turns

log = logging.getLogger("rtkit")
AT_ONCE = 500  # moments that are shown before others get the loop
SHORT_MS = 50.0  # an answer that was played by so much less than it was long was broken off


class Replay:
    """Replays a timeline, or the file or folder of one, at a `speed` (None: all at once).

    It stands still until `play`. `seek` shows everything up to a second at once. All methods may
    be called from any thread.
    """

    def __init__(
        self, timeline: Timeline | str | os.PathLike[str], speed: float | None = 1.0
    ) -> None:
        self.whole = timeline if isinstance(timeline, Timeline) else Timeline.load(timeline)
        self.timeline = Timeline(started=self.whole.started, target=self.whole.target)
        self._head = Playhead(self.whole, speed)
        self._audience = Audience(self.timeline)
        self._sounding: Sounding | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False

    # what a session shows

    @property
    def turns(self) -> list[Turn]:
        """Questions and answers so far."""
        return read_turns(self.timeline)

    @property
    def transcript(self) -> list[Line]:
        """The words of both speakers so far."""
        return read_transcript(self.timeline)

    @property
    def cost(self) -> Cost:
        """What the session had cost by now."""
        return read_cost(self.timeline)

    @property
    def config(self) -> dict[str, Any]:
        """The configuration as it was sent, by now."""
        return sent_session(self.timeline)

    @property
    def effective(self) -> Mapping[str, Any]:
        """The server's own account of the session, by now."""
        return effective_session(self.timeline)

    @property
    def id(self) -> str:
        """The server's name for the session."""
        return str(self.effective.get("id", ""))

    @property
    def closed(self) -> bool:
        """Whether nothing more will come."""
        return self._stopped or self._head.done

    @property
    def position(self) -> float:
        """How far it has come, in seconds of the timeline."""
        return min(self._head.position(self._now()), self.whole.duration)

    @property
    def speed(self) -> float | None:
        """How fast it goes; it may be set at any time."""
        return self._head.speed

    @speed.setter
    def speed(self, speed: float | None) -> None:
        self._do(self._change, lambda now: self._head.set_speed(speed, now))

    def subscribe(self, callback: Callable[[Moment], None]) -> Callable[[], None]:
        """Show every moment from now on to `callback`, on rtkit's thread; undo by the result."""
        self._do(self._with, lambda: self._audience.watch(callback))
        return lambda: self._do(self._with, lambda: self._audience.unwatch(callback))

    # what moves it

    def play(self) -> None:
        """Begin, or go on after a pause."""
        self._do(self._change, self._head.start)

    resume = play

    def pause(self) -> None:
        """Stand still; what sounds falls silent."""
        self._do(self._change, self._head.pause)

    def seek(self, t: float = math.inf) -> None:
        """Show all moments up to this second at once (without one: all); ValueError backwards."""
        self._do(self._change, lambda now: self._head.seek(min(t, self._end()), now))

    def stop(self) -> None:
        """Show nothing more. The timeline stays as far as it has come."""
        self._stopped = True
        self._do(self._change, self._head.pause)

    close = stop

    def wait(self, timeout: float | None = None) -> None:
        """Wait until all was shown; TimeoutError after so many seconds."""
        background.run(self._audience.until_now(lambda: self.closed, timeout))

    def attach(self, player: Player) -> None:
        """Let this player sound the answers, as long as the speed is 1."""
        player.attach(lambda fact: None)  # what was heard back then is what counts
        self._sounding = Sounding(player)

    # a session's ears and mouth, which a replay has not

    def append(self, pcm: bytes) -> None:
        """Nobody listens."""

    def note(self, fact: Mapping[str, Any]) -> None:
        """Nothing new happens in a replay."""

    def interrupt(self) -> None:
        """Only the conversation itself interrupts."""

    def send(self, event: Mapping[str, Any], *, at_once: bool = False) -> str:
        """Nobody answers: it is logged, and not sent."""
        log.warning("a replay answers nobody: %s was not sent", event.get("type"))
        return ""

    # on the loop

    def _do(self, act: Callable[..., Coroutine[Any, Any, None]], *args: Any) -> None:
        if background.on_loop():
            background.spawn(act(*args))
        else:
            background.run(act(*args))

    async def _with(self, act: Callable[[], None]) -> None:
        act()

    async def _change(self, act: Callable[[float], None]) -> None:
        act(self._now())
        await self._go()

    async def _go(self) -> None:
        """Show what is due, and come again when the next moment is."""
        if self._timer:
            self._timer.cancel()
        if self._sounding and not (self._head.running and self._head.speed == 1.0):
            self._sounding.silence()
        while not self._stopped and (due := self._head.due(self._now(), AT_ONCE)):
            for moment in due:
                self._show(moment)
            self._audience.show()
            await asyncio.sleep(0)
        self._audience.show()  # whoever waits for the end
        wakeup = None if self._stopped else self._head.next_wakeup()
        if wakeup is not None:
            self._timer = background.loop().call_at(wakeup, self._wake)

    def _wake(self) -> None:
        background.spawn(self._go())

    def _show(self, moment: Moment) -> None:
        track = self.whole.tracks[moment.audio.track] if moment.audio else None
        data = track.read(moment.audio) if track and moment.audio else b""
        format = track.format if track else AudioFormat.PCM16
        name = track.name if track else None
        told = moment.source, moment.event
        if moment.audio and _lies_there(self.timeline, moment.audio):  # it was sent once more
            self.timeline.append(moment.t, *told, text=moment.text, span=moment.audio)
        else:
            self.timeline.append(
                moment.t, *told, audio=data, text=moment.text, track=name, format=format
            )
        if self._sounding and self._head.running and self._head.speed == 1.0:
            self._sounding.take(moment, data, format)

    def _end(self) -> float:
        return max((moment.t for moment in self.whole), default=0.0)

    def _now(self) -> float:
        return background.loop().time()

    # life

    def __enter__(self) -> Replay:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        speed = "at once" if self.speed is None else f"x{self.speed:g}"
        return f"Replay({self.position:.1f} of {self.whole.duration:.1f} s, {speed})"


class Sounding:
    """The answers of a replay on their way to a player."""

    def __init__(self, player: Player) -> None:
        self._player, self._feed = player, Feed(player)
        self._sent: dict[str, float] = {}  # item -> ms of sound
        self._over: set[str] = set()  # items that were flushed: what still comes was not heard

    def take(self, moment: Moment, data: bytes, format: AudioFormat) -> None:
        """One moment of the replay."""
        item_id, type_ = str(moment.event.get("item_id")), common_name(moment.type)
        if type_ == events.AUDIO_DELTA and data and item_id not in self._over:
            seconds = len(data) / format.bytes_per_sample / format.rate
            self._sent[item_id] = self._sent.get(item_id, 0.0) + 1000 * seconds
            self._feed.play(item_id, data, format)
        elif type_ == events.AUDIO_DONE:
            self._feed.finish(item_id)
        elif moment.type == "playback.flushed" or self._broken_off(moment, item_id):
            self._over.add(item_id)
            self.silence()

    def _broken_off(self, moment: Moment, item_id: str) -> bool:
        if moment.type != "playback.finished":
            return False
        played_ms = float(moment.event.get("played_ms", 0.0))
        return played_ms < self._sent.get(item_id, 0.0) - SHORT_MS

    def silence(self) -> None:
        """Silence the player now."""
        heard = self._player.flush()
        self._feed.forget()
        if isinstance(heard, Awaitable):
            background.spawn(_awaited(heard))


async def _awaited(heard: Awaitable[Any]) -> None:
    try:
        await heard
    except Exception:
        log.exception("the player of a replay failed")


def _lies_there(timeline: Timeline, span: Span) -> bool:
    """Whether a timeline holds the samples of this place already."""
    track = timeline.tracks.get(span.track)
    return track is not None and span.first + span.count <= len(track)
