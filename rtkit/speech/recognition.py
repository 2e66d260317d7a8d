"""Speech to text: the sentences of a grammar first, free dictation when none of them fits.

The grammar is heard while the person speaks, on one thread per recogniser, so that its answer is
there some milliseconds after the end. Dictation runs in a worker process, and only once the
grammar was rejected. The confidence is never a constant: see `rtkit.speech.confidence`.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rtkit.errors import ConfigError
from rtkit.speech import confidence
from rtkit.speech.dictation import RATE, Dictation, shared_dictation
from rtkit.speech.grammar import Grammar
from rtkit.speech.listening import CHUNK, LISTENERS, Evidence, Listener

PARTIAL_EVERY = 10  # chunks
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


@dataclass(slots=True, eq=False)
class _Utterance:
    listener: Listener | None = None
    sound: list[NDArray[np.int16]] = field(default_factory=list)
    partial: str = ""
    chunks: int = 0
    cancelled: bool = False


class PocketRecogniser:
    """pocketsphinx with the JSGF grammar of a brain, and dictation for all else.

    Without a grammar ("") everything is dictation, and there is no guess before the end.
    """

    rate = RATE

    def __init__(self, grammar: str, dictation: Dictation | None = None) -> None:
        self._free = not grammar.strip()
        self._grammar = Grammar(NO_GRAMMAR if self._free else grammar)
        self._dictation = dictation or shared_dictation()
        self._ears = ThreadPoolExecutor(1, thread_name_prefix="rtkit-recogniser")
        self._scribe = ThreadPoolExecutor(1, thread_name_prefix="rtkit-dictation")
        self._utterance: _Utterance | None = None
        self.ready = self._ears.submit(self._warm)
        """Done when the models are loaded; holds the error if they cannot be."""

    def begin(self) -> None:
        """Begin an utterance; one that was not finished is forgotten."""
        self.cancel()
        self._utterance = utterance = _Utterance()
        self._ears.submit(self._open, utterance)

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Hear int16[n] at 16 kHz; returns at once. Without a `begin` it begins."""
        if self._utterance is None:
            self.begin()
        assert self._utterance is not None
        kept = np.array(samples, dtype=np.int16)
        self._utterance.sound.append(kept)
        self._ears.submit(self._listen, self._utterance, kept)

    def partial(self) -> str:
        """The best guess of the grammar so far."""
        return self._utterance.partial if self._utterance else ""

    async def finish(self) -> Heard:
        """End the utterance; some milliseconds when the grammar fits, else as dictation takes."""
        utterance, self._utterance = self._utterance, None
        if utterance is None:
            return Heard("", (), 0.0, "grammar")
        evidence = await asyncio.wrap_future(self._ears.submit(self._close, utterance))
        sound = np.concatenate([np.zeros(0, np.int16), *utterance.sound])
        if not evidence.speech_frames or np.abs(sound.astype(np.int32)).max() < QUIETEST:
            return Heard("", (), 0.0, "grammar")
        sure = 0.0 if self._free else confidence.of_grammar(evidence)
        if sure >= confidence.ACCEPTED:
            return _heard(evidence.words, sure, "grammar")
        dictated = await asyncio.wrap_future(self._scribe.submit(self._dictation.transcribe, sound))
        sure = confidence.of_dictation(dictated, evidence)
        return _heard(dictated.words, sure, "dictation")

    def cancel(self) -> None:
        """Forget the utterance."""
        utterance, self._utterance = self._utterance, None
        if utterance is not None:
            utterance.cancelled = True
            self._ears.submit(self._close, utterance)

    def close(self) -> None:
        """Forget the utterance and end the threads; the decoders go back to be lent again."""
        self.cancel()
        self._ears.shutdown(wait=False)
        self._scribe.shutdown(wait=False, cancel_futures=True)

    def _warm(self) -> None:
        self._dictation.start()
        LISTENERS.give_back(LISTENERS.lend(self._grammar))

    def _open(self, utterance: _Utterance) -> None:
        if not utterance.cancelled:
            utterance.listener = LISTENERS.lend(self._grammar)
            utterance.listener.start()

    def _listen(self, utterance: _Utterance, samples: NDArray[np.int16]) -> None:
        for start in range(0, len(samples), CHUNK):
            if utterance.listener is None or utterance.cancelled:
                return
            utterance.listener.feed(samples[start : start + CHUNK])
            utterance.chunks += 1
            if utterance.chunks % PARTIAL_EVERY == 0 and not self._free:
                utterance.partial = utterance.listener.text

    def _close(self, utterance: _Utterance) -> Evidence:
        listener, utterance.listener = utterance.listener, None
        if listener is None:
            return Evidence()
        evidence = listener.stop()
        LISTENERS.give_back(listener)
        return evidence


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
