"""What stands under a field and beside the form: meanings, findings, tools, as HTML.

Severity is told by a word and a mark, never by colour alone. Everything is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from rtkit.explanation import Explanation
from rtkit.form import Config, by_setting, meaning, visible
from rtkit.linter import Finding, Findings
from rtkit.redaction import Redactor
from rtkit.settings import plain_value
from rtkit.sheets import Sheet, marked

MARKS: Mapping[str, str] = {"error": "✖", "warning": "▲", "advice": "●"}
REFUSED = "not taken"
OUTCOMES: Mapping[str, str] = {
    "waiting": "… told",
    "applied": "✓ applied",
    "otherwise": "▲ otherwise",
    "refused": "✖ refused",
    "closed": "■ closed",
}


def note(meaning: str, findings: Iterable[Finding], refusal: str = "") -> str:
    """The lines under a field: what it means, what was refused of it, what the linter says."""
    lines = [f'<div class="rtkit-meaning">{escape(meaning)}</div>'] if meaning else []
    if refusal:
        lines.append(_line("error", REFUSED, refusal))
    lines += [_line(f.severity, f.severity, f"{f.what} {f.why} {f.fix}") for f in findings]
    return "".join(lines)


def summary(findings: Findings) -> str:
    """How many findings there are, in words."""
    told = findings.summary or "nothing was found"
    return f'<div class="rtkit-meaning">Findings: {escape(told)}.</div>'


def outcome(word: str, text: str) -> str:
    """What a session made of a change."""
    told = f"<b>Session {OUTCOMES[word]}</b> {marked(text)}"
    return f'<div class="rtkit-outcome" data-word="{word}">{told}</div>'


def elsewhere(findings: Sequence[Finding]) -> str:
    """The findings that belong to no field of the form, each with its place."""
    lines = [
        _line(f.severity, f.severity, f"`{f.path}`: {f.what} {f.why} {f.fix}") for f in findings
    ]
    return "".join(lines)


def _line(severity: str, word: str, text: str) -> str:
    return (
        f'<div class="rtkit-finding" data-severity="{severity}"><b>{MARKS[severity]} {word}</b> '
        f"{marked(text)}</div>"
    )


def count(findings: Sequence[Finding]) -> str:
    """How many findings a page of the form has, by the mark of the gravest; "" for none."""
    gravest = next((s for s in MARKS if any(f.severity == s for f in findings)), None)
    return f"{MARKS[gravest]} {len(findings)}" if gravest else ""


def tool_list(tools: Sequence[Mapping[str, Any]]) -> str:
    """Each tool with what it is for, in words."""
    told = [
        f"{tool.get('name') or tool.get('server_label')}: "
        f"{tool.get('description') or tool.get('server_description') or 'no description'}"
        for tool in Redactor().shown(list(tools))
    ]
    return "; ".join(told) or "No tools: nothing can be called."


def reasons(explanation: Explanation) -> str:
    """What differs from the server's defaults, and why, as a table that is not wide."""
    rows = [(f"`{r.setting}`", f"`{_short(r.value)}`", r.why) for r in explanation]
    return Sheet(
        ("Setting", "Value", "Why"), rows, "", "All is as the server does by itself."
    ).html()


def _short(value: object) -> str:
    text = repr(Redactor().shown(value))
    return text if len(text) <= 60 else text[:57] + "..."


def table(config: Config, findings: Sequence[Finding]) -> Sheet:
    """The form as a table: each setting with its value, its meaning and its findings."""
    placed, others = by_setting(findings, visible(config))
    rows = [
        (f"`{setting}`", f"`{_value(config, setting)}`", meaning(setting, config), _told(found))
        for setting, found in placed.items()
    ]
    rows += [(f"`{found.path}`", "", "", _told([found])) for found in others]
    title = f"A form for a {type(config).__name__}; without a page it is this table."
    return Sheet(("Setting", "Value", "What it means", "Findings"), rows, title)


def _value(config: Config, setting: str) -> str:
    return repr(Redactor().shown(plain_value(getattr(config, setting))))


def _told(findings: Iterable[Finding]) -> str:
    return "\n".join(f"{found.severity}: {found.what} {found.fix}" for found in findings)
