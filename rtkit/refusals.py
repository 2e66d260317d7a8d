"""Why a session or a `response.create` is refused: one walk over a value along the field table.

Wording and codes are those of the hosted service where they were seen (unknown and missing
parameters, wrong choices, both modalities, a rate too low, the voice after audio); for the rest
they follow the same service's HTTP API, which is not verified for sessions. Nothing here changes a
value or knows of a connection.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rtkit.schema import Field, Kind, Scope, belongs, children, field

KIND_NAMES: Mapping[Kind, str] = {
    "string": "a string",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a decimal number",
    "array": "an array",
    "object": "an object",
    "map": "an object",
}
ROOTS: Mapping[Scope, str] = {
    "realtime": "session",
    "transcription": "session",
    "response": "response",
}
METADATA_KEY_CHARS = 64
MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an `error` event says: its code, its message, and the dotted path in `param`."""

    code: str
    message: str
    param: str | None = None


def problems(
    update: object, scope: Scope, current: Mapping[str, Any] | None = None
) -> Iterator[Refusal]:
    """Every reason to refuse a session update or the fields of a response, in the update's order.

    `current` is the session that is in force: what it already has need not be said again.
    """
    if not isinstance(update, Mapping):
        yield wrong_type(ROOTS[scope], ("an object",), update)
        return
    if depth(update) > MAX_DEPTH:
        text = f"Invalid '{ROOTS[scope]}': nested more than {MAX_DEPTH} levels deep."
        yield Refusal("invalid_value", text, ROOTS[scope])
        return
    yield from _object("", ROOTS[scope], update, scope, current or {})
    if scope == "response":
        yield from _metadata_keys(update.get("metadata"))


def value_problems(path: str, value: object, scope: Scope = "realtime") -> Iterator[Refusal]:
    """Every reason to refuse one value at one path of the table, whatever stands around it."""
    yield from _value(field(path), path, value, scope, None)


def quoted(names: Sequence[str]) -> str:
    """Names in quotes as the service lists them: 'a', 'b', and 'c'."""
    words = [f"'{name}'" for name in names]
    if len(words) < 3:
        return " and ".join(words)
    return ", ".join(words[:-1]) + ", and " + words[-1]


def unknown(param: str) -> Refusal:
    """The refusal of a field that does not exist."""
    return Refusal("unknown_parameter", f"Unknown parameter: '{param}'.", param)


def missing(param: str) -> Refusal:
    """The refusal of an object that lacks a field."""
    return Refusal("missing_required_parameter", f"Missing required parameter: '{param}'.", param)


def not_supported(param: str, value: object, allowed: Sequence[str]) -> Refusal:
    """The refusal of a string that is none of the choices."""
    text = f"Invalid value: '{value}'. Supported values are: {quoted(allowed)}."
    return Refusal("invalid_value", text, param)


def wrong_type(param: str, expected: Sequence[str], value: object) -> Refusal:
    """The refusal of a JSON value of the wrong type."""
    names = list(dict.fromkeys(expected))
    wanted = names[0] if len(names) == 1 else "one of " + " or ".join(names)
    text = f"Invalid type for '{param}': expected {wanted}, but got {json_kind(value)} instead."
    return Refusal("invalid_type", text, param)


def json_kind(value: object) -> str:
    """What a value is called in an error message."""
    if value is None:
        return "null"
    for kind in ("boolean", "integer", "number", "string", "array", "map"):
        if _is_kind(value, kind):
            return KIND_NAMES[kind]
    return "a decimal number" if isinstance(value, float) else f"a {type(value).__name__}"


def _object(
    path: str, param: str, value: Mapping[str, Any], scope: Scope, current: object
) -> Iterator[Refusal]:
    had = current if isinstance(current, Mapping) else {}
    rows = children(path)
    variant = value.get("type", had.get("type"))
    if path != "" and "type" in rows and had.get("type") != variant:
        had = {}
    if "type" in rows and rows["type"].of == () and "type" in value:
        wrong = list(_value(rows["type"], f"{param}.type", variant, scope, None))
        yield from wrong
        if wrong:
            return
    for name, row in rows.items():
        if _lacks(row, value, had) and belongs(row, scope, variant):
            yield missing(f"{param}.{name}")
    for name, inner in value.items():
        child = rows.get(name)
        if child is None or not belongs(child, scope, variant):
            yield unknown(f"{param}.{name}")
        elif name != "type":
            yield from _value(child, f"{param}.{name}", inner, scope, had.get(name))
    if path in COMBINATIONS:
        yield from COMBINATIONS[path](param, value)


def _lacks(row: Field, value: Mapping[str, Any], had: Mapping[str, Any]) -> bool:
    if not row.required or value.get(row.name) is not None:
        return False
    return row.required == "always" or had.get(row.name) is None


def _value(
    row: Field, param: str, value: object, scope: Scope, current: object
) -> Iterator[Refusal]:
    if value is None:
        if row.name.endswith(("[]", "*")):
            yield wrong_type(param, [KIND_NAMES[kind] for kind in row.kinds], value)
        return
    kind = next((kind for kind in row.kinds if _is_kind(value, kind)), None)
    if kind is None:
        yield wrong_type(param, [KIND_NAMES[kind] for kind in row.kinds], value)
    elif isinstance(value, str):
        yield from _string(row, param, value)
    elif isinstance(value, Mapping):
        yield from _mapping(row, kind, param, value, scope, current)
    elif isinstance(value, list | tuple):
        yield from _array(row, param, value, scope)
    elif kind != "boolean" and isinstance(value, int | float):
        yield from _number(row, param, value)


def _string(row: Field, param: str, value: str) -> Iterator[Refusal]:
    if row.allowed and value not in row.allowed:
        yield not_supported(param, value, row.allowed)
    elif not row.allowed and row.high is not None and len(value) > row.high:
        text = (
            f"Invalid '{param}': string too long. Expected a string with maximum length "
            f"{row.high:g}, but got a string with length {len(value)} instead."
        )
        yield Refusal("string_above_max_length", text, param)


def _number(row: Field, param: str, value: int | float) -> Iterator[Refusal]:
    kind = "integer" if "integer" in row.kinds else "decimal"
    if row.low is not None and value < row.low:
        text = (
            f"Invalid '{param}': {kind} below minimum value. Expected a value >= {row.low:g}, "
            f"but got {value} instead."
        )
        yield Refusal(f"{kind}_below_min_value", text, param)
    elif row.high is not None and value > row.high:
        text = (
            f"Invalid '{param}': {kind} above maximum value. Expected a value <= {row.high:g}, "
            f"but got {value} instead."
        )
        yield Refusal(f"{kind}_above_max_value", text, param)


def _array(row: Field, param: str, value: Sequence[Any], scope: Scope) -> Iterator[Refusal]:
    element = field(row.path + "[]")
    for index, inner in enumerate(value):
        yield from _value(element, f"{param}[{index}]", inner, scope, None)
    if row.low is not None and len(value) < row.low:
        text = (
            f"Invalid '{param}': empty array. Expected an array with minimum length {row.low:g}, "
            "but got an empty array instead."
        )
        yield Refusal("empty_array", text, param)
    if row.name == "output_modalities" and list(value) not in (["audio"], ["text"]):
        text = (
            f"Invalid modalities: {list(value)}. Supported combinations are: ['text'] and "
            "['audio']."
        )
        yield Refusal("invalid_value", text, param)


def _mapping(
    row: Field, kind: Kind, param: str, value: Mapping[str, Any], scope: Scope, current: object
) -> Iterator[Refusal]:
    if kind == "object":
        yield from _object(row.path, param, value, scope, current)
        return
    if row.high is not None and len(value) > row.high:
        text = (
            f"Invalid '{param}': too many properties. Expected an object with at most "
            f"{row.high:g} properties, but got an object with {len(value)} properties instead."
        )
        yield Refusal("object_above_max_properties", text, param)
    yield from _free_keys(row, param, value, scope)


def _free_keys(row: Field, param: str, value: Mapping[str, Any], scope: Scope) -> Iterator[Refusal]:
    known = children(row.path)
    for name, child in known.items():
        if _lacks(child, value, {}):
            yield missing(f"{param}.{name}")
    for name, inner in value.items():
        row_of = known.get(name) or _any_key(row.path)
        if row_of is not None:
            yield from _value(row_of, f"{param}.{name}", inner, scope, None)


def _any_key(path: str) -> Field | None:
    try:
        return field(path + ".*")
    except KeyError:
        return None


def depth(value: object) -> int:
    """How many objects and lists lie within each other; without recursion, for any depth."""
    level, inside = 0, [value]
    while inside := [item for item in inside if isinstance(item, Mapping | list | tuple)]:
        level += 1
        inside = [deeper for item in inside for deeper in _held(item)]
    return level


def _held(item: object) -> Iterable[object]:
    if isinstance(item, Mapping):
        return item.values()
    return item if isinstance(item, list | tuple) else ()


def _metadata_keys(metadata: object) -> Iterator[Refusal]:
    for key in metadata if isinstance(metadata, Mapping) else ():
        if len(key) > METADATA_KEY_CHARS:
            text = (
                f"Invalid 'response.metadata': property name too long. Expected at most "
                f"{METADATA_KEY_CHARS} characters, but got {len(key)} instead."
            )
            yield Refusal("property_name_above_max_length", text, "response.metadata")


def _mcp_address(param: str, tool: Mapping[str, Any]) -> Iterator[Refusal]:
    if tool.get("type") != "mcp":
        return
    if not any(tool.get(key) for key in ("server_url", "connector_id", "tunnel_id")):
        yield missing(f"{param}.server_url")


def _function_name(param: str, choice: Mapping[str, Any]) -> Iterator[Refusal]:
    if choice.get("type") == "function" and choice.get("name") is None:
        yield missing(f"{param}.name")


COMBINATIONS = {"tools[]": _mcp_address, "tool_choice": _function_name}


def _is_kind(value: object, kind: Kind) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return _is_kind(value, "integer") or (isinstance(value, float) and math.isfinite(value))
        case "array":
            return isinstance(value, list | tuple)
        case _:
            return isinstance(value, Mapping)
