"""The picture of two conversations on one time axis, each from where its first question began."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from .canvas import FAINT, STYLE, WIDE, bare, new_axes, points, width, wrapped, write
from .clipview import envelope
from .contrast import TurnDiff, diff
from .errors import DataError
from .lanes import draw_waits, name_lanes
from .sounds import Sound, read_sounds
from .timeline import Timeline
from .transcript import Line, read_transcript
from .turns import Turn, read_turns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# heights, in units of half a lane
LANES = (5.0, 0.0)
WAIT_Y, WORDS_BELOW = 0.5, 1.15
TOP, BOTTOM = 6.2, -1.9
NAME_INCHES = 1.1


def overlay(
    before: Timeline,
    after: Timeline,
    ax: Axes | None = None,
    *,
    names: tuple[str, str] = ("before", "after"),
) -> Axes:
    """Two conversations above one another: in each lane you upwards, the assistant downwards.

    Zero is where the first question began, in both. Turns that belong together (those that
    `rtkit.diff` matches) are joined where their answers were first heard, with how much longer
    the second wait was. Each waveform is drawn to its own height. DataError if nothing was said in
    one of them.
    """
    both = (before, after)
    zeros = [_zero(timeline, name) for timeline, name in zip(both, names, strict=True)]
    ax = ax or new_axes(3, left=NAME_INCHES / WIDE, right=0.984, bottom=0.155, top=0.985)
    end = max(_end(timeline) - zero for timeline, zero in zip(both, zeros, strict=True))
    ax.set(xlim=(-0.02 * end, 1.02 * end), ylim=(BOTTOM, TOP), yticks=[])
    for timeline, zero, y in zip(both, zeros, LANES, strict=True):
        for sound in read_sounds(timeline):
            _sound(ax, sound, zero, y)
        _questions(ax, read_transcript(timeline), zero, y - WORDS_BELOW, 1.02 * end)
        draw_waits(ax, read_turns(timeline), y + WAIT_Y, -zero)
    _join(ax, diff(before, after).turns, zeros)
    for name, y in zip(names, LANES, strict=True):
        rows = wrapped(name, 72 * NAME_INCHES - 8, STYLE["font_pt"], 4)
        name_lanes(ax, {"\n".join(rows): y})
    ax.set_xlabel("seconds since the first question began", fontsize=STYLE["font_pt"])
    bare(ax)
    return ax


def _zero(timeline: Timeline, name: str) -> float:
    """When the first question began."""
    if not isinstance(timeline, Timeline):
        raise TypeError(
            f"two Timelines are drawn, found {type(timeline).__name__}. Give session.timeline."
        )
    starts = [line.start for line in read_transcript(timeline) if line.start is not None]
    if not starts:
        raise DataError(f"nothing was said in the conversation {name!r}. Ask something first.")
    return min(starts)


def _end(timeline: Timeline) -> float:
    ends = [sound.heard_until for sound in read_sounds(timeline)]
    ends += [line.end for line in read_transcript(timeline) if line.end is not None]
    return max(ends)


def _sound(ax: Axes, sound: Sound, zero: float, y: float) -> None:
    """Half of a waveform, as far as it was heard: the person's upwards, the assistant's down."""
    times, low, high = envelope(sound.clip)
    loud = np.maximum(np.abs(low), np.abs(high))
    times = times + sound.start
    heard = times <= sound.heard_until
    up = 1 if sound.speaker == "user" else -1
    edge = y + up * loud[heard] / max(0.1, float(loud.max(initial=0.0)))
    color = STYLE[sound.speaker]
    ax.fill_between(times[heard] - zero, y, edge, color=color, linewidth=0.5, zorder=2)
    if sound.heard_s is not None:
        cut = [sound.heard_until - zero] * 2
        ax.plot(cut, [y + 0.2, y - 1.1], color=STYLE["ink"], linewidth=1.2, zorder=3)


def _questions(ax: Axes, lines: list[Line], zero: float, y: float, end: float) -> None:
    """The words of each question, if there is room for some of them."""
    asked = [(line.start - zero, line.text) for line in _asked(lines) if line.start is not None]
    for (start, text), (until, _) in zip(asked, [*asked[1:], (end, "")], strict=True):
        room = points(ax, until - start) - 6
        words = wrapped(text, room, STYLE["small_pt"], 1)
        if words:
            write(ax, words[0], (start, y), va="top", fontsize=STYLE["small_pt"])


def _asked(lines: list[Line]) -> Iterator[Line]:
    return (line for line in lines if line.speaker == "user")


def _join(ax: Axes, turns: Sequence[TurnDiff], zeros: list[float]) -> None:
    """A line from the first sound of each answer to that of its match, and the difference."""
    ends = [(_heard(turn.before, zeros[0]), _heard(turn.after, zeros[1])) for turn in turns]
    joined = [
        (first, second, turn.later_ms)
        for (first, second), turn in zip(ends, turns, strict=True)
        if first is not None and second is not None
    ]
    high, low = LANES[0] - 2.1, LANES[1] + 1.15
    line: dict[str, Any] = {"color": STYLE["faint"], "linewidth": 0.9, "zorder": 1}
    limit = ax.get_xlim()[1]
    for (first, second, later_ms), (_, until, _) in pairwise([*joined, (limit, limit, None)]):
        ax.plot([first, second], [high, low], linestyle=(0, (1, 1.5)), marker=".", **line)
        text = "" if later_ms is None else f"{later_ms:+.0f} ms".replace("-", "\N{MINUS SIGN}")
        if text and width(text, STYLE["small_pt"]) + 8 < points(ax, until - second):
            box = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}  # a line may cross it
            write(ax, text, (second, low), (4, 1), va="bottom", bbox=box, **FAINT)


def _heard(turn: Turn | None, zero: float) -> float | None:
    """When the answer of a turn was first heard."""
    latency = turn.latency if turn else None
    sound = latency.first_sound if latency else None
    return None if sound is None else sound - zero
