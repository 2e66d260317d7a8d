"""Cuts a stream of speech into the portions in which it is sent.

The first is sent as it comes, because somebody is waiting; the others last as long as those of
the hosted service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtkit.speech.synthesis import Spoken

SPEECH_RATE = 24_000
PORTION_MS = 150
LONGEST_PIECE = 1000
"""Characters that a voice is given at once: about a minute of sound, 3 MB."""
_ENDS = (re.compile(r"[.!?]\s+"), re.compile(r"\s+"))


@dataclass(frozen=True, slots=True, eq=False)
class Portion:
    """int16[n] at 24 kHz and the words (character, ms in the text) that begin in it."""

    samples: NDArray[np.int16]
    words: tuple[tuple[int, int], ...]

    @property
    def seconds(self) -> float:
        return len(self.samples) / SPEECH_RATE


@dataclass(slots=True)
class Portions:
    """Collects pieces of one text until they make a portion."""

    at_once: bool = True  # the first piece is a portion
    _samples: list[NDArray[np.int16]] = field(default_factory=list)
    _words: list[tuple[int, int]] = field(default_factory=list)
    _size: int = 0

    def push(self, spoken: Spoken) -> Iterator[Portion]:
        """The portion that this piece completes, if it does."""
        self._samples.append(spoken.samples)
        self._words += spoken.words
        self._size += len(spoken.samples)
        if self._size and (self.at_once or self._size >= SPEECH_RATE * PORTION_MS // 1000):
            self.at_once = False
            yield from self.rest()

    def rest(self) -> Iterator[Portion]:
        """What is left at the end of the text."""
        if self._samples:
            portion = Portion(np.concatenate(self._samples), tuple(self._words))
            self._samples, self._words, self._size = [], [], 0
            yield portion


def cuts(text: str, longest: int = LONGEST_PIECE) -> Iterator[tuple[int, str]]:
    """Pieces of a text and where each begins: cut behind a sentence, else a word, else anywhere.

    >>> list(cuts("One. Two three.", 9))
    [(0, 'One. '), (5, 'Two '), (9, 'three.')]
    """
    start = 0
    while len(text) - start > longest:
        end = _cut(text, start, start + longest)
        yield start, text[start:end]
        start = end
    yield start, text[start:]


def _cut(text: str, start: int, latest: int) -> int:
    for end in _ENDS:
        found = [match.end() for match in end.finditer(text, start, latest)]
        if found:
            return found[-1]
    return latest


def moved(spoken: Spoken, characters: int, ms: float) -> Spoken:
    """The sound of a piece as that of the whole text, which begins so much earlier."""
    if not characters and not ms:
        return spoken
    words = tuple((at + characters, round(begin + ms)) for at, begin in spoken.words)
    return replace(spoken, words=words)
