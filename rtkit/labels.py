"""Label files as Audacity writes and reads them: start, end and text of each label, in seconds.

One label a line, with tabs between (Audacity's manual, "Importing and Exporting Labels"). A line
that begins with a backslash gives the frequencies of a spectral selection; it is skipped.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .errors import DataError


@dataclass(frozen=True, slots=True)
class Label:
    """A stretch of a sound, in seconds, and what is said about it."""

    start_s: float
    end_s: float
    text: str = ""


def load_labels(path: str | os.PathLike[str]) -> list[Label]:
    """The labels of a file, by their beginnings; DataError names the line that is none."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise DataError(
            f"{Path(path).name}: found a file that is not text in UTF-8 ({problem.reason} at byte "
            f"{problem.start}), as Audacity writes it. Export the labels anew, or save it as UTF-8."
        ) from problem
    lines = enumerate(text.splitlines(), 1)
    found = [
        _label(line, f"{Path(path).name}, line {number}")
        for number, line in lines
        if line.strip() and not line.startswith("\\")
    ]
    return sorted(found, key=lambda label: (label.start_s, label.end_s))


def save_labels(path: str | os.PathLike[str], labels: Iterable[Label]) -> None:
    """Write a file that Audacity opens by File > Import > Labels; whole microseconds.

    A label has one line: breaks in its text become blanks.
    """
    lines = (
        f"{label.start_s:.6f}\t{label.end_s:.6f}\t{' '.join(label.text.splitlines())}\n"
        for label in labels
    )
    Path(path).write_text("".join(lines), encoding="utf-8", newline="\n")


def _label(line: str, place: str) -> Label:
    start, end, text = [*line.split("\t", 2), "", ""][:3]
    try:
        times = float(start), float(end)
    except ValueError:
        times = (math.nan, math.nan)
    if not 0 <= times[0] <= times[1] < math.inf:
        raise DataError(
            f"{place}: found {line!r}; a label is a start in seconds, an end that is not before "
            "it, and a text, with tabs between, such as '0.5\\t1.25\\thello'. Export the labels "
            "from Audacity anew, or mend the line."
        )
    return Label(*times, text.strip())
