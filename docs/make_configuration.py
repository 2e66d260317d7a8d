"""Writes docs/configuration.md from the tables that rtkit itself uses; `--check` only compares.

    python docs/make_configuration.py [--check]

The fields are those of `rtkit.schema`, the rules those of `rtkit.linter`, the moves those of
`rtkit.betashape`, the use cases those of `rtkit.usecases`. Only the words between are written here.
"""

import json
import sys
import textwrap
from pathlib import Path

from rtkit.betaevents import CONTENT
from rtkit.betashape import (
    BETA_OFF,
    EVENTS,
    ITEM_ADDED,
    ITEM_CREATED,
    ITEM_DONE,
    MOVES,
    NAMES,
    NOT_SENT,
)
from rtkit.catalog import models
from rtkit.choices import UseCase
from rtkit.linter import RULES
from rtkit.plainwords import MEANINGS
from rtkit.schema import FIELDS, MISSING
from rtkit.sessionconfig import RealtimeSessionConfig
from rtkit.usecases import preset

PAGE = Path(__file__).resolve().parent / "configuration.md"

SOURCES = {
    "SDK": "official Python package `openai` 3.54.0, types and docstrings",
    "OPENAPI": "github.com/openai/openai-openapi, commit f85dbe2, 2026-08-21",
    "GUIDE": "developers.openai.com/api/docs/guides/realtime*, mid 2026",
    "TRACE": "recorded traces of the hosted service, December 2025 and 2026-09-18",
    "?": "a detail that the note names is not verified",
}
KINDS = {
    frozenset({"realtime", "transcription"}): "both",
    frozenset({"realtime"}): "realtime",
    frozenset({"realtime", "transcription", "response"}): "both, response",
    frozenset({"realtime", "response"}): "realtime, response",
    frozenset({"response"}): "response",
}
SEVERITIES = {
    "error": "Errors: refused, and the whole update with them",
    "warning": "Warnings: will not work as it looks, or nobody knows",
    "advice": "Advice: taken by every server, and regretted",
}


def table(head, rows):
    """A Markdown table; cells are texts."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return [*lines, *("| " + " | ".join(map(cell, row)) + " |" for row in rows), ""]


def cell(text):
    """A text as a cell holds it."""
    return text.replace("|", "\\|").replace("\n", " ") or "-"


def prose(*texts):
    """Paragraphs of at most 100 letters a line."""
    for text in texts:
        yield from [*textwrap.wrap(text, 100, break_on_hyphens=False), ""]


def takes(row):
    """What a field may be, in few words."""
    words = list(row.kinds)
    if row.allowed:
        others = [kind for kind in row.kinds if kind != "string"]
        words = [*(f"`{word}`" for word in row.allowed), *others]
    if row.low is not None or row.high is not None:
        low = "" if row.low is None else f"{row.low:g}"
        words.append(f"{low}..{'' if row.high is None else f'{row.high:g}'}")
    return ", ".join([*words, *(["null"] if row.nullable else [])])


def default(row):
    simple = row.default is None or isinstance(row.default, str | int | float | bool | list)
    return f"`{json.dumps(row.default)}`" if row.default is not MISSING and simple else "-"


def only(row):
    """Where a field exists, and when it may be changed."""
    words = [KINDS[row.scopes]]
    words += [f"only {' or '.join(f'`{kind}`' for kind in row.of)}"] if row.of else []
    words += [f"fixed {row.frozen}" if row.frozen != "always" else "fixed"] if row.frozen else []
    words += ["needed"] if row.required else []
    return "; ".join(words)


def fields(rows):
    for row in rows:
        words = f"{MEANINGS.get(row.path, '')} {row.note}".strip()
        yield f"`{row.path}`", takes(row), default(row), only(row), words, row.source


def shown(row):
    return not row.read_only and not row.path.endswith(("[]", "*"))


def session_fields():
    rows = [row for row in FIELDS if shown(row) and row.scopes != frozenset({"response"})]
    return [row for row in rows if not row.path.startswith("tools[]")]


def tool_fields():
    return [row for row in FIELDS if shown(row) and row.path.startswith("tools[]")]


def response_fields():
    rows = [row for row in FIELDS if row.scopes == frozenset({"response"}) and shown(row)]
    return [row for row in rows if not row.path.startswith("input[]")]


def settings():
    for name, info in RealtimeSessionConfig.model_fields.items():
        path = RealtimeSessionConfig.PATHS.get(name) or ELSEWHERE[name]
        value = getattr(info.default, "value", info.default)
        yield f"`{name}`", f"`{path}`" if path else "not sent", f"`{value!r}`"


ELSEWHERE = {
    "model": "model",
    "input_audio_format": "audio.input.format",
    "output_audio_format": "audio.output.format",
    "vad_mode": "audio.input.turn_detection.type",
    "transcription_enabled": "audio.input.transcription",
    "transcription_logprobs": "include",
    "sample_rate": "",
    "temperature": "",
}


def rules(severity):
    for rule in RULES:
        if rule.severity == severity:
            where = f"`{rule.at}`" if " " not in rule.at else rule.at
            target = f" ({', '.join(rule.targets)})" if rule.targets else ""
            doubt = "" if rule.verified else " *Not verified for the hosted service.*"
            yield f"`{rule.id}`{target}", where, rule.why + doubt, rule.fix, rule.source


def moves():
    for move in MOVES:
        source = "" if move.source == NAMES else move.source
        yield (
            f"`{move.old}`",
            f"`{move.new}`" if move.new else "nothing",
            f"{move.why} {source}".strip(),
        )


def events():
    yield from ((f"`{old}`", f"`{new}`") for old, new in EVENTS.items())
    yield f"`{ITEM_CREATED}`", f"`{ITEM_ADDED}`, then `{ITEM_DONE}`"
    yield f"`{NOT_SENT}`", "nothing"
    for (role, old), new in CONTENT.items():
        yield f"content `{old}` of the {role}", f"`{new}`"


def ending():
    for model in models():
        if model.status != "active":
            yield f"`{model.name}`", model.status, model.shutdown or "-", f"`{model.replacement}`"


def use_cases():
    for case in UseCase:
        yield from [f"### {case.value.replace('_', ' ').capitalize()} (`UseCase.{case.name}`)", ""]
        sheet = preset(case).sheet()
        yield from table(sheet.head, sheet.rows)


def opening():
    counts = {severity: sum(rule.severity == severity for rule in RULES) for severity in SEVERITIES}
    return f"""\
# Configuration

*Made by `docs/make_configuration.py` from the tables that rtkit itself uses; a test compares it
with them. Not edited.*

```python
import rtkit

config = rtkit.RealtimeConfigBuilder().for_use_case("phone_line").with_voice("coral").build()
rtkit.lint(config, target="openai")  # {len(RULES)} rules: errors, warnings, advice, with reasons
rtkit.migrate(old_session)  # a session or events of the beta, in the present shape
with rtkit.connect(config) as session:
    session.differences  # what was asked and is not so
```

- **One table of fields.** Types, refusals, rules, the JSON schema (`rtkit.session_schema()`) and
  this page are read off it. What the linter calls an error for the embedded server is exactly what
  that server refuses.
- **{counts["error"]} errors, {counts["warning"]} warnings, {counts["advice"]} pieces of advice.**
  What is not verified of the hosted service says so and is never an error there.
- **Three kinds:** `RealtimeSessionConfig` (a conversation), `TranscriptionSessionConfig` (words
  only), `ResponseConfig` (one response). Each is read from the wire (`from_session`) and written to
  it (`to_session`).
"""


def page():
    """The whole page."""
    head = ("Field", "Takes", "Default", "Where", "Meaning", "Source")
    lines = [*opening().splitlines(), "", "## Fields of a session", ""]
    lines += [*table(head, fields(session_fields())), "### Tools", ""]
    lines += [*table(head, fields(tool_fields())), "### Of a response only", ""]
    lines += table(head, fields(response_fields()))
    lines += [*(f"- {name}: {what}" for name, what in SOURCES.items()), "", "## Settings", ""]
    lines += prose(
        "`RealtimeSessionConfig` keeps the flat names of the lesson. The default is rtkit's own; "
        "`builder.explain()` says where it is not the server's, and why."
    )
    lines += [*table(("Setting", "Field", "Default"), settings()), "## Rules", ""]
    for severity, title in SEVERITIES.items():
        lines += [f"### {title}", ""]
        lines += table(("Rule", "Where", "Why", "What to do", "Source"), rules(severity))
    lines += [
        "## From the beta",
        "",
        *prose(f"The beta was switched off on 2026-05-12 ({BETA_OFF}). New names: {NAMES}."),
    ]
    lines += table(("Was", "Is", "Why"), moves())
    lines += [*table(("Event or content was", "Is"), events()), "## Models that end", ""]
    lines += [*table(("Model", "Status", "Day", "Successor"), ending()), "## Use cases", ""]
    lines += use_cases()
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def main(arguments):
    """Write the page, or say whether it is fresh."""
    text = page()
    if "--check" not in arguments:
        PAGE.write_text(text, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != text:
        sys.exit("docs/configuration.md is not fresh: python docs/make_configuration.py")


if __name__ == "__main__":
    main(sys.argv[1:])
