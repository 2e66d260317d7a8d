"""Tools as a text that a person edits: JSON, in which credentials are masked and not lost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rtkit.errors import ConfigError
from rtkit.redaction import MASK, Redactor

Tool = Mapping[str, Any]


def tools_text(tools: Sequence[Tool]) -> str:
    """The tools as indented JSON; *** stands for a credential."""
    return json.dumps(Redactor().shown(list(tools)), indent=2, ensure_ascii=False)


def read_tools(text: str, before: Sequence[Tool]) -> list[Any]:
    """The tools in an edited text; a *** that was not touched is the credential it stood for.

    ConfigError for what is no JSON list, and for a *** of which nothing is known.
    """
    found = _parsed(text)
    tools = [_restored(tool, _known(tool, number, before)) for number, tool in enumerate(found)]
    if MASK in _texts(tools):
        raise ConfigError(
            f"tools: found {MASK}, which stands for a credential that is not known here. "
            "Write it in full, or leave it out."
        )
    return tools


def _parsed(text: str) -> list[Any]:
    try:
        found = json.loads(text or "[]")
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise ConfigError(f"tools: this is no JSON ({where}). Mend it there.") from None
    except RecursionError:
        raise ConfigError("tools: this is nested too deep. Flatten it.") from None
    if not isinstance(found, list):
        raise ConfigError(
            f"tools: found {type(found).__name__}; allowed: a list. Put [ ] around the tools."
        )
    return found


def _known(tool: Any, number: int, before: Sequence[Tool]) -> Tool | None:
    """The tool of that name as it was: the one at its place or behind it, else the first."""
    name = _name(tool)
    return next((old for old in (*before[number:], *before) if _name(old) == name), None)


def _name(tool: Any) -> object:
    told = tool if isinstance(tool, Mapping) else {}
    return str(told.get("name") or told.get("server_label"))


def _restored(new: Any, old: Any) -> Any:
    if not isinstance(new, dict) or not isinstance(old, Mapping):
        return new
    masked = Redactor().shown(old)
    return {
        name: old[name] if name in old and value == masked.get(name) else value
        for name, value in new.items()
    }


def _texts(value: Any) -> set[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        return {value}
    inner: Iterable[Any] = value.values() if isinstance(value, dict) else ()
    inner = value if isinstance(value, list) else inner
    return {text for each in inner for text in _texts(each)}
