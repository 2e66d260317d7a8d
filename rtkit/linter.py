"""The linter: what a server would refuse, regret or ignore of a configuration, before it is sent.

Every finding comes from one row of `RULES`. An error for the embedded server is exactly what that
refuses, since both ask `rtkit.fields.refusals`; what is not verified of a hosted service is a
warning there and says so. Nothing here opens a connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from rtkit.catalog import DEFAULT_MODEL
from rtkit.checks import CHECKS
from rtkit.counsel import COUNSEL
from rtkit.fields import SessionKind, default_session, merge, refusals
from rtkit.refusals import Refusal, problems
from rtkit.rulebook import (
    ADVICE,
    AZURE,
    EMBEDDED,
    ERROR,
    OPENAI,
    OTHER,
    WARNING,
    Asked,
    Rule,
    Severity,
    pattern,
)
from rtkit.schema import field
from rtkit.settings import Settings, in_words
from rtkit.sheets import Sheet, Shown
from rtkit.verdicts import REFUSED, rule_of

RULES: tuple[Rule, ...] = (*REFUSED, *CHECKS, *COUNSEL)
"""Every rule, errors first."""
ORDER: Mapping[Severity, int] = {ERROR: 0, WARNING: 1, ADVICE: 2}
UNVERIFIED = " Not verified for the hosted service."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or unwise: how bad, where, by which rule, what, why, and what to do.

    `path` is the wire's own, as in `error.param`; `source` says where the rule is from.
    """

    severity: Severity
    path: str
    rule: str
    what: str
    why: str
    fix: str
    source: str
    verified: bool = True

    def __str__(self) -> str:
        return f"{self.severity}: {self.path}: {self.what} {self.why} {self.fix}"


class Findings(Sequence[Finding], Shown):
    """All findings on one configuration, the gravest first; shows itself as a small table."""

    __slots__ = ("_all",)

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        self._all = tuple(sorted(findings, key=lambda found: ORDER[found.severity]))

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...
    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        return self._all[index]

    def __len__(self) -> int:
        return len(self._all)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Findings) and self._all == other._all

    def __hash__(self) -> int:
        return hash(self._all)

    @property
    def ok(self) -> bool:
        """Whether the server would take it: there are no errors."""
        return not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What the server refuses."""
        return self._of(ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What will not work as it looks, or is not verified."""
        return self._of(WARNING)

    @property
    def advice(self) -> tuple[Finding, ...]:
        """What people regret."""
        return self._of(ADVICE)

    def at(self, path: str) -> tuple[Finding, ...]:
        """The findings at one field, by its path in the field table, and below it.

        >>> lint({"voice": "sage"}).at("voice")[0].rule
        'dead-voice'
        """
        below = (path + ".", path + "[")
        return tuple(
            found
            for found in self._all
            if pattern(found.path) == path or pattern(found.path).startswith(below)
        )

    def _of(self, severity: Severity) -> tuple[Finding, ...]:
        return tuple(found for found in self._all if found.severity == severity)

    def sheet(self) -> Sheet:
        """Severity, place, what and why, what to do, and the source."""
        head = ("", "Where", "What, and why", "What to do", "Rule and source")
        rows = [
            (
                found.severity,
                f"`{found.path}`",
                f"{found.what}\n{found.why}",
                found.fix,
                f"`{found.rule}`\n{found.source}",
            )
            for found in self._all
        ]
        return Sheet(head, rows, self.summary, "Nothing was found.")

    @property
    def summary(self) -> str:
        """How many of each, in words."""
        counts = [(len(self.errors), "error"), (len(self.warnings), "warning")]
        words = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
        words += [f"{len(self.advice)} advice"] if self.advice else []
        return ", ".join(words)

    def __repr__(self) -> str:
        return f"Findings({self.summary or 'none'})"


def lint(
    config: object,
    model: str | None = None,
    target: object = EMBEDDED,
    *,
    session: Mapping[str, Any] | None = None,
    assistant_audio: bool = False,
    responding: bool = False,
) -> Findings:
    """What a server would make of a configuration: errors, warnings and advice, each with reasons.

    `config` is a configuration, a session dict of whatever shape, or an event that holds one
    (`session.update`, `response.create`). `model` is the one that the connection names; by default
    the configuration's own. `target`: "embedded", "openai", "azure", a URL or a `Target`.
    `session` is the session in force, by default a new one; `assistant_audio` and `responding` say
    what has happened in it: the assistant was heard, a response is being made. What the items of a
    response's `input` hold is not looked at.

    >>> [found.rule for found in lint({"type": "realtime", "temperature": 0.6}).errors]
    ['dead-temperature']
    """
    place = _place(target)
    update = _update_of(config)
    if isinstance(config, Mapping) and config.get("type") == RESPONSE_CREATE:
        found = problems(update, "response")
        return Findings(_refused(refusal, place) for refusal in found)
    current = session if session is not None else _fresh(update, model)
    state = {"assistant_audio": assistant_audio, "responding": responding}
    refused = list(_every(update, current, state))
    asked = _asked(config, update, current, model, place, sound=not refused)
    return Findings([*(_refused(r, place) for r in refused), *_looked(asked, sound=not refused)])


def _place(target: object) -> str:
    """One of the four places that rules know, for a name, a URL or a `Target`."""
    text = getattr(target, "url", None) or getattr(target, "name", target)
    if not isinstance(text, str):
        raise TypeError(f"a target is a name or a URL, found {target!r}. Name it as for connect.")
    name = text.strip().lower()
    if name in (EMBEDDED, OPENAI, AZURE):
        return name
    hosts = {"api.openai.com": OPENAI, ".openai.azure.com": AZURE}
    return next((place for host, place in hosts.items() if host in name), OTHER)


def _update_of(config: object) -> object:
    """The session (or the response's fields) that a configuration or an event holds."""
    if hasattr(config, "to_session"):
        return config.to_session()
    type_ = config.get("type") if isinstance(config, Mapping) else None
    if isinstance(config, Mapping) and isinstance(type_, str) and type_ in HOLDERS:
        return config.get(HOLDERS[type_], {} if type_ == RESPONSE_CREATE else None)
    return config


RESPONSE_CREATE = "response.create"
HOLDERS: Mapping[str, str] = {
    "session.update": "session",
    "transcription_session.update": "session",  # the beta's
    RESPONSE_CREATE: "response",
}
"""Event -> its field that holds what is looked at."""


def _fresh(update: object, model: str | None) -> dict[str, Any]:
    """A new session of the kind that the update names, with the model that it or the caller does.

    The hosted service and the embedded server take the model from the address; a client that sends
    one puts the same one there.
    """
    told = update if isinstance(update, Mapping) else {}
    kind = told.get("type")
    named = told.get("model")
    known: SessionKind = "transcription" if kind == "transcription" else "realtime"
    return default_session(known, model or (named if isinstance(named, str) else None))


def _every(
    update: object, current: Mapping[str, Any], state: Mapping[str, bool]
) -> Iterator[Refusal]:
    """Every refusal; where the kind is wrong or missing, those that would follow it, too."""
    first = list(refusals(update, current=current, **state))
    yield from first
    if first and first[0].param == "session.type" and isinstance(update, Mapping):
        yield from refusals({**update, "type": current["type"]}, current=current, **state)


def _asked(
    config: object,
    update: object,
    current: Mapping[str, Any],
    model: str | None,
    place: str,
    *,
    sound: bool,
) -> Asked:
    given = update if isinstance(update, Mapping) else {}
    named = model or given.get("model") or current.get("model")
    return Asked(
        update=given,
        session=merge(current, given) if sound else {"type": current["type"]},
        model=named if isinstance(named, str) else DEFAULT_MODEL,
        target=place,
        own_turns=str(getattr(config, "vad_mode", "")) == "client_vad",
        settings=frozenset(config.model_fields_set)
        if isinstance(config, Settings)
        else frozenset(),
    )


def _looked(asked: Asked, *, sound: bool) -> Iterator[Finding]:
    for rule in (*CHECKS, *COUNSEL):
        if rule.look is None or (rule.targets and asked.target not in rule.targets):
            continue
        if sound or not rule.session:
            for path, what in rule.look(asked):
                yield _finding(rule, rule.severity, f"session.{path}", what)


def _refused(refusal: Refusal, place: str) -> Finding:
    rule = rule_of(refusal)
    doubtful = not rule.verified and place != EMBEDDED
    severity = WARNING if doubtful else rule.severity
    fix = rule.fix
    row = _row(refusal.param)
    if rule.id in TELLS_ROW and row is not None:
        fix = f"{fix} It is {in_words(row)}."
    source = f"{rule.source}; {row.known_from}" if row else rule.source
    made = _finding(rule, severity, refusal.param or "session", refusal.message, fix)
    return Finding(
        made.severity, made.path, made.rule, made.what, made.why, made.fix, source, made.verified
    )


TELLS_ROW = frozenset({"wrong-type", "not-a-choice", "out-of-range", "missing-field"})


def _row(param: str | None) -> Any:
    try:
        return field(pattern(param))
    except KeyError:
        return None


def _finding(
    rule: Rule, severity: Severity, path: str, what: str, fix: str | None = None
) -> Finding:
    why = rule.why if rule.verified else rule.why + UNVERIFIED
    return Finding(severity, path, rule.id, what, why, fix or rule.fix, rule.source, rule.verified)
