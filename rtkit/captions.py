"""The words under the lanes of a conversation: each where it was said, or wrapped.

Where a word lies in its sound is not on the wire; it is placed by its place in the text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from .canvas import STYLE, points, width, wrapped, write
from .sounds import Sound, timed_words
from .transcript import Line, Speaker

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEADING = 1.2  # from row to row, in sizes of the font
Rooms: TypeAlias = Mapping[Speaker, tuple[float, float]]
"""For each speaker the heights between which the words may stand, the upper one first."""


def draw_words(
    ax: Axes,
    lines: list[Line],
    sounds: list[Sound],
    starts: dict[str, float | None],
    rooms: Rooms,
) -> None:
    """Draw each line: where its words were said if there is room, else wrapped below its start."""
    begin, end = ax.get_xlim()
    spoken = {sound.item_id: sound for sound in sounds}
    for line in lines:
        start = starts.get(line.item_id)
        if start is None:
            continue
        sound = spoken.get(line.item_id)
        others = [starts.get(one.item_id) for one in lines if one.speaker == line.speaker]
        until = min((t for t in others if t and t > start), default=math.inf)
        if sound and _placed(ax, line, sound, until, rooms[line.speaker][0]):
            continue
        if sound and sound.end > begin:
            start = max(start, begin)
        _wrapped(ax, line, start, min(until, end), rooms[line.speaker])


def _placed(ax: Axes, line: Line, sound: Sound, until: float, y: float) -> bool:
    """Each word below the place in the sound where it is said, if that leaves room for all; of
    what was not heard, only what ends before the same speaker's next line begins."""
    size, gap = STYLE["small_pt"], width("n", STYLE["small_pt"])
    heard = len((line.text if line.heard is None else line.heard).split())
    timed = [(word, sound.start + at) for word, at in timed_words(line.text, sound.clip)]
    words = [
        (word, start)
        for n, (word, start) in enumerate(timed)
        if n < heard or start + width(word, size) / points(ax, 1.0) <= until
    ]
    ends = [start for _, start in words[1:]] + [math.inf]
    if (
        line.unsure
        or not words
        or not all(
            width(word, size) + gap <= points(ax, end - start)
            for (word, start), end in zip(words, ends, strict=True)
        )
    ):
        return False
    for number, (word, start) in enumerate(words):
        font = {} if number < heard else {"color": STYLE["faint"], "fontstyle": "italic"}
        write(ax, word, (start, y), va="top", **{"fontsize": size} | font)
    return True


def _wrapped(ax: Axes, line: Line, start: float, until: float, height: tuple[float, float]) -> None:
    """The words of a line, wrapped into the room up to the next line of the same speaker."""
    room = points(ax, until - start) - 6
    most = _rows(ax, *height)
    heard = line.text if line.heard is None else line.heard
    text = heard or (f"({line.error})" if line.error else "")
    if line.unsure:
        text = f"{text} (unsure)"
    rows = wrapped(text, room, STYLE["small_pt"], most)
    at = (start, height[0])
    _block(ax, at, rows, STYLE["ink"])
    if line.unheard and len(rows) < most:
        size, left = STYLE["small_pt"], most - len(rows)
        rest = wrapped(f"[{line.unheard}", room - width("]", size), size, left)
        if rest:
            rest[-1] += "]"
        _block(ax, at, rest, STYLE["faint"], below=len(rows), style="italic")


def _rows(ax: Axes, above: float, below: float) -> int:
    """How many rows of words fit between two heights."""
    room = (above - below) * points(ax, 1.0, axis="y")
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
    font: dict[str, Any] = {"fontsize": STYLE["small_pt"], "fontstyle": style, "color": color}
    offset = (0, -below * LEADING * STYLE["small_pt"])
    write(ax, "\n".join(rows), at, offset, va="top", linespacing=LEADING, **font)
