"""The picture of a conversation: two lanes of sound with the words under it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from .canvas import FAINT, STYLE, bare, bracket, new_axes, points, width, write
from .captions import Rooms, draw_words
from .clipview import envelope
from .incidents import Break, Call, read_breaks, read_calls
from .sounds import Sound, read_sounds
from .timeline import Timeline
from .transcript import Line, read_transcript
from .turns import Turn, read_turns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# heights, in units of half a lane's waveform
LANE = {"user": 4.6, "assistant": 0.0}
TOP, MIDDLE, BOTTOM, TOOLS = 6.2, 1.45, -3.3, -3.8
WORDS: Rooms = {"user": (3.45, MIDDLE + 0.35), "assistant": (-1.15, BOTTOM)}
LANE_INCHES = 2.5 / 9.5  # of half a waveform
ABOVE = 0.55  # beyond the top, for what is said of a connection that broke
TYPED_SHARE = 0.12  # of the width, for words that were typed at the end
CALL_HIGH = 0.28
LEAST_BREAK_PT = 3.0
BREAK = "#e2e2e2"  # paler than silence: words cross it


def conversation(
    timeline: Timeline,
    ax: Axes | None = None,
    *,
    begin: float | None = None,
    end: float | None = None,
) -> Axes:
    """Who spoke when: your lane above, the assistant's below, the words under each turn.

    Sound lies where it was heard, and each word where it was said if there is room, by its place
    in the text; else the words are wrapped under their sound. Every other turn is shaded and turns
    are numbered; between the lanes stands the wait from the end of speech to the first sound. What
    was not heard of an answer that was interrupted is hatched. Tools have a lane of their own if
    any was called; a lost connection is a bar across all. Each waveform is drawn to its own
    height; a diamond marks words in text.

    `begin` and `end` are seconds on the timeline, for a part of a long session. ValueError if that
    is no stretch of time.
    """
    if not isinstance(timeline, Timeline):
        raise TypeError(
            f"a conversation is drawn of a Timeline, found {type(timeline).__name__}. "
            "Give session.timeline."
        )
    sounds, lines = read_sounds(timeline), read_transcript(timeline)
    turns, calls, breaks = read_turns(timeline), read_calls(timeline), read_breaks(timeline)
    left, right = _extent(sounds, lines, [*calls, *breaks])
    left, right = left if begin is None else begin, right if end is None else end
    if not left < right:
        raise ValueError(f"from {left:g} s to {right:g} s is no time. Give a begin before the end.")
    heights = TOOLS - 0.8 if calls else BOTTOM, TOP + ABOVE * bool(breaks)
    ax = _paper(ax, (left, right), heights)
    starts = {line.item_id: line.start for line in lines} | {s.item_id: s.start for s in sounds}
    _shade(ax, turns, starts)
    for sound in sounds:
        _sound(ax, sound, _next_start(sound, sounds, right))
    spoken = {sound.item_id for sound in sounds}
    for line in lines:
        if line.item_id not in spoken and line.start is not None:
            ax.plot(line.start, LANE[line.speaker], "D", color=STYLE[line.speaker], markersize=5)
    draw_words(ax, lines, sounds, starts, WORDS)
    draw_waits(ax, turns, MIDDLE)
    _calls(ax, calls)
    _breaks(ax, breaks)
    name_lanes(ax, {"you": LANE["user"], "assistant": LANE["assistant"]})
    if calls:
        name_lanes(ax, {"tools": TOOLS})
    return ax


def _paper(ax: Axes | None, times: tuple[float, float], heights: tuple[float, float]) -> Axes:
    """Axes from time to time and height to height; new ones as high as the lanes need."""
    high = 0.5 + LANE_INCHES * (heights[1] - heights[0])
    ax = ax or new_axes(high, left=0.092, right=0.984, bottom=0.46 / high, top=1 - 0.04 / high)
    ax.set(xlim=times, ylim=heights, yticks=[])
    ax.set_xlabel("seconds since the session began", fontsize=STYLE["font_pt"])
    bare(ax)
    return ax


def name_lanes(ax: Axes, lanes: dict[str, float]) -> None:
    """The name of each lane, left of it."""
    for name, y in lanes.items():
        font = {"ha": "right", "va": "center", "xycoords": ("axes fraction", "data")}
        write(ax, name, (0, y), (-6, 0), **font)


def _extent(
    sounds: list[Sound], lines: list[Line], others: Sequence[Call | Break]
) -> tuple[float, float]:
    starts = [sound.start for sound in sounds] + [x.start for x in lines if x.start is not None]
    ends = [sound.heard_until for sound in sounds] + [x.end for x in lines if x.end is not None]
    starts += [one.start for one in others]
    ends += [one.start if one.end is None else one.end for one in others]
    begin, end = min(starts, default=0.0), max(ends, default=1.0)
    end = max(end, begin + 1.0)
    spoken = {sound.item_id for sound in sounds}
    typed = [x.start for x in lines if x.item_id not in spoken and x.start is not None]
    end = max(end, max(typed, default=begin) + TYPED_SHARE * (end - begin))
    return begin - 0.02 * (end - begin), end + 0.02 * (end - begin)


def _shade(ax: Axes, turns: list[Turn], starts: dict[str, float | None]) -> None:
    """Every other turn is shaded; each has its number, if there is room."""
    begin, end = ax.get_xlim()
    begun = [(starts.get(turn.user_item_id or ""), n) for n, turn in enumerate(turns, 1)]
    edges = [(t, n) for t, n in begun if t is not None]
    for (left, number), (right, _) in pairwise([*edges, (end, 0)]):
        left, right = max(left, begin), min(right, end)
        if left < right and number % 2:
            ax.axvspan(left, right, color=STYLE["shade"], zorder=0, linewidth=0)
        if left < right and points(ax, right - left) > 12:
            write(ax, str(number), (left, TOP), (3, -2), va="top", **FAINT)


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
    if points(ax, right - left) > 1.2 * width("not heard", STYLE["small_pt"]):
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
        at = ((left + right) / 2, middle)
        write(ax, "not heard", at, ha="center", va="center", bbox=box, **FAINT)


def _calls(ax: Axes, calls: list[Call]) -> None:
    """A lane of their own: how long each tool took, its name beside it if there is room."""
    end = ax.get_xlim()[1]
    spans = [(call.start, end if call.end is None else call.end, call.name) for call in calls]
    for left, right, _ in spans:
        high = [TOOLS - CALL_HIGH, TOOLS + CALL_HIGH]
        ax.fill_betweenx(high, left, right, color=STYLE["ink"], linewidth=1, zorder=2)
    _write_beside(ax, spans, TOOLS)


def _breaks(ax: Axes, breaks: list[Break]) -> None:
    """A bar across all lanes while a connection was gone; how long, if there is room."""
    limit = ax.get_xlim()[1]
    bar: dict[str, Any] = {"facecolor": BREAK, "edgecolor": STYLE["ink"]}
    spans = []
    for broken in breaks:
        last = limit if broken.end is None else broken.end
        end = max(last, broken.start + LEAST_BREAK_PT / points(ax, 1.0))
        ax.axvspan(broken.start, end, linewidth=0.6, zorder=0.5, **bar)
        what = "renewed" if broken.renewed else "lost"
        ms = f", {1000 * (last - broken.start):.0f} ms" if broken.end is not None else ""
        spans.append((broken.start, end, f"connection {what}{ms}"))
    _write_beside(ax, spans, TOP + ABOVE, va="top")


def draw_waits(ax: Axes, turns: list[Turn], y: float, shift: float = 0.0) -> None:
    """A bracket from each end of speech to the first sound, and its length where there is room;
    `shift` seconds later."""
    found = [turn.latency for turn in turns if turn.latency]
    waits = [
        (latency.speech_end + shift, latency.first_sound + shift)
        for latency in found
        if latency.speech_end is not None and latency.first_sound is not None
    ]
    begin, end = ax.get_xlim()
    waits = [wait for wait in waits if wait[1] > begin and wait[0] < end]
    for left, right in waits:
        bracket(ax, max(left, begin), min(right, end), y, color=STYLE["faint"], lw=0.8)
    _write_beside(ax, [(*wait, f"{1000 * (wait[1] - wait[0]):.0f} ms") for wait in waits], y)


def _write_beside(
    ax: Axes, spans: Sequence[tuple[float, float, str]], y: float, va: str = "center"
) -> None:
    """The words of each (start, end, words) at its right; at its left if there is no room; or not
    at all."""
    before, limit = ax.get_xlim()
    for (left, right, text), (until, _, _) in pairwise([*spans, (limit, limit, "")]):
        long = width(text, STYLE["small_pt"]) + 8
        if long < points(ax, until - right):
            write(ax, text, (right, y), (4, 0), va=va, **FAINT)
            before = right + long / points(ax, 1.0)
        elif long < points(ax, left - before):
            write(ax, text, (left, y), (-4, 0), va=va, ha="right", **FAINT)
            before = right
        else:
            before = right
