"""The picture of what a session costs: one stacked bar for each turn, and what is to come.

Bars are made of the lines of `rtkit.cost`; what was given from the cache is hatched. Forecasts are
lines that go on where the bars end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .canvas import LEGEND, STYLE, new_axes
from .cost import MODALITIES, TRANSCRIPTION, Cost
from .errors import DataError
from .forecasting import Forecast
from .timeline import Timeline
from .turns import Turn, read_turns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CENTS = 100.0
MOST_SHARES = 16
"""There is room for so many percentages."""


@dataclass(frozen=True, slots=True)
class Part:
    """One colour of the bars: what it counts, as (modality, direction)."""

    name: str
    kinds: tuple[tuple[str, str], ...]
    color: str
    hatch: str | None = None

    def of(self, cost: Cost, tokens: bool) -> float:
        """Its share of a bill, in US cents or in tokens."""
        lines = [line for line in cost.lines if (line.modality, line.direction) in self.kinds]
        if tokens:
            return sum(line.amount for line in lines)
        return CENTS * sum(line.usd or 0.0 for line in lines)


CACHED = Part("cached", tuple((kind, "cached") for kind in MODALITIES), STYLE["silence"], "////")
PARTS = (
    CACHED,
    Part("sound in", (("audio", "input"),), STYLE["user"]),
    Part("text in", (("text", "input"),), STYLE["pale user"]),
    Part("image in", (("image", "input"),), STYLE["faint"]),
    Part("sound out", (("audio", "output"),), STYLE["assistant"]),
    Part("text out", (("text", "output"),), STYLE["pale assistant"]),
    Part("transcription", ((TRANSCRIPTION, "input"),), STYLE["ink"]),
)
"""From the bottom of a bar to its top; they differ in brightness too."""

LINES: tuple[dict[str, Any], ...] = (
    {"color": STYLE["ink"], "linestyle": "-"},
    {"color": STYLE["user"], "linestyle": (0, (5, 2))},
    {"color": STYLE["assistant"], "linestyle": (0, (1, 1.5))},
)


def cost(
    of: Timeline | Sequence[Turn],
    ax: Axes | None = None,
    *,
    forecasts: Mapping[str, Forecast] | None = None,
    tokens: bool = False,
) -> Axes:
    """What each turn cost, in US cents by modality; with `tokens` what each gave the model to read.

    The percentage above a bar of tokens is what came from the cache. `forecasts` is a Forecast for
    each name; they are drawn as lines that follow the bars. Responses beside the conversation
    belong to no turn and are not drawn. DataError if there is nothing, or no price is known.
    """
    turns = [turn for turn in _turns(of) if turn.cost.charges]
    _check(turns, tokens)
    ax = ax or new_axes(3, left=0.081, right=0.773, bottom=0.155, top=0.9)
    bills = [turn.cost for turn in turns]
    heights = _bars(ax, bills, tokens)
    if tokens and len(bills) <= MOST_SHARES:
        _shares(ax, bills, heights)
    top, last = max(heights), len(bills)
    for number, (name, forecast) in enumerate((forecasts or {}).items()):
        values = forecast.input_tokens if tokens else [CENTS * usd for usd in forecast.usd]
        told = name if tokens else f"{name}: {CENTS * forecast.total_usd:.0f} cents"
        at = range(len(bills) + 1, len(bills) + 1 + len(values))
        ax.plot(at, values, label=told, linewidth=1.4, **LINES[number % len(LINES)])
        top, last = max(top, *values), max(last, at[-1])
    ax.set(xlim=(0.4, last + 0.6), ylim=(0, 1.12 * top or 1.0))
    _finish(ax, bills, tokens)
    return ax


def _turns(of: Timeline | Sequence[Turn]) -> Sequence[Turn]:
    if isinstance(of, Timeline):
        return read_turns(of)
    if isinstance(of, Iterable) and all(isinstance(turn, Turn) for turn in of):
        return of
    raise TypeError(
        f"costs are drawn of a Timeline or of turns, found {type(of).__name__}. "
        "Give session.timeline."
    )


def _check(turns: Sequence[Turn], tokens: bool) -> None:
    if not turns:
        raise DataError("nothing was billed in these turns. Ask something first.")
    unpriced = {name for turn in turns for name in turn.cost.unpriced}
    if unpriced and not tokens:
        raise DataError(f"no price is known of {min(unpriced)!r}. Give tokens=True.")


def _bars(ax: Axes, bills: Sequence[Cost], tokens: bool) -> list[float]:
    """Stacks the parts that occur; how high each bar became."""
    heights = [0.0] * len(bills)
    for part in PARTS:
        if tokens and not any(way in ("input", "cached") for _, way in part.kinds):
            continue
        if tokens and part.kinds[0][0] == TRANSCRIPTION:
            continue
        values = [part.of(bill, tokens) for bill in bills]
        if not any(values):
            continue
        style: dict[str, Any] = {"color": part.color, "hatch": part.hatch, "edgecolor": "white"}
        at = range(1, len(bills) + 1)
        ax.bar(at, values, 0.8, bottom=heights, label=part.name, linewidth=0.5, **style)
        heights = [low + value for low, value in zip(heights, values, strict=True)]
    return heights


def _shares(ax: Axes, bills: Sequence[Cost], heights: Sequence[float]) -> None:
    for number, (bill, height) in enumerate(zip(bills, heights, strict=True), 1):
        ax.annotate(
            f"{100 * (bill.cached_share or 0.0):.0f} %",
            (number, height),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            fontsize=STYLE["small_pt"],
            color=STYLE["faint"],
        )


def _finish(ax: Axes, bills: Sequence[Cost], tokens: bool) -> None:
    ax.set_xlabel("turn", fontsize=STYLE["font_pt"])
    told = "tokens to read" if tokens else "US cents"
    ax.set_ylabel(told, fontsize=STYLE["font_pt"])
    ax.locator_params(axis="x", integer=True)
    ax.spines[["right", "top"]].set_visible(False)
    ax.tick_params(labelsize=STYLE["small_pt"])
    _legend(ax)
    ax.set_title(_title(bills, tokens), loc="left", fontsize=STYLE["font_pt"])


def _legend(ax: Axes) -> None:
    """Beside the bars: their parts from top to bottom, then the lines."""
    bars = [(bar, str(bar.get_label())) for bar in reversed(ax.containers)]
    lines = [(line, str(line.get_label())) for line in ax.lines]
    handles, names = zip(*bars, *lines, strict=True)
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.02)}
    ax.legend(handles, names, **LEGEND, fontsize=STYLE["small_pt"], **place)


def _title(bills: Sequence[Cost], tokens: bool) -> str:
    count = f"{len(bills)} turn{'' if len(bills) == 1 else 's'}"
    whole = Cost(tuple(charge for bill in bills for charge in bill.charges))
    share = f"{100 * (whole.cached_share or 0.0):.0f} % of what was read came from the cache"
    if tokens:
        return f"{count}: {share}"
    kind = ", estimated" if any(bill.estimated for bill in bills) else ""
    return f"{count}: {CENTS * (whole.usd or 0.0):.1f} cents{kind}; {share}"
