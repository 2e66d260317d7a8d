"""Speech to text: the sentences of a grammar first, free dictation when none of them fits.

The grammar is heard while the person speaks, in another process (`rtkit.speech.booths`), so that
its answer is there some milliseconds after the end. Dictation runs in a worker process too
(`rtkit.speech.scribes`), and only once the grammar was rejected. The confidence is never a
constant: see `rtkit.speech.confidence`.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rtkit.errors import ConfigError
from rtkit.speech import confidence
from rtkit.speech.booths import Utterance, shared_booths
from rtkit.speech.dictation import RATE
from rtkit.speech.grammar import Grammar
from rtkit.speech.scribes import Scribes, shared_scribes

NO_GRAMMAR = "#JSGF V1.0;\ngrammar none;\npublic <none> = nothing ;\n"
"""What listens for speech, and finds the speaker's mean, where the brain has no grammar."""
QUIETEST = 30  # peak of int16 below which nothing can have been said: -61 dBFS


@dataclass(frozen=True, slots=True)
class Word:
    """A word, where it lies in the utterance, and how sure the recogniser is of it (0 to 1)."""

    text: str
    start_ms: float
    end_ms: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard in one utterance; `text` is empty when there was no speech in it.

    `confidence` is 0 to 1: the probability that the text is right. `engine` is "grammar",
    "dictation" or "whisper".
    """

    text: str
    words: tuple[Word, ...]
    confidence: float
    engine: str


class Recogniser(Protocol):
    """What turns one utterance after another into text. Sound is int16[n] at `rate`."""

    @property
    def rate(self) -> int:
        """Samples a second that `feed` expects."""
        ...

    def begin(self) -> None:
        """Begin an utterance."""
        ...

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Hear the next sound; returns at once."""
        ...

    def partial(self) -> str:
        """The best guess so far, which later sound may revise."""
        ...

    async def finish(self) -> Heard:
        """End the utterance and say what was heard."""
        ...

    def cancel(self) -> None:
        """Forget the utterance."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


class PocketRecogniser:
    """pocketsphinx with the JSGF grammar of a brain, and dictation for all else.

    Without a grammar ("") everything is dictation, and there is no guess before the end. Another
    utterance may begin while one is still being finished.
    """

    rate = RATE
    overlaps = True

    def __init__(self, grammar: str, dictation: Scribes | None = None) -> None:
        self._free = not grammar.strip()
        self._grammar = Grammar(NO_GRAMMAR if self._free else grammar).source
        self._dictation = dictation or shared_scribes()
        self._utterance: Utterance | None = None
        self._sound: list[NDArray[np.int16]] = []
        self._closed = False
        self.ready = shared_booths().join(self._grammar)
        """Done when the models are loaded; holds the error if they cannot be."""
        self._dictation.start()

    def begin(self) -> None:
        """Begin an utterance; one that was not finished is forgotten."""
        self.cancel()
        self._utterance = shared_booths().begin(self._grammar)

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Hear int16[n] at 16 kHz; returns at once. Without a `begin` it begins."""
        if self._utterance is None:
            self.begin()
        assert self._utterance is not None
        kept = np.array(samples, dtype=np.int16)
        self._sound.append(kept)
        self._utterance.feed(kept)

    def partial(self) -> str:
        """The best guess of the grammar so far."""
        return "" if self._free or self._utterance is None else self._utterance.partial

    async def finish(self) -> Heard:
        """End the utterance; some milliseconds when the grammar fits, else as dictation takes.

        Whoever cancels it leaves nothing behind that is still being heard.
        """
        utterance, self._utterance = self._utterance, None
        if utterance is None:
            return Heard("", (), 0.0, "grammar")
        sound, self._sound = np.concatenate([np.zeros(0, np.int16), *self._sound]), []
        try:
            evidence = await asyncio.wrap_future(utterance.stop())
        except asyncio.CancelledError:
            utterance.forget()
            raise
        if not evidence.speech_frames or np.abs(sound.astype(np.int32)).max() < QUIETEST:
            return Heard("", (), 0.0, "grammar")
        sure = 0.0 if self._free else confidence.of_grammar(evidence)
        if sure >= confidence.ACCEPTED:
            return _heard(evidence.words, sure, "grammar")
        dictated = await asyncio.wrap_future(self._dictation.dictate(sound, self))
        sure = confidence.of_dictation(dictated, evidence)
        return _heard(dictated.words, sure, "dictation")

    def cancel(self) -> None:
        """Forget the utterance."""
        utterance, self._utterance = self._utterance, None
        self._sound = []
        if utterance is not None:
            utterance.forget()

    def close(self) -> None:
        """Forget the utterance, and listen to no other."""
        self.cancel()
        if not self._closed:
            self._closed = True
            shared_booths().part()


def _heard(words: tuple[tuple[str, float, float], ...], sure: float, engine: str) -> Heard:
    marked = tuple(Word(text, start, end, sure) for text, start, end in words)
    return Heard(" ".join(word.text for word in marked), marked, sure if marked else 0.0, engine)


def make_recogniser(name: str | None, grammar: str) -> Recogniser:
    """The recogniser of that name; without one the setting RTKIT_RECOGNISER, or "pocketsphinx"."""
    name = name or os.environ.get("RTKIT_RECOGNISER") or "pocketsphinx"
    if name == "pocketsphinx":
        return PocketRecogniser(grammar)
    if name == "whisper":
        from rtkit.speech.whisper import WhisperRecogniser

        return WhisperRecogniser()
    raise ConfigError(
        f"no recogniser is named {name!r}. There are pocketsphinx and whisper. "
        "Set RTKIT_RECOGNISER to one of them, or leave it out."
    )
