"""Widgets for notebooks. Nothing here is loaded before a name of it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .configpanel import ConfigPanel as ConfigPanel
    from .console import LiveConsole as LiveConsole

__all__ = ["ConfigPanel", "LiveConsole"]


def __getattr__(name: str) -> Any:
    if name == "ConfigPanel":
        from .configpanel import ConfigPanel

        return ConfigPanel
    if name == "LiveConsole":
        from .console import LiveConsole

        return LiveConsole
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}. It has: {__all__}.")
