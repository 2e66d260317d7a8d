"""One utterance heard through a grammar, with the evidence of how well the grammar fits it.

Two pocketsphinx decoders hear the same sound: one may only say sentences of the grammar, the other
(the allphone search) any string of phones. Where the grammar fits, its score comes near to the
other's.
The first part of an utterance (1.2 s, or a word and the pause after it) is held back until loudness
and cepstral mean of the speaker can be told from it, and is then caught up with, four chunks for
each that comes, so that nobody else has to wait for it at once: without that, the
shipped mean costs every fourth sentence (77 of 126 right without, 99 with).
The decoders carry nothing from one utterance to the next: the same sound gives the same words and
scores. Not thread-safe; a call with 20 ms of sound takes 1 to 3 ms and holds the
interpreter's lock.
Measured on 2026-11-22: 445 of 461 sentences of the tutor's grammar exact over the ten voices, half
of the misses a number or a country taken for another. Over a telephone line (G.711) 147 of 176
sentences in eight voices instead of 172, and 130 sure enough to be accepted; neither faint noise
nor a mirrored band above 3.4 kHz nor a calibration of its own made that better.
"""

from __future__ import annotations

import math
import tempfile
from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtkit.errors import MissingExtra
from rtkit.speech.dictation import RATE, words_in
from rtkit.speech.grammar import Grammar
from rtkit.speech.loudness import levelled, loudness_gain
from rtkit.speech.pronunciation import dictionary_text, pronounced
from rtkit.speech.synthesis import default_synthesiser

CHUNK = RATE // 50  # 20 ms
CATCH_UP = 4  # chunks heard for each that comes, while some are behind
HELD_BACK_S = 1.2  # 0.3 s before the speech begins, and 0.9 s of it
BEFORE_S = 0.3
LOUD_S, QUIET_DBFS = 0.3, -50.0
WORD_S, PAUSE_S = 0.15, 0.2  # a short answer is caught up with in the silence that follows it
JUDGED_EVERY = RATE // 10
MEAN_WEIGHT = 500  # frames that pocketsphinx lets the mean it is given count for (CMN_WIN)
PHONE_SETTINGS = {"lw": 2.0, "pip": 0.3, "beam": 1e-10, "pbeam": 1e-10}
PHONE_MODEL = "en-us/en-us-phone.lm.bin"
NOT_SPEECH = ("SIL", "+SPN+", "+NSN+")
# With the beams that pocketsphinx sets, short phrases of some voices end in nothing at all.
SENTENCE_SETTINGS = {"beam": 1e-64, "pbeam": 1e-64, "wbeam": 1e-40, "bestpath": False}
LEAST = 1e-320  # below it a score is no longer a float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was heard in one utterance.

    `words` are (text, start_ms, end_ms). `whole` is True when they are a whole sentence of the
    grammar. `speech_frames` counts the 10 ms frames that the allphone search took for phones.
    `difference` is the grammar's log score minus the allphone search's per frame of speech (in
    thousandths), `worst` the same measure of the word that fits worst, alone, and `lost` the share
    of the speech that the grammar had to take for silence. `phones` is the allphone search's own
    log score per frame of speech (in thousandths).
    """

    words: tuple[tuple[str, float, float], ...] = ()
    whole: bool = False
    speech_frames: int = 0
    difference: float = 0.0
    worst: float = 0.0
    lost: float = 1.0
    phones: float = 0.0

    @property
    def text(self) -> str:
        """The words, joined by spaces."""
        return " ".join(word for word, _, _ in self.words)


class Listener:
    """The two decoders of one grammar, for one utterance after another."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self._sentences, self._phones = _decoders(grammar)
        self._shipped_mean = str(self._sentences.get_cmn(False))
        self._held: list[NDArray[np.int16]] | None = None  # None: nothing is held back any more
        self._behind: deque[NDArray[np.int16]] = deque()
        self._held_samples = self._next_judgement = 0
        self._gain, self._skipped_ms = 1.0, 0.0
        self._listening = False

    def start(self) -> None:
        """Begin an utterance; one that was not ended is forgotten."""
        self._abandon()
        self._held, self._held_samples = [], 0
        self._next_judgement = JUDGED_EVERY

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Hear the next sound: int16[n] at 16 kHz, at best 20 ms."""
        if self._held is None:
            self._behind.append(samples)
            self._catch_up(CATCH_UP)
            return
        self._held.append(samples)
        self._held_samples += len(samples)
        if self._held_samples >= self._next_judgement:
            self._next_judgement += JUDGED_EVERY
            if enough(np.concatenate(self._held)):
                self._release()

    def stop(self) -> Evidence:
        """End the utterance and say what was heard."""
        if self._held is not None:
            self._release()
        self._catch_up(len(self._behind))
        self._abandon()
        return self._evidence()

    @property
    def text(self) -> str:
        """The best guess so far."""
        if not self._listening:
            return ""
        return " ".join(word for word, _, _ in words_in(self._sentences.seg()))

    def _abandon(self) -> None:
        self._held = None
        self._behind.clear()
        if self._listening:
            self._sentences.end_utt()
            self._phones.end_utt()
            self._listening = False

    def _release(self) -> None:
        """Take loudness and mean from what was held back; it is then behind."""
        held = np.concatenate([np.zeros(0, np.int16), *(self._held or ())])
        self._held = None
        added = silence_missing(held)
        held = np.concatenate([np.zeros(added, np.int16), held])
        part = judged_part(held)
        self._gain = loudness_gain(held[part])
        mean = self._mean_of(levelled(held[part], self._gain))
        held, self._skipped_ms = held[part.start :], 1000 * (part.start - added) / RATE
        for decoder in (self._sentences, self._phones):
            decoder.reinit_feat()  # forgets the noise heard before; 0.1 ms
            decoder.set_cmn(mean)
            decoder.start_utt()
        self._listening = True
        self._behind.extend(held[start : start + CHUNK] for start in range(0, len(held), CHUNK))

    def _catch_up(self, chunks: int) -> None:
        for _ in range(min(chunks, len(self._behind))):
            self._process(self._behind.popleft())

    def _process(self, samples: NDArray[np.int16]) -> None:
        if len(samples):  # an empty one is an IndexError in pocketsphinx
            data = levelled(samples, self._gain).tobytes()
            self._sentences.process_raw(data, False, False)
            self._phones.process_raw(data, False, False)

    def _mean_of(self, samples: NDArray[np.int16]) -> str:
        """The cepstral mean of a sound, which pocketsphinx tells only mixed with the old one."""
        decoder = self._sentences
        decoder.activate_search("mean")  # the same features, and next to no search
        decoder.reinit_feat()
        decoder.set_cmn(self._shipped_mean)
        decoder.start_utt()
        for start in range(0, len(samples), CHUNK):
            decoder.process_raw(samples[start : start + CHUNK].tobytes(), False, False)
        decoder.end_utt()
        decoder.activate_search("sentences")
        if not (frames := decoder.n_frames()):
            return self._shipped_mean
        old, mixed = (_numbers(mean) for mean in (self._shipped_mean, decoder.get_cmn(True)))
        mean = mixed + (mixed - old) * MEAN_WEIGHT / frames
        return ",".join(f"{value:.4f}" for value in mean)

    def _evidence(self) -> Evidence:
        phones, best = self._phones.hyp(), self._sentences.hyp()
        speech = np.zeros(self._phones.n_frames() + 1, bool)
        for segment in self._phones.seg() or ():
            if segment.word not in NOT_SPEECH:
                speech[segment.start_frame : segment.end_frame + 1] = True
        frames = int(speech.sum())
        segments = list(self._sentences.seg() or ()) if best is not None else []
        words = words_in(segments)
        if not words or not frames:
            return Evidence(speech_frames=frames)
        of_phones = _log(phones.score)
        return Evidence(
            tuple(_later(word, self._skipped_ms) for word in words),
            whole=self.grammar.holds(" ".join(word for word, _, _ in words)),
            speech_frames=frames,
            difference=1000 * (_log(best.score) - of_phones) / frames,
            worst=min(_fit(segment) for segment in segments if words_in([segment])),
            lost=sum(_overlap(segment, speech) for segment in segments if not words_in([segment]))
            / frames,
            phones=1000 * of_phones / frames,
        )


class Listeners:
    """The idle listeners of each grammar, to be lent for an utterance and given back.

    For one thread.
    """

    def __init__(self) -> None:
        self._idle: defaultdict[str, list[Listener]] = defaultdict(list)
        self._made: Counter[str] = Counter()

    def make(self, grammar: Grammar, count: int) -> bool:
        """Make one, unless there are so many, idle or lent: whether it did. It takes some 0.2 s."""
        if self._made[grammar.source] >= count:
            return False
        self.give_back(self._new(grammar))
        return True

    def lend(self, grammar: Grammar) -> Listener:
        """An idle listener, or a new one."""
        idle = self._idle[grammar.source]
        return idle.pop() if idle else self._new(grammar)

    def give_back(self, listener: Listener) -> None:
        """Take back what was lent."""
        self._idle[listener.grammar.source].append(listener)

    def lose(self, listener: Listener) -> None:
        """One that was lent has broken."""
        self._made[listener.grammar.source] -= 1

    def _new(self, grammar: Grammar) -> Listener:
        listener = Listener(grammar)
        self._made[grammar.source] += 1
        return listener


def speaking(held: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Which 20 ms chunks are speech: within 20 dB of the loudest and above -50 dBFS (RMS)."""
    chunks = held[: len(held) // CHUNK * CHUNK].reshape(-1, CHUNK).astype(np.float64) / 32768
    power = (chunks**2).mean(axis=1)
    floor = max(power.max(initial=0) / 100, 10 ** (QUIET_DBFS / 10))
    loud: NDArray[np.bool_] = power > floor
    return loud


def enough(held: NDArray[np.int16]) -> bool:
    """Whether loudness and mean can be told: 1.2 s with speech in it, or a word and a pause."""
    loud = speaking(held)
    said, pause = loud.sum() * CHUNK, CHUNK * int(np.argmax(loud[::-1]))
    long_enough = len(held) >= HELD_BACK_S * RATE and said >= LOUD_S * RATE
    return bool(long_enough or (said >= WORD_S * RATE and pause >= PAUSE_S * RATE))


def silence_missing(held: NDArray[np.int16]) -> int:
    """How many samples of silence to put before speech that begins within the first 0.3 s."""
    loud = speaking(held)
    first = CHUNK * int(np.argmax(loud)) if loud.any() else len(held)
    return max(0, int(BEFORE_S * RATE) - first)


def judged_part(held: NDArray[np.int16]) -> slice:
    """The samples that loudness and mean are taken from: 1.2 s, beginning 0.3 s before speech."""
    loud = speaking(held)
    first = CHUNK * int(np.argmax(loud)) if loud.any() else 0
    start = max(0, first - int(BEFORE_S * RATE))
    return slice(start, start + int(HELD_BACK_S * RATE))


def _later(word: tuple[str, float, float], by_ms: float) -> tuple[str, float, float]:
    text, start, end = word
    return text, max(0.0, start + by_ms), max(0.0, end + by_ms)


def _log(score: float) -> float:
    return math.log(max(score, LEAST))


def _fit(segment: Any) -> float:
    """A word's acoustic log score per frame, in thousandths."""
    return 1000 * _log(float(segment.ascore)) / float(segment.end_frame - segment.start_frame + 1)


def _overlap(segment: Any, speech: NDArray[np.bool_]) -> int:
    return int(speech[segment.start_frame : segment.end_frame + 1].sum())


def _numbers(mean: str) -> NDArray[np.float64]:
    return np.array([float(value) for value in mean.split(",")])


def _decoders(grammar: Grammar) -> tuple[Any, Any]:
    try:
        import pocketsphinx
    except ImportError as missing:
        raise MissingExtra("pocketsphinx (the recogniser)", "local") from missing
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "grammar.dict")
        words = pronounced(grammar.words, default_synthesiser().phonemes)
        path.write_text(dictionary_text(words), encoding="utf-8")
        given = {"samprate": RATE, "loglevel": "FATAL", "lm": None, "dict": str(path)}
        # A grammar with many numbers has a lattice whose best path takes 0.4 s and adds nothing.
        sentences = pocketsphinx.Decoder(**given, **SENTENCE_SETTINGS)
        phones = pocketsphinx.Decoder(**given, **PHONE_SETTINGS)
    word = min(grammar.words)
    sentences.add_jsgf_string("mean", f"#JSGF V1.0;\ngrammar mean;\npublic <mean> = {word} ;\n")
    sentences.add_jsgf_string("sentences", grammar.source)
    sentences.activate_search("sentences")
    phones.add_allphone_file("phones", pocketsphinx.get_model_path(PHONE_MODEL))
    phones.activate_search("phones")
    return sentences, phones
