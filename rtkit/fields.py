"""What a session is: its defaults, and what an update does to it or why it is refused.

Everything here reads the table in `schema`; the embedded server answers `session.update` with it
and the configuration checks itself by it before anything is sent. A refused update is refused as a
whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Literal, cast

from rtkit.catalog import DEFAULT_MODEL
from rtkit.refusals import Refusal, missing, not_supported, problems, wrong_type
from rtkit.schema import BOTH, FIELDS, MISSING, Field, Scope, belongs, children, field

__all__ = [
    "FIELDS",
    "Field",
    "Refusal",
    "check_response",
    "check_update",
    "default_session",
    "merge",
    "refusals",
]

BY_HAND = "gpt-realtime-whisper"
"""The model that takes no turn detection in a transcription session."""
SessionKind = Literal["realtime", "transcription"]


def default_session(kind: SessionKind = "realtime", model: str | None = None) -> dict[str, Any]:
    """The whole session as the server starts it, without `id`, `object` and `expires_at`.

    `model` is the one that the connection named (default: the catalog's); a transcription session
    has none of its own.

    >>> default_session()["audio"]["output"]
    {'format': {'type': 'audio/pcm', 'rate': 24000}, 'voice': 'alloy', 'speed': 1.0}
    """
    session: dict[str, Any] = {"type": kind}
    if kind == "realtime":
        session["model"] = model or DEFAULT_MODEL
    return _filled("", session, kind)


def check_update(
    update: object,
    *,
    current: Mapping[str, Any],
    assistant_audio: bool = False,
    responding: bool = False,
) -> Refusal | None:
    """The first reason to refuse a `session.update`, or None when it may be merged.

    `update` is the event's `session` and `current` the session in force. `assistant_audio`: the
    assistant has been heard, so the voice is fixed. `responding`: a response is being made.

    >>> check_update({"type": "realtime", "voice": "sage"}, current=default_session()).message
    "Unknown parameter: 'session.voice'."
    """
    state = {"assistant_audio": assistant_audio, "responding": responding}
    return next(refusals(update, current=current, **state), None)


def refusals(
    update: object,
    *,
    current: Mapping[str, Any],
    assistant_audio: bool = False,
    responding: bool = False,
) -> Iterator[Refusal]:
    """Every reason to refuse a `session.update`, the server's own first; see `check_update`.

    What cannot be changed, and what does not go together, is looked at in a sound update only.
    """
    kind = _kind(update, current)
    if isinstance(kind, Refusal):
        yield kind
        return
    sound = True
    for refusal in problems(update, kind, current):
        sound = False
        yield refusal
    if sound:
        merged = merge(current, cast(Mapping[str, Any], update))
        yield from _frozen(merged, current, assistant_audio, responding)
        yield from _together(merged)


def check_response(params: object) -> Refusal | None:
    """The first reason to refuse the fields of a `response.create`; None when there is none.

    >>> check_response({"conversation": "aside"}).param
    'response.conversation'
    """
    return next(problems(params, "response"), None)


def merge(current: Mapping[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    """A new session: `current` changed by an update that `check_update` has passed.

    Objects are merged key by key, lists and choices replaced. null clears: it stays null where
    that means something (turn detection, transcription ...), else the default comes back. Another
    turn detection type, audio format or transcription model starts from its own defaults.
    """
    scope: Scope = current["type"]
    return cast(dict[str, Any], _merged("", current, update, scope))


def _kind(update: object, current: Mapping[str, Any]) -> Scope | Refusal:
    if not isinstance(update, Mapping):
        return wrong_type("session", ("an object",), update)
    kind = update.get("type")
    if kind is None:
        return missing("session.type")
    if not isinstance(kind, str):
        return wrong_type("session.type", ("a string",), kind)
    if kind not in BOTH:
        return not_supported("session.type", kind, field("type").allowed)
    if kind != current["type"]:
        text = (
            f"Passing a {kind} session update event to a {current['type']} session is not allowed."
        )
        return Refusal("invalid_value", text, "session.type")
    return kind


def _frozen(
    after: Mapping[str, Any], before: Mapping[str, Any], assistant_audio: bool, responding: bool
) -> Iterator[Refusal]:
    for row in FIELDS:
        old, new = get(before, row.path), get(after, row.path)
        if row.frozen is None or old == new:
            continue
        shut = {
            "always": old is not MISSING,
            "once on": old is not None and old is not MISSING,
            "after assistant audio": assistant_audio,
            "during a response": responding,
        }
        if shut[row.frozen]:
            yield _unchangeable(row)


def _together(session: Mapping[str, Any]) -> Iterator[Refusal]:
    """What does not go together; the wording is ours.

    The types of the official package say it of transcription sessions alone; pipecat's own
    default is this model in a conversation with turn detection.
    """
    if session["type"] != "transcription":
        return
    heard = session["audio"]["input"]
    model = (heard["transcription"] or {}).get("model")
    if model != BY_HAND or heard["turn_detection"] is None:
        return
    param = "session.audio.input.turn_detection"
    found = heard["turn_detection"]["type"]
    text = f"Invalid '{param}': '{BY_HAND}' needs null, its turns are committed by hand, but "
    yield Refusal("invalid_value", f"{text}got '{found}' instead.", param)


def _unchangeable(row: Field) -> Refusal:
    param = f"session.{row.path}"
    text = {
        "always": f"Cannot update '{param}': it is set when the session is created.",
        "once on": f"Cannot update '{param}' once it is on.",
        "after assistant audio": (
            "Cannot update a conversation's voice if assistant audio is present."
        ),
        "during a response": f"Cannot update '{param}' while a response is in progress.",
    }
    assert row.frozen is not None
    return Refusal(row.code or "invalid_value", text[row.frozen], param)


def get(session: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path of a session, or MISSING.

    >>> get(default_session(), "audio.output.voice")
    'alloy'
    """
    value: Any = session
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return MISSING
        value = value[name]
    return value


def _merged(path: str, old: object, new: object, scope: Scope) -> Any:
    row = field(path) if path else None
    if new is None and row is not None:
        return _cleared(row, old, scope)
    if not isinstance(new, Mapping) or (row is not None and row.whole):
        return deepcopy(new)
    result = dict(deepcopy(old)) if isinstance(old, Mapping) else {}
    if row is not None and row.switch and _switched(row.switch, result, new):
        result = {}
    for name, value in new.items():
        inner = _merged(f"{path}.{name}" if path else name, result.get(name), value, scope)
        result[name] = inner
    return _filled(path, {k: v for k, v in result.items() if v is not MISSING}, scope)


def _cleared(row: Field, old: object, scope: Scope) -> Any:
    if row.frozen == "always":
        return old
    return None if row.nullable else _default(row, scope)


def _switched(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return key in new and old.get(key) != new[key]


def _filled(path: str, value: dict[str, Any], scope: Scope) -> dict[str, Any]:
    """The object with the defaults of what it lacks, without what this session ignores."""
    for row in _rows(path, scope, value.get("type")):
        if scope in row.ignored:
            value.pop(row.name, None)
        elif row.name not in value:
            default = _default(row, scope)
            if default is not MISSING:
                value[row.name] = default
    return value


def _default(row: Field, scope: Scope) -> Any:
    default = deepcopy(row.default) if row.default is not MISSING else MISSING
    if isinstance(default, dict) and not row.whole:
        return _filled(row.path, default, scope)
    return default


def _rows(path: str, scope: Scope, variant: object) -> Iterator[Field]:
    return (row for row in children(path).values() if belongs(row, scope, variant))
