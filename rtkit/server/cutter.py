"""Text that is still being written, cut into sentences that a voice can speak.

Whatever pieces the text arrives in, the sentences are the same: an end is decided once enough is
seen of what follows it, and never changed. A line ends a sentence. What Markdown adds to the words
is left out, and so are pictographs.
"""

from __future__ import annotations

import re

LONGEST = 220
"""Characters. A longer sentence is cut at its last clause, else between two words."""
SHORTEST_CLAUSE = 60
AT_ONCE = 4096

CLOSERS = "\"'”’»)\\]}*_`"
END = re.compile(
    rf"(?P<line>\n)|(?P<mark>[.!?…]+)(?P<after>[{CLOSERS}]*)(?=\s)|(?P<wide>[。！？]+[」』{CLOSERS}]*)"
)
LAST_WORD = re.compile(r"[\w.&-]+$")
NEXT = re.compile(r"\s*(\S)")
CLAUSE = re.compile(r"[,;:–—]+(?=\s)")

NEVER_LAST = frozenset(
    "mr mrs ms mx dr prof st mt gen sen rep rev hon gov capt cmdr lt col sgt maj messrs vs e.g i.e "
    "cf viz approx dept est ca".split()
)
"""Abbreviations that no sentence ends with."""
BEFORE_NUMBERS = frozenset(
    "no nos fig figs p pp vol ch sec art eq jan feb mar apr jun jul aug sep sept oct nov"
    " dec".split()
)
"""Abbreviations where a number follows; else they are words, or the last ones."""
SOMETIMES_LAST = frozenset("etc inc ltd co corp bros jr sr al ave blvd rd hr hrs min max".split())
"""Abbreviations that end a sentence unless it goes on in lower case."""
DOTTED = re.compile(r"(?:[a-z]\.)+[a-z]|ph\.d")

MARKUP: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), by)
    for pattern, by in (
        (r"^\s*```.*$", ""),  # the fence of a code block; the code is kept
        (r"^\s*(?:[-*_]\s*){3,}$", ""),  # a rule
        (r"^\s*(?:>\s?)+", ""),  # a quotation
        (r"^\s*#{1,6}\s+", ""),  # a heading
        (r"^\s*[-*+•]\s+(?:\[[ xX]\]\s+)?", ""),  # an item of a list
        (r"!?\[([^\]]*)\]\([^)\s]*(?:\s\"[^\"]*\")?\)", r"\1"),  # a link, an image
        (r"</?[A-Za-z][^<>]*>", " "),  # a tag of HTML
        (r"`+", ""),
        (r"~~", ""),
        (r"(?<!\w)(?:\*{1,3}|_{1,3})(?=\S)", ""),
        (r"(?<=\S)(?:\*{1,3}|_{1,3})(?!\w)", ""),
        (r"^\s*\||\|\s*$", ""),  # the borders of a table's row
        (r"\s*\|\s*", ", "),
        (r"[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F\u200D]+", " "),  # pictographs
        (r"\s+", " "),
    )
)
"""What is replaced, in this order."""


def spoken(text: str) -> str:
    """One line as a voice can speak it; "" when there is no word in it.

    Halves of characters, as some endpoints send them, are put together.

    >>> spoken("- **Paris** is the [capital](https://example.org) of `France`.")
    'Paris is the capital of France.'
    """
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    for pattern, by in MARKUP:
        text = pattern.sub(by, text)
    return text.strip() if any(letter.isalnum() for letter in text) else ""


class Cutter:
    """Takes text piece by piece, gives sentences; each word is in exactly one of them.

    >>> cutter = Cutter()
    >>> cutter.push("It costs 3."), cutter.push("50 at Dr. No's. Good"), cutter.finish()
    ([], ["It costs 3.50 at Dr. No's."], ['Good'])
    """

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._text = ""

    def push(self, text: str) -> list[str]:
        """More text; the sentences that are complete now."""
        found = []
        for at in range(0, len(text), AT_ONCE):  # what is left is copied with each sentence
            self._text += text[at : at + AT_ONCE]
            found += self._take(last=False)
        return found

    def finish(self) -> list[str]:
        """The text is at its end; what was left of it. The cutter is then as new."""
        found = self._take(last=True)
        self._text = ""
        return found

    def _take(self, last: bool) -> list[str]:
        found: list[str] = []
        while True:
            self._text = self._text.lstrip()
            cut = self._end(self._text + "\n" if last and self._text else self._text)
            if cut is None:
                return [sentence for sentence in found if sentence]
            found.append(spoken(self._text[:cut]))
            self._text = self._text[cut:]

    def _end(self, text: str) -> int | None:
        """Where the first sentence ends; None while that is not known."""
        for match in END.finditer(text):
            if match.end() > self._longest:
                break
            if match["wide"] and match.end() == len(text):
                return None  # more of it may come
            ends = True if match["line"] or match["wide"] else _ends(text, match)
            if ends is None:
                return None
            if ends:
                return match.end()
        return self._limit(text) if len(text) > self._longest else None

    def _limit(self, text: str) -> int:
        text = text[: self._longest + 1]
        clauses = [match.end() for match in CLAUSE.finditer(text)]
        if clauses and clauses[-1] >= min(SHORTEST_CLAUSE, self._longest // 2):
            return clauses[-1]
        blanks = [at for at, letter in enumerate(text) if at and letter.isspace()]
        return blanks[-1] if blanks else self._longest


def _ends(text: str, match: re.Match[str]) -> bool | None:
    """Whether this mark ends the sentence; None while what follows is not there."""
    mark, after = match["mark"], match["after"]
    if mark != ".":
        if set(mark) <= {"!", "?"} and not after:
            return True
        return _unless_small(text, match.end())  # '"Stop!" he said', "Well... no"
    found = LAST_WORD.search(text, 0, match.start())
    word = found[0] if found else ""
    if word.isdigit() and found and not text[: found.start()].strip():
        return False  # "1. Wash the rice"
    if len(word) == 1 and word.isupper() and word != "I":
        return False  # the initial of a name
    known = word.lower()
    if known in NEVER_LAST:
        return False
    if known in BEFORE_NUMBERS:
        return None if (first := _next(text, match.end())) is None else not first.isdigit()
    if known in SOMETIMES_LAST or DOTTED.fullmatch(known):
        return _unless_small(text, match.end())
    return True


def _next(text: str, at: int) -> str | None:
    """The first letter behind the blanks; a line's end counts as one."""
    line = text.find("\n", at)
    found = NEXT.match(text, at)
    if line >= 0 and (found is None or line < found.start(1)):
        return "\n"
    return found[1] if found else None


def _unless_small(text: str, at: int) -> bool | None:
    """Whether what follows begins otherwise than with a small letter."""
    first = _next(text, at)
    return None if first is None else not first.islower()
