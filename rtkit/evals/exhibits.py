"""A turn of a run to look at and to listen to: its picture as PNG, its sound as WAV.

Both hold what the caller said, whether the server heard it or not.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rtkit.canvas import STYLE, points, wrapped, write
from rtkit.clip import Clip
from rtkit.lanes import conversation, name_lanes
from rtkit.reading import Conversation
from rtkit.sounds import joined
from rtkit.stereo import CHANNELS, RATE, mix_stereo
from rtkit.timeline import Timeline
from rtkit.wav import write_wav

from .speeches import Speech, read_speeches
from .worst import Case

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DPI = 120
SAID = 7.1
"""The height at which stands what the caller said, above both lanes of a conversation."""

HEARD_HZ = 16_000
"""The rate of sounds in a report: a third less to carry than 24 kHz, and all of speech is there."""


def png(ax: Axes) -> bytes:
    """A picture that was drawn, as PNG; its figure is closed: no notebook shows it once more."""
    from matplotlib import pyplot

    figure = ax.get_figure(root=True)
    assert figure is not None  # axes that can be drawn on belong to one
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DPI, metadata={"Software": None})
    pyplot.close(figure)
    return file.getvalue()


def case_png(case: Case) -> bytes:
    """The conversation in a case; above it what the caller said, below what was heard of it."""
    timeline = case.result.timeline
    ax = conversation(timeline, begin=case.begin, end=case.end)
    ax.set_ylim(ax.get_ylim()[0], SAID + 0.7)
    for speech in read_speeches(timeline, Conversation(timeline)):
        if speech.start < case.end and speech.end > case.begin:
            _said(ax, speech)
    name_lanes(ax, {"caller": SAID, "heard": 4.6})
    next(text for text in ax.texts if text.get_text() == "you").remove()
    return png(ax)


def _said(ax: Axes, speech: Speech) -> None:
    left, right = ax.get_xlim()
    start, end = max(speech.start, left), min(speech.end, right)
    low, high = SAID - 0.5, SAID + 0.5
    ax.fill_between([start, end], low, high, color=STYLE["pale user"], linewidth=0, zorder=1)
    text = speech.text or speech.kind.replace("_", " ")
    size = STYLE["small_pt"]
    lines = wrapped(text, points(ax, end - start) - 4, size, 2)
    write(ax, "\n".join(lines), (start, SAID), (3, 0), va="center", fontsize=size)


def case_wav(case: Case) -> bytes:
    """The sound of a case, as a 16-bit WAV file at 16 kHz: left the caller, right the assistant."""
    timeline = case.result.timeline
    heard = mix_stereo(timeline)
    both = np.zeros((max(len(heard), round(case.end * RATE)), 2), np.float32)
    both[: len(heard), CHANNELS["assistant"]] = heard[:, CHANNELS["assistant"]]
    both[:, CHANNELS["user"]] = _caller(timeline, len(both))
    part = both[round(case.begin * RATE) : round(case.end * RATE)]
    sides = [Clip(side, RATE).resampled(HEARD_HZ).samples for side in part.T]
    return write_wav(np.stack(sides, axis=1), HEARD_HZ)


def _caller(timeline: Timeline, length: int) -> NDArray[np.float32]:
    """All that the caller said, where it said it: float32[length] at `RATE`."""
    talk = Conversation(timeline)
    track = np.zeros(length, np.float32)
    for speech in read_speeches(timeline, talk):
        clip = joined(timeline, talk.clock.between(speech.start_ms, speech.end_ms))
        if clip is not None:
            begun = speech.start - talk.clock.inside(speech.start_ms) / 1000
            at = max(0, round(begun * RATE))
            samples = clip.resampled(RATE).samples[: max(0, length - at)]
            track[at : at + len(samples)] = samples
    return track
