"""How a Clip looks in a notebook: a waveform picture and an audio player.

matplotlib is loaded when the first picture is drawn; without it there is no picture. No pyplot:
drawing a clip leaves the figures of the notebook alone.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rtkit.canvas import STYLE
from rtkit.wav import write_wav

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rtkit.clip import Clip

COLUMNS = 1200  # of the picture; a longer clip is drawn by the extremes within each column
LONGEST_PLAYED = 16_000_000  # samples: 11 minutes at 24 kHz, 43 MB in the notebook


def mimebundle(clip: Clip) -> dict[str, Any]:
    """What Jupyter shows: text, picture, and (only live) picture and player in one."""
    png = waveform_png(clip)
    bundle: dict[str, Any] = {"text/plain": repr(clip), "text/html": player_html(clip, png)}
    return bundle | {"image/png": as_text(png)} if png else bundle


def player_html(clip: Clip, png: bytes | None = None) -> str:
    """An audio element that holds the whole clip, under its picture if there is one.

    A clip of more than `LONGEST_PLAYED` samples has a sentence instead: the notebook would hold it.
    """
    picture = f'<img alt="waveform" src="data:image/png;base64,{as_text(png)}"><br>' if png else ""
    return f"<div>{picture}{_player(clip)}</div>"


def _player(clip: Clip) -> str:
    if len(clip.samples) > LONGEST_PLAYED:
        return (
            f"{clip.duration / 60:.0f} minutes are too much for a page to play. Show a part: "
            "<code>clip.cut(0, 60)</code>."
        )
    sound = as_text(write_wav(clip.samples, clip.rate))
    return f'<audio controls src="data:audio/wav;base64,{sound}"></audio>'


def waveform_png(clip: Clip) -> bytes | None:
    """The picture as PNG bytes, or None without matplotlib."""
    return png_of(6, 1.2, lambda figure: draw_waveform(clip, figure.subplots()))


def png_of(wide: float, high: float, draw: Callable[[Figure], object]) -> bytes | None:
    """What `draw` does to a figure of this size (inches), as PNG; None without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return None
    figure = Figure(figsize=(wide, high), dpi=100, layout="constrained")
    draw(figure)
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def draw_waveform(clip: Clip, ax: Axes) -> Axes:
    """The waveform on given axes, seconds to the right.

    The height is the clip's own peak, at least a tenth of full scale, so that a quiet recording
    shows its words; how loud it is stands in its repr.
    """
    times, low, high = envelope(clip)
    height = float(np.abs(clip.samples).max(initial=0.1))
    ax.fill_between(times, low, high, color=STYLE["user"], linewidth=0.6)
    ax.set(xlim=(0, max(clip.duration, 1e-3)), ylim=(-height, height), yticks=[], xlabel="seconds")
    ax.spines[["left", "right", "top"]].set_visible(False)
    ax.tick_params(labelsize=8)
    ax.xaxis.label.set_fontsize(8)
    return ax


def envelope(clip: Clip) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Times in seconds, lowest and highest sample, for each column of the picture."""
    count = len(clip.samples)
    if not count:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    starts = np.linspace(0, count, min(count, COLUMNS), endpoint=False).astype(int)
    low = np.minimum.reduceat(clip.samples, starts)
    return starts / clip.rate, low, np.maximum.reduceat(clip.samples, starts)


def as_text(data: bytes | None) -> str:
    """The bytes in base64."""
    return base64.b64encode(data or b"").decode("ascii")
