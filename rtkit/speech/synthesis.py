"""Text to speech: one daemon thread owns espeak-ng and speaks one sentence after another.

A sentence takes about 9 ms to make and the first sound of it under 1 ms, so that one thread
serves a hundred speakers. Sound leaves as 24 kHz PCM16 in pieces of some 60 ms, while the rest is
still being made.
"""

from __future__ import annotations

import atexit
import logging
import os
import queue
import re
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
import soxr
from numpy.typing import NDArray

from rtkit.errors import ConfigError
from rtkit.speech.espeak import NATIVE_RATE, Espeak, Prosody
from rtkit.speech.single import Single
from rtkit.speech.voices import checked_speed, voice_named

if TYPE_CHECKING:
    from rtkit.clip import Clip

SPEECH_RATE = 24_000
PIECE_CHARACTERS = 160
"""A long text is cut after the first sentence that ends beyond this many characters."""

# Emoji and pictures would be read out by name; control characters end a text or switch modes.
# Each becomes one space, so that the positions of words stay those of the text that was given.
_UNSPOKEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202f\u2060-\u206f\u20e3\u2190-\u21ff"
    "\u2300-\u2bff\ud800-\uf8ff\ufe00-\ufe0f\ufeff\U0001f000-\U0010ffff]"
)
_SENTENCE_END = re.compile(r"(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bSt)[.!?]['\")]*\s+")
_SPEAKABLE = re.compile(r"[^\W_]|[$€£%&+@=°]")

log = logging.getLogger("rtkit.speech")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A piece of speech: int16[n] at 24 kHz, and the words (character index, ms) that begin in it.

    Milliseconds count from the start of the whole text.
    """

    samples: NDArray[np.int16]
    words: tuple[tuple[int, int], ...] = ()


Deliver = Callable[[Spoken | Exception | None], None]
"""Takes the pieces of a text, and at the end None, or the exception why there is no more."""


class Job:
    """A text being spoken."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Stop at once: nothing more is delivered, except by a delivery already under way."""
        self._cancelled.set()

    def deliver(self, spoken: Spoken | Exception | None) -> None:
        """Pass a piece on, or the end, unless the job was cancelled."""
        if not self.cancelled:
            self._deliver(spoken)


class Synthesiser(Protocol):
    """What turns a text into speech."""

    def speak(self, text: str, voice: str, speed: float, deliver: Deliver) -> Job:
        """Begin to speak: `deliver` gets each piece and then the end, on another thread."""
        ...


class EspeakSynthesiser:
    """espeak-ng on its one thread. Texts of several callers are spoken piece by piece in turn."""

    def __init__(self) -> None:
        self._work: queue.SimpleQueue[Callable[[Espeak], None] | None] = queue.SimpleQueue()
        self._current: Job | None = None
        self._owner = os.getpid()
        self._closed = False
        started: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(started,), name="rtkit-speech", daemon=True
        )
        self._thread.start()
        started.result()
        atexit.register(self.close)

    def speak(self, text: str, voice: str, speed: float, deliver: Deliver) -> Job:
        """Begin to speak `text`; see `Synthesiser.speak`.

        A text without anything to say delivers None only. An unknown voice or a speed outside
        0.25 to 1.5 is a `ConfigError`.
        """
        prosody = Prosody(voice_named(voice), checked_speed(speed))
        job = Job(deliver)
        speech = _Speech(job, prosody, _pieces(cleaned(text)))
        self._work.put(lambda espeak: self._advance(espeak, speech))
        return job

    def phonemes(self, text: str) -> list[str]:
        """espeak-ng's phoneme mnemonics of a text in American English."""
        return self._ask(lambda espeak: espeak.phonemes(text))

    def close(self) -> None:
        """Stop what is being spoken and end the thread."""
        if self._closed or self._owner != os.getpid():
            return
        self._closed = True
        if (job := self._current) is not None:
            job.cancel()
        self._work.put(None)
        self._thread.join(timeout=2)

    def _ask(self, question: Callable[[Espeak], T]) -> T:
        answer: Future[T] = Future()

        def work(espeak: Espeak) -> None:
            try:
                answer.set_result(question(espeak))
            except Exception as error:
                answer.set_exception(error)

        self._work.put(work)
        return answer.result()

    def _run(self, started: Future[None]) -> None:
        try:
            espeak = Espeak()
        except Exception as error:
            started.set_exception(error)
            return
        started.set_result(None)
        while not self._closed and (work := self._work.get()) is not None:
            work(espeak)
            del work  # an idle thread must not keep the last text's resampler alive

    def _advance(self, espeak: Espeak, speech: _Speech) -> None:
        self._current = speech.job
        try:
            more = speech.advance(espeak)
        except Exception as error:  # others still want to be spoken for
            more = False
            _tell(speech.job, error)
        self._current = None
        if more:
            self._work.put(lambda espeak: self._advance(espeak, speech))


def _tell(job: Job, error: Exception) -> None:
    """The text cannot be spoken to its end; the error may also be that of whoever listens."""
    try:
        job.deliver(error)
    except Exception:
        log.exception("nobody can be told that a text was not spoken")
    job.cancel()


class _Speech:
    """The state of one text: its pieces still to be spoken, its resampler and its clock."""

    def __init__(self, job: Job, prosody: Prosody, pieces: list[tuple[int, str]]) -> None:
        self.job = job
        self._prosody = prosody
        self._pieces = pieces[::-1]
        self._resampler = soxr.ResampleStream(NATIVE_RATE, SPEECH_RATE, 1, "int16", quality="LQ")
        self._made = 0  # samples at NATIVE_RATE before the current piece
        self._character, self._ms = -1, 0  # the last word

    def advance(self, espeak: Espeak) -> bool:
        """Speak the next piece; True when there is another."""
        if self.job.cancelled:
            return False
        if self._pieces:
            self._speak_piece(espeak, *self._pieces.pop())
        if self._pieces and not self.job.cancelled:
            return True
        self._pass_on(np.zeros(0, np.int16), (), last=True)
        self.job.deliver(None)
        return False

    def _speak_piece(self, espeak: Espeak, start: int, text: str) -> None:
        before = self._made

        def on_sound(samples: NDArray[np.int16], words: list[tuple[int, int]]) -> bool:
            self._made += len(samples)
            offset_ms = round(1000 * before / NATIVE_RATE)
            found = ((start + index, offset_ms + ms) for index, ms in words)
            self._pass_on(samples, self._in_order(found, start + len(text)))
            return self.job.cancelled

        espeak.synthesise(text, self._prosody, on_sound)

    def _in_order(self, words: Iterable[tuple[int, int]], end: int) -> tuple[tuple[int, int], ...]:
        """Words with rising positions and times: "$12.50" makes espeak-ng report some twice."""
        kept = []
        for index, ms in words:
            if self._character < index < end:
                self._character, self._ms = index, max(self._ms, ms)
                kept.append((self._character, self._ms))
        return tuple(kept)

    def _pass_on(
        self, samples: NDArray[np.int16], words: tuple[tuple[int, int], ...], last: bool = False
    ) -> None:
        sound = self._resampler.resample_chunk(samples, last=last)
        if len(sound) or words:
            self.job.deliver(Spoken(sound, words))


def cleaned(text: str) -> str:
    """The text with a space for every character that should not be spoken; the same length."""
    return _UNSPOKEN.sub(" ", text)


def _pieces(text: str) -> list[tuple[int, str]]:
    """(start, text) of pieces that end with a sentence; none when nothing can be spoken."""
    pieces, start = [], 0
    for match in _SENTENCE_END.finditer(text):
        if match.end() - start >= PIECE_CHARACTERS:
            pieces.append((start, text[start : match.end()]))
            start = match.end()
    pieces.append((start, text[start:]))
    return [(start, piece) for start, piece in pieces if _SPEAKABLE.search(piece)]


default_synthesiser = Single(EspeakSynthesiser)
"""The one synthesiser of this process; `MissingExtra` when espeak-ng is not installed."""


def say(text: str, voice: str | Enum = "alloy", *, speed: float = 1.0) -> Clip:
    """The text, spoken: a `Clip` at 24 kHz.

    `voice` is a `Voice` or the name of one, `speed` 0.25 to 1.5. A text that holds nothing to say,
    an unknown voice or another speed is a `ConfigError`.
    """
    from rtkit.clip import Clip

    sound = spoken(text, voice, speed=speed).samples
    return Clip.from_pcm16(sound.astype("<i2").tobytes(), rate=SPEECH_RATE)


def spoken(text: str, voice: str | Enum = "alloy", *, speed: float = 1.0) -> Spoken:
    """The whole text as one piece, with the words in it; arguments and errors as those of `say`."""
    name = str(voice.value if isinstance(voice, Enum) else voice)
    if not _pieces(cleaned(text)):
        raise ConfigError(f"there is nothing to say in {text!r}. Give a text with a word in it.")
    parts: queue.SimpleQueue[Spoken | Exception | None] = queue.SimpleQueue()
    default_synthesiser().speak(text, name, speed, parts.put)
    found = []
    while (part := parts.get()) is not None:
        if isinstance(part, Exception):
            raise part
        found.append(part)
    words = tuple(word for part in found for word in part.words)
    return Spoken(np.concatenate([part.samples for part in found]), words)
