"""Events of the beta carried over into the GA shape, client's and server's.

Names change by the table in `betashape`; the sessions, responses and items within are carried over
by `transfer` and by the table of content types here.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from rtkit.betashape import EVENTS, ITEM_ADDED, ITEM_CREATED, ITEM_DONE, NOT_SENT
from rtkit.fields import SessionKind
from rtkit.ledger import Ledger
from rtkit.transfer import transfer_response, transfer_session

CONTENT: Mapping[tuple[str, str], str] = {
    ("assistant", "text"): "output_text",
    ("assistant", "audio"): "output_audio",
    ("user", "text"): "input_text",
    ("user", "audio"): "input_audio",
    ("system", "text"): "input_text",
}
"""Role and type of a content part -> its type now."""
FROM_CLIENT = "conversation.item.create"
RENAMED = "The event has another name now."
SPLIT = "An item is told of twice now: when it is added, and when it is done."
SILENT = "No GA trace has it; the session begins with `session.created`."
PARTS = "Parts of an item say who they are from: `input_...` or `output_...`."
NO_AUDIO = "A client cannot create what the assistant said in audio: its words stand for it."
LOST_AUDIO = "A client cannot create what the assistant said in audio, and there is no transcript."


def carry_event(event: Mapping[str, Any], ledger: Ledger) -> list[dict[str, Any]]:
    """The events that stand for one of the beta: mostly one, sometimes two or none."""
    type_ = str(event.get("type", ""))
    if type_ == NOT_SENT:
        ledger.lose(type_, None, SILENT)
        return []
    new = {name: deepcopy(value) for name, value in event.items()}
    if type_ in EVENTS:
        new["type"] = EVENTS[type_]
        ledger.note(type_, EVENTS[type_], type_, EVENTS[type_], RENAMED)
    _carry_inside(new, type_, ledger)
    if type_ == ITEM_CREATED:
        ledger.note(type_, f"{ITEM_ADDED}, {ITEM_DONE}", type_, [ITEM_ADDED, ITEM_DONE], SPLIT)
        return [new | {"type": ITEM_ADDED}, _second(new)]
    return [new]


def _second(event: Mapping[str, Any]) -> dict[str, Any]:
    named = {"event_id": f"{event['event_id']}_done"} if "event_id" in event else {}
    return {**deepcopy(dict(event)), "type": ITEM_DONE, **named}


def _carry_inside(event: dict[str, Any], type_: str, ledger: Ledger) -> None:
    """The session, response or item that an event holds."""
    ours = type_ in ("session.update", "transcription_session.update", "response.create")
    session, response, item = (event.get(name) for name in ("session", "response", "item"))
    if isinstance(session, Mapping):
        kind = kind_of(session, type_)
        event["session"] = transfer_session(session, kind, ledger, from_server=not ours)
    if isinstance(response, Mapping):
        told = _with_items(response, "input", ledger, ours=True)
        told = _with_items(told, "output", ledger, ours=False)
        event["response"] = transfer_response(told, ledger, from_server=not ours)
    if isinstance(item, Mapping):
        event["item"] = carry_item(item, ledger, ours=type_ == FROM_CLIENT)


def kind_of(session: Mapping[str, Any], event: str = "") -> SessionKind:
    """Which kind of session is meant: the beta said it by the event, or by the object's name."""
    said = session.get("type") == "transcription" or event.startswith("transcription_session")
    named = session.get("object") == "realtime.transcription_session"
    return "transcription" if said or named else "realtime"


def _with_items(
    response: Mapping[str, Any], name: str, ledger: Ledger, *, ours: bool
) -> dict[str, Any]:
    items = response.get(name)
    if not isinstance(items, list):
        return dict(response)
    carried = [carry_item(i, ledger, ours=ours) if isinstance(i, Mapping) else i for i in items]
    return {**response, name: carried}


def carry_item(item: Mapping[str, Any], ledger: Ledger, *, ours: bool) -> dict[str, Any]:
    """An item with its content types as they are now; `ours` is one that a client creates."""
    new = deepcopy(dict(item))
    content = item.get("content")
    if isinstance(content, list):
        parts = [_part(part, str(item.get("role", "")), ledger, ours=ours) for part in content]
        new["content"] = [part for part in parts if part is not None]
    return new


def _part(part: Any, role: str, ledger: Ledger, *, ours: bool) -> Any:
    if not isinstance(part, Mapping):
        return part
    old = str(part.get("type", ""))
    new = CONTENT.get((role, old), old)
    if ours and role == "assistant" and new == "output_audio":
        return _words(part, old, ledger)
    if new != old:
        where = f"content ({role})"
        ledger.note(f"{where}: {old}", f"{where}: {new}", old, new, PARTS)
    return {**deepcopy(dict(part)), "type": new}


def _words(part: Mapping[str, Any], old: str, ledger: Ledger) -> dict[str, Any] | None:
    words = part.get("transcript")
    if not words:
        ledger.lose(f"content (assistant): {old}", None, LOST_AUDIO)
        return None
    where = "content (assistant)"
    ledger.note(f"{where}: {old}", f"{where}: output_text", old, "output_text", NO_AUDIO)
    return {"type": "output_text", "text": str(words)}
