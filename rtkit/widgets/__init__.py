"""Widgets for notebooks. Nothing here is loaded before a name of it is used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .console import LiveConsole as LiveConsole
    from .vadtuner import VADTuner as VADTuner

_HOME = {"LiveConsole": "console", "VADTuner": "vadtuner"}
__all__ = ["LiveConsole", "VADTuner"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}. It has: {__all__}.")
