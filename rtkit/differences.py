"""What was asked of a session and is not so, read from its timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rtkit import events
from rtkit.comparison import Differences, applied, row_at
from rtkit.moments import Moment
from rtkit.schema import Field


def read_differences(timeline: Iterable[Moment]) -> Differences:
    """What was asked by all updates that the server took, against the session that it shows now."""
    asked: dict[str, Any] = {}
    effective: Mapping[str, Any] = {}
    waiting: dict[str, Mapping[str, Any]] = {}
    for moment in timeline:
        event = moment.event
        if moment.type == "session.update" and moment.source == "client":
            waiting[str(event.get("event_id"))] = _mapping(event.get("session"))
        elif moment.type == events.ERROR:
            waiting.pop(str(_mapping(event.get("error")).get("event_id")), None)
        elif moment.type == events.SESSION_UPDATED and waiting:
            asked = _overlaid(asked, waiting.pop(next(iter(waiting))))
            effective = _mapping(event.get("session"))
        elif moment.type == events.SESSION_CREATED:
            asked, waiting, effective = {}, {}, _mapping(event.get("session"))
    return applied(asked, effective)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _overlaid(below: Mapping[str, Any], above: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """What two updates ask together: the later one counts, object by object."""
    result = dict(below)
    for name, value in above.items():
        inner = f"{path}.{name}" if path else name
        old, row = result.get(name), row_at(inner)
        merges = isinstance(value, Mapping) and isinstance(old, Mapping)
        if merges and not (row and row.whole) and not _switched(row, old, value):
            result[name] = _overlaid(_mapping(old), value, inner)
        else:
            result[name] = value
    return result


def _switched(row: Field | None, old: object, new: Mapping[str, Any]) -> bool:
    key = row.switch if row else ""
    return bool(key) and key in new and _mapping(old).get(key) != new[key]
