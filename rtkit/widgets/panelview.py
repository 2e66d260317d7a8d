"""What the panel shows: the form, what its configuration comes to, and what a session makes of it.

It is told everything; it computes nothing that a reader of the configuration could not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import ipywidgets

from rtkit.draft import Draft
from rtkit.form import by_setting, visible
from rtkit.linter import Findings
from rtkit.sessionconfig import RealtimeSessionConfig
from rtkit.usecases import PRESETS

from . import notes
from .controls import FREE, WIDE, Edited
from .formview import FormView
from .sources import Sources, tabs
from .updates import Outcome

OWN = "your own"


class PanelView:
    """The widgets of one panel, in `children`. `live`: there is a session to be told of."""

    def __init__(self, draft: Draft, edited: Edited, live: bool) -> None:
        self.form = FormView(draft.config, edited)
        self.use_case = ipywidgets.Dropdown(
            description="Use case",
            options=[OWN, *(case.value for case in PRESETS)],
            layout=WIDE,
        )
        self.listen = ipywidgets.Button(
            description="Listen", icon="volume-up", tooltip="Hear a sentence in this voice"
        )
        self.sources = Sources()
        self.summary = _said("status")
        self.others = _said()
        self.session = _said("status")
        self.back = ipywidgets.Button(
            description="Back to what the session has", layout=ipywidgets.Layout(width="auto")
        )
        self.form.put_beside("voice", self.listen)
        self.children = self._laid_out(live)

    def _laid_out(self, live: bool) -> list[ipywidgets.Widget]:
        start = ipywidgets.VBox([self.use_case])
        start.add_class("rtkit-field")
        start.add_class("rtkit-start")
        form = ipywidgets.VBox([start, self.form.box])
        form.add_class("rtkit-entries")
        told = [self.session, self.back] if live else []
        beside = ipywidgets.VBox([self.sources, *told, self.summary, self.others])
        beside.add_class("rtkit-beside")
        columns = ipywidgets.Box([form, beside])
        columns.add_class("rtkit-columns")
        return [columns]

    def draw(
        self, draft: Draft, findings: Findings, refusals: Mapping[str, str], heard: str
    ) -> None:
        """All that follows from the configuration, except where the controls stand.

        `heard` is what is to be said of the voice that was listened to.
        """
        config = draft.config
        placed, others = by_setting(findings, visible(config))
        self.form.annotate(config, placed, refusals, heard)
        self.use_case.value = draft.use_case.value if draft.use_case else OWN
        self.use_case.disabled = not isinstance(config, RealtimeSessionConfig)
        self.summary.value = notes.summary(findings)
        self.others.value = notes.elsewhere(others)
        self.sources.tabs = tabs(draft)

    def say(self, outcome: Outcome) -> None:
        """What the session made of a change."""
        self.session.value = notes.outcome(outcome.word, outcome.text)
        refused = outcome.word == "refused"
        self.back.layout.display = None if refused else "none"


def _said(role: str = "") -> ipywidgets.HTML:
    made = ipywidgets.HTML(layout=FREE)
    made.add_class("rtkit-said")
    if role:
        made.add_class(f"rtkit-{role}")
    return made


def family(widget: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    """A widget and all that is laid out in it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from family(child)
