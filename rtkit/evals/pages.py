"""A report as a page: text, tables, pictures and sounds in the order in which they are read.

As HTML it stands alone: one style sheet, no script, everything inlined as data, legible in a light
and in a dark theme. As Markdown its pictures and sounds are files in a folder beside it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TypeAlias

from rtkit.sheets import Sheet, marked

STYLE = """
:root { color-scheme: light dark; --ink: #222; --paper: #fff; --line: #d8d8d4; --faint: #666; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e3; --paper: #1b1c1d; --line: #44464a; --faint: #a2a5a9; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 860px; margin: 2.5rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .5rem; }
p { max-width: 46rem; }
table { font-variant-numeric: tabular-nums; }
"""
FRAME = "margin:.5em 0;padding:.5em .8em;border:1px solid rgba(128,128,128,.35);border-radius:6px"
IMAGE = "display:block;max-width:100%;height:auto;background:#fff;border-radius:4px"
SUMMARY = "cursor:pointer;color:inherit"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph, or the heading of what follows; `code` is marked as in a `Sheet`."""

    text: str
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture (PNG), what it shows in words, and the name of its file."""

    name: str
    alt: str
    png: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that opens at a click: a picture and a sound (WAV) under it."""

    title: str
    picture: Picture
    wav: bytes


Part: TypeAlias = Text | Sheet | Picture | Entry


@dataclass(frozen=True, slots=True)
class Page:
    """A title and what stands under it."""

    title: str
    parts: tuple[Part, ...]

    def html(self) -> str:
        """A whole document that needs nothing else."""
        head = f'<meta charset="utf-8"><title>{escape(self.title)}</title><style>{STYLE}</style>'
        view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
        body = f"<body><h1>{escape(self.title)}</h1>\n{self.fragment()}</body>"
        return f'<!doctype html>\n<html lang="en"><head>{head}{view}</head>\n{body}</html>\n'

    def fragment(self) -> str:
        """What stands under the title, for a page that is there already."""
        return "\n".join(map(_html, self.parts))

    def markdown(self, folder: Path | None = None) -> str:
        """GitHub Markdown. Pictures and sounds are written into `folder`; left out without one."""
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        lines = [f"# {self.title}", *(text for part in self.parts for text in _lines(part, folder))]
        return "\n\n".join(lines) + "\n"


def _html(part: Part) -> str:
    if isinstance(part, Text):
        tag = "h2" if part.heading else "p"
        return f"<{tag}>{marked(part.text)}</{tag}>"
    if isinstance(part, Sheet):
        return f'<div style="overflow-x:auto">{part.html()}</div>'
    if isinstance(part, Picture):
        return (
            f'<img style="{IMAGE}" alt="{escape(part.alt)}" src="{_data("image/png", part.png)}">'
        )
    sound = f'<audio controls preload="metadata" src="{_data("audio/wav", part.wav)}"></audio>'
    inside = f'<div style="margin-top:.5em">{_html(part.picture)}{sound}</div>'
    title = f'<summary style="{SUMMARY}">{marked(part.title)}</summary>'
    return f'<details style="{FRAME}">{title}{inside}</details>'


def _data(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _lines(part: Part, folder: Path | None) -> Iterator[str]:
    if isinstance(part, Text):
        yield f"## {part.text}" if part.heading else part.text
    elif isinstance(part, Sheet):
        yield part.markdown()
    elif isinstance(part, Picture):
        if folder is not None:
            yield f"![{part.alt}]({_written(folder, f'{part.name}.png', part.png)})"
    else:
        sound = "" if folder is None else _written(folder, f"{part.picture.name}.wav", part.wav)
        yield f"- {part.title}" + (f" ([listen]({sound}))" if sound else "")
        yield from _lines(part.picture, folder)


def _written(folder: Path, name: str, data: bytes) -> str:
    name = re.sub(r"[^\w.-]+", "_", name)
    (folder / name).write_bytes(data)
    return f"{folder.name}/{name}"
