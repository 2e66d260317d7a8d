"""What answers: the interface between the embedded server and whatever finds the words.

A brain is told the conversation so far and yields what to say, one sentence at a time, and which
tools to call. It knows nothing of sound, sockets or wire events.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a brain: everything it may know.

    `history` holds conversation items in the GA wire shape, oldest first, with the transcripts of
    spoken items filled in; an image in one has a `description`, such as "an image, PNG, 640 by
    480", which says all that is known of it here. `confidence` (0..1) is that of the recogniser
    for the newest user item, None for typed text. `max_output_tokens` is how many tokens the
    answer may cost, its sound included; None for any number.
    """

    history: Sequence[Mapping[str, Any]]
    now: datetime
    instructions: str = ""
    tools: Sequence[Mapping[str, Any]] = ()
    tool_choice: Any = "auto"
    confidence: float | None = None
    max_output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """One sentence to be spoken (or written, in a text session)."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call of one of the request's tools."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cut:
    """The answer was cut short and ends here: "max_output_tokens" or "content_filter"."""

    reason: str


Piece = Say | Call | Cut


@runtime_checkable
class Brain(Protocol):
    """Anything that can answer a `Request`.

    `grammar` is a complete JSGF grammar (header included) of what a person may say to it: the
    recogniser tries these phrases first. An empty string means "anything": dictation only.

    It may have an `about`, which says in words where the answers come from.
    """

    @property
    def grammar(self) -> str: ...

    def reply(self, request: Request) -> AsyncIterator[Piece]: ...


class Script:
    """A brain that gives the replies it was handed, in order, then the last one again.

    Each reply is a sentence, a `Call`, or a list of them. For lessons and tests.

    >>> Script("Hello.", ["One moment.", Call("lookup", {"what": "time"})]).grammar
    ''
    """

    about = "a script of given replies, whatever is said"
    """Where the answers come from, in words."""

    def __init__(self, *replies: str | Call | Sequence[str | Call], grammar: str = "") -> None:
        if not replies:
            raise ValueError("a Script needs at least one reply, got none: Script('Hello.')")
        self.grammar = grammar
        self._replies = [_pieces(reply) for reply in replies]
        self._given = 0

    def for_session(self) -> Script:
        """The same replies from the first on: on a server each session hears all of them."""
        script = Script("", grammar=self.grammar)
        script._replies = self._replies
        return script

    async def reply(self, request: Request) -> AsyncIterator[Piece]:
        pieces = self._replies[min(self._given, len(self._replies) - 1)]
        self._given += 1
        for piece in pieces:
            yield piece


def _pieces(reply: str | Call | Sequence[str | Call]) -> list[Piece]:
    parts = [reply] if isinstance(reply, str | Call) else list(reply)
    return [Say(part) if isinstance(part, str) else part for part in parts]


def text_of(item: Mapping[str, Any]) -> str:
    """The words of a message item: typed text and transcripts, joined by blanks; "" if none."""
    words = (part.get("text") or part.get("transcript") or "" for part in item.get("content") or ())
    return " ".join(word for word in words if word).strip()


def said_by(history: Sequence[Mapping[str, Any]], role: str) -> list[str]:
    """The texts of all messages of one role ("user", "assistant"), oldest first, no empty ones."""
    texts = (text_of(item) for item in history if item.get("role") == role)
    return [text for text in texts if text]
