"""What a server tells of itself: one line per event, `key=value` or JSON, with levels, no secrets.

A line is `session.end session=sess_... seconds=12.3 ...`, whoever formats it; `Format` puts time
and level before it. No line holds sound or the words of anybody. What looks like a key is masked
in every line, those of other packages too. Of errors that are not rtkit's own only the type and
the place are told, since their text may quote anything; at the level debug a traceback follows.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from rtkit.errors import BrainError, RtkitError

log = logging.getLogger("rtkit.server")

LEVELS = ("error", "warning", "info", "debug")
MASK = "***"
LONGEST_VALUE = 200
SHORTEST_SECRET = 6  # shorter ones would blot out ordinary text
_PLAIN = re.compile(r"[\w.:/+@-]+", re.ASCII)
_KEYS = (
    re.compile(r"()(?<![A-Za-z0-9])(?:sk|ek|rk|pk|gsk|xai|key|api)[-_][\w-]{8,}"),
    re.compile(r"(openai-insecure-api-key\.)[^\s\"',;]+"),
    re.compile(r"(\b(?:bearer|basic)(?:\s+|%20|\+))[^\s\"',;&]+", re.IGNORECASE),
    re.compile(
        r"((?:api[-_]?key|authorization|access[-_]?token|token|secret|password)"
        r"(?:\\?[\"'])?\s*[:=,]\s*(?:b?\\?[\"'])?)(?!bearer|basic)[^\s\"',;&]+",
        re.IGNORECASE,
    ),
)
"""Group 1 stays, the rest of a match is masked."""


def cleaned(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without these secrets and without anything that looks like a key.

    >>> cleaned("Authorization: Bearer sk-proj-1234567890")
    'Authorization: Bearer ***'
    """
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, MASK)
    for pattern in _KEYS:
        text = pattern.sub(lambda found: found[1] + MASK, text)
    return text


@dataclass(frozen=True, slots=True)
class Line:
    """One event of the log: its name and what there is to say, in order; None is left out."""

    event: str
    fields: Mapping[str, object]

    def __str__(self) -> str:
        return " ".join((self.event, *pairs(self.fields)))


session_id: ContextVar[str | None] = ContextVar("rtkit session", default=None)
"""The session that this task works for: `Format` names it in lines that do not."""


def note(level: int, event: str, **fields: object) -> None:
    """Log an event, such as `note(logging.INFO, "session.begin", session=id, model=name)`."""
    log.log(level, "%s", Line(event, {name: _tidy(value) for name, value in fields.items()}))


def _tidy(value: object) -> object:
    if isinstance(value, float):
        return round(value, 3)
    return cleaned(value)[:LONGEST_VALUE] if isinstance(value, str) else value


def pairs(fields: Mapping[str, object]) -> list[str]:
    """`key=value` of every field that is not None; what is not plain is quoted as JSON.

    >>> pairs({"model": "a b", "close": 1000, "origin": None})
    ['model="a b"', 'close=1000']
    """
    return [f"{name}={_shown(value)}" for name, value in fields.items() if value is not None]


def _shown(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)


class Masking(logging.Filter):
    """Takes what looks like a key out of the words of another package, whoever formats them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true; the record is changed."""
        record.msg, record.args = cleaned(record.getMessage()), ()
        return True


masking = Masking()


class Format(logging.Formatter):
    """Makes one line of a record. `secrets` are texts that no line may hold."""

    def __init__(self, as_json: bool = False, secrets: Iterable[str] = (), debug: bool = False):
        super().__init__()
        self.as_json = as_json
        self.secrets = tuple(secrets)
        self.debug = debug

    def format(self, record: logging.LogRecord) -> str:
        """The line, without a line break at its end."""
        fields: dict[str, Any] = {"time": _time(record.created), "level": record.levelname.lower()}
        fields |= _said(record)
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            fields |= _about(error)
        trace = "".join(traceback.format_exception(error)) if error and self.debug else ""
        if self.as_json:
            told = {name: value for name, value in fields.items() if value is not None}
            told |= {"traceback": trace} if trace else {}
            return self._clean(json.dumps(told))
        line = " ".join(pairs(fields))
        return self._clean(f"{line}\n{trace.rstrip()}" if trace else line)

    def _clean(self, text: str) -> str:
        return cleaned(text, self.secrets)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _said(record: logging.LogRecord) -> dict[str, Any]:
    args = record.args
    if isinstance(args, tuple) and len(args) == 1 and isinstance(args[0], Line):
        return {"event": args[0].event, **args[0].fields}
    told = {"event": "note", "from": record.name, "text": record.getMessage()}
    return {**told, "session": session_id.get()}


def _about(error: BaseException) -> dict[str, str]:
    """What is said of an exception: its words only when they are ours or the system's."""
    if isinstance(error, RtkitError | OSError):
        why = error.outline if isinstance(error, BrainError) else str(error)
        return {"error": type(error).__name__, "why": why[:LONGEST_VALUE]}
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return {"error": type(error).__name__}
    ours = [frame for frame in frames if "rtkit" in Path(frame.filename).parts] or frames
    place = Path(ours[-1].filename)
    return {
        "error": type(error).__name__,
        "at": f"{place.parent.name}/{place.name}:{ours[-1].lineno}",
    }


def write_to(
    stream: TextIO | None, level: str, *, as_json: bool = False, secrets: Iterable[str] = ()
) -> logging.Handler:
    """Let the log of this process go to a stream (None: stderr); the handler that does it.

    Other packages are heard from a warning on.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Format(as_json, secrets, debug=number <= logging.DEBUG))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(max(number, logging.WARNING))
    logging.getLogger("rtkit").setLevel(number)
    logging.captureWarnings(True)
    return handler
