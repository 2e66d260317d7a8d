"""How many words and characters were heard wrongly: the error rates of speech recognition.

Both texts are normalised first, in the same way, and a rate is only worth comparing with one that
was: Unicode NFKC, lower case, every sign but letters, digits and apostrophes inside words becomes a
space, spaces are joined. Numbers and contractions stay as they are written: "2" is not "two".
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from rtkit.errors import MissingExtra

QUOTES = str.maketrans("\u2019\u02bc", "''")
LOOSE = re.compile(r"(?<!\w)'|'(?!\w)|[^\w\s']|_")
"""What no word is made of; an apostrophe counts only between letters."""


@dataclass(frozen=True, slots=True)
class Errors:
    """Substitutions, deletions and insertions together, and how many units were said."""

    wrong: int
    said: int

    @property
    def rate(self) -> float | None:
        """Errors per unit that was said; more than 1 if much was inserted, None if none was."""
        return self.wrong / self.said if self.said else None


def normalised(text: str) -> str:
    """A text as it is compared (see the head of this module).

    >>> normalised("What\u2019s the  capital - of France?")
    "what's the capital of france"
    """
    plain = unicodedata.normalize("NFKC", text).lower().translate(QUOTES)
    return " ".join(LOOSE.sub(" ", plain).split())


def word_errors(said: str, heard: str) -> Errors:
    """Word errors by the fewest edits (jiwer), of normalised texts; MissingExtra without jiwer."""
    return _errors(normalised(said), normalised(heard), "process_words")


def character_errors(said: str, heard: str) -> Errors:
    """Character errors by the fewest edits, spaces included; MissingExtra without jiwer."""
    return _errors(normalised(said), normalised(heard), "process_characters")


def _errors(said: str, heard: str, process: str) -> Errors:
    try:
        import jiwer
    except ImportError as exc:
        raise MissingExtra("jiwer, which counts word errors,", "evals") from exc
    if not said:  # a reference of nothing: all that was heard is too much
        return Errors(len(heard.split() if process == "process_words" else heard), 0)
    found = getattr(jiwer, process)(said, heard)
    wrong = found.substitutions + found.deletions + found.insertions
    return Errors(wrong, found.hits + found.substitutions + found.deletions)
