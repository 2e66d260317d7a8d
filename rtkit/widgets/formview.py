"""The form as widgets: pages of rows, each row a control with its note under it.

It shows a configuration and what is to be said of it, and tells which setting the person moved. It
keeps nothing of its own but what the person has typed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import ipywidgets

from rtkit.form import ENTRIES, FORM, Config, meaning, visible
from rtkit.linter import Finding

from . import notes
from .controls import FREE, WIDE, Control, Edited, control

Placed = Mapping[str, Sequence[Finding]]


class FormView:
    """The rows of the form in a Tab widget, `box`. `edited` is told the setting that was moved."""

    def __init__(self, config: Config, edited: Edited) -> None:
        self.controls: dict[str, Control] = {
            setting: control(entry, config, edited) for setting, entry in ENTRIES.items()
        }
        self.notes = {setting: ipywidgets.HTML(layout=FREE) for setting in ENTRIES}
        self.rows = {setting: self._row(setting) for setting in ENTRIES}
        self._pages = {
            title: _column("rtkit-page", [self.rows[entry.setting] for entry in entries])
            for title, entries in FORM.items()
        }
        self.box = ipywidgets.Tab(layout=WIDE)
        self.show(config)
        for each in self.controls.values():
            each.watch()

    def _row(self, setting: str) -> ipywidgets.VBox:
        self.notes[setting].add_class("rtkit-note")
        return _column("rtkit-field", [self.controls[setting].box, self.notes[setting]])

    def put_beside(self, setting: str, button: ipywidgets.Widget) -> None:
        """Lay a button out beside a control."""
        pair = ipywidgets.HBox([self.controls[setting].box, button], layout=WIDE)
        pair.add_class("rtkit-pair")
        self.rows[setting].children = (pair, self.notes[setting])

    def show(self, config: Config, only: Collection[str] = ENTRIES) -> None:
        """Move the controls of these settings, and lay out those that mean anything."""
        for setting in only:
            if setting in type(config).model_fields:
                self.controls[setting].show(config)
        for setting, entry in ENTRIES.items():
            self.rows[setting].layout.display = None if entry.applies(config) else "none"

    def annotate(
        self, config: Config, placed: Placed, refusals: Mapping[str, str], heard: str
    ) -> None:
        """Under each field: its meaning, its findings, and what was refused of it."""
        for setting in visible(config):
            words = meaning(setting, config)
            if setting == "tools":
                words = notes.tool_list(getattr(config, setting))
            if setting == "voice":
                words = f"{words} {heard}".rstrip()
            found = placed.get(setting, ())
            self.notes[setting].value = notes.note(words, found, refusals.get(setting, ""))
        self._turn_pages(config, placed)

    def _turn_pages(self, config: Config, placed: Placed) -> None:
        """The pages that hold anything, their titles with the number of findings."""
        shown = visible(config)
        titles, pages = [], []
        for title, entries in FORM.items():
            settings = [entry.setting for entry in entries if entry.setting in shown]
            if settings:
                found = [each for setting in settings for each in placed.get(setting, ())]
                titles.append(f"{title} {notes.count(found)}".rstrip())
                pages.append(self._pages[title])
        if self.box.children != tuple(pages):
            self.box.children = tuple(pages)
        if self.box.titles != tuple(titles):
            self.box.titles = tuple(titles)

    def disable(self, setting: str) -> None:
        """A control that cannot be moved here."""
        self.controls[setting].input.disabled = True


def _column(name: str, children: Sequence[Any]) -> ipywidgets.VBox:
    box = ipywidgets.VBox(children)
    box.add_class(name)
    return box
