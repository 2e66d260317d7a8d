"""The JavaScript and style of the widgets, as the one module and the one sheet that each has.

A module is the plain text of the files beside this one, joined: no build step, nothing from a
network. The AudioWorklets travel inside it as strings; the engine makes Blob URLs of them.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
SHARED = ("transport.js", "linked.js", "capture.js", "devices.js", "elements.js")
MODULES = {
    "console": (
        *(*SHARED, "holding.js", "keepsakes.js", "microphonecheck.js", "sounding.js"),
        *("engine.js", "head.js", "noticebox.js", "transcript.js", "picture.js", "composer.js"),
        *("preflight.js", "waterfall.js", "meters.js", "foot.js", "knobtable.js", "settings.js"),
        *("slots.js", "view.js"),
    ),
    "quiz": ("elements.js", "quiz.js"),
    "inspector": (
        *("transport.js", "linked.js", "elements.js", "sound.js", "sounded.js", "waveform.js"),
        *("inspecting.js", "rowlist.js", "eventview.js", "inspector.js"),
    ),
    "recorder": (*SHARED, "recording.js", "waveform.js", "booth.js"),
    "tuner": (
        *("transport.js", "linked.js", "elements.js", "sound.js", "sounded.js", "tuning.js"),
        *("lanes.js", "turnlanes.js", "chances.js", "pointing.js", "knobtable.js", "knobs.js"),
        *("results.js", "tuner.js"),
    ),
}
STYLES = {"console": ("console.css", "gauges.css")}
WORKLETS = {
    "MICROPHONE_SOURCE": ("resampler.js", "microphone.js"),
    "PLAYER_SOURCE": ("player.js",),
}


def read(*names: str) -> str:
    """The text of these files, one after the other."""
    return "\n".join((HERE / name).read_text("utf-8") for name in names)


@cache
def module(widget: str) -> str:
    """A widget's ES module."""
    text = read(*MODULES[widget])
    worklets = [
        f"const {name} = {json.dumps(read(*files))};"
        for name, files in WORKLETS.items()
        if name in text
    ]
    return "\n".join([*worklets, text])


@cache
def style(widget: str) -> str:
    """A widget's style sheet."""
    return read("panel.css", *STYLES.get(widget, (f"{widget}.css",)))
