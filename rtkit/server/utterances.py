"""What is being said and what was said: utterances on their way to words.

An utterance is an item from its first sample on. Its sound goes to the recogniser as it comes;
committed, it waits among `unheard` until its words are there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rtkit.audio import AudioFormat
from rtkit.server.commands import Agenda, Finish, Forget, Listen
from rtkit.server.conversation import Conversation, Entry, Sound
from rtkit.server.hearing import to_hearing_rate
from rtkit.server.items import spoken_item
from rtkit.server.terms import Wanted
from rtkit.server.usage import transcription_usage

if TYPE_CHECKING:
    from rtkit.speech.recognition import Heard, Word

TRANSCRIPTION = "conversation.item.input_audio_transcription"
STREAMING = ("gpt-live-transcribe", "gpt-realtime-whisper")
"""Transcription models that send words while somebody speaks; the others begin at the commit."""
DETECTING = ("gpt-transcribe",)
"""Transcription models that tell which languages they heard (SDK 3.54.0)."""
LANGUAGE = "en"
"""What the recognisers here know; a `language` that a session names changes nothing."""
LOWEST_CONFIDENCE = 1e-6  # a logarithm needs more than 0


class Utterances:
    """The utterance under way, and those whose words are still to come."""

    def __init__(self, agenda: Agenda, conversation: Conversation) -> None:
        self._agenda = agenda
        self._conversation = conversation
        self.current: str | None = None
        self.unheard: set[str] = set()
        self._guess: list[str] = []  # the recogniser's last guess about the current utterance
        self._sent: dict[str, list[str]] = {}  # words sent ahead, by item
        self._from_ms: dict[str, float] = {}  # where an item's sound begins, to time its words

    def begin(self) -> str:
        """Somebody begins to speak: the id that the item will have."""
        self.current = self._agenda.new_id("item_")
        self._guess = []
        return self.current

    def listen(self, samples: NDArray[np.int16], from_ms: float) -> None:
        """More sound of the utterance, int16[n] at 16 kHz; it begins one if there is none.

        `from_ms` is where in the session's input this sound begins.
        """
        item_id = self.current or self.begin()
        self._from_ms.setdefault(item_id, from_ms)
        self._agenda.do(Listen(item_id, samples))

    def drop(self) -> None:
        """What is being said will not be needed."""
        if self.current is not None:
            self._agenda.do(Forget(self.current))
            self._let_go(self.current)
            self.current = None

    def commit(self, data: bytes, form: AudioFormat) -> None:
        """The utterance becomes an item of the conversation; its words follow."""
        entry = self._spoken(data, form)
        self.unheard.add(entry.id)
        self._agenda.do(Finish(entry.id))

    def commit_silence(self, data: bytes, form: AudioFormat) -> Entry:
        """A silence becomes an item without words; nothing is recognised in it."""
        entry = self._spoken(data, form)
        entry.heard = ""
        return entry

    def transcribe_silence(self, entry: Entry, wanted: Wanted | None) -> None:
        """Tell that there are no words in a silence."""
        if wanted is not None:
            self._transcribe(entry, "", (), 0.0, wanted)

    def _spoken(self, data: bytes, form: AudioFormat) -> Entry:
        entry = Entry(spoken_item(self.current or self.begin()), Sound(form, bytearray(data)))
        self.current = None
        place = {"previous_item_id": self._conversation.insert(entry)}
        committed = {"type": "input_audio_buffer.committed", "item_id": entry.id}
        self._agenda.send(committed | place)
        for stage in ("added", "done"):
            event = {"type": f"conversation.item.{stage}", **place, "item": entry.wire()}
            self._agenda.send(event)
        return entry

    def read(self, entry: Entry) -> None:
        """Find the words in an item that came with its sound."""
        assert entry.sound is not None
        self.unheard.add(entry.id)
        self._from_ms[entry.id] = 0.0
        samples = to_hearing_rate(entry.untold(), entry.sound.format)
        self._agenda.do(Listen(entry.id, samples))
        self._agenda.do(Finish(entry.id))

    def forget(self, item_id: str) -> None:
        """The item was deleted."""
        if item_id in self.unheard:
            self.unheard.discard(item_id)
            self._let_go(item_id)
            self._agenda.do(Forget(item_id))

    def guessed(self, item_id: str, text: str, wanted: Wanted | None) -> None:
        """The recogniser's guess so far. Words that two guesses share are sent, but the last."""
        if item_id != self.current or wanted is None or wanted.model not in STREAMING:
            return
        words = text.split()
        settled = words[: max(_common(self._guess, words) - 1, 0)]
        self._guess = words
        sent = self._sent.setdefault(item_id, [])
        if settled[: len(sent)] == sent:
            place = {"item_id": item_id, "content_index": 0}
            self._send_words(place, settled[len(sent) :], first=not sent)
            sent += settled[len(sent) :]

    def heard(self, item_id: str, heard: Heard, wanted: Wanted | None) -> None:
        """The words of an item. They are sent when the session asks for transcription."""
        entry, from_ms = self._known(item_id), self._from_ms.pop(item_id, 0.0)
        if entry is None:
            return
        entry.heard, entry.confidence = heard.text, heard.confidence
        if wanted is not None:
            self._transcribe(entry, heard.text, heard.words, from_ms, wanted)

    def failed(self, item_id: str, message: str, wanted: Wanted | None) -> None:
        """The recogniser could do nothing with an item."""
        entry = self._known(item_id)
        self._from_ms.pop(item_id, None)
        if entry is None or wanted is None:
            return
        place = {"item_id": entry.id, "content_index": entry.tell("")}
        error: dict[str, Any] = {"type": "transcription_error", "code": "audio_unintelligible"}
        error |= {"message": message, "param": None}
        self._agenda.send({"type": f"{TRANSCRIPTION}.failed", **place, "error": error})

    def _send_words(self, place: Mapping[str, Any], words: Sequence[str], first: bool) -> None:
        for number, word in enumerate(words):
            text = word if first and number == 0 else f" {word}"
            delta = {"delta": text, **self._agenda.obfuscation()}
            self._agenda.send({"type": f"{TRANSCRIPTION}.delta", **place, **delta})

    def _let_go(self, item_id: str) -> None:
        """Nothing will be told of this item any more."""
        self._sent.pop(item_id, None)
        self._from_ms.pop(item_id, None)

    def _known(self, item_id: str) -> Entry | None:
        """The entry that waits for this result; late results are of no use any more."""
        if item_id not in self.unheard:
            return None
        self.unheard.discard(item_id)
        return self._conversation.get(item_id)

    def _transcribe(
        self,
        entry: Entry,
        text: str,
        words: Sequence[Word],
        from_ms: float,
        wanted: Wanted,
    ) -> None:
        place = {"item_id": entry.id, "content_index": entry.tell(text)}
        said, sent = text.split(), self._sent.pop(entry.id, [])
        if said[: len(sent)] == sent:  # else only the whole text is right
            self._send_words(place, said[len(sent) :], first=not sent)
        ms = entry.sound.ms if entry.sound else 0.0
        completed: dict[str, Any] = {"transcript": text}
        if wanted.logprobs:
            completed["logprobs"] = logprobs(words)
        if wanted.word_times:
            completed["words"] = word_times(words, from_ms)
        if wanted.model in DETECTING:
            completed["languages"] = [{"code": LANGUAGE}] if text else []
        completed["usage"] = transcription_usage(wanted.model, text, ms)
        self._agenda.send({"type": f"{TRANSCRIPTION}.completed", **place, **completed})


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words two guesses begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def logprobs(words: Sequence[Word]) -> list[dict[str, Any]]:
    """Words as tokens with log probabilities; exp of their mean is the confidence."""
    return [
        {
            "token": word.text,
            "logprob": round(math.log(max(word.confidence, LOWEST_CONFIDENCE)), 6),
            "bytes": list(word.text.encode()),
        }
        for word in words
    ]


def word_times(words: Sequence[Word], from_ms: float) -> list[dict[str, Any]]:
    """Words with their places, of an utterance that begins at `from_ms`."""
    return [
        {
            "word": word.text,
            "start_ms": round(from_ms + word.start_ms),
            "end_ms": round(from_ms + word.end_ms),
            "confidence": round(word.confidence, 3),
        }
        for word in words
    ]
