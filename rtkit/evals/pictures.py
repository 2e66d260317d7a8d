"""Pictures of runs: shares by configuration, how latencies are spread, and one difference.

Each answers one question and draws on the given axes, or on a new figure of notebook width.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rtkit.canvas import FAINT, LEGEND, STYLE, WIDE, bare, new_axes, write
from rtkit.distribution import latencies as spread_of

from .aggregates import OUTSIDE, Figure, latencies, shown, title_of
from .comparing import Comparison
from .definitions import definition
from .overview import arrow, summary
from .results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKS: Sequence[Mapping[str, Any]] = (
    {"marker": "o", "color": STYLE["user"]},
    {"marker": "D", "color": STYLE["assistant"]},
    {"marker": "s", "color": STYLE["ink"]},
    {"marker": "^", "color": STYLE["faint"]},
)
"""How configurations are told apart, also without colour."""

LINE, GAP = 0.21, 0.16  # inches: of one configuration, between two scores
PILED, MOST_PILED = 0.3, 6  # one dot on another, in heights; so many are drawn
LEFT, RIGHT = 1.95, 1.75  # inches for the names and for the counts


def plot_shares(results: Iterable[Result], ax: Axes | None = None) -> Axes:
    """Which share of runs, turns, words ... it was, by configuration, with 95 % intervals.

    A share of too few cases is not drawn; beside its line stands what was found and how many are
    needed. ValueError if there is no run.
    """
    table = summary(results)
    if not table.figures:
        raise ValueError("nothing to draw: no run was made. Give the results of a run.")
    shares = [s for s in table.figures if s in OUTSIDE or definition(s).unit == "share"]
    high = (LINE * len(table.configs) + GAP) * len(shares)
    full = high + 0.95
    sides = {"left": LEFT / WIDE, "right": 1 - RIGHT / WIDE}
    ax = ax or new_axes(full, bottom=0.5 / full, top=1 - 0.42 / full, **sides)
    y = 0.0
    ticks = {}
    for score in shares:
        lines = [y + LINE * n for n in range(len(table.configs))]
        for at, (n, config) in zip(lines, enumerate(table.configs), strict=True):
            _interval(ax, table.figures[score][config], at, MARKS[n % len(MARKS)])
        ticks[sum(lines) / len(lines)] = f"{_short(score)} {arrow(score)}"
        y += LINE * len(lines) + GAP
        ax.axhline(y - GAP / 2 - LINE / 2, color=STYLE["shade"], linewidth=0.8, zorder=0)
    _paper(ax, ticks, y - GAP - LINE / 2)
    _legend(ax, table.configs)
    return ax


def _short(score: str) -> str:
    return {"flaky": "flaky callers"}.get(score, title_of(score))


def _interval(ax: Axes, found: Figure, y: float, mark: Mapping[str, Any]) -> None:
    if found.value is not None:
        if found.low is not None and found.high is not None:
            line = {"color": mark["color"], "linewidth": 1.6, "solid_capstyle": "butt"}
            ax.plot([100 * found.low, 100 * found.high], [y, y], **line)
        ax.plot(100 * found.value, y, markersize=5.5, clip_on=False, zorder=3, **mark)
        text = f"{shown(found.score, found.value)} ({found.told})"
    else:
        text = str(found)
    font = {"fontsize": STYLE["small_pt"], "color": STYLE["faint" if found.withheld else "ink"]}
    write(ax, text, (1, y), (10, 0), xycoords=("axes fraction", "data"), va="center", **font)


def _paper(ax: Axes, ticks: Mapping[float, str], low: float) -> None:
    ax.set_xlim(0, 100)
    ax.set_ylim(low, -LINE / 2 - GAP / 2)
    ax.set_yticks(list(ticks), list(ticks.values()))
    ax.tick_params(axis="y", length=0, labelsize=STYLE["font_pt"])
    ax.set_xlabel("per cent, with the 95 % interval", fontsize=STYLE["font_pt"])
    bare(ax)


def _legend(ax: Axes, configs: Sequence[str]) -> None:
    for n, config in enumerate(configs):
        ax.plot([], [], linewidth=1.6, markersize=5.5, label=config, **MARKS[n % len(MARKS)])
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (-0.01, 1.0), "ncols": 4}
    ax.legend(**place, **LEGEND, fontsize=STYLE["font_pt"], borderaxespad=0.3)


def plot_latencies(
    results: Iterable[Result], ax: Axes | None = None, *, score: str = "response_ms"
) -> Axes:
    """How a latency is spread, by configuration: a dot for each turn, p50 and p95 with intervals.

    `score` is "response_ms" or "yield_ms". ValueError if a configuration has no such turn.
    """
    results = list(results)
    configs = dict.fromkeys(one.config for one in results)
    sides = {name: latencies([r for r in results if r.config == name], score) for name in configs}
    # the goal is one for waits
    ax = spread_of(sides, ax, measure="wait_ms" if score == "response_ms" else "response_ms")
    ax.set_xlabel(f"{title_of(score)}, ms", fontsize=STYLE["font_pt"])
    return ax


def plot_difference(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """What changes from one configuration to the other: a dot for each pair of runs, the mean and
    its 95 % interval, and the line of no difference. ValueError if no pair was measured."""
    if comparison.difference is None:
        raise ValueError(f"nothing to draw: {comparison}")
    ax = ax or new_axes(1.75, left=0.043, right=0.957, bottom=0.3, top=0.8)
    scale = 100.0 if shown(comparison.score, 0.5).endswith("%") else 1.0
    piles = Counter(round(scale * one, 6) for one in comparison.differences)
    for dot, count in piles.items():
        heights = [1 + PILED * n for n in range(min(count, MOST_PILED))]
        ax.plot([dot] * len(heights), heights, "o", color=STYLE["user"], alpha=0.6, markersize=4.5)
        if count > MOST_PILED:
            write(ax, f"{count} pairs", (dot, heights[-1]), (0, 4), ha="center", **FAINT)
    ax.axvline(0, color=STYLE["faint"], linewidth=1, linestyle=(0, (4, 3)), zorder=0)
    if comparison.low is not None and comparison.high is not None:
        ends = [scale * comparison.low, scale * comparison.high]
        ax.plot(ends, [0.3, 0.3], color=STYLE["ink"], linewidth=1.8, solid_capstyle="butt")
    ax.plot(scale * comparison.difference, 0.3, "D", color=STYLE["ink"], markersize=5.5)
    return _difference_paper(ax, comparison, piles)


def _difference_paper(ax: Axes, comparison: Comparison, piles: Mapping[float, int]) -> Axes:
    ax.set_ylim(-0.2, 1.5 + PILED * min(max(piles.values()) + 2, MOST_PILED + 3))
    ax.set_yticks([])
    ax.margins(x=0.08)
    left, right = ax.get_xlim()
    reach = max(abs(left), abs(right), 1e-9)
    ax.set_xlim(-reach, reach)
    good = "\u2190 better" if comparison.less_is_better else "better \u2192"
    at = (0, 1) if comparison.less_is_better else (1, 1)
    font = {"ha": "left" if at[0] == 0 else "right", "va": "bottom", "xycoords": "axes fraction"}
    write(ax, good, at, (0, 3), **FAINT | font)
    head = f"{comparison.b} against {comparison.a}: {comparison.verdict}"
    middle = {"ha": "center", "va": "bottom", "xycoords": "axes fraction"}
    write(ax, head, (0.5, 1), (0, 3), **middle)
    unit = "ms" if comparison.score.endswith("_ms") else ""
    unit = unit or ("points" if shown(comparison.score, 0.5).endswith("%") else "")
    ax.set_xlabel(
        f"change of {title_of(comparison.score)}{f', {unit}' if unit else ''}",
        fontsize=STYLE["font_pt"],
    )
    bare(ax)
    return ax
