"""semantic_vad: how long a pause ends the turn, by what was said so far.

The rule is ours. The hosted service judges by a model that is not public; what it documents are
the longest waits: 8, 4 and 2 s for low, medium (auto) and high eagerness. Here the words that the
recogniser guesses so far are read:

    open      they end in a word that needs another ("and", "the", "of", "um", "plus", "tell me"):
              the longest wait
    finished  a question, a request, a statement with subject and verb, a short answer or thanks,
              or a full stop: a short wait
    unsure    anything else: a wait in between, and longer than the speaker's own pauses so far
    nothing   no words yet, or a recogniser that has none before the end: a wait by pauses alone

English only; of other languages it knows no words and so waits as for `unsure`. A recogniser that
guesses only phrases of a grammar may guess the beginning of one where something else was said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Reading = Literal["nothing", "open", "unsure", "finished"]

WINDOWS_MS: Mapping[Reading, Mapping[str, int]] = {
    "finished": {"low": 700, "medium": 400, "high": 250},
    "nothing": {"low": 1200, "medium": 700, "high": 400},
    "unsure": {"low": 2000, "medium": 1000, "high": 600},
    "open": {"low": 8000, "medium": 4000, "high": 2000},
}
"""How long a pause ends the turn, by reading and eagerness."""

OWN_PAUSE = 1.5
"""While it is unsure, the wait is so many times the longest time between two words so far."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


FILLERS = _set("um umm uh uhm er erm hmm hm mm ah like well so actually basically")
CONJUNCTIONS = _set(
    "and or but because if when while although since unless than whether plus minus"
)
DETERMINERS = _set("a an the my your his her its our their this these those some any every each no")
PREPOSITIONS = _set(
    "of to in on at by for from with without about into onto over under between through during "
    "after before until towards against as times divided multiplied"
)
AUXILIARIES = _set(
    "is are was were am be been do does did have has had can could will would shall should may "
    "might must i'm you're we're they're i've i'll i'd"
)
PRONOUNS = _set("i you he she we they")
ADJECTIVES = _set("very really quite too more most another other long short next last first")
OPEN_ENDS = (
    FILLERS | CONJUNCTIONS | DETERMINERS | PREPOSITIONS | AUXILIARIES | PRONOUNS | ADJECTIVES
)
"""Words after which more has to come; wrong now and then, at the price of a longer wait."""

OPEN_PAIRS = frozenset(
    {
        ("tell", "me"),
        ("give", "me"),
        ("show", "me"),
        ("let", "me"),
        ("i", "want"),
        ("i", "need"),
        ("i", "think"),
        ("i", "mean"),
        ("you", "know"),
        ("would", "like"),
        ("i'd", "like"),
        ("how", "much"),
        ("how", "many"),
    }
)
CLOSED_PAIRS = frozenset({("are", "you"), ("about", "you"), ("thank", "you"), ("do", "so")})
"""Ends that are complete although their last word is in `OPEN_ENDS`."""

QUESTIONS = _set("what what's who who's where where's when why how how's which whose")
STARTERS = _set("is are was were do does did can could will would should have has may")
SUBJECTS = _set(
    "i i'm i've i'd you you're he he's she she's it it's we we're they they're this that that's "
    "there there's my your our everybody nobody somebody"
)
REQUESTS = _set(
    "tell give show say repeat count spell explain calculate name call remind set turn play start "
    "open close find describe translate read write help compare sing wait"
)
ANSWERS = _set(
    "yes yeah yep no nope okay ok sure right correct exactly hello hi hey bye goodbye thanks stop "
    "pardon great fine please never maybe enough done"
)
CLOSERS = _set("please thanks today tomorrow now again goodbye")
OPERATORS = _set("plus minus times divided multiplied")


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word and where in the input (ms) the recogniser first had it in this place."""

    text: str
    at_ms: float


@dataclass(frozen=True, slots=True)
class Guess:
    """All words of the utterance under way, as the recogniser has them from a position (ms) on."""

    text: str
    at_ms: float


class Sense:
    """What one utterance says so far, and how long a pause would end it."""

    def __init__(self) -> None:
        self.words: tuple[TimedWord, ...] = ()

    def reset(self) -> None:
        """Another utterance begins."""
        self.words = ()

    def hear(self, text: str, at_ms: float) -> None:
        """The recogniser's guess at a position; words that stay in place keep their time."""
        known = [word.text for word in self.words]
        words = text.lower().split()
        same = 0
        while same < min(len(known), len(words)) and known[same] == words[same]:
            same += 1
        new = tuple(TimedWord(word, at_ms) for word in words[same:])
        self.words = self.words[:same] + new

    def window_ms(self, eagerness: str | None) -> int:
        """How long a pause ends the turn now."""
        level = "medium" if eagerness in (None, "auto") else str(eagerness)
        reading = read([word.text for word in self.words])
        window = WINDOWS_MS[reading][level]
        if reading == "unsure":
            longest = WINDOWS_MS["open"][level]
            window = min(max(window, round(OWN_PAUSE * self._longest_gap_ms)), longest)
        return window

    @property
    def _longest_gap_ms(self) -> float:
        pairs = zip(self.words, self.words[1:], strict=False)
        return max((after.at_ms - before.at_ms for before, after in pairs), default=0.0)


def read(words: Sequence[str]) -> Reading:
    """How complete a sentence is, from its words in lower case.

    >>> read("what is the capital of".split())
    'open'
    >>> read("what is the capital of france".split())
    'finished'
    """
    if not words:
        return "nothing"
    if (mark := _mark(words[-1])) is not None:
        return mark
    plain = [word.strip(".,;:!?\"'") for word in words]
    pair = (plain[-2], plain[-1]) if len(plain) > 1 else ("", plain[-1])
    if pair not in CLOSED_PAIRS and (plain[-1] in OPEN_ENDS or pair in OPEN_PAIRS):
        return "open"
    return "finished" if _is_sentence(plain) or pair in CLOSED_PAIRS else "unsure"


def _mark(last: str) -> Reading | None:
    """What the punctuation says, if there is any."""
    if re.search(r"(\.\.\.|…|[,;:-])$", last):
        return "open"
    return "finished" if last[-1] in ".!?" else None


def _is_sentence(words: Sequence[str]) -> bool:
    """Whether the words make a whole question, request, statement, sum or short answer."""
    start = 0
    while start < len(words) - 1 and words[start] in FILLERS | {"and", "but", "okay", "please"}:
        start += 1
    words = words[start:]
    first, count = words[0], len(words)
    if (first in ANSWERS and count <= 3) or (words[-1] in CLOSERS and count > 1):
        return True
    if OPERATORS & set(words):
        return True
    opens = QUESTIONS | STARTERS | SUBJECTS
    contracted = "'" in first
    return (first in opens and count + contracted >= 3) or (first in REQUESTS and count >= 2)
