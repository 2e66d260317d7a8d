"""A spoken question on its way to the server's ears, and what the server tells of it.

By the clock, 20 ms at a time, as from a microphone; or at once. Which response answers is learnt
from the server's events.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import events
from .audio import bytes_for_ms
from .clip import Clip
from .errors import TurnTimeout
from .link import Link
from .moments import Moment
from .room import FRAME_MS, Room, silence

CHUNK_MS = 100  # of a clip that is sent at once
GRACE = 3.0  # seconds beyond the silence window in which a server notices speech, or its end
UNKNOWN_WINDOW = 8.0  # seconds that turn detection without a fixed window may wait
MARGIN = 0.5  # seconds of silence beyond the window, for a clip that is sent at once
BACK_MS = 500.0  # a server may place the beginning of speech this much before it
EARLY_MS = 250.0  # a detector may hear the end of speech this much before the clip's own measure


@dataclass(slots=True)
class Hearing:
    """What the server has told of a spoken question; fed with every moment since it began."""

    heard: bool = False
    speaking: bool = False
    began_ms: float | None = None  # audio_start_ms of the last speech_started
    ended_ms: float = 0.0  # audio_end_ms of the last speech_stopped
    item_id: str | None = None  # the user item that was committed last
    response_id: str | None = None  # the response that followed it
    done: bool = False
    transcribed: set[str] = field(default_factory=set)
    zero_ms: float = 0.0  # where the session that is open began to count the input

    def take(self, moment: Moment) -> None:
        """Learn from one moment: of the server, or of turn detection on this side."""
        handler = HEARD.get(moment.type) if moment.source != "client" else None
        if handler:
            handler(self, moment.event)

    def turn_ended(self, begin_ms: float, end_ms: float) -> bool:
        """Whether the turn that lies between these places of the input is over.

        What began before was counted from elsewhere: not all servers count from the beginning of
        the session, and some do not count at all.
        """
        elsewhere = self.began_ms is not None and self.began_ms < begin_ms - BACK_MS
        over = elsewhere or self.ended_ms >= end_ms - EARLY_MS
        return bool(self.item_id) and not self.speaking and over

    def _started(self, event: Mapping[str, Any]) -> None:
        self.heard = self.speaking = True
        self.began_ms = event.get("audio_start_ms")
        self.response_id, self.done = None, False  # what was answered so far was not the whole

    def _stopped(self, event: Mapping[str, Any]) -> None:
        told = event.get("audio_end_ms")
        end = math.inf if told is None else self.zero_ms + float(told)
        self.speaking, self.ended_ms = False, end

    def _ended(self, event: Mapping[str, Any]) -> None:
        """By turn detection on this side, which counts through."""
        self.speaking, self.ended_ms = False, float(event.get("audio_end_ms", 0.0))

    def _reconnected(self, event: Mapping[str, Any]) -> None:
        self.zero_ms = event["input_ms"]
        self.done = self.done or self.response_id in event["kept"]
        if self.response_id in event["again"]:
            self.response_id = None
        if self.item_id is None:
            self.speaking = False  # what was said is told anew

    def _committed(self, event: Mapping[str, Any]) -> None:
        self.item_id, self.heard = event.get("item_id"), True

    def _created(self, event: Mapping[str, Any]) -> None:
        if self.item_id and not self.speaking:
            self.response_id = event["response"]["id"]

    def _done(self, event: Mapping[str, Any]) -> None:
        self.done = self.done or event["response"]["id"] == self.response_id

    def _transcribed(self, event: Mapping[str, Any]) -> None:
        self.transcribed.add(event.get("item_id", ""))


HEARD: Mapping[str, Callable[[Hearing, Mapping[str, Any]], None]] = {
    events.SPEECH_STARTED: Hearing._started,
    events.SPEECH_STOPPED: Hearing._stopped,
    "turn.started": Hearing._started,
    "turn.ended": Hearing._ended,
    "reconnected": Hearing._reconnected,
    events.COMMITTED: Hearing._committed,
    events.RESPONSE_CREATED: Hearing._created,
    events.RESPONSE_DONE: Hearing._done,
    events.TRANSCRIPTION_COMPLETED: Hearing._transcribed,
    events.TRANSCRIPTION_FAILED: Hearing._transcribed,
}


class Spoken:
    """A clip on its way to the server's ears; what is heard after it comes from the `room`."""

    def __init__(
        self,
        link: Link,
        clip: Clip,
        hearing: Hearing,
        pace: float | None,
        timeout: float,
        room: Room | None = None,
    ) -> None:
        self.link, self.clip, self.hearing = link, clip, hearing
        self.pace, self.timeout = pace, timeout
        self.room = room or Room(link, pace)
        self.format = link.protocol.input_format
        self.data = clip.to_bytes(self.format)
        self.detection = link.talking.detection
        self.speech_end = clip.speech_end
        self.begin_ms = link.talking.position_ms
        self.end_ms = self.begin_ms + self.speech_end * 1000

    @property
    def window(self) -> float:
        """Seconds of silence after which the server ends a turn."""
        told = (self.detection or {}).get("silence_duration_ms")
        return told / 1000 if told else UNKNOWN_WINDOW

    def quiet(self, ms: float) -> bytes:
        return silence(ms, self.format)

    async def ask(self) -> str:
        """Speak, wait for the answer; the id of the response."""
        with self.room.used():
            await self._say()
        if self.detection is None:
            commit, create = {"type": events.COMMIT}, events.create_response()
            return await request(self.link, self.timeout, commit, create)
        return await self._answer()

    async def _say(self) -> None:
        """The clip, and what follows it until the server has ended the turn."""
        beat = None if self.pace is None else Beat(FRAME_MS / 1000 / self.pace)
        await (self._at_once() if beat is None else self._speak(beat))
        if self.detection is not None:
            await (self._ended() if beat is None else self._silence(beat))

    async def _at_once(self) -> None:
        """Everything in one go, with the silence that ends the turn."""
        trailing = self.quiet((self.window + MARGIN) * 1000) if self.detection else b""
        data, size = self.data + trailing, bytes_for_ms(CHUNK_MS, self.format)
        for at in range(0, len(data), size):
            self.link.append_wire(data[at : at + size])
            await asyncio.sleep(0)

    async def _speak(self, beat: Beat) -> None:
        """Frame by frame by the clock, each when its last sample would have been spoken."""
        size = bytes_for_ms(FRAME_MS, self.format)
        last = int(max(self.speech_end * 1000 - 1e-6, 0.0) // FRAME_MS)  # holds the end of speech
        rest = (last + 1) * FRAME_MS / 1000 - self.speech_end  # of that frame, behind the end
        for number, at in enumerate(range(0, len(self.data), size)):
            frame = self.data[at : at + size]
            if self.detection:
                frame += self.quiet(FRAME_MS)[len(frame) :]
            await beat.next()
            self.link.append_wire(frame)
            if number == last:
                ended = self.link.now - rest / (self.pace or 1.0)
                self.link.note({"type": "input.ended", "end_of_speech_t": ended})

    async def _silence(self, beat: Beat) -> None:
        """Say nothing more, in time, until the server has ended the turn."""
        sent = 0.0
        while not self.hearing.turn_ended(self.begin_ms, self.end_ms):
            if self._waited_enough(sent):
                return
            await beat.next()
            self.link.append_wire(self.room.take())
            sent += FRAME_MS / 1000

    def _waited_enough(self, sent: float) -> bool:
        """Whether this much silence decides it: nothing was heard, or less than we said."""
        if sent > self.timeout:
            raise TurnTimeout(self._never_ended())
        enough = self.window + GRACE
        if sent < enough or self.hearing.speaking or self.link.reconnection.lately(enough):
            return False
        if not self.hearing.heard:
            raise TurnTimeout(self._unheard())
        return True

    async def _ended(self) -> None:
        """Wait for the server to work through what was sent at once."""
        seconds = self.window + GRACE
        while not self._is_over():
            try:
                await self.link.until(self._is_over, seconds)
            except TimeoutError:
                if self.link.reconnection.lately(seconds):
                    continue
                if not self.hearing.heard:
                    raise TurnTimeout(self._unheard()) from None
                return

    def _is_over(self) -> bool:
        """Whether the server has ended the turn that holds the clip."""
        return self.hearing.turn_ended(self.begin_ms, self.end_ms)

    async def _answer(self) -> str:
        """Wait for the response to the turn, and ask for it where the server does not by itself."""
        if self.detection and self.detection.get("create_response") is False:
            return await request(self.link, self.timeout, events.create_response())
        try:
            await self.link.until(lambda: self.hearing.done, self.timeout)
        except TimeoutError:
            raise TurnTimeout(no_answer(self.timeout)) from None
        return str(self.hearing.response_id)

    def _unheard(self) -> str:
        threshold = (self.detection or {}).get("threshold")
        limit = "" if threshold is None else f" (its threshold is {threshold:g})"
        return (
            f"the server heard no speech in {self.clip!r}{limit}. Listen to the clip; if it holds "
            "speech, make it louder, or give the session a lower VAD threshold. If the server has "
            "said nothing for long (session.timeline), look whether it still runs."
        )

    def _never_ended(self) -> str:
        return (
            f"the server heard speech, but did not end the turn in {self.timeout:g} s of "
            "silence. Is silence_duration_ms too long, or does other sound go into this session?"
        )


class Beat:
    """A beat that does not drift: each is counted from the first, however late the last came."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._start, self._count = self._loop.time(), 0

    async def next(self) -> None:
        """Wait for the next beat; not at all if it is late."""
        self._count += 1
        due = self._start + self._count * self._seconds
        await asyncio.sleep(max(0.0, due - self._loop.time()))


async def request(link: Link, timeout: float, *asked: Mapping[str, Any]) -> str:
    """Send events of which the last creates a response; the id of that response when it is done."""
    ids = [link.send(event) for event in asked]
    try:
        async with asyncio.timeout(timeout):
            return await link.expect(*ids)
    except TimeoutError:
        raise TurnTimeout(no_answer(timeout)) from None
    finally:
        link.protocol.floor.withdraw(ids[-1])


def no_answer(timeout: float) -> str:
    return (
        f"the question was sent, but no complete answer came within {timeout:g} s. What did come "
        "is in session.timeline; give ask a longer timeout=, or look at the server."
    )
