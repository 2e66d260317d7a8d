"""What stands beside the form: the configuration as texts to copy, and the sound of a voice."""

from __future__ import annotations

import json
from typing import Any

import anywidget
import traitlets

from rtkit.draft import Draft
from rtkit.form import Config
from rtkit.redaction import MASK, Redactor
from rtkit.sourcecode import as_python

from . import assets, notes

MASKED = f"{MASK} stands for a credential: panel.python and panel.json have it."
Tab = dict[str, Any]


class Sources(anywidget.AnyWidget):
    """Tabs with a `name` and a `text` to be copied, or `html` that is only shown.

    Its script also gives names to the sliders of the panel around it, and keeps their keys from
    the notebook.
    """

    _esm = assets.read("configpanel.js")
    _css = assets.read("configpanel.css")
    tabs = traitlets.List(traitlets.Dict()).tag(sync=True)

    def play(self, wav: bytes) -> None:
        """Let the pages that show this sound; without a page nothing happens."""
        self.send({"play": "wav"}, [wav])


def as_json(session: Any) -> str:
    """A session, readable."""
    return json.dumps(session, indent=2, ensure_ascii=False)


def tabs(draft: Draft) -> list[Tab]:
    """A configuration as Python, as JSON, and why it is as it is; no credentials."""
    python, wire = _shown(draft.config)
    shown: list[Tab] = [{"name": "Python", **python}, {"name": "JSON", **wire}]
    reasons = draft.explanation
    return shown if reasons is None else [*shown, {"name": "Why", "html": notes.reasons(reasons)}]


def _shown(config: Config) -> tuple[Tab, Tab]:
    redactor, session, python = Redactor(), config.to_session(), as_python(config)
    redactor.event(session, None)  # learns which texts are credentials
    masked = {"text": redactor.text(python)}, {"text": as_json(redactor.shown(session))}
    if masked[1]["text"] != as_json(session):
        return {**masked[0], "note": MASKED}, {**masked[1], "note": MASKED}
    return masked
