"""Which tool a sentence asks for, and with which arguments: plain word matching, no cleverness.

A tool is asked for when the words of its name (without verbs such as get or set) all occur in
what was said. Arguments are filled from its JSON schema: allowed values that were said, numbers in
order (a whole one for an integer), and for text what follows in, for, to, at, of or named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rtkit.server.phrases import NUMBERS, ONES, plain, words_to_number

VERBS = frozenset(
    "get set fetch find look lookup up search show tell give call check read list add make create "
    "query current the a my".split()
)
NUMERIC = ("number", "integer")
_DIGIT = "|".join(ONES[:10])
_NUMBER = re.compile(
    r"(?<![\w.])(?P<minus>minus |[-−])?(?:"
    r"(?P<typed>\d{1,3}(?:,\d{3}){1,3}|\d{1,15})(?P<rest>\.\d{1,9})?"
    rf"|(?P<said>{'|'.join(sorted(NUMBERS, key=len)[::-1])})"
    rf"(?: point (?P<digits>(?:{_DIGIT})(?: (?:{_DIGIT}))*))?)(?!\w)"
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
    stated = (parameters.get("properties") or {}).items()
    properties = {name: schema for name, schema in stated if isinstance(schema, Mapping)}
    kinds = {name: _kind(schema) for name, schema in properties.items()}
    numbers = _numbers(said)
    text = _text(said, numbers_too=not set(kinds.values()) & set(NUMERIC))
    arguments: dict[str, Any] = {}
    for name, schema in properties.items():
        value: Any = text if kinds[name] == "string" else None
        if "enum" in schema:
            value = _one_of(said, schema["enum"])
        elif kinds[name] in NUMERIC:
            value = _next(numbers, whole=kinds[name] == "integer")
        elif kinds[name] == "boolean":
            value = _truth(said)
        if value is not None:
            arguments[name] = value
    missing = [name for name in parameters.get("required") or () if name not in arguments]
    return arguments, missing[0] if missing else None


def _kind(schema: Mapping[str, Any]) -> str:
    """The type of a schema; of several the first that is not null."""
    kinds = schema.get("type")
    several = kinds if isinstance(kinds, list) else [kinds]
    return next((str(kind) for kind in several if kind not in (None, "null")), "")


def _one_of(said: str, values: Sequence[Any]) -> Any:
    heard, numbers = f" {plain(said)} ", _numbers(said)
    for value in values:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if value in numbers if number else f" {plain(str(value))} " in heard:
            return value
    return None


def _truth(said: str) -> bool | None:
    words = set(plain(said).split())
    return True if words & {"yes", "on", "true"} else False if words & {"no", "off"} else None


def _text(said: str, *, numbers_too: bool) -> str | None:
    """What follows a preposition; "to twenty one" is a number and no name, if there are such."""
    tidy, found = _tidy(said), None
    while found := _AFTER.search(tidy, found.start(1) if found else 0):
        if numbers_too or not _NUMBER.match(_spaced(found.group(1))):
            return found.group(1)
    return None


def _next(numbers: list[int | float], *, whole: bool) -> int | float | None:
    """Take the first number out of the list that will do."""
    fit = (at for at, number in enumerate(numbers) if not whole or isinstance(number, int))
    at = next(fit, None)
    return None if at is None else numbers.pop(at)


def _numbers(said: str) -> list[int | float]:
    """The numbers in a sentence, in order.

    >>> _numbers("From minus 2.5 to twenty-one, and three point one four.")
    [-2.5, 21, 3.14]
    >>> _numbers("seven minus five")
    [7, 5]
    """
    found: list[int | float] = []
    end = -2
    for match in _NUMBER.finditer(_spaced(said)):
        subtracted = match.start() == end + 1  # from the number before it
        value = _value(match)
        found.append(-value if match["minus"] and not subtracted else value)
        end = match.end()
    return found


def _spaced(said: str) -> str:
    return re.sub(r"(?<=[a-z])-(?=[a-z])", " ", said.lower())


def _value(match: re.Match[str]) -> int | float:
    if match["typed"]:
        typed = match["typed"].replace(",", "")
        return float(typed + match["rest"]) if match["rest"] else int(typed)
    whole = words_to_number(match["said"]) or 0
    digits = "".join(str(ONES.index(word)) for word in (match["digits"] or "").split())
    return float(f"{whole}.{digits}") if digits else whole


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
