"""Labelled speech made on the spot: phrases of the synthesiser with pauses of known length.

Where speech begins and ends is known from the samples that were put there, so nothing has to be
guessed from the sound. How long somebody pauses within a turn is drawn from a log-normal
distribution, cut at 0.1 and 1.5 s. Its median is our choice, as is its width: some pauses are to be
longer than usual silence windows and some shorter. How long yours are, only a recording of your own
tells (`Labelled.load`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from rtkit.clip import Clip
from rtkit.labelled import Labelled, Stretch
from rtkit.pcm import Samples, as_samples
from rtkit.sense import TimedWord
from rtkit.speech.synthesis import SPEECH_RATE, spoken
from rtkit.speech.voices import VOICES

if TYPE_CHECKING:
    from rtkit.noises import Noise

UTTERANCES = (
    ("What is the capital of France?",),
    ("Tell me a story", "about a cat and", "a very old dog."),
    ("I would like to book a table", "for four people", "on Friday evening."),
    ("Could you", "repeat the last part, please?"),
    ("My number is", "five five five", "zero one two."),
    ("Set an alarm for", "six in the morning."),
    ("Well, the thing is", "I never got the letter."),
    ("How much is", "seventeen times twelve?"),
    ("Yes, please.",),
    ("So what I need is", "a ticket to Hamburg and", "another one back."),
    ("No, thank you.",),
    ("Please spell the name", "of the street."),
)
"""What is said, in phrases between which the speaker pauses."""

PAUSE_S = 0.45
PAUSE_SPREAD = 0.45
PAUSE_LIMITS_S = (0.1, 1.5)
GAP_S = (1.6, 2.4)
"""Between utterances, and after the last: longer than silence windows that are worth trying."""

QUIET = 1e-3  # of full scale; softer than this the edge of a phrase is silence


def synthetic_set(
    count: int = 12,
    *,
    utterances: int = 3,
    pause_s: float = PAUSE_S,
    noise: Noise | Clip | None = None,
    snr_db: float = 10.0,
    seed: int = 0,
) -> list[Labelled]:
    """`count` clips of `utterances` each, with onsets, offsets, pauses and words known.

    `pause_s` is the median of the pauses within an utterance: 0.2 for brisk speakers, 0.8 for
    hesitant ones. `noise` and `snr_db` are those of Clip.with_noise; None leaves digital silence.
    The same seed gives the same words, pauses and voices, whatever the noise; espeak-ng's sounds
    differ by a millisecond now and then, and the labels with them.
    """
    found = []
    for number in range(count):
        chance = np.random.default_rng([seed, number])
        made = _Talk(chance, utterances, pause_s).labelled(f"synthetic {seed}.{number}")
        found.append(made if noise is None else _in_noise(made, noise, snr_db, seed + number))
    return found


def _in_noise(made: Labelled, noise: Noise | Clip, snr_db: float, seed: int) -> Labelled:
    name = f"{made.name}, {noise if isinstance(noise, str) else 'noise'} at {snr_db:g} dB"
    clip = made.clip.with_noise(noise, snr_db, seed)
    return Labelled(clip, made.utterances, name, made.pauses, made.words)


class _Talk:
    """One speaker's utterances, sample by sample."""

    def __init__(self, chance: np.random.Generator, utterances: int, pause_s: float) -> None:
        self._chance = chance
        self._pause_s = pause_s
        self._voice = str(chance.choice(list(VOICES)))
        self._speed = float(chance.uniform(0.9, 1.3))
        self._sound: list[Samples] = []
        self._count = 0  # samples so far
        self.utterances: list[Stretch] = []
        self.pauses: list[Stretch] = []
        self.words: list[TimedWord] = []
        self._be_silent(chance.uniform(0.4, 1.0))
        for number in chance.choice(len(UTTERANCES), utterances, replace=False):
            self._say(UTTERANCES[number])
            self._be_silent(chance.uniform(*GAP_S))

    def labelled(self, name: str) -> Labelled:
        """What was said, with its labels."""
        clip = Clip(np.concatenate(self._sound), SPEECH_RATE)
        return Labelled(clip, tuple(self.utterances), name, tuple(self.pauses), tuple(self.words))

    @property
    def _now(self) -> float:
        return self._count / SPEECH_RATE

    def _say(self, phrases: tuple[str, ...]) -> None:
        begun = self._now
        for number, phrase in enumerate(phrases):
            if number:
                ended = self._now
                self._be_silent(self._pause())
                self.pauses.append((ended, self._now))
            self._say_phrase(phrase)
        self.utterances.append((begun, self._now))

    def _say_phrase(self, phrase: str) -> None:
        made = spoken(phrase, self._voice, speed=self._speed)
        samples = as_samples(made.samples / 32768)
        loud = np.flatnonzero(np.abs(samples) > QUIET)
        first, end = int(loud[0]), int(loud[-1]) + 1
        begun = self._count - first
        self._put(samples[first:end])
        self.words += _words(phrase, made.words, 1000 * begun / SPEECH_RATE, 1000 * self._now)

    def _pause(self) -> float:
        drawn = self._pause_s * np.exp(PAUSE_SPREAD * self._chance.standard_normal())
        return float(np.clip(drawn, *PAUSE_LIMITS_S))

    def _be_silent(self, seconds: float) -> None:
        self._put(np.zeros(round(seconds * SPEECH_RATE), np.float32))

    def _put(self, samples: Samples) -> None:
        self._sound.append(samples)
        self._count += len(samples)


def _words(
    phrase: str, places: tuple[tuple[int, int], ...], begun_ms: float, ended_ms: float
) -> Iterator[TimedWord]:
    """Each word where it ends, which is where the next one begins."""
    starts = [begun_ms + ms for _, ms in places]
    ends = [*starts[1:], ended_ms]
    for (index, _), end_ms in zip(places, ends, strict=True):
        yield TimedWord(phrase[index:].split()[0].lower(), min(end_ms, ended_ms))
