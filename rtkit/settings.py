"""The base of rtkit's configuration types: frozen, checked by the field table, plainly refused.

A setting that maps to a session field is checked by that field's row in `schema`, so ranges and
choices stand in one place. What pydantic finds wrong reaches the caller as a `ConfigError` which
says what was found, what is allowed and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from difflib import get_close_matches
from enum import Enum
from typing import Any, ClassVar, NoReturn, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails

from rtkit.errors import ConfigError
from rtkit.refusals import KIND_NAMES, value_problems
from rtkit.schema import Field as Row
from rtkit.schema import field as row_of

SHAPES: Mapping[str, str] = {
    "output_modalities": "('audio',), which brings its transcript along, or ('text',), never both",
    "tools": (
        "flat function tools {'type': 'function', 'name': ..., 'description': ..., "
        "'parameters': {a JSON schema}} and {'type': 'mcp', 'server_label': ..., ...}"
    ),
    "tool_choice": "'auto', 'none', 'required', or {'type': 'function', 'name': ...}",
    "truncation": "'auto', 'disabled', or {'type': 'retention_ratio', 'retention_ratio': 0 to 1}",
    "prompt": "None, or {'id': ..., 'version': ..., 'variables': {...}}; shut down on 2026-11-30",
    "tracing": "None, 'auto', or {'workflow_name': ..., 'group_id': ..., 'metadata': {...}}",
}


class Settings(BaseModel):
    """Named values that are checked when the object is made and never change afterwards.

    `replace(name=value)` makes a changed copy. `PATHS` says which field of the session table each
    setting becomes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", revalidate_instances="never")

    PATHS: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, **values: Any) -> None:
        try:
            super().__init__(**_named(type(self), args, deepcopy(values)))
        except ValidationError as error:
            raise _config_error(type(self), error) from None

    def __setattr__(self, name: str, value: Any) -> None:
        kind = type(self).__name__
        raise ConfigError(
            f"{name}: a {kind} is never changed once it is made. "
            f"Make a new one: config.replace({name}={value!r})."
        )

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """As pydantic's, with a ConfigError for what is wrong."""
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            raise _config_error(cls, error) from None

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """As pydantic's, with a ConfigError for what is wrong."""
        try:
            return super().model_validate_json(json_data, **options)
        except ValidationError as error:
            raise _config_error(cls, error) from None

    @model_validator(mode="after")
    def _fits_the_table(self) -> Self:
        for name, path in self.PATHS.items():
            value = plain_value(getattr(self, name))
            for refusal in value_problems(path, value):
                deeper = refusal.message if refusal.param != path else ""
                refuse(_complaint(type(self), name, value, deeper=deeper))
        return self

    def replace(self, **changes: Any) -> Self:
        """A copy with some settings changed; what was never set stays unset.

        Raises ConfigError for a value that is not allowed.
        """
        made: Self = type(self)(**(self.given() | changes))
        return made

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        return ((name, _shown(plain_value(value))) for name, value in self.given().items())

    def given(self) -> dict[str, Any]:
        """The settings that were stated when the object was made, by name."""
        return {name: deepcopy(getattr(self, name)) for name in sorted(self.model_fields_set)}


def _named(kind: type[Settings], args: tuple[Any, ...], values: dict[str, Any]) -> dict[str, Any]:
    names = list(kind.model_fields)
    if len(args) > len(names):
        raise ConfigError(
            f"{kind.__name__} takes at most {len(names)} values by position, found {len(args)}. "
            "Give them by name."
        )
    by_position = dict(zip(names, args, strict=False))
    twice = by_position.keys() & values.keys()
    if twice:
        raise ConfigError(f"{kind.__name__}: {sorted(twice)[0]} was given twice. Give it once.")
    return by_position | values


def _config_error(kind: type[Settings], error: ValidationError) -> ConfigError:
    lines = dict.fromkeys(_lines(kind, error))
    return ConfigError("\n".join(lines))


def _lines(kind: type[Settings], error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False):
        if detail["type"] == "value_error" and not detail["loc"]:
            yield str(detail["ctx"]["error"])
        elif not detail["loc"]:
            yield f"{kind.__name__}: {detail['msg']}. Give its settings by name."
        elif detail["type"] == "extra_forbidden":
            yield _unknown(kind, str(detail["loc"][0]))
        elif detail["type"] == "missing":
            yield f"{detail['loc'][0]}: not given. {kind.__name__} needs it; pass it by name."
        else:
            yield _mistyped(kind, detail, error)


def _unknown(kind: type[Settings], name: str) -> str:
    names = list(kind.model_fields)
    return (
        f"{name}: {kind.__name__} has no such setting. {_suggestion(name, names)}"
        f"Its settings are {', '.join(names)}."
    )


def _mistyped(kind: type[Settings], detail: ErrorDetails, error: ValidationError) -> str:
    name = str(detail["loc"][0])
    if len(detail["loc"]) == 1 or name not in kind.PATHS:
        found = detail["input"]
    else:
        found = next(d["input"] for d in error.errors() if d["loc"][0] == name)
    return _complaint(kind, name, found, detail["msg"])


def _complaint(
    kind: type[Settings], name: str, found: object, otherwise: str = "", deeper: str = ""
) -> str:
    """The sentence on one value: what was found, what is allowed, what to do.

    `otherwise` describes what is allowed where the table is silent, `deeper` what is wrong inside.
    """
    if name in SHAPES:
        advice = deeper or "Pass one of these."
        return f"{name}: found {_shown(found)!r}; allowed: {SHAPES[name]}. {advice}"
    row = row_of(kind.PATHS[name]) if name in kind.PATHS else None
    choices = _choices(kind, name, row)
    if choices and not (row and {"integer", "number"} & set(row.kinds)):
        allowed = _either([repr(choice) for choice in choices])
        allowed += ", or {'id': ...} for a custom voice" if name == "voice" else ""
        advice = _suggestion(found, choices) or "Choose one of these."
    elif row is not None:
        allowed, advice = in_words(row), "Pass a value like that, or leave it out."
    else:
        allowed, advice = otherwise, "Pass a value like that, or leave it out."
    return f"{name}: found {_shown(found)!r}; allowed: {allowed}. {advice}".rstrip()


def _choices(kind: type[Settings], name: str, row: Row | None) -> list[str]:
    if row is not None:
        return list(row.allowed)
    annotation = kind.model_fields[name].annotation if name in kind.model_fields else None
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(member.value) for member in annotation]
    return []


def in_words(row: Row) -> str:
    """What a field may be: kinds, range and choices in one phrase."""
    kinds = [KIND_NAMES[kind] for kind in row.kinds if kind != "string" or not row.allowed]
    if row.low is not None and row.high is not None:
        span = f" from {row.low:g} to {row.high:g}"
    else:
        span = "" if row.low is None else f", {row.low:g} or more"
    words = [_either(kinds) + span] if kinds else []
    words += [_either([repr(choice) for choice in row.allowed])] if row.allowed else []
    return ", or ".join(words) + (", or None" if row.nullable else "")


def _suggestion(found: object, names: list[str]) -> str:
    close = get_close_matches(str(found), names, n=1)
    return f"Did you mean {close[0]!r}? " if close else ""


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def _shown(value: object) -> object:
    """A value without credentials: a tool may hold some, and a key lands in the wrong place."""
    from rtkit.redaction import Redactor

    return Redactor().shown(value)


def plain_value(value: object) -> object:
    """A setting as JSON knows it: enums as their values, tuples as lists, models as dicts."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return list(value) if isinstance(value, tuple) else value


def refuse(message: str) -> NoReturn:
    """Refuse a combination of settings from inside a validator."""
    raise ValueError(message)
