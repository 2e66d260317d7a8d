"""A session, or the fields of a response, of the beta carried over into the GA shape.

Names move by the table in `betashape`, values are mended by `mending`, and what the server would
still refuse is taken out and written down; so the result is always one that it takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from rtkit.betashape import BY_OLD, Move
from rtkit.fields import SessionKind, check_response, check_update, default_session
from rtkit.ledger import Ledger
from rtkit.mending import GONE, MENDERS
from rtkit.refusals import Refusal, value_problems
from rtkit.schema import children

READ_ONLY = ("id", "object", "expires_at")
ROUNDS = 200
OTHER_NAMES: Mapping[str, str] = {
    "input_audio_turn_detection": "turn_detection",
    "voice_name": "voice",
    "max_tokens": "max_response_output_tokens",
    "model_name": "model",
    "system_message": "instructions",
    "system_prompt": "instructions",
    "functions": "tools",
}
"""Names that clients around the API gave its fields."""
TOLD_BY_SERVER = "The server says this about a session; it is not sent."
KIND = "Every session says of which kind it is."


def transfer_session(
    told: Mapping[str, Any], kind: SessionKind, ledger: Ledger, *, from_server: bool = False
) -> dict[str, Any]:
    """A session as the GA shape has it; what the server says of it stays if it is the server's."""
    session: dict[str, Any] = {"type": kind}
    if told.get("type") != kind:
        ledger.note("type" if "type" in told else "", "type", told.get("type"), kind, KIND)
    kept = {name: told[name] for name in READ_ONLY if name in told and from_server}
    for name, value in told.items():
        if name == "type" or name in kept:
            continue
        if name in READ_ONLY:
            ledger.lose(name, value, TOLD_BY_SERVER)
        else:
            _carry(name, value, session, ledger)
    _mend_in_place(session, told, ledger)
    model = session.get("model")
    current = default_session(kind, model if isinstance(model, str) else None)
    _drop_refused(session, ledger, lambda: check_update(session, current=current))
    return session | deepcopy(kept)


def transfer_response(
    told: Mapping[str, Any], ledger: Ledger, *, from_server: bool = False
) -> dict[str, Any]:
    """The fields of a response as the GA shape has them; a server's response keeps all others."""
    response: dict[str, Any] = {}
    for name, value in told.items():
        if from_server and name not in BY_OLD:
            response[name] = deepcopy(value)
        else:
            _carry(name, value, response, ledger)
    _mend_in_place(response, told, ledger)
    if not from_server:
        _drop_refused(response, ledger, lambda: check_response(response))
    return response


def _carry(name: str, value: Any, into: dict[str, Any], ledger: Ledger) -> None:
    """One field from where it was to where it belongs."""
    small = _snake(name)
    known = OTHER_NAMES.get(small, small)
    move = BY_OLD.get(known)
    if move is not None:
        _move(name, value, move, into, ledger)
    elif known in children(""):
        if known != name:
            ledger.note(name, known, value, value, "It is called so on the wire.")
        into[known] = _snaked(value) if known == "audio" else deepcopy(value)
    else:
        ledger.lose(name, value, "No session has such a field.")


def _move(name: str, value: Any, move: Move, into: dict[str, Any], ledger: Ledger) -> None:
    if not move.new:
        ledger.lose(name, value, move.why, move.source)
        return
    if _at(into, move.new) is not GONE:
        ledger.lose(name, value, f"`{move.new}` is there already.")
        return
    new, why = MENDERS.get(move.new, _same)(_snaked(value))
    if new is GONE:
        ledger.lose(name, value, why)
        return
    _put(into, move.new, new)
    ledger.note(name, move.new, value, new, f"{move.why} {why}".strip(), move.source)


def _same(value: Any) -> tuple[Any, str]:
    return deepcopy(value), ""


def _mend_in_place(session: dict[str, Any], told: Mapping[str, Any], ledger: Ledger) -> None:
    """What lay where it belongs may hold a value of the beta all the same."""
    moved = {change.new for change in ledger.changes if _moved(change, told)}
    for path, mend in MENDERS.items():
        value = _at(session, path)
        if value is GONE or path in moved or _is_fine(path, value):
            continue
        new, why = mend(value)
        if new is GONE:
            _remove(session, path)
            ledger.lose(path, value, why)
        elif why:
            _put(session, path, new)
            ledger.note(path, path, value, new, why)


def _is_fine(path: str, value: Any) -> bool:
    """Whether a value is one of the GA shape; a model may have ended all the same."""
    return path != "model" and not any(value_problems(path, value))


def _moved(change: Any, told: Mapping[str, Any]) -> bool:
    return change.old in told and change.old != change.new and change.old in BY_OLD


def _drop_refused(session: dict[str, Any], ledger: Ledger, refusal_of: Any) -> None:
    """Take out, one by one, what would be refused."""
    for _ in range(ROUNDS):
        refusal: Refusal | None = refusal_of()
        if refusal is None:
            return
        path = (refusal.param or "").removeprefix("session").removeprefix("response").lstrip(".")
        if refusal.code == "missing_required_parameter":
            path = path.rpartition(".")[0]
        why = f"It would be refused: {refusal.message}"
        if path and _at(session, path) is GONE:  # what comes by itself is refused: say null
            _put(session, path, None)
            ledger.note("", path, None, None, why)
        else:
            ledger.lose(path, _remove(session, path), why)


# --- paths ---------------------------------------------------------------------------------------


def _steps(path: str) -> list[str | int]:
    found = re.findall(r"\[(\d+)\]|([^.\[\]]+)", path)
    return [int(number) if number else name for number, name in found]


def _at(holder: Any, path: str) -> Any:
    try:
        for step in _steps(path):
            holder = holder[step]
    except (KeyError, IndexError, TypeError):
        return GONE
    return holder


def _put(holder: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for name in parents:
        if not isinstance(holder.get(name), dict):
            holder[name] = {}
        holder = holder[name]
    holder[last] = value


def _remove(holder: Any, path: str) -> Any:
    """Take out the value at a path; all but the kind at the root."""
    if not path:
        value = {name: holder.pop(name) for name in list(holder) if name != "type"}
        return value
    *parents, last = _steps(path)
    for step in parents:
        holder = holder[step]
    value = holder[last]
    del holder[last]
    return value


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", str(name)).lower()


def _snaked(value: Any) -> Any:
    """A value whose names are written as on the wire, at every depth."""
    if isinstance(value, Mapping):
        return dict(_snake_items(value))
    return deepcopy(value)


def _snake_items(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        yield _snake(name), _snaked(inner)
