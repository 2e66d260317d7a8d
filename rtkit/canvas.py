"""What all pictures share: colours, sizes, axes without a box, a figure of notebook width, and
text that has to fit: how wide words are on paper, and how they wrap.

Blue is the person, orange the assistant, grey is silence: a pair of hues that the red-green blind
tell apart, each with a pale kin. No two that meet are alike in brightness, so that greyscale keeps
them apart; what must not be mistaken is hatched as well. Pictures are white paper with dark ink,
on a dark page too: they are kept in files and shown where nobody knows the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal

from .errors import MissingExtra

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STYLE: dict[str, Any] = {
    "user": "#1f5a8a",
    "assistant": "#d98a1f",
    "pale user": "#aecde8",
    "pale assistant": "#f3d5a3",
    "silence": "#c9c9c9",
    "unheard": "#b5b5b5",
    "ink": "#222222",
    "faint": "#6b6b6b",
    "shade": "#f1f1ee",
    "font_pt": 8.5,
    "small_pt": 7.5,
    "title_pt": 10.5,
}
WIDE = 7.4
"""Inches of a picture: drawn as it is, not shrunk, beside the file list of a JupyterLab that is
1,200 pixels wide (768 of them are the output's; notebooks add 0.1 inches around a picture)."""
LINES: tuple[dict[str, Any], ...] = (
    {"color": STYLE["user"], "linewidth": 1.6},
    {"color": STYLE["assistant"], "linewidth": 1.6, "linestyle": (0, (5, 1.5))},
    {"color": STYLE["faint"], "linewidth": 1.2, "linestyle": (0, (1.5, 1))},
    {"color": STYLE["ink"], "linewidth": 1.0},
)
"""How several lines in one picture are told apart, also without colour."""
FAINT: dict[str, Any] = {"fontsize": STYLE["small_pt"], "color": STYLE["faint"]}
"""The font of what is only a remark."""
PAPER = {
    "axes.facecolor": "white",
    **dict.fromkeys(("axes.edgecolor", "axes.labelcolor", "text.color"), STYLE["ink"]),
}
"""What new axes are like, whatever style the notebook has chosen."""
LEGEND: dict[str, Any] = {"frameon": False, "labelcolor": STYLE["ink"]}
FINE = 10  # widths are measured at so many times the resolution
LEAST_LETTERS = 4
"""A column that is narrower than this many letters gets no words."""


def bare(ax: Axes) -> None:
    """Leave only the line of the horizontal axis."""
    ax.spines[["left", "right", "top"]].set_visible(False)
    ax.tick_params(axis="x", labelsize=STYLE["small_pt"])


def labelled(ax: Axes, x: str, y: str) -> None:
    """Name both axes, in the sizes of all pictures."""
    ax.set_xlabel(x, fontsize=STYLE["font_pt"])
    ax.set_ylabel(y, fontsize=STYLE["font_pt"])
    ax.tick_params(labelsize=STYLE["small_pt"])


def new_axes(high: float, wide: float = WIDE, **margins: float) -> Axes:
    """Axes on a new figure (inches), with margins as shares of it; MissingExtra if it cannot be."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as exc:
        raise MissingExtra("matplotlib, which draws the plots,", "lab") from exc
    figure = plt.figure(figsize=(wide, high), facecolor="white")
    with plt.rc_context(PAPER):  # not before the figure: the first one brings the notebook's own
        ax = figure.subplots()
    ax.tick_params(colors=STYLE["ink"])
    figure.subplots_adjust(**margins)
    return ax


def write(
    ax: Axes,
    text: str,
    at: tuple[float, float],
    offset_pt: tuple[float, float] = (0, 0),
    **options: Any,
) -> None:
    """Words at a place of the axes (data, if `xycoords` does not say otherwise), moved by points;
    in dark ink and the usual size."""
    usual = {"fontsize": STYLE["font_pt"], "color": STYLE["ink"], "textcoords": "offset points"}
    ax.annotate(text, at, offset_pt, **usual | options)


def bracket(ax: Axes, start: float, end: float, y: float, **line: Any) -> None:
    """A line with a stop at both ends, as on a drawing that gives measures."""
    style = {"arrowstyle": "|-|,widthA=0.2,widthB=0.2", "color": STYLE["ink"], "lw": 1.0}
    ax.annotate("", (end, y), (start, y), arrowprops=style | {"shrinkA": 0, "shrinkB": 0} | line)


def points(ax: Axes, length: float, axis: Literal["x", "y"] = "x") -> float:
    """How long a stretch of an axis is on paper."""
    figure = ax.get_figure(root=True)
    assert figure is not None  # axes that can be drawn on belong to one
    low, high = ax.get_xlim() if axis == "x" else ax.get_ylim()
    wide, tall = figure.get_size_inches()
    box = ax.get_position()
    inches = wide * box.width if axis == "x" else tall * box.height
    return float(72 * inches * length / (high - low))


def wrapped(text: str, width_pt: float, size_pt: float, most: int) -> list[str]:
    """Lines of at most `width_pt` points, at most `most` of them; what is left out is `...`."""
    if width_pt < LEAST_LETTERS * width("n", size_pt) or not text:
        return []
    lines: list[str] = []
    for word in _fitting(text.split(), width_pt, size_pt):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size_pt) <= width_pt:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], _ended(lines[most - 1], width_pt, size_pt)]


def _fitting(words: Iterable[str], width_pt: float, size_pt: float) -> Iterable[str]:
    """The words; those that are wider than a line are cut."""
    return (
        word if width(word, size_pt) <= width_pt else _cut(word + "...", width_pt, size_pt)
        for word in words
    )


def _ended(line: str, width_pt: float, size_pt: float) -> str:
    """The line with `...` after the last of its words that leaves room for it."""
    words = line.split()
    while len(words) > 1 and width(f"{' '.join(words)}...", size_pt) > width_pt:
        words.pop()
    return _cut(f"{' '.join(words)}...", width_pt, size_pt)


def _cut(text: str, width_pt: float, size_pt: float) -> str:
    """The text, which ends in `...`, shortened before that until it fits."""
    body = text.removesuffix("...").rstrip()
    while body and width(f"{body}...", size_pt) > width_pt:
        body = body[:-1].rstrip()
    return f"{body}..."


@lru_cache(4096)
def width(text: str, size_pt: float) -> float:
    """Points that a text takes in the default font of matplotlib."""
    font = _font()
    font.set_size(size_pt, 72 * FINE)  # hinting rounds to whole dots: let them be small
    font.set_text(text, 0.0)
    return float(font.get_width_height()[0]) / 64 / FINE


@cache
def _font() -> Any:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return get_font(findfont(FontProperties()))
