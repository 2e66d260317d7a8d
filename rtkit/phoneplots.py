"""Pictures of what a phone line does: its steps, their noise, and the fate of each packet.

All are re-exported by `rtkit.plots`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .canvas import LINES, STYLE, labelled, new_axes
from .errors import DataError
from .quantising import CODINGS, coded, coding_snr

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .telephony import Call

LEVELS_DBFS = np.arange(-75.0, -2.9, 0.5)
MARKS: dict[str, dict[str, Any]] = {
    "played": {"marker": ".", "color": STYLE["user"], "s": 18},
    "late": {"marker": "^", "color": STYLE["assistant"], "s": 26},
    "lost": {"marker": "x", "color": STYLE["ink"], "s": 22, "linewidths": 1.0},
}


def quantisation(
    around: float = 0.0,
    width: float = 0.02,
    ax: Axes | None = None,
    *,
    codings: Sequence[str] = CODINGS,
) -> Axes:
    """The steps of each coding: what goes in, and what comes out, `width` wide around a sample."""
    ax = ax or new_axes(3.2, wide=4, left=0.18, right=0.93, bottom=0.15, top=0.97)
    given = np.linspace(max(-1.0, around - width / 2), min(around + width / 2, 1.0), 4001)
    for coding, line in zip(codings, LINES, strict=False):
        ax.plot(given, coded(given, coding), label=coding, **line)
    ax.set_xlim(given[0], given[-1])
    ax.locator_params(nbins=5)
    labelled(ax, "sample in", "sample out")
    ax.legend(frameon=False, fontsize=STYLE["font_pt"], loc="upper left")
    ax.spines[["right", "top"]].set_visible(False)
    return ax


def coding_quality(ax: Axes | None = None, *, codings: Sequence[str] = CODINGS) -> Axes:
    """Signal-to-noise ratio of each coding for a sine, from whispers to full scale."""
    ax = ax or new_axes(2.8, left=0.086, right=0.978, bottom=0.17, top=0.95)
    for coding, line in zip(codings, LINES, strict=False):
        ax.plot(LEVELS_DBFS, coding_snr(coding, LEVELS_DBFS), label=coding, **line)
    ax.set_xlim(LEVELS_DBFS[0], 0)
    ax.set_ylim(0, None)
    labelled(ax, "level of the sound in dBFS", "signal-to-noise ratio in dB")
    ax.legend(frameon=False, fontsize=STYLE["font_pt"], loc="upper left")
    ax.spines[["right", "top"]].set_visible(False)
    return ax


def packets(call: Call, ax: Axes | None = None) -> Axes:
    """How long each packet of a call was under way, and which were late or lost.

    A packet above the dashed line comes too late to be played. Lost ones, which never come, stand
    at the top. DataError for a call without packets.
    """
    if not call.packets:
        raise DataError("no packets to draw: the clip that was carried is empty.")
    ax = ax or new_axes(2.4, left=0.086, right=0.978, bottom=0.19, top=0.88)
    allowed = call.delay_ms - 1000 * call.packets[0].sent_s
    under_way = [
        1000 * (packet.arrived_s - packet.sent_s)
        for packet in call.packets
        if packet.arrived_s is not None
    ]
    top = 1.15 * max([allowed, *under_way])
    for fate, mark in MARKS.items():
        chosen = [packet for packet in call.packets if packet.fate == fate]
        heights = [top if p.arrived_s is None else 1000 * (p.arrived_s - p.sent_s) for p in chosen]
        ax.scatter([p.sent_s for p in chosen], heights, label=f"{len(chosen)} {fate}", **mark)
    ax.axhline(
        allowed,
        color=STYLE["faint"],
        linestyle=(0, (4, 3)),
        linewidth=1,
        zorder=0,
        label=f"due after {allowed:.0f} ms",
    )
    ax.set_xlim(0, call.packets[-1].sent_s)
    ax.set_ylim(0, 1.06 * top)
    labelled(ax, "sent, in seconds", "under way, in ms")
    ax.legend(
        frameon=False, fontsize=STYLE["font_pt"], ncols=4, loc="lower right", bbox_to_anchor=(1, 1)
    )
    ax.spines[["right", "top"]].set_visible(False)
    return ax
