"""Pictures of a session: where one turn's time went, and who spoke when.

Each function draws on the given matplotlib axes, or on a new figure of notebook width, and returns
the axes. Nothing is computed here that a view can compute. The colours differ in brightness too, so
that they stay apart in greyscale and for the colour-blind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import MissingExtra
from .latency import GOAL_MS, MEANING, SILENCE_WAIT, Latency
from .lettering import width, wrapped
from .player import draw_waveform, envelope
from .sounds import Sound, read_sounds
from .timeline import Timeline
from .transcript import Line, read_transcript
from .turns import Turn, read_turns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .clip import Clip

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


def waveform(clip: Clip, ax: Axes | None = None) -> Axes:
    """The waveform of a clip; seconds to the right."""
    return draw_waveform(clip, ax or _new_axes(8, 1.5, left=0.02, right=0.98, bottom=0.3, top=0.97))


def waterfall(of: Turn | Timeline | Latency, ax: Axes | None = None) -> Axes:
    """The stages of one turn, one below the other, in milliseconds from its beginning.

    Of a timeline the last turn that was measured is drawn. The title gives the totals and from
    which instant to which they run; the dashed line is a goal, not a measurement. ValueError if
    there is nothing that was measured.
    """
    latency, number = _latency_of(of)
    stages = latency.stages()
    ax = ax or _new_axes(8, 2.9, left=0.21, right=0.975, bottom=0.165, top=0.745)
    zero = stages[0][1]
    for row, (name, start, end) in enumerate(stages):
        _stage(ax, row, name, 1000 * (start - zero), 1000 * (end - start))
    _stage_axes(ax, latency, number, 1000 * (max(end for _, _, end in stages) - zero), len(stages))
    return ax


def _latency_of(of: Turn | Timeline | Latency) -> tuple[Latency, str]:
    """What to draw, and what to call it."""
    if isinstance(of, Latency):
        found = [("", of)]
    elif isinstance(of, Turn):
        found = [("", of.latency)] if of.latency else []
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
    _bare(ax)
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


# the lanes of a conversation: heights in units of half a lane's waveform

LANE = {"user": 4.6, "assistant": 0.0}
WORDS_BELOW = 1.15
TOP, MIDDLE, BOTTOM = 6.1, 1.6, -3.1
TYPED_SHARE = 0.12  # of the width, for words that were typed at the end


def conversation(timeline: Timeline, ax: Axes | None = None) -> Axes:
    """Who spoke when: your lane above, the assistant's below, the words under each turn.

    Sound lies where it was heard. Every other turn is shaded; between the lanes stands the wait
    from the end of speech to the first sound. What was not heard of an answer that was interrupted
    is hatched. Each waveform is drawn to its own height; a diamond marks words in text.
    """
    sounds, lines = read_sounds(timeline), read_transcript(timeline)
    turns = read_turns(timeline)
    ax = ax or _new_axes(8, 3, left=0.085, right=0.985, bottom=0.155, top=0.985)
    begin, end = _extent(sounds, lines)
    ax.set(xlim=(begin, end), ylim=(BOTTOM, TOP), yticks=[])
    starts = {line.item_id: line.start for line in lines} | {s.item_id: s.start for s in sounds}
    _shade(ax, turns, starts, end)
    for sound in sounds:
        _sound(ax, sound, _next_start(sound, sounds, end))
    spoken = {sound.item_id for sound in sounds}
    for line in lines:
        _words(ax, line, starts, lines, end)
        if line.item_id not in spoken and line.start is not None:
            ax.plot(line.start, LANE[line.speaker], "D", color=STYLE[line.speaker], markersize=5)
    for turn in turns:
        _wait(ax, turn)
    for speaker, name in (("user", "you"), ("assistant", "assistant")):
        ax.annotate(
            name,
            (0, LANE[speaker]),
            xytext=(-6, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=STYLE["font_pt"],
            color=STYLE["ink"],
        )
    ax.set_xlabel("seconds since the session began", fontsize=STYLE["font_pt"])
    _bare(ax)
    return ax


def _extent(sounds: list[Sound], lines: list[Line]) -> tuple[float, float]:
    starts = [sound.start for sound in sounds] + [x.start for x in lines if x.start is not None]
    ends = [sound.heard_until for sound in sounds] + [x.end for x in lines if x.end is not None]
    begin, end = min(starts, default=0.0), max(ends, default=1.0)
    end = max(end, begin + 1.0)
    spoken = {sound.item_id for sound in sounds}
    typed = [x.start for x in lines if x.item_id not in spoken and x.start is not None]
    end = max(end, max(typed, default=begin) + TYPED_SHARE * (end - begin))
    return begin - 0.02 * (end - begin), end + 0.02 * (end - begin)


def _shade(ax: Axes, turns: list[Turn], starts: dict[str, float | None], end: float) -> None:
    begun = [starts.get(turn.user_item_id or "") for turn in turns]
    edges = [t for t in begun if t is not None]
    for number, (left, right) in enumerate(zip(edges, [*edges[1:], end], strict=True)):
        if number % 2 == 0:
            ax.axvspan(left, right, color=STYLE["shade"], zorder=0, linewidth=0)


def _next_start(sound: Sound, sounds: list[Sound], end: float) -> float:
    later = [s.start for s in sounds if s.speaker == sound.speaker and s.start > sound.start]
    return min([*later, end])


def _sound(ax: Axes, sound: Sound, limit: float) -> None:
    times, low, high = envelope(sound.clip)
    if not len(times):
        return
    height = max(0.1, float(np.abs(low).max()), float(np.abs(high).max()))
    middle, times = LANE[sound.speaker], times + sound.start
    low, high = middle + low / height, middle + high / height
    heard = times <= sound.heard_until
    color = STYLE[sound.speaker]
    ax.fill_between(times[heard], low[heard], high[heard], color=color, linewidth=0.5, zorder=2)
    if sound.heard_s is None:
        return
    left, right = sound.heard_until, min(sound.end, limit - 0.05 * (limit - sound.start))
    ax.fill_between(
        [left, max(left, right)],
        middle - 0.8,
        middle + 0.8,
        facecolor="white",
        edgecolor=STYLE["unheard"],
        hatch="////",
        linewidth=0.5,
        zorder=1.5,
    )
    ax.plot([left, left], [middle - 1.1, middle + 1.1], color=STYLE["ink"], linewidth=1.2, zorder=3)
    if _points(ax, right - left) > 1.2 * width("not heard", STYLE["small_pt"]):
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
        font = {"fontsize": STYLE["small_pt"], "color": STYLE["faint"]}
        ax.text((left + right) / 2, middle, "not heard", ha="center", va="center", bbox=box, **font)


def _words(
    ax: Axes, line: Line, starts: dict[str, float | None], lines: list[Line], end: float
) -> None:
    """The words of a line, wrapped into the room up to the next line of the same speaker."""
    start = starts.get(line.item_id)
    if start is None:
        return
    following = [
        t
        for other in lines
        if other.speaker == line.speaker
        and (t := starts.get(other.item_id)) is not None
        and t > start
    ]
    room = _points(ax, min([*following, end]) - start) - 4
    heard = line.text if line.heard is None else line.heard
    text = heard or (f"({line.error})" if line.error else "")
    rows = wrapped(text, room, STYLE["small_pt"], 4)
    at = (start, LANE[line.speaker] - WORDS_BELOW)
    _block(ax, at, "\n".join(rows), STYLE["ink"])
    if line.unheard and len(rows) < 4:
        rest = wrapped(f"[{line.unheard}]", room, STYLE["small_pt"], 4 - len(rows))
        _block(ax, at, "\n" * len(rows) + "\n".join(rest), STYLE["faint"], style="italic")


def _block(ax: Axes, at: tuple[float, float], text: str, color: str, style: str = "normal") -> None:
    ax.text(
        *at, text, fontsize=STYLE["small_pt"], color=color, va="top", linespacing=1.15, style=style
    )


def _points(ax: Axes, seconds: float) -> float:
    """The length of a stretch of time on paper."""
    left, right = ax.get_xlim()
    figure = ax.get_figure(root=True)
    assert figure is not None
    wide = 72 * figure.get_size_inches()[0] * ax.get_position().width
    return float(seconds / (right - left) * wide)


def _wait(ax: Axes, turn: Turn) -> None:
    latency = turn.latency
    if latency is None or latency.speech_end is None or latency.first_sound is None:
        return
    left, right = latency.speech_end, latency.first_sound
    ax.annotate(
        "",
        (right, MIDDLE),
        (left, MIDDLE),
        arrowprops={"arrowstyle": "|-|,widthA=0.2,widthB=0.2", "color": STYLE["faint"], "lw": 0.8},
    )
    ax.annotate(
        f"{latency.wait_ms:.0f} ms",
        (right, MIDDLE),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        fontsize=STYLE["small_pt"],
        color=STYLE["faint"],
    )


def _bare(ax: Axes) -> None:
    ax.spines[["left", "right", "top"]].set_visible(False)
    ax.tick_params(axis="x", labelsize=STYLE["small_pt"])


def _new_axes(wide: float, high: float, **margins: float) -> Axes:
    try:
        import matplotlib.pyplot as plt
    except ImportError as exc:
        raise MissingExtra("matplotlib, which draws the plots,", "lab") from exc
    figure, ax = plt.subplots(figsize=(wide, high))
    figure.subplots_adjust(**margins)
    return ax
