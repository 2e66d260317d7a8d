"""From the beta's shape to the GA shape, with the list of what changed and why.

Sessions, events and streams of events are understood, as the beta had them, as clients around it
spelled them, and as the lesson's getters still write them. Nothing here opens a connection.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from itertools import zip_longest
from typing import Any

from rtkit.betaevents import carry_event, kind_of
from rtkit.betashape import NAMES
from rtkit.fields import SessionKind
from rtkit.ledger import Change, Ledger
from rtkit.linter import Findings, lint
from rtkit.schema import BOTH
from rtkit.sessionconfig import RealtimeSessionConfig
from rtkit.sheets import Sheet, Shown
from rtkit.transcriptionconfig import TranscriptionSessionConfig
from rtkit.transfer import transfer_session

LINES = 160
"""So many lines of a diff are shown."""
SAME = 3
"""So many lines that are the same in a row are set beside each other."""
REMOVED, ADDED = "rgba(220,70,70,.18)", "rgba(60,170,80,.18)"
CODE = "margin:0;white-space:pre-wrap;background:transparent;color:inherit;font-size:85%"
COLUMN = "vertical-align:top;text-align:left;width:50%;padding:.1em .6em;color:inherit;border:0"


@dataclass(frozen=True, slots=True)
class Migration(Shown):
    """What was given, what it became, and every change; shows itself as a diff side by side.

    `after` is a session, an event, or a list of events, as `before` was; an event that became two
    or none is a list.
    """

    before: Any
    after: Any
    changes: tuple[Change, ...]

    @property
    def session(self) -> dict[str, Any]:
        """The session: what was migrated, or the first that the events hold.

        ValueError when there is none.
        """
        told = self.after if isinstance(self.after, list) else [self.after]
        for each in told:
            found = each.get("session", each if each.get("type") in BOTH else None)
            if isinstance(found, dict):
                return {k: v for k, v in deepcopy(found).items() if k not in SERVERS}
        raise ValueError(
            "there is no session among these events. Give a session, or an event that holds one."
        )

    @property
    def config(self) -> RealtimeSessionConfig | TranscriptionSessionConfig:
        """The configuration that stands for the session."""
        session = self.session
        if session["type"] == "transcription":
            return TranscriptionSessionConfig.from_session(session)
        return RealtimeSessionConfig.from_session(session)

    @property
    def lost(self) -> tuple[Change, ...]:
        """What could not be carried over."""
        return tuple(change for change in self.changes if change.lost)

    def findings(self, target: str = "openai") -> Findings:
        """What there is still to be said of the session: models that end, and the like."""
        return lint(self.session, target=target)

    def sheet(self) -> Sheet:
        """The list of changes."""
        rows = [(*_row(change), _why(change)) for change in self.changes]
        return Sheet(("Was", "Is", "Why"), rows, "", "Nothing had to be changed.")

    def _repr_html_(self) -> str:
        return side_by_side(self.before, self.after) + self.sheet().html()

    def _repr_markdown_(self) -> str:
        lines = [f"{mark} {text}".rstrip() for mark, text in _marked(self.before, self.after)]
        return "\n".join(["```diff", *lines, "```", "", self.sheet().markdown()])


SERVERS = frozenset({"id", "object", "expires_at"})


def migrate(beta: object, kind: SessionKind | None = None) -> Migration:
    """A session, an event or a list of events of the beta, in the GA shape, with what changed.

    Takes dicts, lists, JSON text, configurations (which are in the GA shape already), and anything
    else that has the lesson's `get_api_config()`. `kind` says which kind of session is meant where
    the shape does not: "realtime", unless it is that of a `transcription_session` event. What is in
    the GA shape already stays as it is.

    >>> migrate({"voice": "sage", "temperature": 0.6}).session
    {'type': 'realtime', 'audio': {'output': {'voice': 'sage'}}}
    >>> [change.old for change in migrate({"temperature": 0.6}).lost]
    ['temperature']

    Raises TypeError for what is none of these.
    """
    told = _understood(beta)
    ledger = Ledger()
    if isinstance(told, list):
        after: Any = [new for event in told for new in carry_event(event, ledger)]
    elif isinstance(told.get("type"), str) and "." in told["type"]:
        new = carry_event(told, ledger)
        after = new[0] if len(new) == 1 else new
    else:
        after = transfer_session(told, kind or kind_of(told), ledger)
    return Migration(told, after, tuple(ledger.changes))


def _understood(beta: object) -> Any:
    """The dict or the list of dicts that was meant."""
    if hasattr(beta, "to_session"):
        beta = beta.to_session()
    elif hasattr(beta, "get_api_config"):
        beta = beta.get_api_config()
    if isinstance(beta, str):
        beta = json.loads(beta)
    if isinstance(beta, Mapping):
        inner = beta.get("session")
        if isinstance(inner, Mapping) and not isinstance(beta.get("type"), str):
            return deepcopy(dict(inner))  # the body of a request for a key
        return deepcopy(dict(beta))
    if isinstance(beta, Sequence) and all(isinstance(event, Mapping) for event in beta):
        return [deepcopy(dict(event)) for event in beta]
    raise TypeError(
        f"migrate takes a session, an event or a list of events as dicts, found {beta!r}."
    )


def side_by_side(before: object, after: object) -> str:
    """Two JSON values next to each other as HTML, what differs on a half transparent ground."""
    rows = list(_pairs(_lines(before), _lines(after)))
    cells = "".join(
        f"<tr>{_cell(a, REMOVED, d)}{_cell(b, ADDED, d)}</tr>" for a, b, d in rows[:LINES]
    )
    more = f"<div>... {len(rows) - LINES} more lines</div>" if len(rows) > LINES else ""
    head = f'<tr><th style="{COLUMN}">Beta</th><th style="{COLUMN}">GA</th></tr>'
    style = "border-collapse:collapse;table-layout:fixed;width:100%;color:inherit"
    return f'<table style="{style}">{head}{cells}</table>{more}'


def _cell(text: str, ground: str, differs: bool) -> str:
    shade = f";background:{ground}" if differs and text else ""
    return f'<td style="{COLUMN}{shade}"><pre style="{CODE}">{escape(text)}</pre></td>'


def _lines(value: object) -> list[str]:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str).splitlines()


Stretch = tuple[bool, list[str], list[str]]


def _stretches(left: list[str], right: list[str]) -> Iterator[Stretch]:
    """Whether it differs, and the lines of both sides, stretch by stretch.

    A lone line that happens to be the same on both sides is no stretch, but at an end.
    """
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    at_left = at_right = 0
    for a, b, size in matcher.get_matching_blocks():
        ends = (a, b) == (0, 0) or (a + size, b + size) == (len(left), len(right))
        if size < SAME and not ends:
            continue
        if left[at_left:a] or right[at_right:b]:
            yield True, left[at_left:a], right[at_right:b]
        if size:
            yield False, left[a : a + size], right[b : b + size]
        at_left, at_right = a + size, b + size


def _pairs(left: list[str], right: list[str]) -> Iterator[tuple[str, str, bool]]:
    for differs, old, new in _stretches(left, right):
        pairs = zip_longest(old, new, fillvalue="")
        yield from ((one, other, differs) for one, other in pairs)


def _marked(before: object, after: object) -> Iterator[tuple[str, str]]:
    for differs, old, new in _stretches(_lines(before), _lines(after)):
        yield from (("-" if differs else " ", line) for line in old)
        yield from (("+", line) for line in new if differs)


def _row(change: Change) -> tuple[str, str]:
    times = f"\n{change.count} times" if change.count > 1 else ""
    old = f"`{change.old}`\n{_short(change.before)}" if change.old else "not said"
    new = f"`{change.new}`\n{_short(change.after)}" if change.new else "cannot be carried over"
    return old + times, new


def _why(change: Change) -> str:
    return change.why if change.source == NAMES else f"{change.why}\n{change.source}"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return f"`{text if len(text) <= 90 else text[:87] + '...'}`"
