"""The controls of the form: one for each kind of entry, over the widgets of ipywidgets.

A control shows what a configuration has of its setting, and reads what the person made of it. It
knows no other setting and decides nothing: what it reads may be refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

from rtkit.errors import ConfigError
from rtkit.form import PATHS, Config, Entry, choices, chosen, suggestions
from rtkit.plainwords import meaning_of
from rtkit.settings import plain_value

from .toolstext import read_tools, tools_text

OFF = "off"
Edited = Callable[[str], None]
FREE = ipywidgets.Layout()
WIDE = ipywidgets.Layout(width="100%", margin="0")
TALL = ipywidgets.Layout(width="100%", height="190px", margin="0")
LOW = ipywidgets.Layout(width="100%", height="84px", margin="0")


class Control:
    """One entry's control. `input` is what takes the value, `box` what is laid out."""

    def __init__(self, entry: Entry, config: Config, edited: Edited) -> None:
        self.entry = entry
        self.input = self.make(config)
        self.inputs = [self.input]
        self.box: ipywidgets.Widget = self.input
        self._edited = edited

    def make(self, config: Config) -> Any:
        """The widget."""
        raise NotImplementedError

    def watch(self) -> None:
        """Tell of every change from now on."""
        for each in self.inputs:
            each.observe(lambda _: self._edited(self.entry.setting), "value")

    def value_in(self, config: Config) -> Any:
        """The setting as JSON knows it."""
        return plain_value(getattr(config, self.entry.setting))

    def show(self, config: Config) -> None:
        """Move to what the configuration has."""
        self.input.value = self.value_in(config)

    def read(self, config: Config) -> Any:
        """What the person made of it; ConfigError for what cannot be read at all."""
        return self.input.value


class Number(Control):
    """A number of the field table's range; with a box to tick where it may be none."""

    def __init__(self, entry: Entry, config: Config, edited: Edited) -> None:
        super().__init__(entry, config, edited)
        self.none = ipywidgets.Checkbox(
            description=meaning_of(PATHS[entry.setting], entry.off), indent=False
        )
        if entry.can_be_off:
            self.inputs = [self.input, self.none]
            self.box = ipywidgets.HBox(self.inputs, layout=WIDE)
            self.box.add_class("rtkit-pair")

    def make(self, config: Config) -> Any:
        row, entry = self.entry.row, self.entry
        options: dict[str, Any] = {
            "description": entry.label,
            "min": row.low or 0,
            "max": row.high if row.high is not None else entry.end,
            "step": entry.step,
            "layout": WIDE,
        }
        if entry.kind == "number":
            return ipywidgets.BoundedIntText(**options)
        if "integer" in row.kinds:
            return ipywidgets.IntSlider(**options)
        return ipywidgets.FloatSlider(**options)

    def show(self, config: Config) -> None:
        value = self.value_in(config)
        is_none = self.entry.can_be_off and value == self.entry.off
        self.none.value = self.input.disabled = is_none
        if not is_none:
            self.input.max = max(self.input.max, value)
            self.input.value = value

    def read(self, config: Config) -> Any:
        self.input.disabled = self.none.value
        return self.entry.off if self.none.value else self.input.value


class Choice(Control):
    """One of the values that the field table has. A Dropdown takes None for no choice at all."""

    def make(self, config: Config) -> Any:
        return ipywidgets.Dropdown(description=self.entry.label, layout=WIDE)

    def show(self, config: Config) -> None:
        offered = choices(self.entry.setting, config)
        options = tuple((_label(value), value or OFF) for value in offered)
        if self.input.options != options:
            self.input.options = options
        self.input.value = chosen(self.entry.setting, config) or OFF

    def read(self, config: Config) -> Any:
        return None if self.input.value == OFF else self.input.value


class Switch(Control):
    """Yes or no."""

    def make(self, config: Config) -> Any:
        return ipywidgets.Checkbox(description=self.entry.label, layout=WIDE)


class Words(Control):
    """A text; where the setting may be None, an empty one is."""

    def make(self, config: Config) -> Any:
        options = {"description": self.entry.label, "continuous_update": False}
        if self.entry.kind == "text":
            return ipywidgets.Textarea(layout=LOW, **options)
        return ipywidgets.Text(layout=WIDE, **options)

    def show(self, config: Config) -> None:
        self.input.value = self.value_in(config) or ""

    def read(self, config: Config) -> Any:
        default = type(config).model_fields[self.entry.setting].default
        return self.input.value or default


class Suggestion(Control):
    """The name of a model: any, and those that are known are offered."""

    def make(self, config: Config) -> Any:
        return ipywidgets.Combobox(
            description=self.entry.label,
            options=suggestions(self.entry.setting),
            continuous_update=False,
            ensure_option=False,
            layout=WIDE,
        )

    def read(self, config: Config) -> Any:
        name = self.input.value.strip()
        if not name:
            known = ", ".join(self.input.options[:3])
            raise ConfigError(
                f"{self.entry.setting}: found nothing; allowed: the name of a model, such as "
                f"{known}. Write one."
            )
        return name


class Tools(Control):
    """The list of tools, as JSON."""

    def make(self, config: Config) -> Any:
        return ipywidgets.Textarea(
            description=self.entry.label, continuous_update=False, layout=TALL
        )

    def show(self, config: Config) -> None:
        self.input.value = tools_text(self.value_in(config))

    def read(self, config: Config) -> Any:
        return read_tools(self.input.value, self.value_in(config))


KINDS: dict[str, type[Control]] = {
    "choice": Choice,
    "suggestion": Suggestion,
    "slider": Number,
    "number": Number,
    "switch": Switch,
    "line": Words,
    "text": Words,
    "tools": Tools,
}


def control(entry: Entry, config: Config, edited: Edited) -> Control:
    """The control of an entry; it shows nothing yet. `edited` is told the setting at a change."""
    made = KINDS[entry.kind](entry, config, edited)
    made.input.add_class(f"rtkit-entry-{entry.kind}")
    return made


def _label(value: Any) -> str:
    if value is None:
        return OFF
    if isinstance(value, dict):
        return f"{value.get('id') or value.get('name') or value.get('server_label')} (your own)"
    return str(value)
