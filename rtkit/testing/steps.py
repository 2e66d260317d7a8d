"""The steps of a script: what the client must do, and what the server does, in order.

A step that waits is for the client: `expect`, `typed`, `hear`. All others are the server's, and are
done as soon as the steps before them are.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rtkit import events

from .aligned import shown
from .voice import Voice

SHORTEST = 60  # characters of a value that is shown


@dataclass(frozen=True, slots=True)
class Expect:
    """The client sends an event of this type that holds these fields."""

    type: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        item = self.fields.get("item")
        if isinstance(item, Mapping) and item.keys() & {"output", "content"}:
            return shown({"type": self.type, **self.fields})
        return f"> {self.type}" + "".join(f" {k}={_short(v)}" for k, v in self.fields.items())


@dataclass(frozen=True, slots=True)
class Hear:
    """The client sends speech; `words` become its transcription, None for no transcription."""

    words: str | None = None
    seconds: float | None = None

    def __str__(self) -> str:
        much = "" if self.seconds is None else f" of {self.seconds:g} s"
        return f"> speech{much}" + ("" if self.words is None else f", heard as {self.words!r}")


@dataclass(frozen=True, slots=True)
class Act:
    """The server does something; `leaves` if the connection ends with it."""

    shown: str
    do: Callable[[Voice, str | None], Awaitable[None]]  # the second: id of the last client event
    leaves: bool = False
    refuses: bool = False  # it answers what the client sent in place of the usual answer
    called: tuple[tuple[str, str], ...] = ()  # tools, each with its arguments as JSON

    def __str__(self) -> str:
        return f"< {self.shown}"


Step = Expect | Hear | Act


def expect(type_: str, /, **fields: Any) -> Expect:
    """The client sends this event. Of the fields that are named, all that is given must be there.

    Dicts are compared by the keys that are given, lists place by place; a compiled pattern must be
    found in the text, and a function must return True of the value. ValueError for a type that
    no client sends, and for sound, which `hear` is for.
    """
    if type_ == events.APPEND:
        raise ValueError(f"{type_} comes many times a second; sound is told by hear(...).")
    if type_ not in events.CLIENT_EVENTS:
        raise ValueError(
            f"no client sends {type_!r}. The types are: {', '.join(events.CLIENT_EVENTS)}."
        )
    return Expect(type_, fields)


def typed(text: str | re.Pattern[str]) -> Expect:
    """The client adds a message of the user with this text."""
    return expect(events.ITEM_CREATE, item={"role": "user", "content": [{"text": text}]})


def hear(words: str | None = None, *, seconds: float | None = None) -> Hear:
    """The client speaks; the turn ends after 0.2 s of silence, a commit, or so many `seconds`.

    Any sample that is not zero is speech. With `words` the speech is transcribed as these.
    """
    return Hear(words, seconds)


def say(words: str, *, seconds: float = 0.2, done: bool = True) -> Act:
    """The server answers with these words and so much sound, at once. `done` False leaves the
    response open: the next `expect("response.cancel")` ends it."""
    shown = f"says {_short(words)} ({seconds:g} s of sound)" + ("" if done else ", goes on")

    async def do(voice: Voice, cause: str | None) -> None:
        await voice.speak(words, seconds, done=done)

    return Act(shown, do)


def call(name: str, /, **arguments: Any) -> Act:
    """The server answers with a call of a tool."""
    return _calling(((name, json.dumps(arguments)),))


def calls(*steps: Act) -> Act:
    """The server answers with several calls of tools in one response: calls(call(...), ...)."""
    return _calling(tuple(one for step in steps for one in step.called))


def _calling(called: tuple[tuple[str, str], ...]) -> Act:
    async def do(voice: Voice, cause: str | None) -> None:
        await voice.call([(*one, f"call_{next(voice.numbers)}") for one in called])

    shown = "calls " + ", ".join(f"{name}({arguments})" for name, arguments in called)
    return Act(shown, do, called=called)


def fail(message: str, *, code: str = "server_error") -> Act:
    """The server begins a response that fails."""

    async def do(voice: Voice, cause: str | None) -> None:
        error = {"type": "server_error", "code": code, "message": message}
        await voice.end(await voice.begin(), "failed", error)

    return Act(f"fails with {code}", do)


def refuse(code: str, message: str) -> Act:
    """The server refuses the last event of the client."""

    async def do(voice: Voice, cause: str | None) -> None:
        await voice.refuse(code, message, cause)

    return Act(f"refuses that: {code}", do, refuses=True)


def tell(type_: str, /, **fields: Any) -> Act:
    """The server sends this event, whatever it holds."""

    async def do(voice: Voice, cause: str | None) -> None:
        await voice.tell(type_, **fields)

    return Act(type_ + "".join(f" {k}={_short(v)}" for k, v in fields.items()), do)


def wait(seconds: float) -> Act:
    """Nothing is done for so long; what the client sends meanwhile is read afterwards."""

    async def do(voice: Voice, cause: str | None) -> None:
        await asyncio.sleep(seconds)

    return Act(f"waits {seconds:g} s", do)


def close(code: int = 1000, reason: str = "") -> Act:
    """The server closes the connection. What comes after belongs to the next connection."""

    async def do(voice: Voice, cause: str | None) -> None:
        await voice.close(code, reason)

    return Act(f"closes with {code}" + (f" ({reason})" if reason else ""), do, leaves=True)


def drop() -> Act:
    """The connection breaks without a word. What comes after belongs to the next connection."""

    async def do(voice: Voice, cause: str | None) -> None:
        voice.drop()

    return Act("drops the connection", do, leaves=True)


def _short(value: Any) -> str:
    text = value.pattern if isinstance(value, re.Pattern) else repr(value)
    return text if len(text) <= SHORTEST else f"{text[: SHORTEST - 3]}..."
