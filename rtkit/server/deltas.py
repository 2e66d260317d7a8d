"""The chunks of a streamed chat completion: the words to be said, the calls, and how it ended.

https://platform.openai.com/docs/api-reference/chat/streaming. What a model thinks is no part of its
answer: fields such as `reasoning` are read over, `<think>` blocks in the text are cut out. A whole
completion, which an endpoint sends that does not stream, is taken as one chunk.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rtkit.errors import BrainError
from rtkit.server.brain import Call, Cut

CUTS = {"length": "max_output_tokens", "content_filter": "content_filter"}
"""`finish_reason` -> the reason in the realtime API, for answers that are not whole."""
OPENING, CLOSING = ("<think>", "<thinking>"), ("</think>", "</thinking>")
LONGEST = len("</thinking>") - 1  # of what may be the beginning of a tag
SHOWN = 80  # characters of what was not understood
MOST_ARGUMENTS = 1 << 20  # characters of all calls together


class Thoughts:
    """Cuts `<think>...</think>` out of a text that comes in any pieces.

    >>> thoughts = Thoughts()
    >>> thoughts.push("<thi"), thoughts.push("nk>Hm.</think>Yes, 1 <"), thoughts.push(" 2")
    ('', 'Yes, 1 ', '< 2')
    """

    def __init__(self) -> None:
        self._inside = False
        self._held = ""

    def push(self, text: str) -> str:
        """More text; what of it is certainly no thought."""
        text, said = self._held + text, ""
        while True:
            tags = CLOSING if self._inside else OPENING
            at, tag = min(((text.find(t), t) for t in tags if t in text), default=(-1, ""))
            if at < 0:
                break
            said += "" if self._inside else text[:at]
            text = text[at + len(tag) :]
            self._inside = not self._inside
        keep = max(n for n in range(len(text[-LONGEST:]) + 1) if not n or _begins(text[-n:], tags))
        self._held = text[len(text) - keep :]
        return said if self._inside else said + text[: len(text) - keep]

    def finish(self) -> str:
        """The text is at its end: what looked like the beginning of a tag and was none."""
        held, self._held = self._held, ""
        return "" if self._inside else held


def _begins(text: str, tags: tuple[str, ...]) -> bool:
    return any(tag.startswith(text) for tag in tags)


@dataclass(slots=True)
class _Draft:
    """A call whose parts are still coming."""

    index: Any
    id: str
    name: str = ""
    arguments: str = ""


class Answer:
    """Takes chunks one by one."""

    def __init__(self) -> None:
        self.begun = False
        self.finished: str | None = None  # the finish_reason
        self._thoughts = Thoughts()
        self._drafts: list[_Draft] = []

    def take(self, data: str) -> str:
        """One chunk as it came; the words in it. BrainError for an error, and for what is none."""
        chunk = _object(data)
        if chunk.get("error"):
            raise BrainError(f"it broke off: {message_of(chunk)}", "it broke off")
        choices = chunk.get("choices")
        if not isinstance(choices, list) and not self.begun:
            why = "it sent a chunk without choices"
            raise BrainError(f"{why}: {data[:SHOWN]!r}", why)
        self.begun = True
        try:
            return self._choice(choices[0]) if choices else ""
        except (AttributeError, TypeError) as error:
            why = "it sent a chunk of another shape"
            raise BrainError(f"{why}: {data[:SHOWN]!r}", why) from error

    def _choice(self, choice: Mapping[str, Any]) -> str:
        self.finished = choice.get("finish_reason") or self.finished
        delta = choice.get("delta") or choice.get("message") or {}
        for part in delta.get("tool_calls") or ():
            self._gather(part)
        return self._thoughts.push(_text(delta.get("content")) + _text(delta.get("refusal")))

    def rest(self) -> str:
        """The stream is at its end: words that were held back."""
        return self._thoughts.finish()

    def calls(self) -> Iterator[Call]:
        """The calls, in order. BrainError when one cannot be understood."""
        for draft in self._drafts:
            try:
                arguments = json.loads(draft.arguments or "{}")
            except ValueError:
                arguments = None
            if not isinstance(arguments, dict) or not draft.name:
                raise BrainError(
                    f"the model called {draft.name or 'a tool without a name'} with arguments that "
                    f"are no JSON object: {draft.arguments[:SHOWN]!r}",
                    "the model called a tool with arguments that are no JSON object",
                )
            yield Call(draft.name, arguments)

    @property
    def cut(self) -> Cut | None:
        """Whether the answer is not whole, and why."""
        reason = CUTS.get(self.finished or "")
        return Cut(reason) if reason else None

    def _gather(self, part: Any) -> None:
        function = part.get("function") or {}
        draft = self._draft(part.get("index"), part.get("id") or "", bool(function.get("name")))
        draft.name = draft.name or str(function.get("name") or "")
        arguments = function.get("arguments") or ""
        draft.arguments += arguments if isinstance(arguments, str) else json.dumps(arguments)
        if sum(len(draft.arguments) for draft in self._drafts) > MOST_ARGUMENTS:
            raise BrainError(f"the arguments of a call have more than {MOST_ARGUMENTS} characters")

    def _draft(self, index: Any, id_: str, named: bool) -> _Draft:
        """The call that a part belongs to: by index, and by id where indices are not counted."""
        same = [draft for draft in self._drafts if draft.index == index]
        if same and (same[-1].id == id_ or not id_) and not (index is None and named):
            return same[-1]
        self._drafts.append(_Draft(index, id_))
        return self._drafts[-1]


def message_of(answer: Mapping[str, Any]) -> str:
    """What an error object says; "" if it is none."""
    error = answer.get("error", answer.get("message") or answer.get("detail") or "")
    if isinstance(error, Mapping):
        error = error.get("message") or error.get("code") or json.dumps(error)
    return str(error).strip().rstrip(".")


def _object(data: str) -> dict[str, Any]:
    try:
        chunk = json.loads(data)
    except (ValueError, RecursionError):
        chunk = None
    if not isinstance(chunk, dict):
        why = "it sent what is no JSON object"
        raise BrainError(f"{why}: {data[:SHOWN]!r}", why)
    return chunk


def _text(content: Any) -> str:
    """Text, or a list of parts some of which have text."""
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""
