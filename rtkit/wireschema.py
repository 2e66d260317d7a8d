"""The JSON schema of a session, or of `response.create`, read off the field table.

Unions are discriminated as on the wire: an object with a `type` is one of its variants, each with
the fields of its own. What a schema cannot say (what a session keeps, what goes together) is said
by `rtkit.fields.check_update`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from rtkit.schema import Field, Kind, Scope, belongs, children, field

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLES: Mapping[Scope, str] = {
    "realtime": "A realtime session",
    "transcription": "A transcription session",
    "response": "The fields of response.create",
}
METADATA_KEY = {"maxLength": 64}


def session_schema(kind: Scope = "realtime") -> dict[str, Any]:
    """The JSON schema of a "realtime" or "transcription" session, or of a "response".

    >>> session_schema()["properties"]["audio"]["properties"]["output"]["properties"]["speed"]
    {'type': ['number', 'null'], 'minimum': 0.25, 'maximum': 1.5}
    """
    if kind not in TITLES:
        raise ValueError(f"kind: found {kind!r}; allowed: {', '.join(map(repr, TITLES))}.")
    schema = {"$schema": DIALECT, "title": TITLES[kind], **_object("", kind)}
    if kind != "response":
        schema["properties"] = {"type": {"const": kind}} | schema["properties"]
        schema["required"] = ["type", *schema["required"]]
    return schema


def _object(path: str, kind: Scope) -> dict[str, Any]:
    """The schema of the object at a path: one, or one of its variants."""
    rows = children(path)
    variants = rows["type"].allowed if path and "type" in rows else ()
    if not variants:
        return _variant(path, kind, None)
    ways = [_variant(path, kind, variant) for variant in variants]
    if rows["type"].required == "new" and isinstance(field(path).default, dict):
        usual = ways[variants.index(field(path).default["type"])]
        usual["required"] = []  # a new session has one already: it may be left out, or be null
        unsaid = _variant(path, kind, None)
        unsaid["properties"]["type"] = {"const": None}
        ways.append(unsaid | {"required": ["type"]})
    return ways[0] if len(ways) == 1 else {"oneOf": ways}


def _variant(path: str, kind: Scope, variant: str | None) -> dict[str, Any]:
    rows = [row for row in children(path).values() if belongs(row, kind, variant)]
    properties = {row.name: _field(row, kind) for row in rows if row.name != "type"}
    required = [row.name for row in rows if row.required and row.name != "type"]
    if variant is not None:
        properties = {"type": {"const": variant}} | properties
        required = ["type", *required]
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    schema["required"] = required
    return schema | _together(path, variant, schema)


def _together(path: str, variant: str | None, schema: Mapping[str, Any]) -> dict[str, Any]:
    if (path, variant) == ("tools[]", "mcp"):
        ways = ("server_url", "connector_id", "tunnel_id")
        filled = {"type": "string", "minLength": 1}
        return {"anyOf": [{"required": [way], "properties": {way: filled}} for way in ways]}
    if (path, variant) == ("tool_choice", "function"):
        named = {"properties": {"name": {"type": "string"}}}
        return {"required": [*schema["required"], "name"], "allOf": [named]}
    return {}


def _field(row: Field, kind: Scope) -> dict[str, Any]:
    """A field: null everywhere clears it, unless it is an element of a list or must be there."""
    clears = not (row.required or row.name.endswith(("[]", "*")))
    ways = [_way(row, each, kind) for each in row.kinds]
    if len(ways) == 1 and "oneOf" not in ways[0] and "enum" not in ways[0]:
        (way,) = ways
        return way | ({"type": [way["type"], "null"]} if clears else {})
    if len(ways) == 1 and "enum" in ways[0]:
        choices = [*ways[0]["enum"], None] if clears else ways[0]["enum"]
        return {"enum": choices}
    return {"anyOf": [*ways, *([{"type": "null"}] if clears else [])]}


def _way(row: Field, each: Kind, kind: Scope) -> dict[str, Any]:
    """One JSON type that a field takes."""
    if each == "string":
        bound = {} if row.high is None or row.allowed else {"maxLength": int(row.high)}
        return {"enum": list(row.allowed)} if row.allowed else {"type": "string"} | bound
    if each in ("integer", "number"):
        bounds = {"minimum": row.low, "maximum": row.high}
        return {"type": each} | {k: v for k, v in bounds.items() if v is not None}
    if each == "array":
        return _array(row, kind)
    if each == "map":
        return _map(row, kind)
    return {"type": "boolean"} if each == "boolean" else _object(row.path, kind)


def _array(row: Field, kind: Scope) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "array", "items": _field(field(row.path + "[]"), kind)}
    if row.low is not None:
        schema["minItems"] = int(row.low)
    if row.name == "output_modalities":
        schema |= {"minItems": 1, "maxItems": 1}
    return schema


def _map(row: Field, kind: Scope) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    known = children(row.path)
    if known:
        schema["properties"] = {name: _field(inner, kind) for name, inner in known.items()}
        schema["required"] = [name for name, inner in known.items() if inner.required]
    with suppress(KeyError):  # a map whose values may be anything
        schema["additionalProperties"] = _field(field(row.path + ".*"), kind)
    if row.high is not None:
        schema |= {"maxProperties": int(row.high)}
    return schema | ({"propertyNames": METADATA_KEY} if row.path == "metadata" else {})
