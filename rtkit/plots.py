"""Pictures of a session: where one turn's time went, who spoke when, what went to and fro, what it
cost; and of a sound: its waveform, its frequencies, and what a phone line makes of it.

Each function draws on the given matplotlib axes, or on a new figure of notebook width, and returns
the axes. Nothing is computed here that a view can compute.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .bill import cost
from .canvas import STYLE, bare, new_axes
from .clipview import draw_waveform
from .diagram import sequence
from .lanes import conversation
from .latency import GOAL_MS, MEANING, SILENCE_WAIT, Latency
from .phoneplots import coding_quality, packets, quantisation
from .soundplots import levels, spectra, spectrogram
from .timeline import Timeline
from .turns import Turn, read_turns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .clip import Clip

USUAL_STAGES = 6
"""So many fit into the usual height of a waterfall."""

__all__ = [
    "coding_quality",
    "compare",
    "conversation",
    "cost",
    "levels",
    "packets",
    "quantisation",
    "sequence",
    "spectra",
    "spectrogram",
    "waterfall",
    "waveform",
]


def waveform(clip: Clip, ax: Axes | None = None) -> Axes:
    """The waveform of a clip; seconds to the right."""
    return draw_waveform(clip, ax or new_axes(8, 1.5, left=0.02, right=0.98, bottom=0.3, top=0.97))


def waterfall(of: Turn | Timeline | Latency, ax: Axes | None = None) -> Axes:
    """The stages of one turn, one below the other, in milliseconds from its beginning.

    Of a timeline the last turn that was measured is drawn. The title gives the totals and from
    which instant to which they run; the dashed line is a goal, not a measurement. ValueError if
    there is nothing that was measured.
    """
    latency, number = _latency_of(of)
    stages = latency.stages()
    high = 3.1 + 0.3 * max(0, len(stages) - USUAL_STAGES)
    ax = ax or new_axes(8, high, left=0.21, right=0.975, bottom=0.51 / high, top=1 - 0.79 / high)
    zero = stages[0][1]
    for row, (name, start, end) in enumerate(stages):
        _stage(ax, row, name, 1000 * (start - zero), 1000 * (end - start))
    _stage_axes(ax, latency, number, 1000 * (max(end for _, _, end in stages) - zero), len(stages))
    return ax


def compare(
    waits: Mapping[str, Mapping[int, float]],
    ax: Axes | None = None,
    *,
    setting: str = "silence_duration_ms",
) -> Axes:
    """Waits in milliseconds for several values of one setting, one bar per series beside another.

    `waits` is {"predicted": {200: 300, 500: 600}, "measured": {200: 341, 500: 642}}. ValueError if
    there is nothing to draw.
    """
    values = sorted({value for series in waits.values() for value in series})
    if not values:
        raise ValueError("nothing to compare: give waits such as {'measured': {500: 640}}.")
    ax = ax or new_axes(8, 2.6, left=0.09, right=0.98, bottom=0.19, top=0.86)
    width = 0.8 / len(waits)
    fills = ({"color": STYLE["silence"], "hatch": "////"}, {"color": STYLE["user"]})
    for place, (name, series) in enumerate(waits.items()):
        at = [
            n + (place - (len(waits) - 1) / 2) * width for n, v in enumerate(values) if v in series
        ]
        heights = [series[value] for value in values if value in series]
        bars = ax.bar(at, heights, width * 0.92, label=name, edgecolor="white", **fills[place % 2])
        ax.bar_label(bars, fmt="%.0f ms", fontsize=STYLE["small_pt"], padding=2)
    ax.set_xticks(range(len(values)), [f"{value} ms" for value in values])
    ax.set_xlabel(setting, fontsize=STYLE["font_pt"])
    ax.set_ylabel("wait in ms", fontsize=STYLE["font_pt"])
    ax.margins(y=0.12)
    ax.spines[["right", "top"]].set_visible(False)
    ax.tick_params(labelsize=STYLE["small_pt"])
    ax.legend(loc="upper left", frameon=False, fontsize=STYLE["font_pt"])
    return ax


def _latency_of(of: Turn | Timeline | Latency) -> tuple[Latency, str]:
    """What to draw, and what to call it."""
    if isinstance(of, Latency):
        found = [("", of)]
    elif isinstance(of, Turn):
        found = [("", of.latency)] if of.latency else []
    elif not isinstance(of, Timeline):
        raise TypeError(
            f"a waterfall is drawn of a Turn, a Latency or a Timeline, found {type(of).__name__}. "
            "Give session.timeline, or a turn."
        )
    else:
        turns = read_turns(of)
        found = [(f"Turn {n}: ", turn.latency) for n, turn in enumerate(turns, 1) if turn.latency]
    measured = [(name, latency) for name, latency in found if latency.stages()]
    if not measured:
        raise ValueError(
            f"no stages to draw in {of!r}: a waterfall needs a turn that was answered. "
            "Ask something first, or give a Turn whose latency is known."
        )
    name, latency = measured[-1]
    return latency, name


def _stage(ax: Axes, row: int, name: str, start: float, length: float) -> None:
    silent = name == SILENCE_WAIT
    ax.barh(
        row,
        length,
        left=start,
        height=0.62,
        color=STYLE["silence"] if silent else STYLE["user"],
        hatch="////" if silent else None,
        edgecolor="white" if silent else STYLE["user"],
        linewidth=0.8,
    )
    ax.annotate(
        f"{length:.0f} ms",
        (start + length, row),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        fontsize=STYLE["font_pt"],
        color=STYLE["ink"],
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
        zorder=4,
    )


def _stage_axes(ax: Axes, latency: Latency, name: str, total: float, rows: int) -> None:
    spoken = latency.speech_end is not None
    if spoken:
        ax.axvline(GOAL_MS, color=STYLE["faint"], linestyle=(0, (4, 3)), linewidth=1, zorder=0)
        ax.annotate(
            f"goal {GOAL_MS:.0f} ms",
            (GOAL_MS, 1),
            xytext=(0, 2),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=STYLE["small_pt"],
            color=STYLE["faint"],
        )
    ax.set_xlim(0, 1.12 * max(total, GOAL_MS if spoken else 0.0, 1.0))
    ax.set_ylim(rows - 0.4, -0.6)
    labels = [stage.replace(" (", "\n(") for stage, _, _ in latency.stages()]
    ax.set_yticks(range(rows), labels, fontsize=STYLE["font_pt"])
    ax.set_xlabel(f"milliseconds after {_beginning(latency)}", fontsize=STYLE["font_pt"])
    ax.tick_params(axis="y", length=0)
    bare(ax)
    _title(ax, [name + first for first in _totals(latency)[:1]] + _totals(latency)[1:])


def _title(ax: Axes, lines: list[str]) -> None:
    """The first line above the second, from the left edge of the labels."""
    for height, line, size in zip((31, 19), lines, (10.5, STYLE["font_pt"]), strict=False):
        ax.annotate(
            line,
            (0, 1),
            xytext=(0, height),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=size,
            color=STYLE["ink"],
        )


def _beginning(latency: Latency) -> str:
    starts = ("speech_end", "turn_detected", "asked", "committed", "response_created")
    return MEANING[next(name for name in starts if getattr(latency, name) is not None)]


def _totals(latency: Latency) -> list[str]:
    lines = [
        f"{ms:.0f} ms from {MEANING[span[0]]} to {MEANING[span[1]]}"
        for ms, span in (
            (latency.wait_ms, latency.wait_span),
            (latency.response_ms, latency.response_span),
        )
        if ms is not None and span is not None
    ]
    return list(dict.fromkeys(lines)) or ["the wait was not measured"]
