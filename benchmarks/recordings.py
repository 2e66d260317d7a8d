"""Recordings and what is said in them, for the benchmarks.

The transcript of `name.wav` is in `name.txt` beside it, or in a table of a `.md` file in the same
folder whose first column names the file and whose second one holds the words; words in brackets
are remarks. A recording without a transcript is heard but not scored.
"""

from __future__ import annotations

import os
from pathlib import Path

from rtkit.clip import Clip

SUFFIXES = {".wav", ".mp3", ".flac", ".ogg", ".m4a", ".webm"}


def default_folder():
    """RTKIT_SPEECH, else the folder beside the repository."""
    beside = Path(__file__).resolve().parent.parent.parent / "shared" / "speech"
    return Path(os.environ.get("RTKIT_SPEECH") or beside)


def transcripts(folder):
    """Words by file name."""
    found = {path.with_suffix("").name: path.read_text() for path in folder.glob("*.txt")}
    for path in folder.glob("*.md"):
        for line in path.read_text().splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if len(cells) > 1 and Path(cells[0]).suffix in SUFFIXES:
                for name in cells[0].split(","):
                    found[Path(name.strip()).stem] = cells[1]
    return {name: plain(text) for name, text in found.items() if is_transcript(text)}


def is_transcript(text):
    """A remark in brackets or a sentence with figures or colons is none."""
    return bool(text.strip()) and not set(text) & set("()0123456789:;")


def plain(text):
    """Lower-case words without punctuation."""
    return " ".join("".join(c if c.isalnum() or c == "'" else " " for c in text.lower()).split())


def recordings(folder, longest_s=30.0):
    """(name, Clip, words or None) of each recording, those longer than `longest_s` left out."""
    words = transcripts(folder)
    for path in sorted(folder.iterdir()):
        if path.suffix in SUFFIXES and (clip := Clip.load(path)).duration <= longest_s:
            yield path.stem, clip, words.get(path.stem)
