"""Callers as YAML files.

    name: two questions
    voice: coral
    background: {noise: babble, snr_db: 15}
    phone: {loss: 0.02}
    steps:
      - say: What is the capital of France?
        expect: {words: [Paris], answered_within_ms: 2000}
      - barge_in: Stop, please.
        at_ms: 800
        expect: {interrupted_within_ms: 500}
      - silent: 2
        expect: {silence: true}

The key that says which step it is stands first and holds what the step cannot be without; the
other keys are those of the step's class. What is left out has its default.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from rtkit.errors import ConfigError, MissingExtra
from rtkit.evals.caller import Caller
from rtkit.evals.expectation import Expect
from rtkit.evals.steps import (
    Backchannel,
    Background,
    BargeIn,
    Burst,
    Play,
    Say,
    Silent,
    Step,
    Wait,
)
from rtkit.formats import AudioFormat
from rtkit.settings import Settings
from rtkit.telephony import PhoneLine

STEPS: Mapping[str, tuple[type[Step], str]] = MappingProxyType(
    {
        "say": (Say, "text"),
        "play": (Play, "clip"),
        "wait": (Wait, "until"),
        "barge_in": (BargeIn, "text"),
        "backchannel": (Backchannel, "text"),
        "burst": (Burst, "noise"),
        "silent": (Silent, "seconds"),
    }
)
"""The key of a step -> its class, and the field that the key's value is."""
KEY_OF = {kind: (key, field) for key, (kind, field) in STEPS.items()}
PHONE_KEYS = tuple(field.name for field in fields(PhoneLine))
CODINGS = tuple(format.value for format in AudioFormat if format is not AudioFormat.PCM16)

Place = tuple[str | int, ...]
"""Where something stands in a file: the keys and numbers that lead to it."""
Made = TypeVar("Made", bound=Settings)


def read(path: Path) -> Caller:
    """The caller of a file; see `Caller.load`."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"the caller {str(path)!r} cannot be read ({error.strerror}). Give the path of a YAML "
            "file, such as Caller.save writes."
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: this is no text in UTF-8. Save the file as UTF-8.") from None
    return _Reader(path, text).caller()


def write(caller: Caller, path: Path) -> Path:
    """Write a caller; see `Caller.save`."""
    folder = path.resolve().parent
    told = _own(caller, ("name", "voice"))
    if caller.background is not None:
        told["background"] = caller.background.model_dump()
    if caller.phone is not None:
        told["phone"] = _phone_told(caller.phone)
    told |= _own(caller, ("patience_s", "quiet_s"))
    told["steps"] = [_step_told(step, folder) for step in caller.steps]
    text = _yaml().safe_dump(told, sort_keys=False, allow_unicode=True, width=88)
    path.write_text(text, encoding="utf-8")
    return path


def _own(settings: Settings, names: tuple[str, ...]) -> dict[str, Any]:
    """What is not as by default, of these fields (of all, if none are named)."""
    kind = type(settings)
    told = {}
    for name, field in kind.model_fields.items():
        value = getattr(settings, name)
        if (not names or name in names) and (field.is_required() or value != field.default):
            told[name] = list(value) if isinstance(value, tuple) else value
    return told


def _step_told(step: Step, folder: Path) -> dict[str, Any]:
    key, field = KEY_OF[type(step)]
    told = _own(step, ())
    first = told.pop(field, getattr(step, field))
    if isinstance(step, Play):
        first = _path_told(step, folder)
    if "expect" in told:
        told["expect"] = _own(told["expect"], ())
    return {key: first, **told}


def _path_told(step: Play, folder: Path) -> str:
    if not isinstance(step.clip, str):
        raise ConfigError(
            f"a step plays {step.clip!r}, which no YAML file can hold. Save the clip with "
            "clip.save(path), and give Play that path."
        )
    return Path(os.path.relpath(os.path.abspath(step.clip), folder)).as_posix()


def _phone_told(line: PhoneLine) -> dict[str, Any]:
    told = {}
    for field in fields(line):
        value = getattr(line, field.name)
        if field.default is MISSING or value != field.default:
            told[field.name] = value.value if isinstance(value, AudioFormat) else value
    return told


class _Reader:
    """One file: its contents, and on which line each key stands."""

    def __init__(self, path: Path, text: str) -> None:
        yaml = _yaml()
        self.path = path
        try:
            node = yaml.compose(text, yaml.SafeLoader)
            self.contents = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            where = f", line {mark.line + 1}" if mark else ""
            why = getattr(error, "problem", None) or error
            raise ConfigError(f"{path}{where}: this is no YAML ({why}). Mend it there.") from None
        self._lines = dict(_lines_of(node, ()))

    def caller(self) -> Caller:
        """The caller that the file holds."""
        told = dict(self._mapping((), "a caller", self.contents))
        self._only((), told, tuple(Caller.model_fields))
        if "background" in told:
            told["background"] = self._made(Background, ("background",), told["background"])
        if "phone" in told:
            told["phone"] = self._phone(told["phone"])
        steps = told.get("steps")
        if not isinstance(steps, list):
            raise self._wrong(("steps",), f"steps: found {steps!r}; allowed: a list of steps")
        told["steps"] = tuple(self._step(("steps", n), step) for n, step in enumerate(steps))
        return self._made(Caller, (), told)

    def _step(self, at: Place, step: Any) -> Step:
        told = dict(self._mapping(at, "a step", step))
        named = [key for key in told if key in STEPS]
        if len(named) != 1:
            found = f"found {', '.join(map(str, told)) or 'nothing'}"
            raise self._wrong(at, f"a step has one of the keys {', '.join(STEPS)}; {found}")
        key = named[0]
        kind, field = STEPS[key]
        self._only(at, told, (key, *(name for name in kind.model_fields if name != field)))
        told[field] = told.pop(key)
        if kind is Play and isinstance(told[field], str):
            told[field] = os.path.normpath(self.path.resolve().parent / told[field])
        if "expect" in told:
            told["expect"] = self._made(Expect, (*at, "expect"), told["expect"])
        return self._made(kind, at, told, {field: key})

    def _phone(self, told: Any) -> PhoneLine:
        at: Place = ("phone",)
        given = dict(self._mapping(at, "a phone line", told))
        self._only(at, given, PHONE_KEYS)
        if (coding := given.get("coding")) is not None:
            if coding not in CODINGS:
                allowed = ", ".join(CODINGS)
                raise self._wrong((*at, "coding"), f"found {coding!r}; allowed: {allowed}")
            given["coding"] = AudioFormat(coding)
        try:
            return PhoneLine(**given)
        except (ValueError, TypeError) as error:
            raise self._wrong(at, str(error)) from None

    def _made(
        self, kind: type[Made], at: Place, told: Any, names: Mapping[str, str] | None = None
    ) -> Made:
        """The settings, with an error that names file and line; `names`: field -> its key."""
        told = self._mapping(at, kind.__name__, told)
        if kind is not Caller and not names:
            self._only(at, told, tuple(kind.model_fields))
        try:
            return kind(**told)
        except ConfigError as error:
            field, colon, rest = str(error).partition(":")
            key = (names or {}).get(field, field)
            place = (*at, key) if (*at, key) in self._lines else at
            raise self._wrong(place, f"{key}{colon}{rest}") from None

    def _mapping(self, at: Place, what: str, found: Any) -> Mapping[str, Any]:
        if isinstance(found, Mapping):
            return found
        raise self._wrong(at, f"{what} is written as keys and values; found {found!r}")

    def _only(self, at: Place, told: Mapping[Any, Any], allowed: tuple[str, ...]) -> None:
        for key in told:
            if key not in allowed:
                names = ", ".join(allowed)
                raise self._wrong((*at, key), f"found the key {key!r}; allowed: {names}")

    def _wrong(self, at: Place, why: str) -> ConfigError:
        while at and at not in self._lines:
            at = at[:-1]
        line = self._lines.get(at, 1)
        return ConfigError(f"{self.path}, line {line}: {why}")


def _lines_of(node: Any, at: Place) -> Iterator[tuple[Place, int]]:
    """Where in the file each key and each entry stands."""
    if node is None:
        return
    yield at, node.start_mark.line + 1
    if node.id == "mapping":
        for key, value in node.value:
            yield from _lines_of(value, (*at, key.value))
            yield (*at, key.value), key.start_mark.line + 1
    elif node.id == "sequence":
        for number, entry in enumerate(node.value):
            yield from _lines_of(entry, (*at, number))


def _yaml() -> Any:
    try:
        import yaml
    except ImportError:
        raise MissingExtra("PyYAML (callers as files)", "evals") from None
    return yaml
