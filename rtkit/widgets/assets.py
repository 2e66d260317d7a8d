"""The JavaScript and style of each widget, as the one module and the one sheet that it has.

A module is the plain text of files beside this one, joined: no build step, nothing from a network.
The two AudioWorklets travel inside the console's as strings; its engine makes Blob URLs of them.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
MODULES = {
    "console": ("elements.js", "transport.js", "engine.js", "view.js"),
    "tuner": ("elements.js", "sound.js", "tuning.js", "lanes.js", "pointing.js", "knobs.js", "tuner.js"),
}
WORKLETS = {
    "console": {
        "MICROPHONE_SOURCE": ("resampler.js", "microphone.js"),
        "PLAYER_SOURCE": ("player.js",),
    }
}


def read(*names: str) -> str:
    """The text of these files, one after the other."""
    return "\n".join((HERE / name).read_text("utf-8") for name in names)


@cache
def module(widget: str = "console") -> str:
    """The widget's ES module."""
    sources = WORKLETS.get(widget, {}).items()
    worklets = [f"const {name} = {json.dumps(read(*files))};" for name, files in sources]
    return "\n".join([*worklets, read(*MODULES[widget])])


@cache
def style(widget: str = "console") -> str:
    """The widget's style sheet."""
    return read("elements.css", f"{widget}.css")
