"""Python functions as tools: the schema that the model reads, and the check of what it answers.

    @rtkit.tool
    def get_weather(city: str, unit: Literal["C", "F"] = "C") -> str:
        '''The weather of a city.

        Args:
            city: such as "Paris"
        '''

The schema is that of the typed parameters, made by pydantic; the description is the docstring up
to its sections, and each parameter has its own line of it. Nothing here runs a function.
"""

from __future__ import annotations

import importlib
import inspect
import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, overload

from pydantic import BaseModel, ConfigDict, Field, PydanticUserError, ValidationError, create_model
from pydantic.fields import FieldInfo

from .errors import ConfigError

TIMEOUT_S = 30.0
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
SECTION = re.compile(
    r"^\s*(args|arguments|parameters|params|returns?|raises|yields?|examples?|notes?)\s*:?\s*$",
    re.IGNORECASE,
)
OF_PARAMETERS = frozenset({"args", "arguments", "parameters", "params"})
PARAMETER = re.compile(r"^\s*\*{0,2}(?P<name>\w+)\s*(?:\([^)]*\))?\s*:\s*(?P<text>.*)$")
FIELD = re.compile(r"^\s*:param\s+(?:[^:]*\s)?(?P<name>\w+):\s*(?P<text>.*)$")
OTHER_FIELD = re.compile(r"^\s*:\w+.*:")


class BadArguments(ValueError):
    """What the model gave does not fit the parameters; the message is written for the model."""


@dataclass(frozen=True, slots=True, eq=False)
class Tool:
    """A function that a model may call, with its schema; calling it calls the function.

    `timeout_s` is how long a call may take. `needs_approval`: the session's `approve` is asked.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    function: Callable[..., Any]
    timeout_s: float = TIMEOUT_S
    needs_approval: bool = False
    _model: type[BaseModel] = field(default=BaseModel, repr=False)

    def __call__(self, *args: Any, **values: Any) -> Any:
        return self.function(*args, **values)

    def __reduce__(self) -> tuple[Any, ...]:
        """By the name of the function that it was made of, as functions are pickled."""
        made = (self.function, self.name, self.description, self.timeout_s, self.needs_approval)
        module = getattr(self.function, "__module__", "__main__")
        path = getattr(self.function, "__qualname__", "")
        if module == "__main__" or _named(module, path) is not self:
            return _made, made
        return _named, (module, path)

    def to_wire(self) -> dict[str, Any]:
        """The tool as a session object lists it."""
        wire = {"type": "function", "name": self.name, "description": self.description}
        return {**wire, "parameters": dict(self.parameters)}

    def bind(self, arguments: str) -> dict[str, Any]:
        """The function's keyword arguments from the JSON text of a call, of the right types.

        BadArguments says which of them is wrong, and why.
        """
        try:
            given = self._model.model_validate_json(arguments or "{}")
        except ValidationError as error:
            raise BadArguments("; ".join(_complaints(error))) from None
        return {name: getattr(given, name) for name in type(given).model_fields}


@overload
def tool(function: Callable[..., Any], /) -> Tool: ...
@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    timeout_s: float = TIMEOUT_S,
    needs_approval: bool = False,
) -> Callable[[Callable[..., Any]], Tool]: ...
def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    timeout_s: float = TIMEOUT_S,
    needs_approval: bool = False,
) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """Make a typed function (sync or async) a tool: `@rtkit.tool`, or `@rtkit.tool(timeout_s=5)`.

    ConfigError for a parameter without a type, `*args`, a name that the wire does not take.
    """
    if function is None:
        return lambda found: _made(found, name, description, timeout_s, needs_approval)
    return _made(function, name, description, timeout_s, needs_approval)


def as_tools(found: Iterable[Tool | Callable[..., Any]]) -> tuple[Tool, ...]:
    """Tools from tools and plain functions. ConfigError when two have one name."""
    if isinstance(found, Tool) or not isinstance(found, Iterable):
        raise TypeError(f"tools is a list of functions, found {found!r}. Do: tools=[function].")
    tools = tuple(one if isinstance(one, Tool) else tool(one) for one in found)
    names = [one.name for one in tools]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"two tools are called {twice[0]!r}. Give one another name=.")
    return tools


def _named(module: str, path: str) -> Any:
    """What stands under a name in a module; None if nothing does."""
    try:
        return attrgetter(path)(importlib.import_module(module))
    except (AttributeError, ImportError):
        return None


def _made(
    function: Callable[..., Any],
    name: str | None,
    description: str | None,
    timeout_s: float,
    needs_approval: bool,
) -> Tool:
    if not callable(function):
        raise TypeError(f"a tool is a function, found {function!r}.")
    name = name or str(getattr(function, "__name__", type(function).__name__))
    if not NAME.fullmatch(name):
        raise ConfigError(
            f"a tool cannot be called {name!r}: up to 64 letters, digits, _ and -. Give name=."
        )
    if not timeout_s > 0:
        raise ConfigError(f"timeout_s is a number of seconds above 0, found {timeout_s!r}.")
    summary, documented = read_docstring(inspect.getdoc(function) or "")
    model = _model(function, name, documented)
    schema = _plain(model.model_json_schema())
    schema.setdefault("properties", {})
    text = summary if description is None else description
    return Tool(name, text, schema, function, timeout_s, needs_approval, model)


def _model(
    function: Callable[..., Any], name: str, documented: Mapping[str, str]
) -> type[BaseModel]:
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except NameError as error:
        raise ConfigError(
            f"a type of the tool {name!r} is not known here: {error}. Define it before the tool."
        ) from error
    fields = dict(_fields(function, name, hints, documented))
    config = ConfigDict(extra="forbid")
    try:
        made: type[BaseModel] = create_model(name, __config__=config, **fields)
        made.model_json_schema()
    except (PydanticUserError, TypeError) as error:
        why = str(error).splitlines()[0]
        raise ConfigError(
            f"the tool {name!r} has a parameter that JSON cannot carry: {why}. Use str, int, "
            "float, bool, Literal, list, dict, a dataclass or a pydantic model."
        ) from error
    return made


def _fields(
    function: Callable[..., Any],
    name: str,
    hints: Mapping[str, Any],
    documented: Mapping[str, str],
) -> Iterator[tuple[str, Any]]:
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind not in kinds:
            raise ConfigError(
                f"the tool {name!r} takes {parameter}, which has no schema. Name its parameters."
            )
        if parameter.name not in hints:
            raise ConfigError(
                f"the parameter {parameter.name!r} of the tool {name!r} has no type, and a model "
                f"has to know what to give. Write {parameter.name}: str, or what it is."
            )
        default = ... if parameter.default is parameter.empty else parameter.default
        words = documented.get(parameter.name)
        told: FieldInfo = Field(default, description=words) if words else Field(default)
        yield parameter.name, (_described(hints[parameter.name]), told)


def _described(hint: Any) -> Any:
    """`Annotated[str, "words"]` describes a parameter, as elsewhere."""
    if typing.get_origin(hint) is not typing.Annotated:
        return hint
    kind, *marks = typing.get_args(hint)
    told = [Field(description=mark) if isinstance(mark, str) else mark for mark in marks]
    return typing.Annotated[(kind, *told)]


def read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """What a docstring says of the whole, and of each parameter (Google's style, or `:param`).

    >>> read_docstring("Add.\\n\\nArgs:\\n    a: the first\\n    b: the other")
    ('Add.', {'a': 'the first', 'b': 'the other'})
    """
    summary: list[str] = []
    told: dict[str, str] = {}
    section, current = "", ""
    for line in text.splitlines():
        if header := SECTION.match(line):
            section, current = header[1].lower(), ""
        elif found := FIELD.match(line) or (section in OF_PARAMETERS and PARAMETER.match(line)):
            current = found["name"]
            told[current] = found["text"].strip()
        elif OTHER_FIELD.match(line):
            section = current = "another"
        elif current in told and line.strip():
            told[current] += f" {line.strip()}"
        elif not section and not current:
            summary.append(line)
    return "\n".join(summary).strip(), told


def _plain(schema: Any) -> Any:
    """A JSON schema without the titles that pydantic makes of the names."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if not _made_up(key, value)}
    return {
        key: {name: _plain(one) for name, one in value.items()}
        if key in ("properties", "$defs")
        else _plain(value)
        for key, value in kept.items()
    }


def _made_up(key: str, value: object) -> bool:
    return key == "title" and isinstance(value, str)


def _complaints(error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False):
        place = ".".join(str(part) for part in detail["loc"]) or "arguments"
        yield f"{place}: {detail['msg']}"
