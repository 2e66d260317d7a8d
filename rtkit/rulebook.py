"""What a rule of the linter is, and what it looks at.

The rows lie in three tables: `verdicts` names the server's own refusals, `checks` holds rules that
look for themselves, `counsel` holds advice; `rtkit.linter.RULES` is all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from rtkit.refusals import Refusal
from rtkit.schema import FIELDS, MISSING

Severity = Literal["error", "warning", "advice"]
ERROR: Severity = "error"
WARNING: Severity = "warning"
ADVICE: Severity = "advice"

EMBEDDED, OPENAI, AZURE, OTHER = "embedded", "openai", "azure", "other"
HOSTED = (OPENAI, AZURE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rules look at.

    `update` is the session as it was given and `session` what the server would make of it; `model`
    the one that answers; `target` one of "embedded", "openai", "azure", "other"; `own_turns`
    whether this side finds the turns; `settings` what was given to a configuration, by name.
    """

    update: Mapping[str, Any]
    session: Mapping[str, Any]
    model: str
    target: str
    own_turns: bool = False
    settings: frozenset[str] = frozenset()

    def stated(self, path: str) -> Any:
        """The value at a dotted path as it was given, or MISSING."""
        return _at(self.update, path)

    def value(self, path: str) -> Any:
        """The value at a dotted path as the server would have it, or MISSING."""
        return _at(self.session, path)


def _at(session: Mapping[str, Any], path: str) -> Any:
    value: Any = session
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return MISSING
        value = value[name]
    return value


Hit = tuple[str, str]
"""Where (a path without "session."), and what was found there, in one sentence."""
Look = Callable[[Asked], Iterator[Hit]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: what it is called, how bad a breach is, where, why, what to do, and who says so.

    A rule with `codes` names refusals: those with such a code at a path that fits one of `paths`
    (() for any); `known` asks in addition whether the field table has the path, `says` for words of
    the message. A rule with `look`
    finds its breaches itself. `targets`: the servers it is about, () for all. `session` is False
    for a rule that needs the given values only, even of a session that is refused. What is not
    `verified` of the hosted service is a warning there and says so.
    """

    id: str
    severity: Severity
    at: str
    why: str
    fix: str
    source: str
    codes: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    known: bool | None = None
    says: str = ""
    look: Look | None = None
    targets: tuple[str, ...] = ()
    session: bool = True
    verified: bool = True

    def names(self, refusal: Refusal) -> bool:
        """Whether this is the rule that a refusal comes under."""
        path = pattern(refusal.param)
        return (
            refusal.code in self.codes
            and (not self.paths or any(fnmatchcase(path, each) for each in self.paths))
            and (self.known is None or self.known == (path in PATHS))
            and self.says in refusal.message
        )


PATHS = frozenset(row.path for row in FIELDS if not row.read_only)


def pattern(param: str | None) -> str:
    """The path of a refusal as the field table writes it: no root, `[]` for any place in a list.

    >>> pattern("session.tools[2].name")
    'tools[].name'
    """
    path = re.sub(r"\[\d+\]", "[]", param or "").replace("[]", "<>")
    path = path.removeprefix("session").removeprefix("response").removeprefix(".")
    return path.replace("<>", "[]")


ORIGINS: Mapping[str, str] = {
    "SDK": "official SDK",
    "OPENAPI": "OpenAPI description",
    "GUIDE": "official guide",
    "TRACE": "recorded traces",
}
"""A source in the field table -> how it is called where people read it."""


def origin(source: str) -> str:
    """The sources of a row of the field table in words.

    >>> origin("SDK, TRACE?")
    'official SDK, recorded traces'
    """
    return ", ".join(ORIGINS[one] for one in source.rstrip("?").split(", "))


GUIDE = "protocol of the hosted service, recorded 2026-09-18"
SDK = "openai Python SDK 3.54.0, openai.types.realtime"
TD, TR = "audio.input.turn_detection", "audio.input.transcription"
