"""A sweep as a picture: the cost of every pair of two settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .canvas import STYLE, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .sweeps import Sweep

X, Y = "silence_duration_ms", "threshold"
Cells = dict[tuple[Any, Any], float]


def heatmap(of: Sweep, ax: Axes | None = None, *, x: str = X, y: str = Y) -> Axes:
    """The cost (ms) of each pair of values of two settings that were swept; dark is dear.

    Where a pair was tried with several values of a third setting, the least cost stands. Framed
    are the recommended setting (solid) and the default (dashed). ValueError for a setting that no
    trial has.
    """
    cells = _cells(of, x, y)
    columns, rows = (sorted({place[n] for place in cells}) for n in (0, 1))
    high = 1.1 + 0.32 * len(rows)
    ax = ax or new_axes(high, left=0.108, right=0.978, bottom=0.52 / high, top=1 - 0.38 / high)
    costs = np.array([[cells.get((at, up), np.nan) for at in columns] for up in rows])
    ax.imshow(costs, cmap="Blues", origin="lower", aspect="auto")
    _numbers(ax, costs)
    advice = of.recommend()
    for trial, dashes in ((advice.default, (0, (3, 2))), (advice.trial, "-")):
        if (trial.vad.get(x), trial.vad.get(y)) in cells:
            _frame(ax, columns.index(trial.vad[x]), rows.index(trial.vad[y]), dashes)
    ax.set_xticks(range(len(columns)), columns, fontsize=STYLE["small_pt"])
    ax.set_yticks(range(len(rows)), rows, fontsize=STYLE["small_pt"])
    ax.set_xlabel(x, fontsize=STYLE["font_pt"])
    ax.set_ylabel(y, fontsize=STYLE["font_pt"])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    title = "cost in ms: wait + 1,000 x cut-offs; framed: recommended, dashed: default"
    ax.set_title(title, loc="left", fontsize=STYLE["font_pt"], color=STYLE["ink"])
    return ax


def _cells(of: Sweep, x: str, y: str) -> Cells:
    found: Cells = {}
    for trial in of.trials:
        if x in trial.vad and y in trial.vad:
            place = (trial.vad[x], trial.vad[y])
            found[place] = min(trial.score.cost_ms, found.get(place, np.inf))
    if not found:
        known = sorted({name for trial in of.trials for name in trial.vad if name != "type"})
        raise ValueError(f"no trial has both {x!r} and {y!r}; the settings are {known}.")
    return found


def _numbers(ax: Axes, costs: NDArray[np.float64]) -> None:
    """The cost in each cell, legible on its colour."""
    middle = (np.nanmin(costs) + np.nanmax(costs)) / 2
    for (row, column), cost in np.ndenumerate(costs):
        if np.isnan(cost):
            continue
        ax.text(
            column,
            row,
            f"{cost:.0f}",
            ha="center",
            va="center",
            fontsize=STYLE["small_pt"],
            color="white" if cost > middle else STYLE["ink"],
        )


def _frame(ax: Axes, column: int, row: int, dashes: Any) -> None:
    from matplotlib.patches import Rectangle

    ax.add_patch(
        Rectangle(
            (column - 0.46, row - 0.44),
            0.92,
            0.88,
            fill=False,
            edgecolor=STYLE["assistant"],
            linewidth=2,
            linestyle=dashes,
        )
    )
