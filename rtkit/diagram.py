"""A sequence diagram of a session: person, notebook and server, and the events between them.

Time runs down the page, true to order and not to scale. Who sent an arrow is told by its direction
first, by its colour second. What is drawn comes from `rtkit.arrows`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .arrows import Arrows, Bracket, Lane, Row, read_arrows
from .canvas import STYLE, new_axes, width
from .moments import Moment
from .timeline import Timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Across, in inches from the left edge of the page.
WIDE = 8.0
LANE_X: dict[Lane, float] = {"person": 1.35, "notebook": 3.05, "server": 7.0}
LANE_NAME: dict[Lane, str] = {
    "person": "person\nmic, speaker",
    "notebook": "notebook\nclient",
    "server": "server",
}
TIME_X = 0.78  # right edge of the times
BRACKET_X, BRACKET_STEP, MOST_BRACKETS = 7.24, 0.19, 4
# Down, in inches.
HEAD, FOOT, ROW, GAP = 0.5, 0.12, 0.225, 0.2
GAP_S = 0.3
"""So much time without an event is marked by a gap."""
SPAN_S = 0.05
"""A stream that takes at least this long is given its last time too."""
HEAVY = 2.0  # width of the line of a folded arrow; one of 0.9 is a single event
LABEL_SHARE = 0.97  # of the room between two lanes, for the words


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: inches from the top, and the seconds of silence before it, if marked."""

    y: float
    gap_s: float = 0.0


def sequence(of: Timeline | Iterable[Moment], ax: Axes | None = None) -> Axes:
    """The events as arrows between person, notebook and server, from the first down to the last.

    Give a timeline, a part of it (`timeline.select(begin=...)`) or a list of moments. Pieces of
    sound and words that stream together are one thick arrow with their count and their sound. The
    times are milliseconds since the first event shown. Brackets hold what belongs to a response.
    At most 60 arrows are drawn; below them stands how many were left out. DataError for nothing.
    """
    if isinstance(of, str) or not isinstance(of, Iterable):
        raise TypeError(
            f"a sequence is drawn of a Timeline or of moments, found {type(of).__name__}. "
            "Give session.timeline."
        )
    view = read_arrows(of)
    places = _places(view.rows)
    high = places[-1].y + ROW + FOOT + (ROW if view.left_out else 0.0)
    ax = ax or new_axes(WIDE, high, left=0.0, right=1.0, bottom=0.0, top=1.0)
    ax.set(xlim=(0, WIDE), ylim=(high, 0))
    ax.axis("off")
    _lanes(ax, places, view)
    for row, place in zip(view.rows, places, strict=True):
        _row(ax, row, place, view.rows[0].t)
    _brackets(ax, view, places)
    _left_out(ax, view, places[-1].y + ROW)
    return ax


def _places(rows: tuple[Row, ...]) -> list[Place]:
    """One below the other; where much time passes, further apart."""
    places: list[Place] = []
    y, reached = HEAD, rows[0].t
    for row in rows:
        gap = row.t - reached if row.t - reached >= GAP_S else 0.0
        y += ROW + (GAP if gap else 0.0)
        places.append(Place(y, gap))
        reached = max(reached, row.until)
    return places


def _lanes(ax: Axes, places: list[Place], view: Arrows) -> None:
    bottom = places[-1].y + (ROW if view.left_out else 0.45 * ROW)
    marks = [place for place in places if place.gap_s]
    _write(ax, TIME_X, HEAD - 0.07, "ms", va="bottom", ha="right", faint=True)
    for lane, x in LANE_X.items():
        _write(ax, x, HEAD - 0.07, LANE_NAME[lane], va="bottom", size=STYLE["font_pt"])
        ax.plot([x, x], [HEAD, bottom], color=STYLE["silence"], linewidth=1.2, zorder=1)
        for place in marks:
            top = place.y - ROW - GAP + 0.07
            ax.plot([x, x], [top, top + GAP], color="white", linewidth=3, zorder=1.2)
            dots: dict[str, Any] = {
                "color": STYLE["faint"],
                "linewidth": 1.2,
                "linestyle": (0, (1, 2)),
            }
            ax.plot([x, x], [top, top + GAP], zorder=1.3, **dots)
    for place in marks:
        middle = (LANE_X["person"] + LANE_X["notebook"]) / 2
        text = f"{place.gap_s:.1f} s pass"
        _write(ax, middle, place.y - ROW - GAP / 2 + 0.07, text, ha="center", faint=True)


def _row(ax: Axes, row: Row, place: Place, begin: float) -> None:
    _write(ax, TIME_X, place.y, _times(row, begin), ha="right", faint=True)
    start, end = LANE_X[row.sender], LANE_X[row.receiver]
    if row.sender == row.receiver:
        ax.plot(start, place.y, "D", color=STYLE["faint"], markersize=3.5, zorder=3)
        _write(ax, start + 0.1, place.y, _label(row, LANE_X["server"] - start), ha="left")
        return
    if abs(end - start) > LANE_X["server"] - LANE_X["notebook"] + 0.1:
        middle = LANE_X["notebook"]  # sound of the person, sent on by the notebook
        dotted: dict[str, Any] = {
            "color": _color(row),
            "linewidth": 1.2,
            "linestyle": (0, (1, 1.5)),
        }
        ax.plot([start, middle], [place.y] * 2, zorder=2, **dotted)
        start = middle
    _arrow(ax, row, place.y, start, end)
    room = abs(end - start)
    _write(ax, (start + end) / 2, place.y - 0.02, _label(row, room), va="bottom", bold=row.is_error)


def _arrow(ax: Axes, row: Row, y: float, start: float, end: float) -> None:
    style: dict[str, Any] = {"arrowstyle": "-|>,head_width=0.18,head_length=0.42"}
    style |= {"color": _color(row), "shrinkA": 0, "shrinkB": 0, "mutation_scale": 13}
    style["linewidth"] = HEAVY if row.count > 1 else 0.9
    if row.source == "local":
        style["linestyle"] = (0, (4, 2))
    ax.annotate("", (end, y), (start, y), arrowprops=style, zorder=2.5)


def _color(row: Row) -> str:
    colors = {"client": STYLE["user"], "server": STYLE["assistant"], "local": STYLE["faint"]}
    return str(STYLE["ink"] if row.is_error else colors[row.source])


def _times(row: Row, begin: float) -> str:
    """Milliseconds since the first event; of a stream, from when to when."""
    first, last = (f"{1000 * (t - begin):.0f}" for t in (row.t, row.until))
    return f"{first}\u2013{last}" if row.until - row.t >= SPAN_S else first


def _label(row: Row, room: float) -> str:
    """The type, and what matters about it, as far as there is room (inches)."""
    more = []
    if row.count > 1:
        more.append(f"×{row.count}")
    if row.audio_s:
        more.append(f"{row.audio_s:.2f} s of sound")
    if row.note:
        more.append(row.note)
    text = f"({', '.join(more)})" if more else ""
    return fitted(row.type, text, LABEL_SHARE * 72 * room)


def fitted(type_: str, more: str, room_pt: float) -> str:
    """Both if there is room; else the type loses its beginning, which the reader knows."""
    size = STYLE["small_pt"]
    text = f"{type_}  {more}".strip()
    parts = type_.split(".")
    while width(text, size) > room_pt and len(parts) > 1:
        parts = parts[1:]
        text = f"...{'.'.join(parts)}  {more}".strip()
    while width(text, size) > room_pt:
        text = f"{text.removesuffix('...')[:-1]}..."
    return text


def _brackets(ax: Axes, view: Arrows, places: list[Place]) -> None:
    """Beside the server's lane, side by side where they overlap."""
    ends: list[int] = []  # of each column, the last row that is taken
    for bracket in sorted(view.responses, key=lambda bracket: bracket.first):
        free = [n for n, last in enumerate(ends) if last < bracket.first]
        column = free[0] if free else len(ends)
        ends[column:] = [bracket.last, *ends[column + 1 :]]
        if column < MOST_BRACKETS:
            _bracket(ax, bracket, places, BRACKET_X + column * BRACKET_STEP)


def _bracket(ax: Axes, bracket: Bracket, places: list[Place], x: float) -> None:
    top, bottom = places[bracket.first].y - 0.04, places[bracket.last].y + 0.04
    edge = x - 0.07
    xs, ys = [edge, x, x, edge], [top, top, bottom, bottom]
    if bracket.status == "in_progress":
        xs, ys = xs[:-1], ys[:-1]  # it goes on below
    ax.plot(xs, ys, color=STYLE["faint"], linewidth=1.1, zorder=2)
    long = width(f"response {bracket.status}", STYLE["small_pt"]) / 72 < bottom - top
    text = f"response {bracket.status}" if long else "response"
    text = text.replace("_", " ")
    if width(text, STYLE["small_pt"]) / 72 < bottom - top:
        font: dict[str, Any] = {"fontsize": STYLE["small_pt"], "color": STYLE["faint"]}
        font |= {"ha": "left", "va": "center", "rotation": 270}
        ax.text(x + 0.02, (top + bottom) / 2, text, **font)


def _left_out(ax: Axes, view: Arrows, y: float) -> None:
    if view.left_out:
        text = f"{view.left_out} more are not drawn: select a part of the timeline"
        _write(ax, (LANE_X["notebook"] + LANE_X["server"]) / 2, y, text, va="center", bold=True)


def _write(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    *,
    ha: str = "center",
    va: str = "center",
    size: float | None = None,
    faint: bool = False,
    bold: bool = False,
) -> None:
    font: dict[str, Any] = {"fontsize": size or STYLE["small_pt"]}
    font |= {"color": STYLE["faint" if faint else "ink"], "fontweight": 700 if bold else 400}
    ax.text(x, y, text, ha=ha, va=va, linespacing=1.15, zorder=4, **font)
