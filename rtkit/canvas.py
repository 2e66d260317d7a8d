"""What all pictures share: colours, sizes, axes without a box, a figure of notebook width.

The colours differ in brightness too, so that they stay apart in greyscale and for the colour-blind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import MissingExtra

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STYLE: dict[str, Any] = {
    "user": "#1f5a8a",
    "assistant": "#d98a1f",
    "silence": "#c9c9c9",
    "unheard": "#b5b5b5",
    "ink": "#222222",
    "faint": "#6b6b6b",
    "shade": "#f1f1ee",
    "font_pt": 8.5,
    "small_pt": 7.5,
}


def bare(ax: Axes) -> None:
    """Leave only the line of the horizontal axis."""
    ax.spines[["left", "right", "top"]].set_visible(False)
    ax.tick_params(axis="x", labelsize=STYLE["small_pt"])


def new_axes(wide: float, high: float, **margins: float) -> Axes:
    """Axes on a new figure (inches), with margins as shares of it; MissingExtra if it cannot be."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as exc:
        raise MissingExtra("matplotlib, which draws the plots,", "lab") from exc
    figure, ax = plt.subplots(figsize=(wide, high))
    figure.subplots_adjust(**margins)
    return ax
