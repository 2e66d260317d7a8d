"""Text that has to fit: how wide words are on paper, and how they wrap."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

FINE = 10
LEAST_LETTERS = 4
"""A column that is narrower than this many letters gets no words."""


def wrapped(text: str, width_pt: float, size_pt: float, most: int) -> list[str]:
    """Lines of at most `width_pt` points, at most `most` of them; what is left out is `...`."""
    if width_pt < LEAST_LETTERS * width("n", size_pt) or not text:
        return []
    lines: list[str] = []
    for word in _fitting(text.split(), width_pt, size_pt):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size_pt) <= width_pt:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], _cut(f"{lines[most - 1]} ...", width_pt, size_pt)]


def _fitting(words: Iterable[str], width_pt: float, size_pt: float) -> Iterable[str]:
    """The words; those that are wider than a line are cut."""
    return (
        word if width(word, size_pt) <= width_pt else _cut(word + "...", width_pt, size_pt)
        for word in words
    )


def _cut(text: str, width_pt: float, size_pt: float) -> str:
    """The text, which ends in `...`, shortened before that until it fits."""
    body = text.removesuffix("...").rstrip()
    while body and width(f"{body}...", size_pt) > width_pt:
        body = body[:-1].rstrip()
    return f"{body}..."


@lru_cache(4096)
def width(text: str, size_pt: float) -> float:
    """Points that a text takes in the default font of matplotlib."""
    font = _font()
    font.set_size(size_pt, 72 * FINE)  # hinting rounds to whole dots: let them be small
    font.set_text(text, 0.0)
    return float(font.get_width_height()[0]) / 64 / FINE


@cache
def _font() -> Any:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return get_font(findfont(FontProperties()))
