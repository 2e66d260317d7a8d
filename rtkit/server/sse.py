"""Server-sent events out of bytes that arrive in any pieces.

https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.6: lines end with LF,
CR or CRLF, a colon first makes a comment, the data lines of one event are joined by line ends, an
empty line ends the event. Names, ids and retry times are read over. One thing is added: an event
that the stream breaks off in is given by `finish`, because some servers forget the last empty line.
"""

from __future__ import annotations

import re

from rtkit.errors import BrainError

BOM = b"\xef\xbb\xbf"
LINE = re.compile(rb"\r\n|\n|\r")
LONGEST_LINE = 1 << 20
"""Bytes. Nothing that a chat endpoint sends comes near it."""
ERROR = "error"  # llama.cpp's server has sent errors in a field of this name


class EventStream:
    """Gives the data of each event as (field, text); the field is "data" or "error".

    >>> stream = EventStream()
    >>> stream.push(b": hi\\r\\ndata: a\\r"), stream.push(b"\\ndata: b\\n\\nda"), stream.finish()
    ([], [('data', 'a\\nb')], [])
    """

    def __init__(self) -> None:
        self._bytes = b""
        self._begun = False
        self._lines: list[tuple[str, str]] = []

    def push(self, data: bytes) -> list[tuple[str, str]]:
        """More bytes; the events that are complete now. BrainError for a line without end."""
        self._bytes += data
        if not self._begun and len(self._bytes) >= len(BOM):
            self._bytes = self._bytes.removeprefix(BOM)
            self._begun = True
        found = []
        while (line := self._line()) is not None:
            found += self._take(line)
        if len(self._bytes) > LONGEST_LINE:
            raise BrainError(f"the stream has a line of more than {LONGEST_LINE} bytes")
        return found

    def finish(self) -> list[tuple[str, str]]:
        """The stream is at its end; the event that was under way, if there is one."""
        rest, self._bytes = self._bytes.rstrip(b"\r\n"), b""
        return [*self._take(rest), *self._take(b"")]

    def _line(self) -> bytes | None:
        if not self._begun:
            return None
        end = LINE.search(self._bytes)
        if end is None or (end[0] == b"\r" and end.end() == len(self._bytes)):
            return None  # an LF may belong to that CR
        line, self._bytes = self._bytes[: end.start()], self._bytes[end.end() :]
        return line

    def _take(self, line: bytes) -> list[tuple[str, str]]:
        if line:
            name, _, value = line.decode("utf-8", "replace").partition(":")
            if name in ("data", ERROR):
                self._lines.append((name, value.removeprefix(" ")))
            return []
        lines, self._lines = self._lines, []
        if not lines:
            return []
        return [(lines[-1][0], "\n".join(value for _, value in lines))]
