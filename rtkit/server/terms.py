"""The terms of one session: what the server decided for it, and its session object."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rtkit.fields import SessionKind, check_update, default_session, merge
from rtkit.schema import LOGPROBS
from rtkit.server.context import check_truncation
from rtkit.server.limits import Limits
from rtkit.server.rejections import Refused, raise_if, refuse

INSTRUCTIONS = (
    "You are the embedded stand-in of rtkit, not a language model: real hearing and a real voice, "
    "but simple answers made by rules on this machine."
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server decides for its sessions. `wall` is the only clock, and is passed in.

    `session` is what the session begins with in place of the defaults. With `word_times` it is told
    where in its input each word lies.
    """

    wall: Callable[[], datetime]
    model: str | None = None
    kind: SessionKind = "realtime"
    max_session_s: float = 3600.0
    session: Mapping[str, Any] | None = None
    word_times: bool = False
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a session wants to be told of its words: by which model, how sure, and where."""

    model: str
    logprobs: bool = False
    word_times: bool = False


class Terms:
    """The session object in force."""

    def __init__(self, settings: Settings, id_: str) -> None:
        self.id = id_
        self.kind = settings.kind
        self.limits = settings.limits
        self._word_times = settings.word_times
        self.expires_at = 0  # unix seconds
        self.session: dict[str, Any] = default_session(settings.kind, settings.model)
        if settings.kind == "realtime":
            self.session["instructions"] = INSTRUCTIONS
        self.session = merge(self.session, settings.session or {})

    def update(self, update: object, *, assistant_audio: bool, responding: bool) -> None:
        """Carry out a `session.update`, or raise `Refused` and change nothing."""
        raise_if(
            check_update(
                update,
                current=self.session,
                assistant_audio=assistant_audio,
                responding=responding,
            )
        )
        assert isinstance(update, Mapping)
        check_sizes(update, "session", self.limits)
        merged = merge(self.session, update)
        raise_if(check_truncation(merged))
        self.session = merged

    def wire(self) -> dict[str, Any]:
        """The session object as events carry it: a copy that later updates do not touch."""
        kind = "transcription_session" if self.kind == "transcription" else "session"
        known = {"object": f"realtime.{kind}", "id": self.id, "expires_at": self.expires_at}
        copied: dict[str, Any] = json.loads(json.dumps({**self.session, **known}))
        return copied

    @property
    def input(self) -> dict[str, Any]:
        """`session.audio.input`."""
        found: dict[str, Any] = self.session["audio"]["input"]
        return found

    @property
    def turn_detection(self) -> dict[str, Any]:
        """`session.audio.input.turn_detection`; empty when the client ends its turns itself."""
        return self.input["turn_detection"] or {}

    def flag(self, name: str) -> bool:
        """create_response or interrupt_response."""
        return bool(self.turn_detection.get(name, True))

    @property
    def wanted(self) -> Wanted | None:
        """What is to be told of the words in the input; None when transcription is off."""
        transcription = self.input["transcription"]
        if not transcription:
            return None
        include = self.session.get("include") or ()
        return Wanted(str(transcription.get("model")), LOGPROBS in include, self._word_times)


def check_sizes(given: Mapping[str, Any], where: str, limits: Limits) -> None:
    """`Refused` for more tools or longer instructions than there may be."""
    tools, instructions = given.get("tools") or (), given.get("instructions") or ""
    if len(tools) > limits.tools:
        param, most = f"{where}.tools", limits.tools
        raise Refused(refuse("too_many_tools", param=param, most=most, found=len(tools)))
    if len(instructions) > limits.instructions_chars:
        sizes = {"most": limits.instructions_chars, "found": len(instructions)}
        raise Refused(refuse("string_too_long", param=f"{where}.instructions", **sizes))
