"""Exercises and questions of notebook 02, audio."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from rtkit.canvas import STYLE

from .exercise import Case, Exercise, Trial, fresh, function
from .questionnaire import ask, no, yes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZES = (
    Case((20, 24000, 2), 960, "20 ms of PCM16 are 480 samples of two bytes."),
    Case(
        (20, 8000, 1),
        160,
        "G.711 has one byte a sample, PCM16 has two: use what you are given, no constant.",
    ),
    Case((100, 24000, 2), 4800, "Five times as long is five times as many bytes."),
    Case(
        (1, 11025, 2),
        22,
        "1 ms at 11,025 Hz is 11 samples and a bit: round the samples down, then count bytes.",
        hidden=True,
    ),
    Case((0.5, 8000, 1), 4, "Milliseconds need not be whole.", hidden=True),
)

KEPT = "Every byte that came in has to come out, also the last ones, which fill no whole chunk."
STREAMS = (
    Case(
        ([b"ab", b"", b"cdefgh"], 3),
        [b"abc", b"def", b"gh"],
        "Pieces are cut anywhere: what is left of one belongs to the front of the next.",
    ),
    Case(([b"a"] * 5, 2), [b"aa", b"aa", b"a"], "A piece may be shorter than a chunk."),
    Case(([b"abcdefg"], 3), [b"abc", b"def", b"g"], KEPT),
    Case(([b"abcd"], 2), [b"ab", b"cd"], "Nothing is left here: no empty chunk.", hidden=True),
    Case(([], 4), [], "Nothing came, so nothing goes out.", hidden=True),
    Case(([b"xy", b"z"], 4), [b"xyz"], KEPT, hidden=True),
)


def _chunked(answer: Any) -> Iterable[Trial]:
    """As asked; chunks that are yielded one by one count like those of a list."""
    trials = function("chunked", STREAMS)
    return trials(_listing(answer) if callable(answer) else answer)


def _listing(answer: Any) -> Any:
    def chunked(pieces: list[bytes], size: int) -> Any:
        found = answer(pieces, size)
        return list(found) if isinstance(found, Iterator) else found

    return chunked


AIM = 10 ** (-1 / 20)  # -1 dBFS as an amplitude
PEAKS = (
    Case(
        (np.array([0.1, -0.2]),),
        np.array([0.1, -0.2]) / 0.2 * AIM,
        "The peak belongs at -1 dBFS, which is an amplitude of 10 ** (-1 / 20) = 0.891.",
    ),
    Case((np.array([3.0, 1.0]),), np.array([3.0, 1.0]) / 3 * AIM, "Too loud becomes softer, too."),
    Case(
        (np.array([0.0, 0.0]),),
        np.zeros(2),
        "Silence has no peak: dividing by it makes NaN, which is noise.",
    ),
    Case(
        (np.array([0.1, -0.8, 0.4]),),
        np.array([0.1, -0.8, 0.4]) / 0.8 * AIM,
        "The peak may be a negative sample: look at the amplitude.",
        hidden=True,
    ),
)


def _pieces(answer: Any, figure: Figure) -> None:
    """Bytes in the order in which they came, and how the task and how the answer cuts them."""
    pieces, size = STREAMS[0].given
    rows = {"came": pieces, "wanted": STREAMS[0].asked, "yours": list(answer(fresh(pieces), size))}
    ax = figure.subplots()
    for row, chunks in enumerate(rows.values()):
        at = 0
        for number, chunk in enumerate(filter(None, chunks)):
            colour = STYLE["pale user"] if number % 2 else STYLE["pale assistant"]
            ax.barh(row, len(chunk), left=at, color=colour, edgecolor="white", height=0.7)
            for place, letter in enumerate(bytes(chunk).decode("latin-1")):
                ax.text(at + place + 0.5, row, letter, ha="center", va="center", fontsize=9)
            at += len(chunk)
    ax.set_yticks(range(3), list(rows))
    ax.invert_yaxis()
    ax.set(xlabel=f"bytes; chunks of {size}")
    ax.spines[["top", "right"]].set_visible(False)


def _loudest(answer: Any, figure: Figure) -> None:
    """Three soft bells before and after, with the aim as a line."""
    t = np.linspace(0, 1, 800)
    since = t % (1 / 3)
    samples = 0.3 * np.sin(120 * since) * np.exp(-12 * since)
    ax = figure.subplots()
    ax.plot(t, samples, color=STYLE["user"], label="before")
    ax.plot(t, answer(samples.copy()), "--", color=STYLE["assistant"], label="yours")
    for level in (AIM, -AIM):
        ax.axhline(level, color=STYLE["faint"], linestyle="--", linewidth=1)
    ax.set(xticks=[], ylabel="amplitude", ylim=(-1.2, 1.2))
    ax.spines[["top", "right", "bottom"]].set_visible(False)
    ax.legend(frameon=False, loc="upper right", ncols=2, fontsize=8)


EXERCISES = (
    Exercise(
        "02.1",
        "Bytes of so many milliseconds",
        function("size_of", SIZES),
        "Milliseconds times rate, by 1000, are samples. Make them whole; then each has its bytes.",
    ),
    Exercise(
        "02.2",
        "A stream in chunks",
        _chunked,
        "Join all pieces (b''.join), then walk along in steps of `size`.",
        _pieces,
    ),
    Exercise(
        "02.3",
        "As loud as possible",
        function("loudest", PEAKS, within=1e-3),
        "Divide by the largest np.abs, multiply by 10 ** (-1 / 20), and leave silence alone.",
        _loudest,
    ),
)

QUESTIONS = (
    ask(
        "A caller sounds like a giant, slow and deep. What do you look at first?",
        no("The microphone", "A microphone does not change the pitch of everything."),
        yes("The rate", "Samples at the wrong rate are played too slowly or too fast."),
        no("The level", "Too loud is rough, too soft is faint: neither is deep."),
    ),
    ask(
        "Your chunks have 960 bytes of mu-law. How long is each?",
        no("20 ms", "That is PCM16 at 24 kHz. mu-law has 8 bytes a millisecond."),
        no("60 ms", "That counts two bytes a sample. mu-law has one."),
        yes("120 ms", "960 bytes are 960 samples, and 8 of them make a millisecond."),
    ),
    ask(
        "Speech was clipped when it became 16 bits. What brings it back?",
        yes("Nothing", "The tops are gone. Record again, softer."),
        no("Making it softer", "It is then a soft clipped sound: its tops stay flat."),
        no("Resampling", "Another rate draws the same flat tops with other points."),
    ),
)
