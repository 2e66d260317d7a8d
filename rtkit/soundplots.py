"""Pictures of a sound: its frequencies over time, their mean, and its level.

All are re-exported by `rtkit.plots`.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from .canvas import LINES, STYLE, bare, labelled, new_axes
from .clipview import draw_waveform
from .errors import DataError
from .levels import FRAMES_PER_SECOND, QUIETEST_DB, speech_frames
from .spectra import spectrogram as read_spectrogram
from .spectra import spectrum

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .clip import Clip

SHADES = ("#ffffff", "#c3d3df", "#6f97b7", "#1f5a8a", "#0c2438")
LOWEST_HZ, SHOWN_DB = 50.0, 70.0


def spectrogram(
    clip: Clip, ax: Axes | None = None, *, window_ms: float = 25.0, range_db: float = 70.0
) -> Axes:
    """The frequencies of a clip over time: the darker, the louder, over `range_db` to the loudest.

    `window_ms` decides what is told apart: long ones tell frequencies, short ones instants.
    """
    from matplotlib.colors import LinearSegmentedColormap

    ax = ax or new_axes(2.4, left=0.076, right=0.978, bottom=0.19, top=0.97)
    shown = read_spectrogram(clip.samples, clip.rate, window_ms)
    loudest = float(shown.db.max())
    khz = clip.rate / 2000
    ax.imshow(
        shown.db,
        origin="lower",
        aspect="auto",
        extent=(0, max(clip.duration, 1e-3), 0, khz),
        vmin=loudest - range_db,
        vmax=loudest,
        cmap=LinearSegmentedColormap.from_list("rtkit", SHADES),
    )
    labelled(ax, "seconds", "kHz")
    ax.spines[["right", "top"]].set_visible(False)
    return ax


def spectra(clips: Mapping[str, Clip], ax: Axes | None = None) -> Axes:
    """The mean spectrum of each clip, by its name, one line over another.

    A tone stands at its own level in dBFS. DataError if there is nothing to draw.
    """
    if not clips:
        raise DataError("nothing to draw: give clips such as {'before': clip}.")
    ax = ax or new_axes(2.6, left=0.086, right=0.978, bottom=0.18, top=0.95)
    loudest = QUIETEST_DB
    for (name, clip), line in zip(clips.items(), cycle(LINES), strict=False):
        hertz, db = spectrum(clip.samples, clip.rate)
        loudest = max(loudest, float(db.max()))
        ax.plot(hertz[1:], db[1:], label=name, **line)
    ax.set_ylim(loudest - SHOWN_DB, loudest + 5)
    ax.set_xscale("log")
    ax.set_xlim(LOWEST_HZ, max(clip.rate for clip in clips.values()) / 2)
    ticks = [hertz for hertz in (100, 300, 1000, 3400, 10_000) if hertz < ax.get_xlim()[1]]
    ax.set_xticks(ticks, [f"{hertz:,}" for hertz in ticks])
    ax.set_xticks([], minor=True)
    labelled(ax, "Hz", "dBFS")
    ax.legend(frameon=False, fontsize=STYLE["font_pt"], loc="upper right")
    ax.spines[["right", "top"]].set_visible(False)
    return ax


def levels(clip: Clip, ax: Axes | None = None) -> Axes:
    """The level of each 10 ms in dBFS; what counts as speech by level is dark, the rest pale."""
    ax = ax or new_axes(1.8, left=0.086, right=0.978, bottom=0.26, top=0.95)
    found = clip.levels
    speech = speech_frames(found)
    seconds = np.arange(len(found)) / FRAMES_PER_SECOND
    for which, color in ((speech, STYLE["user"]), (~speech, STYLE["silence"])):
        heights = np.where(which, found, QUIETEST_DB) - QUIETEST_DB
        ax.bar(seconds, heights, 1.0 / FRAMES_PER_SECOND, QUIETEST_DB, align="edge", color=color)
    ax.set_xlim(0, max(clip.duration, 1e-3))
    ax.set_ylim(QUIETEST_DB, 0)
    labelled(ax, "seconds", "dBFS")
    bare(ax)
    return ax


def overview(clip: Clip) -> list[Axes]:
    """What `Clip.plot` draws: the waveform above the spectrogram."""
    below = new_axes(3.2, left=0.076, right=0.978, bottom=0.14, top=0.68)
    above = below.figure.add_axes((0.076, 0.71, 0.902, 0.27))
    draw_waveform(clip, above)
    above.set_xlabel("")
    above.set_xticks([])
    above.spines["bottom"].set_visible(False)
    return [above, spectrogram(clip, below)]
