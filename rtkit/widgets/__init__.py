"""Widgets for notebooks. Nothing here is loaded before a name of it is used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .configpanel import ConfigPanel as ConfigPanel
    from .console import LiveConsole as LiveConsole
    from .recorder import Recorder as Recorder
    from .vadtuner import VADTuner as VADTuner

_HOME = {
    "ConfigPanel": "configpanel",
    "LiveConsole": "console",
    "Recorder": "recorder",
    "VADTuner": "vadtuner",
}

__all__ = ["ConfigPanel", "LiveConsole", "Recorder", "VADTuner"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}. It has: {__all__}.")
    return getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
