"""One entry of a conversation as the page draws it: a line that was said, or a call of a tool."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rtkit.incidents import Call

if TYPE_CHECKING:
    from rtkit.flow import Entry
    from rtkit.transcript import Line

Row = dict[str, Any]


def row(entry: Entry) -> Row:
    """The row of an entry; `id` is that of its item."""
    return _call(entry) if isinstance(entry, Call) else _line(entry)


def _line(line: Line) -> Row:
    unsure = None
    if line.unsure:
        unsure = f"the recogniser gives these words {line.confidence:.0%}"
    return {
        "id": line.item_id,
        "speaker": line.speaker,
        "text": line.text or (f"({line.error})" if line.error else ""),
        "final": line.final,
        "heard": line.heard,
        "spoken": line.spoken,
        "unsure": unsure,
        "confidence": _rounded(line.confidence),
        "words": _words(line),
        "images": list(line.images),
    }


def _words(line: Line) -> list[tuple[str, float | None]] | None:
    """The words with the confidence of each, where they are the words of the text."""
    words = line.words or ()
    if " ".join(word.text for word in words) != line.text or not words:
        return None
    return [(word.text, _rounded(word.confidence)) for word in words]


def _rounded(confidence: float | None) -> float | None:
    return None if confidence is None else round(confidence, 2)


def _call(call: Call) -> Row:
    return {
        "id": call.item_id,
        "speaker": "tool",
        "name": call.name,
        "arguments": _indented(call.arguments),
        "output": call.output,
        "error": call.error,
        "state": "failed" if call.error else _state(call),
        "seconds": None if call.end is None else round(call.end - (call.begun or call.start), 3),
    }


def _state(call: Call) -> str:
    if call.end is not None:
        return "done"
    return "waiting" if call.begun is None else "running"


def _indented(text: str) -> str:
    """JSON on several lines; anything else as it is.

    >>> print(_indented('{"city": "Paris"}'))
    {
      "city": "Paris"
    }
    """
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def changed_from(old: list[Row], new: list[Row]) -> int | None:
    """Index of the first row that differs; None when all are the same.

    >>> changed_from([{"text": "a"}], [{"text": "a"}, {"text": "b"}])
    1
    """
    if old == new:
        return None
    pairs = zip(old, new, strict=False)
    same = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))
    return same
