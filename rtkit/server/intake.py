"""The input side of one session: sound in; turns out, begun and committed as wire events.

It joins the ears (`hearing`), the words (`utterances`) and the sense that says how long to wait
(`sense`). What a turn leads to, an answer or an interruption, is decided by whoever listens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rtkit.audio import duration_ms
from rtkit.catalog import limit
from rtkit.sense import Sense
from rtkit.server.commands import Agenda
from rtkit.server.conversation import Conversation
from rtkit.server.hearing import Began, Ended, Heard16k, Hearing
from rtkit.server.items import decoded_audio
from rtkit.server.rejections import Refused, refuse
from rtkit.server.terms import Terms
from rtkit.server.utterances import Utterances
from rtkit.vad import Detector

SHORTEST_COMMIT_MS = int(limit("commit_ms"))


class Intake:
    """Takes sound, finds turns in it, commits them. Methods for events may raise `Refused`."""

    def __init__(
        self,
        agenda: Agenda,
        terms: Terms,
        conversation: Conversation,
        new_detector: Callable[[], Detector],
    ) -> None:
        self._agenda = agenda
        self._terms = terms
        self._conversation = conversation
        self.hearing = Hearing(new_detector, terms.input)
        self.utterances = Utterances(agenda, conversation)
        self._sense = Sense()
        self._counted: tuple[int, int] = (-1, -1)  # items and second of input, when
        self._size = 0  # the conversation's was counted

    def append(self, event: Mapping[str, Any]) -> None:
        """Queue the sound of an append; it is heard by `listen`."""
        limits, audio = self._terms.limits, event["audio"]
        if isinstance(audio, str) and len(audio) * 3 // 4 > limits.append_bytes + 3:
            sizes = {"most": limits.append_bytes, "found": len(audio) * 3 // 4}
            raise Refused(refuse("append_too_long", **sizes))
        data = decoded_audio(audio, self.hearing.format)
        seconds = (self.hearing.kept_ms + duration_ms(len(data), self.hearing.format)) / 1000
        if seconds > limits.buffer_s:
            raise Refused(refuse("buffer_full", most=limits.buffer_s, found=seconds))
        if not self.hearing.manual:  # a turn may end in it
            self.require_room(len(data), spoken=True, size=self._size_lately())
        self.hearing.append(data)

    def commit(self) -> None:
        """What was appended becomes an item."""
        have = self.hearing.buffered_ms
        if have < SHORTEST_COMMIT_MS:
            raise Refused(refuse("commit_empty", ms=have))
        self.require_room(0, spoken=True)
        form = self.hearing.format
        begun = self.utterances.current is not None
        sound = self.hearing.rest() if begun else self.hearing.buffered()
        self.utterances.listen(sound, self.hearing.buffered_from_ms)
        self.utterances.commit(self.hearing.take(), form)

    def clear(self) -> None:
        """Forget what was appended since the last commit."""
        self.hearing.clear()
        self.utterances.drop()
        self._agenda.send({"type": "input_audio_buffer.cleared"})

    def require_room(self, more: int, *, spoken: bool = False, size: int | None = None) -> None:
        """`Refused` unless there is room for one more item of so many bytes.

        `spoken`: its words have to be recognised. Sound that is not committed yet counts as well.
        `size` is that of the conversation where it is known.
        """
        limits, conversation = self._terms.limits, self._conversation
        if len(conversation) >= limits.items:
            sizes = {"found": len(conversation), "most": limits.items}
            raise Refused(refuse("too_many_items", **sizes))
        size = conversation.size if size is None else size
        size += self.hearing.kept_bytes + more
        if size > limits.conversation_bytes:
            sizes = {"found": size, "most": limits.conversation_bytes}
            raise Refused(refuse("conversation_full", **sizes))
        waiting = len(self.utterances.unheard)
        if spoken and waiting >= limits.unheard:
            raise Refused(refuse("too_many_unheard", found=waiting, most=limits.unheard))

    def _size_lately(self) -> int:
        """The size of the conversation, counted anew once a second of sound or with another item.

        Counting takes 4 ms when it is full, and sound comes fifty times a second.
        """
        now = (len(self._conversation), int(self.hearing.position_ms // 1000))
        if now != self._counted:
            self._counted, self._size = now, self._conversation.size
        return self._size

    def follow(self) -> None:
        """The session was updated."""
        if self.hearing.configure(self._terms.input):
            self.utterances.drop()
        self._wait()

    def listen(self) -> Iterator[Began | Ended]:
        """Hear the next slice; each beginning and end is told to the client, then yielded."""
        for finding in self.hearing.listen():
            if isinstance(finding, Heard16k):
                self.utterances.listen(finding.samples, finding.from_ms)
                continue
            if isinstance(finding, Began):
                self._begin(finding)
            else:
                self._end(finding)
            yield finding

    def guess(self, item_id: str, text: str) -> None:
        """What the recogniser guesses while somebody speaks."""
        self.utterances.guessed(item_id, text, self._terms.wanted)
        if item_id == self.utterances.current:
            self._sense.hear(text, self.hearing.position_ms)
            self._wait()

    def commit_silence(self, since_ms: int) -> Callable[[], None]:
        """The silence since that position becomes an item; the returned call transcribes it."""
        place = {"audio_start_ms": since_ms, "audio_end_ms": round(self.hearing.position_ms)}
        triggered = {"type": "input_audio_buffer.timeout_triggered", **place}
        self._agenda.send({**triggered, "item_id": self.utterances.begin()})
        sound = self.hearing.take_silence(since_ms)
        entry = self.utterances.commit_silence(sound, self.hearing.format)
        return lambda: self.utterances.transcribe_silence(entry, self._terms.wanted)

    def _begin(self, began: Began) -> None:
        item_id = self.utterances.begin()
        self._sense.reset()
        place = {"audio_start_ms": began.audio_start_ms, "item_id": item_id}
        self._agenda.send({"type": "input_audio_buffer.speech_started", **place})

    def _end(self, ended: Ended) -> None:
        place = {"audio_end_ms": ended.audio_end_ms, "item_id": self.utterances.current}
        self._agenda.send({"type": "input_audio_buffer.speech_stopped", **place})
        self.utterances.commit(self.hearing.take(ended.audio_end_ms), self.hearing.format)

    def _wait(self) -> None:
        """Let the pause that ends the turn depend on what was said so far."""
        turn_detection = self._terms.turn_detection
        if turn_detection.get("type") == "semantic_vad":
            self.hearing.wait(self._sense.window_ms(turn_detection.get("eagerness")))
