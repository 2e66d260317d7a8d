"""What an answer of a server proves, when a probe has asked for something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from . import dialects, events
from .findings import Finding
from .moments import Moment

if TYPE_CHECKING:
    from .probing import Bench

NOTHING = "no answer"


def refusal(answer: Moment | None) -> str:
    """What to say of an answer that is not the one that was hoped for."""
    if answer is None:
        return NOTHING
    error = answer.event.get("error")
    if not isinstance(error, Mapping):
        return f"{answer.type}: {error!r}"[:80]
    code = error.get("code") or error.get("type")
    return f"refused: {code or error.get('message')}"


def is_one(answer: Moment | None, *types: str) -> bool:
    """Whether it is an event of one of these types."""
    return answer is not None and answer.type in types


def finding(feature: str, answer: Moment | None, type_: str, seen: str = "") -> Finding:
    """Yes if this is the event, no if it was refused, unknown if nothing came."""
    if answer is None:
        return Finding(feature, None, NOTHING)
    if answer.type == events.ERROR:
        return Finding(feature, False, refusal(answer))
    return Finding(feature, answer.type == type_, seen or f"`{answer.type}`")


def by_name(bench: Bench, mark: int, *names: str) -> list[Moment]:
    """The moments from `mark` on that have these names in GA, whatever they are called here."""
    return [m for m in bench.since(mark) if dialects.common_name(m.type) in names]


def status(done: Moment | None) -> str:
    """How a response ended, in words."""
    if not is_one(done, events.RESPONSE_DONE):
        return refusal(done)
    assert done is not None
    response = done.event["response"]
    error = (response.get("status_details") or {}).get("error") or {}
    return f"{response.get('status')} {error.get('code') or error.get('message') or ''}".strip()
