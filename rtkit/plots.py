"""Pictures of a session: where one turn's time went, who spoke when, what went to and fro, what it
cost; and of a sound: its waveform, its frequencies, and what a phone line makes of it.

Each function draws on the given matplotlib axes, or on a new figure of notebook width, and returns
the axes. Nothing is computed here that a view can compute.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .bill import cost
from .canvas import LEGEND, STYLE, new_axes
from .clipview import draw_waveform
from .costmap import heatmap
from .diagram import sequence
from .distribution import latencies
from .errors import DataError
from .lanes import conversation
from .parallel import overlay
from .phoneplots import coding_quality, packets, quantisation
from .soundplots import levels, spectra, spectrogram
from .stages import waterfall
from .turnview import segmentation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .clip import Clip

__all__ = [
    "coding_quality",
    "compare",
    "conversation",
    "cost",
    "heatmap",
    "latencies",
    "levels",
    "overlay",
    "packets",
    "quantisation",
    "segmentation",
    "sequence",
    "spectra",
    "spectrogram",
    "waterfall",
    "waveform",
]


def waveform(clip: Clip, ax: Axes | None = None) -> Axes:
    """The waveform of a clip; seconds to the right."""
    return draw_waveform(clip, ax or new_axes(1.5, left=0.022, right=0.978, bottom=0.3, top=0.97))


def compare(
    waits: Mapping[str, Mapping[int, float]],
    ax: Axes | None = None,
    *,
    setting: str = "silence_duration_ms",
) -> Axes:
    """Waits in milliseconds for several values of one setting, one bar per series beside another.

    `waits` is {"predicted": {200: 300, 500: 600}, "measured": {200: 341, 500: 642}}. DataError if
    there is nothing to draw.
    """
    values = sorted({value for series in waits.values() for value in series})
    if not values:
        raise DataError("nothing to compare: give waits such as {'measured': {500: 640}}.")
    ax = ax or new_axes(2.6, left=0.097, right=0.978, bottom=0.19, top=0.86)
    width = 0.8 / len(waits)
    fills = ({"color": STYLE["silence"], "hatch": "////"}, {"color": STYLE["user"]})
    for place, (name, series) in enumerate(waits.items()):
        at = [
            n + (place - (len(waits) - 1) / 2) * width for n, v in enumerate(values) if v in series
        ]
        heights = [series[value] for value in values if value in series]
        bars = ax.bar(at, heights, width * 0.92, label=name, edgecolor="white", **fills[place % 2])
        ax.bar_label(bars, fmt="%.0f ms", padding=2, fontsize=STYLE["small_pt"], color=STYLE["ink"])
    ax.set_xticks(range(len(values)), [f"{value} ms" for value in values])
    ax.set_xlabel(setting, fontsize=STYLE["font_pt"])
    ax.set_ylabel("wait in ms", fontsize=STYLE["font_pt"])
    ax.margins(y=0.12)
    ax.spines[["right", "top"]].set_visible(False)
    ax.tick_params(labelsize=STYLE["small_pt"])
    ax.legend(loc="upper left", **LEGEND, fontsize=STYLE["font_pt"])
    return ax
