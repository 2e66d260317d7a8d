"""The waterfall: where the time of a turn went, stage by stage, or of all turns, one bar each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .canvas import LEGEND, STYLE, WIDE, bare, bracket, new_axes, width, wrapped, write
from .errors import DataError
from .latency import ACCEPTED, GOAL_MS, LEADING_SILENCE, MEANING, SILENCE_WAIT, Latency
from .onset import audible
from .percentiles import spread
from .timeline import Timeline
from .turns import Turn, read_turns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_TURNS = 60
"""So many bars are drawn of a timeline; of a longer one the last."""
ROW = 0.19  # inches of a turn
SEEN_SHARE = 0.004  # of the longest bar; what never takes longer is not in the legend
LABEL_INCHES = 1.72  # of the words left of the bars
TOTAL_ROWS = 1.2  # of a latency, in rows of a stage


@dataclass(frozen=True, slots=True)
class Kind:
    """What one colour of the bars means: whose time it is. `ends` are the stages it is made of."""

    name: str
    ends: tuple[str, ...]
    color: str
    hatch: str | None = None

    @property
    def fill(self) -> dict[str, Any]:
        """How its bars are drawn."""
        edge = "white" if self.hatch else self.color
        return {"facecolor": self.color, "hatch": self.hatch, "edgecolor": edge, "linewidth": 0.6}


def _ends(*names: str) -> tuple[str, ...]:
    return tuple(MEANING[name] for name in names)


KINDS = (
    Kind("silence wait", (SILENCE_WAIT,), STYLE["silence"], "////"),
    Kind(
        "turn accepted",
        (ACCEPTED, *_ends("asked", "committed", "response_created")),
        STYLE["unheard"],
    ),
    Kind("first word", _ends("first_token", "tool_called"), STYLE["user"]),
    Kind("tool", _ends("tool_returned"), STYLE["ink"]),
    Kind("first audio", _ends("first_audio"), STYLE["pale user"]),
    Kind("playback", _ends("playable", "playback_started"), STYLE["assistant"]),
    Kind("leading silence", (LEADING_SILENCE,), STYLE["pale assistant"], "////"),
)
"""From the end of speech to the first sound heard; they differ in brightness too."""
KIND_OF = {end: kind for kind in KINDS for end in kind.ends}


def waterfall(of: Turn | Timeline | Latency, ax: Axes | None = None) -> Axes:
    """The stages of a turn, one below the other; of a timeline with several turns, one bar each.

    Milliseconds run from the end of speech, or from when a question was sent that was not spoken.
    Below the stages of a turn stand both latencies: what the person waits, and what of it comes
    after the server's decision that the turn is over. The dashed line is a goal that people set,
    not a measurement. The silence with which a reply begins is read out of its sound; a Latency
    alone has none. DataError if there is nothing that was measured.
    """
    found = _measured(of)
    if isinstance(of, Timeline) and len(found) > 1:
        return _all(found, ax)
    number, _, latency = found[-1]
    return _one(latency, f"Turn {number}: " if number else "", ax)


NAMES = {50.0: "median", 95.0: "p95"}

Found = tuple[int, Turn | None, Latency]
Total = tuple[float, tuple[str, str]]


def _measured(of: object) -> list[Found]:
    """Number, turn and latency of whatever has stages."""
    found: list[Found]
    if isinstance(of, Latency):
        found = [(0, None, of)]
    elif isinstance(of, Turn):
        found = [(0, of, audible(of) or Latency())]
    elif isinstance(of, Timeline):
        found = [(n, turn, audible(turn) or Latency()) for n, turn in enumerate(read_turns(of), 1)]
    else:
        raise TypeError(
            f"a waterfall is drawn of a Turn, a Latency or a Timeline, found {type(of).__name__}. "
            "Give session.timeline, or a turn."
        )
    measured = [one for one in found if one[2].stages()]
    if not measured:
        raise DataError(
            f"no stages to draw in {of!r}: a waterfall needs a turn that was answered. "
            "Ask something first, or give a Turn whose latency is known."
        )
    return measured


# one turn


def _one(latency: Latency, name: str, ax: Axes | None) -> Axes:
    stages, totals = latency.stages(), totals_of(latency)
    zero, total = stages[0][1], stages[-1][2]
    lasting = latency.ended is not None and latency.ended > total
    rows = len(stages) + lasting + TOTAL_ROWS * len(totals) + 0.1
    high = 0.98 + 0.3 * rows
    ax = ax or new_axes(
        high, left=LABEL_INCHES / WIDE, right=0.973, bottom=0.51 / high, top=1 - 0.47 / high
    )
    _axis(ax, latency.speech_end is not None, 1000 * (total - zero), rows)
    _goal_name(ax)
    labels = _stage_rows(ax, stages)
    if lasting:
        labels += _reply_row(ax, len(stages), total - zero, (latency.ended or 0.0) - total)
    labels += _total_rows(ax, latency, totals, zero, len(labels))
    ax.set_yticks([y for y, _ in labels], [text for _, text in labels], fontsize=STYLE["font_pt"])
    ax.set_xlabel(f"milliseconds after {zero_name(latency)}", fontsize=STYLE["font_pt"])
    headline = total_words(*totals[0]) if totals else "the wait was not measured"
    _title(ax, name + headline)
    return ax


def _stage_rows(ax: Axes, stages: list[tuple[str, float, float]]) -> list[tuple[float, str]]:
    zero = stages[0][1]
    for row, (stage, start, end) in enumerate(stages):
        _bar(ax, row, start - zero, end - start, KIND_OF[stage], least=True)
        _value(ax, row, end - zero, f"{1000 * (end - start):.0f} ms")
    return [(row, stage.replace(" (", "\n(")) for row, (stage, _, _) in enumerate(stages)]


def _reply_row(ax: Axes, row: int, start: float, length: float) -> list[tuple[float, str]]:
    """The reply, as far as there is room for it: it is much longer than what leads to it."""
    room = ax.get_xlim()[1] / 1000 - start
    ax.barh(row, 1000 * min(room, length), 0.3, 1000 * start, color=STYLE["assistant"])
    write(
        ax,
        f"{length:.2f} s of reply",
        (1000 * start, row),
        (-4, 0),
        ha="right",
        va="center",
        color=STYLE["faint"],
    )
    return [(row, MEANING["ended"])]


def _total_rows(
    ax: Axes, latency: Latency, totals: list[Total], zero: float, above: int
) -> list[tuple[float, str]]:
    """Both latencies, each from where it starts to where it ends."""
    rows = []
    for number, (ms, (first, last)) in enumerate(totals):
        y = above + 0.35 + TOTAL_ROWS * number
        start = 1000 * (getattr(latency, first) - zero)
        bracket(ax, start, start + ms, y)
        _value(ax, y, (start + ms) / 1000, f"{ms:.0f} ms", weight=700)
        rows.append((y, f"{MEANING[first]}\nto {MEANING[last]}"))
    ax.axhline(above - 0.4, color=STYLE["silence"], linewidth=0.8, zorder=0)
    return rows


def totals_of(latency: Latency) -> list[Total]:
    """Both latencies in ms, with the names of the instants between which each lies.

    From the end of speech, and from the server's decision; once, if they are the same.
    """
    both = (latency.wait_ms, latency.wait_span), (latency.response_ms, latency.response_span)
    found = [(ms, span) for ms, span in both if ms is not None and span is not None]
    return list(dict.fromkeys(found))


def total_words(ms: float, span: tuple[str, str]) -> str:
    """A latency and what it is measured between, as a phrase."""
    return f"{ms:.0f} ms from {MEANING[span[0]]} to {MEANING[span[1]]}"


def zero_name(latency: Latency) -> str:
    """How the instant is called at which its stages begin."""
    starts = ("speech_end", "turn_detected", "asked", "committed", "response_created")
    return MEANING[next(name for name in starts if getattr(latency, name) is not None)]


# all turns


def _all(found: Sequence[Found], ax: Axes | None) -> Axes:
    shown = found[-MOST_TURNS:]
    high = 1.12 + ROW * len(shown)
    ax = ax or new_axes(
        high, left=LABEL_INCHES / WIDE, right=0.973, bottom=0.51 / high, top=1 - 0.59 / high
    )
    ends = []
    for row, (_, _, latency) in enumerate(shown):
        stages = latency.stages()
        for stage, start, end in stages:
            _bar(ax, row, start - stages[0][1], end - start, KIND_OF[stage])
        ends.append(stages[-1][2] - stages[0][1])
        _value(ax, row, ends[-1], f"{1000 * ends[-1]:.0f} ms", fontsize=STYLE["small_pt"])
    spoken = any(latency.speech_end is not None for _, _, latency in shown)
    _axis(ax, spoken, 1000 * max(ends), len(shown))
    labels = [_turn_label(ax, number, turn) for number, turn, _ in shown]
    ax.set_yticks(range(len(shown)), labels, fontsize=STYLE["small_pt"])
    begins = dict.fromkeys(zero_name(latency) for _, _, latency in shown)
    ax.set_xlabel(f"milliseconds after {_either(begins)}", fontsize=STYLE["font_pt"])
    _legend(ax, _seen(shown, SEEN_SHARE * max(ends)))
    _title(ax, _summary(found, shown), height=24)
    return ax


def _either(names: Iterable[str]) -> str:
    """One or several names in words."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def _turn_label(ax: Axes, number: int, turn: Turn | None) -> str:
    """The number of a turn, and what of its question there is room for."""
    size, name = STYLE["small_pt"], f"{number} "
    room = 72 * LABEL_INCHES - 4 - width(f"{name}.", size)
    return name + "".join(wrapped(turn.question if turn else "", room, size, 1))


def _seen(shown: Sequence[Found], least: float) -> set[str]:
    """The stages that took at least so many seconds in some turn."""
    every = [stage for _, _, latency in shown for stage in latency.stages()]
    return {name for name, start, end in every if end - start >= least}


def _legend(ax: Axes, stages: set[str]) -> None:
    """The kinds of these stages, and the goal, above the bars."""
    from matplotlib.patches import Patch

    kinds = [kind for kind in KINDS if set(kind.ends) & stages]
    handles = [*(Patch(label=kind.name, **kind.fill) for kind in kinds), *ax.lines]
    place: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.01, 1.0)}
    place |= {"ncols": len(handles), "borderaxespad": 0.2, "columnspacing": 1.0}
    ax.legend(handles=handles, **LEGEND, fontsize=STYLE["small_pt"], handlelength=1.4, **place)


def _summary(found: Sequence[Found], shown: Sequence[Found]) -> str:
    count = f"{len(found)} turns"
    if len(shown) < len(found):
        count += f", the last {len(shown)} drawn"
    totals = [(ms, latency.wait_span) for _, _, latency in found if (ms := latency.wait_ms)]
    carried = spread([ms for ms, _ in totals], tuple(NAMES)).items()
    told = [f"{NAMES[p]} {one.value:.0f} ms" for p, one in carried]
    ends = {span[1] for _, span in totals if span}
    heard = f" to {MEANING[ends.pop()]}" if len(ends) == 1 else ""
    return f"{count}: {', '.join(told)}{heard}" if told else count


# both


def _bar(ax: Axes, y: float, start: float, length: float, kind: Kind, least: bool = False) -> None:
    """A stage, seconds; with `least` one that took no time is seen as a line."""
    fill = kind.fill
    if least and not kind.hatch:
        fill["linewidth"] = 0.8
    elif not least and length < 0.0005:
        return
    ax.barh(y, 1000 * length, 0.62, 1000 * start, **fill)


def _value(ax: Axes, y: float, at: float, text: str, **font: Any) -> None:
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85}
    write(ax, text, (1000 * at, y), (4, 0), va="center", bbox=box, zorder=4, **font)


def _axis(ax: Axes, spoken: bool, total: float, rows: float) -> None:
    """Milliseconds to the right, rows downwards; the goal, if somebody spoke."""
    if spoken:
        dashes: dict[str, Any] = {"linestyle": (0, (4, 3)), "linewidth": 1, "zorder": 2}
        ax.axvline(GOAL_MS, color=STYLE["faint"], label=f"goal {GOAL_MS:.0f} ms", **dashes)
    ax.set_xlim(0, 1.14 * max(total, GOAL_MS if spoken else 0.0, 1.0))
    ax.set_ylim(rows - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    bare(ax)


def _goal_name(ax: Axes) -> None:
    for line in ax.lines:
        font: dict[str, Any] = {"fontsize": STYLE["small_pt"], "color": STYLE["faint"]}
        font |= {"ha": "center", "va": "bottom", "xycoords": ("data", "axes fraction")}
        write(ax, str(line.get_label()), (GOAL_MS, 1), (0, 2), **font)


def _title(ax: Axes, text: str, height: float = 19) -> None:
    write(ax, text, (0, 1), (0, height), xycoords="axes fraction", fontsize=STYLE["title_pt"])
