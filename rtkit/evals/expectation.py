"""What a caller expects of one turn."""

from __future__ import annotations

import re
from typing import Any

from pydantic import field_validator, model_validator

from rtkit.settings import Settings, refuse

LONGEST_S = 600.0


class Expect(Settings):
    """What is expected of one turn; what is left out is not looked at.

    words                   each of them stands in the answer (whole words, in any case)
    pattern                 a regular expression that is found in the answer, in any case
    tool, arguments         a tool is called; with exactly these arguments, if they are given
    silence                 True: nothing is answered
    answers                 how many answers come; 1 finds an answer that is given twice
    answered_within_ms      from the end of what was said to the first sound of the answer
    interrupted_within_ms   from the beginning of the barge-in until the assistant is silent
    not_interrupted         True: the assistant goes on as if nothing had been said
    """

    words: tuple[str, ...] = ()
    pattern: str | None = None
    tool: str | None = None
    arguments: dict[str, Any] | None = None
    silence: bool = False
    answers: int | None = None
    answered_within_ms: float | None = None
    interrupted_within_ms: float | None = None
    not_interrupted: bool = False

    @field_validator("words", mode="before")
    @classmethod
    def _one_word(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _can_be_met(self) -> Expect:
        if self.pattern is not None:
            _check_pattern(self.pattern)
        if self.arguments is not None and self.tool is None:
            refuse("arguments: given without tool. Name the tool that is called with them.")
        if self.silence and (found := self._told & ANSWERED):
            refuse(f"silence: expected together with {min(found)}. Leave one of them out.")
        for name in ("answered_within_ms", "interrupted_within_ms"):
            ms = getattr(self, name)
            if ms is not None and not 0 < ms <= 1000 * LONGEST_S:
                refuse(f"{name}: found {ms!r}; allowed: above 0, to 600,000 ms.")
        if self.answers is not None and self.answers < 1:
            refuse(f"answers: found {self.answers}; allowed: 1 or more. For none: silence: true.")
        return self

    @property
    def _told(self) -> set[str]:
        return {name for name in type(self).model_fields if getattr(self, name)}

    def __str__(self) -> str:
        """In a few words; "" if nothing is expected."""
        parts = []
        for name in type(self).model_fields:
            value = getattr(self, name)
            if value is True:
                parts.append(name.replace("_", " "))
            elif value or value == {}:
                value = ", ".join(value) if isinstance(value, tuple) else value
                value = f"{value:g}" if isinstance(value, float) else value
                parts.append(f"{name.replace('_', ' ')}: {value}")
        return "; ".join(parts)


ANSWERED = {"words", "pattern", "answers", "answered_within_ms"}
KINDS = tuple(name for name in Expect.model_fields if name != "arguments")
"""The names of the expectations, which are the kinds of the checks."""
NOTHING = Expect()


def _check_pattern(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        refuse(f"pattern: {pattern!r} is no regular expression ({error}). Mend it, or use words.")
