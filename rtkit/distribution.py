"""The picture of how latencies are spread: every turn a dot, percentiles with their intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from .canvas import FAINT, STYLE, WIDE, bare, new_axes, wrapped, write
from .errors import DataError
from .latency import GOAL_MS
from .onset import audible
from .percentiles import Percentile, needed, spread
from .timeline import Timeline
from .turns import Turn, read_turns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Series: TypeAlias = Timeline | Iterable[Turn] | Iterable[float]
Measure: TypeAlias = Literal["wait_ms", "response_ms", "silence_ms"]
MEANS: Mapping[Measure, str] = {
    "wait_ms": "end of speech (or question sent) to first sound heard, ms",
    "response_ms": "turn detected (or question sent) to first audio received, ms",
    "silence_ms": "end of speech to turn detected, ms",
}
MARKS: Mapping[float, dict[str, Any]] = {
    50.0: {"marker": "o", "markersize": 5, "markerfacecolor": STYLE["ink"]},
    95.0: {"marker": "D", "markersize": 4.5, "markerfacecolor": "white"},
}
"""The percentiles that are drawn, and how."""
ROW = 0.62  # inches
DOTS_HIGH, DOTS_Y, MARKS_Y = 0.19, -0.15, 0.24  # in rows
GOAL_ROOM = 1.1  # so far the axis reaches at least, in goals: its name is as wide as that
LABEL_INCHES, TEXT_INCHES = 1.3, 1.85
ARROW = 14  # points: how far an open end leads on


def latencies(
    of: Series | Mapping[str, Series], ax: Axes | None = None, *, measure: Measure = "wait_ms"
) -> Axes:
    """How a latency is spread: a dot for each turn, p50 and p95 with their 95 % intervals.

    Give a timeline, turns, or milliseconds; or several of these under their names, to compare
    configurations. `measure` is the figure of `Latency` that is read from turns, with the silence
    that their answers begin with, as in the waterfall. A percentile that so few turns cannot carry
    is withheld, and it is said how many it needs (`rtkit.percentile`); an end of an interval that
    they leave open is an arrow.
    DataError if something in it was never measured.
    """
    series = _series(of, measure)
    high = 0.85 + ROW * len(series)
    sides = {"left": LABEL_INCHES / WIDE, "right": 1 - TEXT_INCHES / WIDE}
    ax = ax or new_axes(high, bottom=0.5 / high, top=1 - 0.3 / high, **sides)
    for row, values in enumerate(series.values()):
        _row(ax, row, values)
    if measure == "wait_ms":
        dashes: dict[str, Any] = {"linestyle": (0, (4, 3)), "linewidth": 1, "zorder": 0}
        ax.axvline(GOAL_MS, color=STYLE["faint"], **dashes)
        font = {"ha": "center", "va": "bottom", "xycoords": ("data", "axes fraction")}
        write(ax, f"goal {GOAL_MS:.0f} ms", (GOAL_MS, 1), (0, 2), **FAINT | font)
        ax.set_xlim(right=max(ax.get_xlim()[1], GOAL_ROOM * GOAL_MS))
    write(ax, "95 % interval", (1, 1), (10, 2), xycoords="axes fraction", va="bottom", **FAINT)
    ax.set_xlim(left=0)
    ax.set_ylim(len(series) - 0.5, -0.5)
    ax.set_yticks(range(len(series)), [_label(*one) for one in series.items()])
    ax.tick_params(axis="y", length=0, labelsize=STYLE["font_pt"])
    ax.set_xlabel(MEANS[measure], fontsize=STYLE["font_pt"])
    bare(ax)
    return ax


def _series(of: Series | Mapping[str, Series], measure: Measure) -> dict[str, list[float]]:
    if measure not in MEANS:
        raise ValueError(f"no latency is named {measure!r}. Allowed: {', '.join(MEANS)}.")
    named = of if isinstance(of, Mapping) else {"": of}
    if not named:
        raise DataError("nothing to draw: give a timeline, or {'name': timeline, ...}.")
    found = {name: _values(series, measure) for name, series in named.items()}
    for name, values in found.items():
        if not values:
            raise DataError(
                f"no {measure} was measured{f' in {name!r}' if name else ''}. Ask something first; "
                "a wait is measured of speech in real time, or of typed questions."
            )
    return found


def _values(series: Series, measure: Measure) -> list[float]:
    if isinstance(series, str) or not isinstance(series, Iterable):
        raise TypeError(
            "latencies are drawn of a Timeline, of turns or of milliseconds, found "
            f"{type(series).__name__}. Give session.timeline."
        )
    found = []
    for one in read_turns(series) if isinstance(series, Timeline) else series:
        if isinstance(one, Turn):
            latency = audible(one)
            value = getattr(latency, measure) if latency else None
        else:
            value = one
        if value is not None:
            found.append(float(value))
    return found


def _label(name: str, values: list[float]) -> str:
    count = f"{len(values)} turn{'' if len(values) == 1 else 's'}"
    rows = wrapped(name, 72 * LABEL_INCHES - 10, STYLE["font_pt"], 2)
    return "\n".join([*rows, count])


def _row(ax: Axes, row: int, values: list[float]) -> None:
    heights = [row + DOTS_Y + DOTS_HIGH * (2 * _scattered(n) - 1) for n in range(len(values))]
    dots: dict[str, Any] = {"color": STYLE["user"], "alpha": 0.55, "markeredgewidth": 0}
    ax.plot(sorted(values), heights, "o", markersize=4, **dots)
    carried = spread(values, tuple(MARKS))
    for p, found in carried.items():
        _interval(ax, found, row + MARKS_Y, min(values), max(values))
        ax.plot(found.value, row + MARKS_Y, markeredgecolor=STYLE["ink"], **MARKS[p])
    lines = [_told(p, carried.get(p)) for p in MARKS]
    place: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center"}
    place["fontsize"] = STYLE["small_pt"]
    write(ax, "\n".join(lines), (1, row), (10, 0), linespacing=1.6, **place)


def _interval(ax: Axes, found: Percentile, y: float, least: float, most: float) -> None:
    """A line from end to end; where an end is open an arrow leads on beyond all values."""
    if not (isfinite(found.low) or isfinite(found.high)):
        return
    line: dict[str, Any] = {"color": STYLE["ink"], "linewidth": 1.4}
    low, high = max(found.low, least), min(found.high, most)
    ax.plot([low, high], [y, y], solid_capstyle="butt", **line)
    for end, at, points in ((found.low, low, -ARROW), (found.high, high, ARROW)):
        if not isfinite(end):
            arrow = {"arrowstyle": "<-", "shrinkA": 0, "shrinkB": 0, **line}
            write(ax, "", (at, y), (points, 0), arrowprops=arrow)


def _told(p: float, found: Percentile | None) -> str:
    mark = {50.0: "●", 95.0: "◇"}[p]
    if found is None:
        return f"{mark} p{p:g} needs {needed(p)} turns"
    return f"{mark} p{p:g} {found.value:.0f} ({found.interval('.0f')})"


def _scattered(n: int) -> float:
    """0 to 1, evenly spread and the same each time: the bits of n behind the point, mirrored."""
    return int(f"{n:032b}"[::-1], 2) / 2**32
