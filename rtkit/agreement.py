"""What a session was asked to be, and what the server made of it: both read from the timeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import events
from .timeline import Timeline


def sent_session(timeline: Timeline) -> dict[str, Any]:
    """The configuration as it was sent: every session.update that was not refused, merged.

    Credentials are masked in it ("***"), as everywhere on a timeline.
    """
    updates: dict[str, Mapping[str, Any]] = {}
    for moment in timeline:
        if moment.source == "client" and moment.type == events.SESSION_UPDATE:
            session = moment.event.get("session")
            key = str(moment.event.get("event_id") or len(updates))
            updates[key] = session if isinstance(session, Mapping) else {}
        elif moment.source == "server" and moment.type == events.ERROR:
            error = moment.event.get("error")
            cause = error.get("event_id") if isinstance(error, Mapping) else None
            updates.pop(str(cause), None)
    merged: dict[str, Any] = {}
    for update in updates.values():
        merged = _merged(merged, update)
    return merged


def effective_session(timeline: Timeline) -> Mapping[str, Any]:
    """The server's own account of the session, as it last told it; empty before it did."""
    for moment in reversed(timeline[:]):
        if moment.source == "server" and moment.type in _TOLD:
            session = moment.event.get("session")
            if isinstance(session, Mapping):
                return session
    return {}


def _merged(base: Mapping[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    """Objects are merged key by key, all else is replaced."""
    both = dict(base)
    for key, value in update.items():
        old = both.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            value = _merged(old, value)
        both[key] = value
    return both


_TOLD = frozenset({events.SESSION_CREATED, events.SESSION_UPDATED})
