"""Which tool a sentence asks for, and with which arguments: plain word matching, no cleverness.

A tool is asked for when the words of its name (without verbs such as get or set) all occur in
what was said. Arguments are filled from its JSON schema: allowed values that were said, numbers in
order, and for text what follows in, for, to, at, of or named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rtkit.server.phrases import plain, words_to_number

VERBS = frozenset(
    "get set fetch find look lookup up search show tell give call check read list add make create "
    "query current the a my".split()
)
_AFTER = re.compile(r"\b(?:in|for|to|at|of|named|called|about)\s+(?:the\s+)?(.+)$")


def wanted_tool(said: str, tools: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The function tool whose own words all occur in the sentence; the one with most of them."""
    words = set(plain(said).replace("'s", "").split())
    best, most = None, 0
    for tool in functions(tools):
        own = own_words(str(tool["name"]))
        if own and own <= words and len(own) > most:
            best, most = tool, len(own)
    return best


def functions(tools: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The function tools among all tools (MCP tools are not called from here)."""
    return (tool for tool in tools if tool.get("type") == "function" and tool.get("name"))


def own_words(name: str) -> set[str]:
    """The telling words of a tool's name: `get_weather`, `getWeather` -> {"weather"}."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name).replace("_", " ").replace("-", " ")
    return set(spaced.lower().split()) - VERBS


def fill_arguments(said: str, parameters: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """The arguments that the sentence holds, and the first required one that it lacks."""
    numbers = _numbers(said)
    arguments: dict[str, Any] = {}
    for name, schema in (parameters.get("properties") or {}).items():
        value = _argument(said, schema, numbers)
        if value is not None:
            arguments[name] = value
    missing = [name for name in parameters.get("required") or () if name not in arguments]
    return arguments, missing[0] if missing else None


def _argument(said: str, schema: Mapping[str, Any], numbers: list[int]) -> Any:
    if "enum" in schema:
        heard = f" {plain(said)} "
        return next((v for v in schema["enum"] if f" {plain(str(v))} " in heard), None)
    kind = schema.get("type")
    if kind in ("number", "integer"):
        return numbers.pop(0) if numbers else None
    if kind == "boolean":
        words = set(plain(said).split())
        return True if words & {"yes", "on", "true"} else False if words & {"no", "off"} else None
    if kind == "string" and (found := _AFTER.search(_tidy(said))):
        return found.group(1)
    return None


def _numbers(said: str) -> list[int]:
    values = (words_to_number(word) for word in plain(said).split())
    return [value for value in values if value is not None]


def _tidy(said: str) -> str:
    return re.sub(r"\s+(?:today|now|tomorrow|please)$", "", said.strip().rstrip("?.!").strip())


def spoken_result(output: str) -> str:
    """A tool's output as a sentence: JSON objects are read out as "name: value" pairs.

    >>> spoken_result('{"temperature": 21, "sky": "clear"}')
    'The result is: temperature 21, sky clear.'
    """
    try:
        value = json.loads(output)
    except ValueError:
        value = output
    if isinstance(value, dict):
        pairs = ", ".join(f"{key.replace('_', ' ')} {_flat(item)}" for key, item in value.items())
        return f"The result is: {pairs}." if pairs else "The tool gave an empty result."
    text = _flat(value).strip()
    return f"The result is: {text.rstrip('.')}." if text else "The tool gave an empty result."


def _flat(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_flat(item) for item in value)
    return value if isinstance(value, str) else json.dumps(value)
