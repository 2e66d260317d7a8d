"""The console's JavaScript and style, as the one module and the one sheet that a widget has.

The module is the plain text of the files beside this one, joined: no build step, nothing from a
network. The two AudioWorklets travel inside it as strings; the engine makes Blob URLs of them.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
MODULE = ("transport.js", "engine.js", "view.js")
WORKLETS = {
    "MICROPHONE_SOURCE": ("resampler.js", "microphone.js"),
    "PLAYER_SOURCE": ("player.js",),
}


def read(*names: str) -> str:
    """The text of these files, one after the other."""
    return "\n".join((HERE / name).read_text("utf-8") for name in names)


@cache
def module() -> str:
    """The widget's ES module."""
    worklets = [f"const {name} = {json.dumps(read(*files))};" for name, files in WORKLETS.items()]
    return "\n".join([*worklets, read(*MODULE)])


@cache
def style() -> str:
    """The widget's style sheet."""
    return read("console.css")
