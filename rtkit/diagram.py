"""A sequence diagram of a session: person, notebook and server, and the events between them.

Time runs down the page, true to order and not to scale. Who sent an arrow is told by its direction
first, by its colour second. What is drawn comes from `rtkit.arrows`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .arrows import Arrows, Bracket, Lane, Row, read_arrows
from .canvas import STYLE, WIDE, new_axes, width
from .moments import Moment
from .timeline import Timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Across, in inches from the left edge of the page.
LANE_X: dict[Lane, float] = {"person": 1.34, "notebook": 2.88, "server": 6.42}
LANE_NAME: dict[Lane, str] = {
    "person": "person\nmic, speaker",
    "notebook": "notebook\nclient",
    "server": "server",
}
TIME_X = 0.84  # right edge of the times
BRACKET_X, BRACKET_STEP, MOST_BRACKETS = 6.66, 0.19, 4
# Down, in inches.
HEAD, FOOT, ROW, GAP = 0.5, 0.12, 0.24, 0.2
GAP_S = 0.3
"""So much time without an event is marked by a gap."""
SPAN_S = 0.05
"""A stream that takes at least this long is given its last time too."""
HEAVY = 2.0  # width of the line of a folded arrow; one of 0.9 is a single event
LABEL_SHARE = 0.97  # of the room between two lanes, for the words
NAME_PT = 9.0  # of the events

Lanes = Mapping[Lane, float]
"""The lanes that are drawn, and where: inches from the left edge."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: inches from the top, and the seconds of silence before it, if marked."""

    y: float
    gap_s: float = 0.0


def sequence(of: Timeline | Iterable[Moment], ax: Axes | None = None) -> Axes:
    """The events as arrows between person, notebook and server, from the first down to the last.

    The person is left out where nothing is said or heard. Give a timeline, a part of it
    (`timeline.select(begin=...)`) or a list of moments. Pieces of sound and words that stream
    together are one thick arrow with their count and their sound. The times are milliseconds since
    the first event shown. Brackets hold what belongs to a response. At most 60 arrows are drawn;
    below them stands how many were left out. DataError for nothing.
    """
    if isinstance(of, str) or not isinstance(of, Iterable):
        raise TypeError(
            f"a sequence is drawn of a Timeline or of moments, found {type(of).__name__}. "
            "Give session.timeline."
        )
    view = read_arrows(of)
    places = _places(view.rows)
    high = places[-1].y + ROW + FOOT + (ROW if view.left_out else 0.0)
    ax = ax or new_axes(high, left=0.0, right=1.0, bottom=0.0, top=1.0)
    ax.set(xlim=(0, WIDE), ylim=(high, 0))
    ax.axis("off")
    lanes = lanes_of(view.rows)
    _lanes(ax, lanes, places, bottom=places[-1].y + (ROW if view.left_out else 0.45 * ROW))
    for row, place in zip(view.rows, places, strict=True):
        _row(ax, lanes, row, place, view.rows[0].t)
    _brackets(ax, view, places)
    _left_out(ax, view, places[-1].y + ROW)
    return ax


def lanes_of(rows: Iterable[Row]) -> Lanes:
    """Where the lanes lie; without the person's, if no row begins or ends there, there is room."""
    if any("person" in (row.sender, row.receiver) for row in rows):
        return LANE_X
    return {"notebook": LANE_X["person"], "server": LANE_X["server"]}


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


def _lanes(ax: Axes, lanes: Lanes, places: list[Place], bottom: float) -> None:
    gaps = [place for place in places if place.gap_s]
    _write(ax, TIME_X, HEAD - 0.07, "ms", va="bottom", ha="right", faint=True)
    for lane, x in lanes.items():
        _write(ax, x, HEAD - 0.07, LANE_NAME[lane], va="bottom")
        ax.plot([x, x], [HEAD, bottom], color=STYLE["silence"], linewidth=1.2, zorder=1)
        for place in gaps:
            top = place.y - ROW - GAP + 0.07
            ax.plot([x, x], [top, top + GAP], color="white", linewidth=3, zorder=1.2)
            dots: dict[str, Any] = {
                "color": STYLE["faint"],
                "linewidth": 1.2,
                "linestyle": (0, (1, 2)),
            }
            ax.plot([x, x], [top, top + GAP], zorder=1.3, **dots)
    first, second, *_ = lanes.values()
    for place in gaps:
        text = f"{place.gap_s:.1f} s pass"
        _write(ax, (first + second) / 2, place.y - ROW - GAP / 2 + 0.07, text, faint=True)


def _row(ax: Axes, lanes: Lanes, row: Row, place: Place, begin: float) -> None:
    _write(ax, TIME_X, place.y, _times(row, begin), ha="right", faint=True)
    start, end = lanes[row.sender], lanes[row.receiver]
    name: dict[str, Any] = {"size": NAME_PT, "bold": row.is_error}
    if row.sender == row.receiver:
        ax.plot(start, place.y, "D", color=STYLE["faint"], markersize=3.5, zorder=3)
        text = _label(row.type, _more(row), lanes["server"] - start)
        _write(ax, start + 0.1, place.y - 0.03, text, ha="left", **name)
        return
    if (row.sender, row.receiver) == ("person", "server"):
        middle = lanes["notebook"]  # sound of the person, sent on by the notebook
        dotted: dict[str, Any] = {
            "color": _color(row),
            "linewidth": 1.2,
            "linestyle": (0, (1, 1.5)),
        }
        ax.plot([start, middle], [place.y] * 2, zorder=2, **dotted)
        start = middle
    _arrow(ax, row, place.y, start, end)
    aside = "server" not in (row.sender, row.receiver)  # there is room behind the notebook
    text = _label(row.type, "" if aside else _more(row), abs(end - start))
    _write(ax, (start + end) / 2, place.y - 0.02, text, va="bottom", **name)
    if aside:
        beside = lanes["notebook"] + 0.1, place.y - 0.02
        _write(ax, *beside, _more(row), ha="left", va="bottom", **name)


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


def _more(row: Row) -> str:
    """What matters about it."""
    more = []
    if row.count > 1:
        more.append(f"×{row.count}")
    if row.audio_s:
        more.append(f"{row.audio_s:.2f} s of sound")
    if row.note:
        more.append(row.note)
    return f"({', '.join(more)})" if more else ""


def _label(type_: str, more: str, room: float) -> str:
    """Both, as far as there is room (inches)."""
    return fitted(type_, more, LABEL_SHARE * 72 * room)


def fitted(type_: str, more: str, room_pt: float) -> str:
    """Both if there is room; else the type loses its beginning, which the reader knows."""
    text = f"{type_}  {more}".strip()
    parts = type_.split(".")
    while width(text, NAME_PT) > room_pt and len(parts) > 1:
        parts = parts[1:]
        text = f"...{'.'.join(parts)}  {more}".strip()
    while width(text, NAME_PT) > room_pt:
        text = f"{text.removesuffix('...')[:-1]}..."
    return text


def _brackets(ax: Axes, view: Arrows, places: list[Place]) -> None:
    """Beside the server's lane, side by side where they overlap."""
    columns = _columns(view.responses)
    last = max(columns.values(), default=0)
    for bracket, column in columns.items():
        if column < MOST_BRACKETS:
            top, bottom = places[bracket.first].y - 0.04, places[bracket.last].y + 0.04
            x = BRACKET_X + column * BRACKET_STEP
            _bracket(ax, x, top, bottom, goes_on=bracket.status == "in_progress")
            room = (WIDE - x if column == last else BRACKET_STEP) - 0.06
            _status(ax, bracket.status.replace("_", " "), x, (top, bottom), room)


def _columns(brackets: Iterable[Bracket]) -> dict[Bracket, int]:
    """In which column each stands: the first that is free from its first row on."""
    ends: list[int] = []  # of each column, the last row that is taken
    columns = {}
    for bracket in sorted(brackets, key=lambda bracket: bracket.first):
        free = [n for n, last in enumerate(ends) if last < bracket.first]
        columns[bracket] = column = free[0] if free else len(ends)
        ends[column:] = [bracket.last, *ends[column + 1 :]]
    return columns


def _bracket(ax: Axes, x: float, top: float, bottom: float, goes_on: bool) -> None:
    edge = x - 0.07
    xs, ys = [edge, x, x, edge], [top, top, bottom, bottom]
    if goes_on:
        xs, ys = xs[:-1], ys[:-1]
    ax.plot(xs, ys, color=STYLE["faint"], linewidth=1.1, zorder=2)


def _status(ax: Axes, status: str, x: float, span: tuple[float, float], room: float) -> None:
    """How a response ended, beside its bracket: along it, or if that is too short, across."""
    top, bottom = span
    size = STYLE["small_pt"]
    font: dict[str, Any] = {"fontsize": size, "color": STYLE["faint"], "va": "center"}
    along = [t for t in (f"response {status}", status) if width(t, size) / 72 < bottom - top]
    if along:
        ax.text(x + 0.02, (top + bottom) / 2, along[0], rotation=270, **font)
    elif width(status, size) / 72 < room:
        ax.text(x + 0.05, (top + bottom) / 2, status, **font)


def _left_out(ax: Axes, view: Arrows, y: float) -> None:
    if view.left_out:
        text = f"{view.left_out} more are not drawn: select a part of the timeline"
        _write(ax, (LANE_X["notebook"] + LANE_X["server"]) / 2, y, text, bold=True)


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
    font: dict[str, Any] = {"fontsize": size or STYLE["font_pt"]}
    font |= {"color": STYLE["faint" if faint else "ink"], "fontweight": 700 if bold else 400}
    ax.text(x, y, text, ha=ha, va=va, linespacing=1.15, zorder=4, **font)
