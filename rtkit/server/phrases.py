"""Phrases with slots, written once and read twice: by the recogniser (JSGF) and by the brain.

A phrase is written in the JSGF way: `(what is | what's) the capital of <country>`, `[please]` for
what may be left out. A slot is a table of what may be said for it. JSGF is described at
https://www.w3.org/TR/jsgf/ .
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()

_TOKEN = re.compile(r"<\w+>|[()\[\]|]|[^\s()\[\]|<>]+")


# Short forms as people type them.
_SHORT = {"whats": "what's", "hows": "how's", "todays": "today's"}


def number_to_words(value: int) -> str:
    """English words of a whole number up to a billion either way.

    >>> number_to_words(-342)
    'minus three hundred and forty two'
    """
    if value < 0:
        return "minus " + number_to_words(-value)
    for size, name in ((1_000_000, "million"), (1_000, "thousand")):
        if value >= size:
            head, rest = divmod(value, size)
            tail = "" if not rest else (" and " if rest < 100 else " ") + number_to_words(rest)
            return f"{number_to_words(head)} {name}{tail}"
    if value >= 100:
        head, rest = divmod(value, 100)
        return f"{ONES[head]} hundred" + (f" and {number_to_words(rest)}" if rest else "")
    if value < 20:
        return ONES[value]
    tens, one = divmod(value, 10)
    return TENS[tens - 2] + (f" {ONES[one]}" if one else "")


NUMBERS = {number_to_words(value): value for value in range(101)} | {"a hundred": 100}


def words_to_number(text: str) -> int | None:
    """The number that was said ("forty two") or typed ("42"), None if it is none."""
    if re.fullmatch(r"\d{1,9}", text):
        return int(text)
    return NUMBERS.get(text.replace("-", " "))


def plain(text: str) -> str:
    """Lower-case words and apostrophes only, signs as words: what phrases are matched on.

    >>> plain("What's 7 x 6?")
    "what's 7 times 6"
    """
    text = text.lower().replace("’", "'")
    text = re.sub(r"(?<=\d)\s*[x×*]\s*(?=\d)", " times ", text)
    for sign, word in (("+", "plus"), ("÷", "divided by"), ("/", "divided by"), ("−", "minus")):
        text = re.sub(rf"(?<=\d)\s*{re.escape(sign)}\s*(?=\d)", f" {word} ", text)
    text = re.sub(r"(?<=\d)\s*-\s*(?=\d)", " minus ", text)
    text = re.sub(r"[^\w' ]+", " ", text.replace("-", " "), flags=re.UNICODE)
    return " ".join(_SHORT.get(word, word) for word in text.split())


@dataclass(frozen=True, slots=True)
class Slot:
    """What may stand in one place of a phrase.

    `said` is what the recogniser listens for; `typed` is the pattern that typed text may match, by
    default the same list.
    """

    name: str
    said: tuple[str, ...]
    typed: str = ""

    @property
    def pattern(self) -> str:
        longest_first = sorted(self.said, key=len, reverse=True)
        return self.typed or "|".join(re.escape(word) for word in longest_first)


NUMBER = Slot("number", tuple(NUMBERS), r"\d{1,9}|" + "|".join(sorted(NUMBERS, key=len)[::-1]))


class Phrases:
    """Named phrases over a set of slots.

    >>> p = Phrases({"greet": ["hello [there]"], "add": ["<number> plus <number>"]}, [NUMBER])
    >>> p.match("Two plus forty!")
    ('add', ['two', 'forty'])
    """

    def __init__(self, phrases: Mapping[str, Sequence[str]], slots: Iterable[Slot]) -> None:
        self.phrases = {name: tuple(lines) for name, lines in phrases.items()}
        self.slots = {slot.name: slot for slot in slots}
        self._patterns = [
            (name, re.compile(self._regex(line)))
            for name, lines in self.phrases.items()
            for line in lines
        ]

    def match(self, text: str) -> tuple[str, list[str]] | None:
        """The first phrase that the whole text is, with what its slots held; None if it is none."""
        wanted = plain(text)
        for name, pattern in self._patterns:
            if found := pattern.fullmatch(wanted):
                return name, [value for value in found.groups() if value is not None]
        return None

    def jsgf(self, name: str) -> str:
        """The phrases as a complete JSGF grammar with one public rule."""
        lines = [line for lines in self.phrases.values() for line in lines]
        rules = [f"public <{name}> =\n    " + "\n  | ".join(lines) + " ;"]
        rules += [f"<{slot.name}> = {' | '.join(slot.said)} ;" for slot in self.slots.values()]
        return f"#JSGF V1.0;\ngrammar {name};\n" + "\n".join(rules) + "\n"

    def samples(self, each: int) -> list[str]:
        """Up to `each` sentences of every name, slots filled; the same list at every call."""
        found = [
            self._sample(lines[turn % len(lines)], turn + number)
            for number, lines in enumerate(self.phrases.values())
            for turn in range(each)
        ]
        return list(dict.fromkeys(found))

    def _sample(self, phrase: str, turn: int) -> str:
        def fill(slot: re.Match[str]) -> str:
            said = self.slots[slot[1]].said
            return said[(7 * turn + slot.start()) % len(said)]

        def choose(choices: re.Match[str]) -> str:
            several = choices[1].split("|")
            return several[turn % len(several)]

        text = re.sub(r"\[[^\]]*\]", "", re.sub(r"<(\w+)>", fill, phrase))
        return " ".join(re.sub(r"\(([^()]*)\)", choose, text).split())

    def _regex(self, phrase: str) -> str:
        out = []
        for token in _TOKEN.findall(phrase):
            if token.startswith("<"):
                out.append(rf"(?: ?\b({self.slots[token[1:-1]].pattern})\b)")
            else:
                marks = {"(": "(?:", "[": "(?:", ")": ")", "]": ")?", "|": "|"}
                out.append(marks.get(token) or rf"(?: ?(?<!\w){re.escape(token)}(?!\w))")
        return "".join(out)
