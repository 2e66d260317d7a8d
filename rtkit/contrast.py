"""What is different between two conversations: their turns, waits, words, settings and cost.

Turns are matched by what was asked: equal questions first, and what lies between them in order.
Words count as equal whatever their case and punctuation.
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal, Protocol, TypeAlias

from .agreement import effective_session
from .cost import Cost, read_cost
from .timeline import Timeline
from .turns import Turn, read_turns

Fate = Literal["same", "gone", "new"]
UNSAID = frozenset({"id", "object", "expires_at", "client_secret"})  # differ in every session
ARROW = "→"


class Talk(Protocol):
    """Anything that has a timeline: a session, a replay, a console."""

    @property
    def timeline(self) -> Timeline: ...


Comparable: TypeAlias = Timeline | Talk | str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Words:
    """Some words in a row that both have, or only the first ("gone") or the second ("new")."""

    fate: Fate
    text: str


@dataclass(frozen=True, slots=True)
class TurnDiff:
    """A turn of the first conversation beside that of the second; None where one has none."""

    before: Turn | None
    after: Turn | None

    @property
    def question(self) -> tuple[Words, ...]:
        """What was asked, word by word."""
        return words_between(_text(self.before, "question"), _text(self.after, "question"))

    @property
    def answer(self) -> tuple[Words, ...]:
        """What was answered, word by word."""
        return words_between(_text(self.before, "answer"), _text(self.after, "answer"))

    @property
    def wait_ms(self) -> tuple[float | None, float | None]:
        """The wait for the answer in both, in ms; None where it is unknown."""
        return _wait(self.before), _wait(self.after)

    @property
    def later_ms(self) -> float | None:
        """How much longer the second wait is, in ms; below 0 if it is shorter."""
        before, after = self.wait_ms
        return None if before is None or after is None else after - before

    @property
    def interrupted(self) -> tuple[bool, bool]:
        """Whether the answer was interrupted, in both."""
        return bool(self.before and self.before.interrupted), bool(
            self.after and self.after.interrupted
        )

    @property
    def fate(self) -> Literal["same", "gone", "new", "changed"]:
        """Whether both have it with the same words and interruptions; waits always differ."""
        if self.before is None or self.after is None:
            return "new" if self.before is None else "gone"
        words = (*self.question, *self.answer)
        alike = all(part.fate == "same" for part in words) and len(set(self.interrupted)) == 1
        return "same" if alike else "changed"


@dataclass(frozen=True, slots=True)
class TalkDiff:
    """What is different between two conversations; `settings` are (name, before, after)."""

    turns: tuple[TurnDiff, ...]
    settings: tuple[tuple[str, Any, Any], ...]
    cost: tuple[Cost, Cost]

    @property
    def counts(self) -> tuple[int, int]:
        """How many turns each has."""
        befores = sum(turn.before is not None for turn in self.turns)
        return befores, sum(turn.after is not None for turn in self.turns)

    @property
    def wait_ms(self) -> tuple[float | None, float | None]:
        """The median wait of each, in ms."""
        return _median(turn.wait_ms[0] for turn in self.turns), _median(
            turn.wait_ms[1] for turn in self.turns
        )

    @property
    def changed(self) -> tuple[TurnDiff, ...]:
        """The turns that are not the same in both."""
        return tuple(turn for turn in self.turns if turn.fate != "same")

    def __repr__(self) -> str:
        lines = [f"TalkDiff: {', '.join(self._heads())}"]
        lines += [
            f"  {name}: {before!r} {ARROW} {after!r}" for name, before, after in self.settings
        ]
        for number, turn in enumerate(self.turns, 1):
            lines.append(f"  {number}. {turn.fate}, wait {_pair(turn.wait_ms, _ms)}{_cut(turn)}")
            for label, words in (("asked", turn.question), ("answered", turn.answer)):
                if words:
                    lines.append(f"     {label}: {''.join(_marked(words, _PLAIN))}")
        return "\n".join(lines)

    def _heads(self) -> list[str]:
        return [
            f"{_pair(self.counts, str)} turns",
            f"{len(self.changed)} not the same",
            f"median wait {_pair(self.wait_ms, _ms)}",
            f"cost {_pair(self.cost, _usd)}",
        ]

    def _repr_html_(self) -> str:
        """A table: a row for each turn, what is gone struck out, what is new underlined."""
        heads = "".join(f"<th style='text-align:left'>{name}</th>" for name in _COLUMNS)
        rows = "".join(map(_html_row, range(1, len(self.turns) + 1), self.turns))
        settings = "".join(
            f"<br><code>{html.escape(name)}</code>: {html.escape(repr(before))} {ARROW} "
            f"{html.escape(repr(after))}"
            for name, before, after in self.settings
        )
        head = html.escape("; ".join(self._heads()))
        return f"<p>{head}{settings}</p><table><tr>{heads}</tr>{rows}</table>"


def diff(before: Comparable, after: Comparable) -> TalkDiff:
    """What is different in the second conversation: turns, waits, words, settings and cost.

    Both are timelines, sessions, or the files of recordings.
    """
    first, second = _timeline(before), _timeline(after)
    return TalkDiff(
        tuple(_matched(read_turns(first), read_turns(second))),
        tuple(_settings(effective_session(first), effective_session(second))),
        (read_cost(first), read_cost(second)),
    )


def words_between(before: str, after: str) -> tuple[Words, ...]:
    """Two texts as runs of words that are the same, gone or new.

    >>> [(run.fate, run.text) for run in words_between("Paris, I think.", "Paris.")]
    [('same', 'Paris.'), ('gone', 'I think.')]
    """
    old, new = before.split(), after.split()
    found = []
    for _, a, b, c, d in _opcodes([_bare(word) for word in old], [_bare(word) for word in new]):
        if [_bare(word) for word in old[a:b]] == [_bare(word) for word in new[c:d]]:
            found.append(Words("same", " ".join(new[c:d])))
            continue
        if old[a:b]:
            found.append(Words("gone", " ".join(old[a:b])))
        if new[c:d]:
            found.append(Words("new", " ".join(new[c:d])))
    return tuple(found)


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def _bare(word: str) -> str:
    """A word as it is compared; punctuation alone stays."""
    return re.sub(r"[^\w]", "", word).casefold() or word


def _matched(before: list[Turn], after: list[Turn]) -> Iterator[TurnDiff]:
    old, new = ([_key(turn) for turn in turns] for turns in (before, after))
    for _, a, b, c, d in _opcodes(old, new):
        for at in range(max(b - a, d - c)):
            yield TurnDiff(
                before[a + at] if a + at < b else None, after[c + at] if c + at < d else None
            )


def _key(turn: Turn) -> str:
    return " ".join(_bare(word) for word in turn.question.split())


def _settings(
    before: Mapping[str, Any], after: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    for name in sorted({*before, *after} - (UNSAID if not path else set())):
        old, new = before.get(name), after.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _settings(old, new, f"{path}{name}.")
        elif old != new:
            yield f"{path}{name}", old, new


def _timeline(talk: Comparable) -> Timeline:
    if isinstance(talk, Timeline):
        return talk
    if isinstance(talk, str | os.PathLike):
        return Timeline.load(talk)
    return talk.timeline


def _text(turn: Turn | None, name: str) -> str:
    return "" if turn is None else str(getattr(turn, name))


def _wait(turn: Turn | None) -> float | None:
    return turn.latency.wait_ms if turn and turn.latency else None


def _median(values: Iterator[float | None]) -> float | None:
    known = sorted(value for value in values if value is not None)
    half = len(known) // 2
    return (known[half] + known[-half - 1]) / 2 if known else None


# how it is shown

_PLAIN = {"same": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}
_HTML = {"same": ("", ""), "gone": ("<del>", "</del>"), "new": ("<ins>", "</ins>")}
_COLUMNS = ("", "turn", "asked", "answered", "wait, ms", "interrupted")


def _marked(words: Sequence[Words], marks: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    escape = html.escape if marks is _HTML else str
    for number, run in enumerate(words):
        opening, closing = marks[run.fate]
        yield f"{' ' if number else ''}{opening}{escape(run.text)}{closing}"


def _ms(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.0f} ms"


def _usd(cost: Cost) -> str:
    return "unknown" if cost.usd is None else f"{cost.usd:.4f} USD"


def _pair(pair: tuple[Any, Any], shown: Any) -> str:
    before, after = map(shown, pair)
    return before if before == after else f"{before} {ARROW} {after}"


def _cut(turn: TurnDiff) -> str:
    words = {True: "interrupted", False: "not interrupted"}
    before, after = turn.interrupted
    if turn.before is None or turn.after is None or before == after:
        return ", interrupted" if before or after else ""
    return f", {words[before]} {ARROW} {words[after]}"


def _html_row(number: int, turn: TurnDiff) -> str:
    cells = (
        str(number),
        turn.fate,
        "".join(_marked(turn.question, _HTML)),
        "".join(_marked(turn.answer, _HTML)),
        _pair(turn.wait_ms, lambda ms: "" if ms is None else f"{ms:.0f}"),
        _cut(turn).removeprefix(", "),
    )
    return f"<tr>{''.join(f'<td style=text-align:left>{cell}</td>' for cell in cells)}</tr>"
