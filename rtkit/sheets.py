"""Small calm tables that a notebook, a terminal and a Markdown page can show.

Cells are plain text in which `backticks` mark code and *asterisks* what is stressed. Colours are
inherited, lines are half transparent and nothing runs, so that a table is legible in a light and
in a dark theme.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

TABLE = "border-collapse:collapse;color:inherit;background:transparent;font-size:90%"
CELL = (
    "text-align:left;vertical-align:top;padding:.3em .8em .3em 0;color:inherit;"
    "border:0;border-bottom:1px solid rgba(128,128,128,.3);max-width:32em;white-space:normal"
)
CODE = "color:inherit;background:transparent;padding:0"
COLUMN_CHARS = 44
MARKS = re.compile(r"`([^`]+)`|(?<![\w*])\*(?=[^\s*])([^*`]*[^\s*`])\*(?![\w*])")
"""Code, or what is stressed: asterisks that touch it and no other word. quiz.js has it too."""


class Shown:
    """What shows itself as a table wherever it is looked at; `sheet()` makes the table."""

    __slots__ = ()

    def sheet(self) -> Sheet:
        """The table that is shown."""
        raise NotImplementedError

    def _repr_html_(self) -> str:
        return self.sheet().html()

    def _repr_markdown_(self) -> str:
        return self.sheet().markdown()

    def __str__(self) -> str:
        return self.sheet().text()


@dataclass(frozen=True, slots=True)
class Sheet(Shown):
    """A table: its head, its rows, and a title above it. No rows: `empty` is said instead."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""
    empty: str = ""

    def sheet(self) -> Sheet:
        """Itself."""
        return self

    def html(self) -> str:
        """The table as HTML with inline styles, without any script."""
        title = f'<div style="color:inherit">{marked(self.title)}</div>' if self.title else ""
        if not self.rows:
            return title + f'<div style="color:inherit">{marked(self.empty)}</div>'
        head = "".join(f'<th style="{CELL}">{marked(cell)}</th>' for cell in self.head)
        body = "".join(f"<tr>{self._cells(row)}</tr>" for row in self.rows)
        return f'{title}<table style="{TABLE}"><thead><tr>{head}</tr></thead>{body}</table>'

    def _cells(self, row: Sequence[str]) -> str:
        return "".join(f'<td style="{CELL}">{marked(cell)}</td>' for cell in row)

    def markdown(self) -> str:
        """The table as GitHub Markdown."""
        title = [self.title, ""] if self.title else []
        if not self.rows:
            return "\n".join([*title, self.empty])
        lines = [self.head, ["---"] * len(self.head), *self.rows]
        return "\n".join([*title, *("| " + " | ".join(map(_bar, line)) + " |" for line in lines)])

    def text(self) -> str:
        """The table for a terminal; long cells are wrapped."""
        title = [self.title] if self.title else []
        if not self.rows:
            return "\n".join([*title, self.empty])
        wrapped = [[_wrapped(cell) for cell in line] for line in (self.head, *self.rows)]
        widths = [max(len(part) for line in wrapped for part in line[i]) for i in self._columns()]
        return "\n".join([*title, *(text for line in wrapped for text in _lines(line, widths))])

    def _columns(self) -> range:
        return range(len(self.head))


def marked(cell: str) -> str:
    """A cell as HTML: everything escaped, `code` set as code, *this* as stressed, lines kept.

    Paths and addresses may break after each part, so that a wide table fits its page.
    """
    text = re.sub(r"(?<=[a-z][._/])(?=\w)", "<wbr>", escape(cell))
    return MARKS.sub(_mark, text).replace("\n", "<br>")


def _mark(found: re.Match[str]) -> str:
    code, stressed = found.groups()
    return f'<code style="{CODE}">{code}</code>' if code else f"<em>{stressed}</em>"


def _bar(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", "<br>")


def _wrapped(cell: str) -> list[str]:
    lines = [textwrap.wrap(line, COLUMN_CHARS) for line in cell.replace("`", "").split("\n")]
    return [part for line in lines for part in line] or [""]


def _lines(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    for number in range(max(map(len, cells))):
        parts = [cell[number] if number < len(cell) else "" for cell in cells]
        padded = (part.ljust(width) for part, width in zip(parts, widths, strict=True))
        yield "  ".join(padded).rstrip()
