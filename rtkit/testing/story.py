"""The client core in told time: no socket, no thread, no waiting."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rtkit import events
from rtkit.audio import to_base64
from rtkit.commands import Command, Play, PlayDone, StopPlayback
from rtkit.playback import Feed, Queue
from rtkit.protocol import Protocol
from rtkit.timeline import Timeline
from rtkit.transcript import Line, read_transcript
from rtkit.turns import Turn, read_turns

from .answers import SESSION

BYTES_PER_MS = 48  # of PCM16 at 24 kHz
LEAST_S = 1e-9


class Story:
    """A session whose server you are; `now` is the clock, in seconds, and you move it.

    `hear` tells one event of the server, `send`, `append` and `interrupt` are the client's, `wait`
    lets time go by. Answers are played by the clock, as in a session without loudspeakers, unless
    `player` is False. `sent` are the events that went out since it was last asked.

    >>> story = Story()
    >>> story.begin()
    []
    >>> _ = story.speak(2000)  # milliseconds of sound, here at once
    >>> story.wait(0.5)
    >>> _ = story.interrupt()
    >>> [(event["type"], event.get("audio_end_ms")) for event in story.sent()]
    [('response.cancel', None), ('conversation.item.truncate', 500)]
    """

    def __init__(self, session: Mapping[str, Any] = SESSION, *, player: bool = True) -> None:
        self.now = 0.0
        self.timeline = Timeline()
        self.protocol = Protocol(self.timeline, self._new_id)
        self.queue = Queue()
        self._ids = 0
        self._player = _Told(self) if player else None
        self._feed = Feed(self._player) if self._player else None
        self.hear(events.SESSION_CREATED, session=session)

    # what the client does

    def send(self, type_: str, after: float = 0.0, **fields: Any) -> str:
        """The client sends an event, `after` seconds later; its id."""
        self.wait(after)
        return self.protocol.send({"type": type_, **fields}, self.now)

    def append(self, data: bytes, after: float = 0.0) -> None:
        """The client sends sound, in the session's input format."""
        self.wait(after)
        self.protocol.append(data, self.now)

    def interrupt(self, after: float = 0.0) -> list[Command]:
        """The client stops the assistant."""
        self.wait(after)
        return self._carry_out(self.protocol.interrupt(self.now))

    def note(self, type_: str, after: float = 0.0, **fields: Any) -> list[Command]:
        """A local fact is recorded."""
        self.wait(after)
        return self._carry_out(self.protocol.note({"type": type_, **fields}, self.now))

    def sent(self) -> list[dict[str, Any]]:
        """What the client has put on the socket since this was last asked."""
        return [json.loads(text) for text in self.protocol.data_to_send()]

    def sent_types(self) -> list[str]:
        """The types of `sent`."""
        return [event["type"] for event in self.sent()]

    # what the server does

    def hear(self, type_: str, after: float = 0.01, **fields: Any) -> list[Command]:
        """The server sends an event, `after` seconds later; what the core wants done."""
        self.wait(after)
        text = json.dumps({"type": type_, **fields})
        return self._carry_out(self.protocol.receive(text, self.now))

    def begin(
        self, response_id: str = "r1", conversation_id: str | None = "conv_1"
    ) -> list[Command]:
        """A response begins."""
        response = {"id": response_id, "conversation_id": conversation_id}
        return self.hear(events.RESPONSE_CREATED, response=response)

    def speak(
        self,
        ms: float | bytes,
        item_id: str = "i1",
        response_id: str = "r1",
        type_: str = events.AUDIO_DELTA,
        after: float = 0.01,
    ) -> list[Command]:
        """A piece of sound: so many milliseconds of silence (PCM16), or these bytes."""
        data = ms if isinstance(ms, bytes) else bytes(int(ms * BYTES_PER_MS))
        ids = {"item_id": item_id, "response_id": response_id}
        ids |= {"delta": to_base64(data)}
        return self.hear(type_, after, **ids, output_index=0, content_index=0)

    def end(self, response_id: str = "r1", status: str = "completed") -> list[Command]:
        """A response is done."""
        return self.hear(events.RESPONSE_DONE, response={"id": response_id, "status": status})

    # time, and what came of it

    def wait(self, seconds: float) -> None:
        """Let time go by; what is played meanwhile is noted at its instant."""
        until = self.now + seconds
        while self._player:
            wakeup = self.queue.next_wakeup()
            if wakeup is None or wakeup > until:
                break
            self.now = max(self.now + LEAST_S, wakeup)  # an instant may round to the one before
            self._player.tell(self.queue.advance(self.now))
        self.now = max(self.now, until)

    @property
    def turns(self) -> list[Turn]:
        """As `session.turns`."""
        return read_turns(self.timeline)

    @property
    def transcript(self) -> list[Line]:
        """As `session.transcript`."""
        return read_transcript(self.timeline)

    def _carry_out(self, commands: list[Command]) -> list[Command]:
        if self._player and any(isinstance(one, StopPlayback) for one in commands):
            self._player.silence()
        for command in commands:
            match command:
                case Play() if self._feed:
                    self._feed.play(command.item_id, command.pcm, command.format)
                case PlayDone() if self._feed:
                    self._feed.finish(command.item_id)
        return commands

    def _new_id(self, prefix: str) -> str:
        self._ids += 1
        return f"{prefix}_{self._ids}"


class _Told:
    """The player of a story: a queue that is played by the story's clock."""

    def __init__(self, story: Story) -> None:
        self._story = story

    def attach(self, report: object) -> None:
        """Its facts go to the story that it was made with."""

    def play(self, item_id: str, pcm: bytes) -> None:
        self.tell(self._story.queue.play(item_id, len(pcm) // 2, self._story.now))

    def finish(self, item_id: str) -> None:
        self.tell(self._story.queue.finish(item_id, self._story.now))

    def flush(self) -> list[tuple[str, float]]:
        facts, heard = self._story.queue.flush(self._story.now)
        self.tell(facts)
        return heard

    def silence(self) -> None:
        for item_id, played_ms in self.flush():
            self._story.note("playback.flushed", item_id=item_id, played_ms=played_ms)

    def tell(self, facts: Sequence[Mapping[str, Any]]) -> None:
        for fact in facts:
            self._story.protocol.note(fact, self._story.now)
