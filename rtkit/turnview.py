"""The turns of a clip as a picture: the sound, how sure the detector is, and where turns end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .canvas import STYLE, bare, new_axes
from .clipview import envelope
from .segments import Segment, Segmentation, described

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FOOT, TOP = 1.2, 2.2
"""The band of the waveform; the probability lies below it, from 0 to 1."""
BELOW, ABOVE = -0.08, 0.25  # room beyond the two


def segmentation(of: Segmentation, ax: Axes | None = None) -> Axes:
    """What turn detection made of a clip, from `rtkit.segment`; seconds to the right.

    Above the waveform, below it the probability of speech with the threshold (dashed) and the
    lower one at which speech is over (dotted). A turn is shaded: hatched are the padding before
    the speech and the silence after it. The line with the number is where the turn is over. For two
    settings side by side, call it on two axes of one figure.
    """
    ax = ax or new_axes(2.6, left=0.108, right=0.978, bottom=0.17, top=0.9)
    for turn in of.segments:
        _turn(ax, turn, 1000 * of.heard.clip.duration)
    _sound(ax, of)
    _probability(ax, of)
    ax.set_xlim(0, max(of.heard.clip.duration, 1e-3))
    ax.set_ylim(BELOW, TOP + ABOVE)
    ax.set_yticks([0, 1, (FOOT + TOP) / 2], ["0", "1", "sound"], fontsize=STYLE["small_pt"])
    ax.set_xlabel("seconds", fontsize=STYLE["font_pt"])
    middle = (0.5 - BELOW) / (TOP + ABOVE - BELOW)
    ax.set_ylabel("speech\nprobability", fontsize=STYLE["small_pt"], y=middle)
    ax.tick_params(axis="y", length=0)
    bare(ax)
    title = f"{described(of.vad)}; {of.heard.detector}"
    ax.set_title(title, loc="left", fontsize=STYLE["font_pt"], color=STYLE["ink"])
    return ax


def _sound(ax: Axes, of: Segmentation) -> None:
    clip = of.heard.clip
    times, low, high = envelope(clip)
    scale = (TOP - FOOT) / 2 / float(np.abs(clip.samples).max(initial=0.1))
    middle = (FOOT + TOP) / 2
    ax.fill_between(
        times, middle + scale * low, middle + scale * high, color=STYLE["user"], linewidth=0.5
    )


def _probability(ax: Axes, of: Segmentation) -> None:
    heard = of.heard
    edges = np.append(heard.times, len(heard.times) * heard.frame_ms / 1000)
    ax.stairs(heard.probabilities, edges, color=STYLE["ink"], linewidth=1, baseline=None)
    if (settings := of.settings) is None:
        return
    for height, dashes in ((settings.threshold, (4, 3)), (settings.leave, (1, 2))):
        ax.axhline(height, color=STYLE["assistant"], linestyle=(0, dashes), linewidth=1)
    ax.annotate(
        f"{settings.threshold:g}",
        (0, settings.threshold),
        xytext=(-4, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        ha="right",
        va="center",
        fontsize=STYLE["small_pt"],
        color=STYLE["assistant"],
    )


def _turn(ax: Axes, turn: Segment, length_ms: float) -> None:
    end = length_ms if turn.end_ms is None else turn.end_ms
    speech_end = length_ms if turn.end_ms is None else turn.speech_end_ms
    _shade(ax, turn.start_ms, turn.speech_start_ms, hatch="////")
    _shade(ax, turn.speech_start_ms, speech_end)
    _shade(ax, speech_end, end, hatch="////")
    if turn.decided_ms is None:
        return
    at = turn.decided_ms / 1000
    ax.axvline(at, color=STYLE["assistant"], linewidth=1.5)
    ax.annotate(
        f"waited {turn.wait_ms:.0f} ms",
        (at, TOP),
        xytext=(-3, 2),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=STYLE["small_pt"],
        color=STYLE["ink"],
    )


def _shade(ax: Axes, start_ms: float, end_ms: float, hatch: str | None = None) -> None:
    ax.axvspan(
        start_ms / 1000,
        end_ms / 1000,
        facecolor=STYLE["shade"] if hatch else "#dfe7ee",
        edgecolor=STYLE["silence"],
        hatch=hatch,
        linewidth=0,
        zorder=0,
    )
