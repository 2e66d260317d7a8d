"""The picture of a conversation: two lanes of sound with the words under it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from .canvas import STYLE, bare, new_axes, width, wrapped
from .clipview import envelope
from .sounds import Sound, read_sounds
from .timeline import Timeline
from .transcript import Line, read_transcript
from .turns import Turn, read_turns

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# heights, in units of half a lane's waveform
LANE = {"user": 4.6, "assistant": 0.0}
WORDS_BELOW = 1.15
TOP, MIDDLE, BOTTOM = 6.0, 1.45, -3.3
LEADING = 1.2  # from row to row, in sizes of the font
TYPED_SHARE = 0.12  # of the width, for words that were typed at the end


def conversation(timeline: Timeline, ax: Axes | None = None) -> Axes:
    """Who spoke when: your lane above, the assistant's below, the words under each turn.

    Sound lies where it was heard. Every other turn is shaded; between the lanes stands the wait
    from the end of speech to the first sound. What was not heard of an answer that was interrupted
    is hatched. Each waveform is drawn to its own height; a diamond marks words in text.
    """
    if not isinstance(timeline, Timeline):
        raise TypeError(
            f"a conversation is drawn of a Timeline, found {type(timeline).__name__}. "
            "Give session.timeline."
        )
    sounds, lines = read_sounds(timeline), read_transcript(timeline)
    turns = read_turns(timeline)
    ax = ax or new_axes(8, 3, left=0.085, right=0.985, bottom=0.155, top=0.985)
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
    _waits(ax, turns, end)
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
    bare(ax)
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
    for number, (left, right) in enumerate(pairwise([*edges, end])):
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
    room = _points(ax, min([*following, end]) - start) - 6
    most = _rows(ax, line.speaker)
    heard = line.text if line.heard is None else line.heard
    text = heard or (f"({line.error})" if line.error else "")
    if line.unsure:
        text = f"{text} (unsure)"
    rows = wrapped(text, room, STYLE["small_pt"], most)
    at = (start, LANE[line.speaker] - WORDS_BELOW)
    _block(ax, at, rows, STYLE["ink"])
    if line.unheard and len(rows) < most:
        rest = wrapped(f"[{line.unheard}]", room, STYLE["small_pt"], most - len(rows))
        _block(ax, at, rest, STYLE["faint"], below=len(rows), style="italic")


def _rows(ax: Axes, speaker: str) -> int:
    """How many rows of words fit below a lane."""
    floor = MIDDLE + 0.35 if speaker == "user" else BOTTOM
    bottom, top = ax.get_ylim()
    high = 72 * _figure(ax).get_size_inches()[1] * ax.get_position().height
    room = (LANE[speaker] - WORDS_BELOW - floor) / (top - bottom) * high
    return max(1, int(room / (LEADING * STYLE["small_pt"])))


def _block(
    ax: Axes,
    at: tuple[float, float],
    rows: list[str],
    color: str,
    *,
    below: int = 0,
    style: Literal["normal", "italic"] = "normal",
) -> None:
    """Rows of words, `below` so many other rows."""
    size = STYLE["small_pt"]
    ax.annotate(
        "\n".join(rows),
        at,
        (0, -below * LEADING * size),
        textcoords="offset points",
        fontsize=size,
        fontstyle=style,
        color=color,
        va="top",
        linespacing=LEADING,
    )


def _points(ax: Axes, seconds: float) -> float:
    """The length of a stretch of time on paper."""
    left, right = ax.get_xlim()
    wide = 72 * _figure(ax).get_size_inches()[0] * ax.get_position().width
    return float(seconds / (right - left) * wide)


def _figure(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None  # axes that can be drawn on belong to one
    return figure


def _waits(ax: Axes, turns: list[Turn], end: float) -> None:
    """An arrow from each end of speech to the first sound, and its length where there is room."""
    found = [turn.latency for turn in turns if turn.latency]
    spans = [
        (latency.speech_end, latency.first_sound)
        for latency in found
        if latency.speech_end is not None and latency.first_sound is not None
    ]
    arrow = {"arrowstyle": "|-|,widthA=0.2,widthB=0.2", "color": STYLE["faint"], "lw": 0.8}
    arrow |= {"shrinkA": 0, "shrinkB": 0}
    font = {"fontsize": STYLE["small_pt"], "color": STYLE["faint"], "va": "center"}
    for (left, right), (limit, _) in pairwise([*spans, (end, end)]):
        ax.annotate("", (right, MIDDLE), (left, MIDDLE), arrowprops=arrow)
        text = f"{1000 * (right - left):.0f} ms"
        if width(text, STYLE["small_pt"]) + 10 < _points(ax, limit - right):
            ax.annotate(text, (right, MIDDLE), (4, 0), textcoords="offset points", **font)
