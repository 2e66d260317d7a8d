import datetime
import pickle
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from openai.types.realtime import RealtimeFunctionTool
from pydantic import BaseModel, Field

from rtkit.errors import ConfigError
from rtkit.fields import check_update, default_session
from rtkit.tools import BadArguments, as_tools, read_docstring, tool


@tool
def book_table(people: int, day: Literal["today", "tomorrow"], outside: bool = False) -> str:
    """Book a table at the restaurant.

    Confirms it at once.

    Args:
        people: how many come,
            children included
        day (str): when
    Returns:
        nothing of interest: to the model
    """
    return f"{people} {day} {outside}"


def test_the_schema_is_that_of_the_signature():
    assert book_table.to_wire() == {
        "type": "function",
        "name": "book_table",
        "description": "Book a table at the restaurant.\n\nConfirms it at once.",
        "parameters": {
            "type": "object",
            "properties": {
                "people": {"type": "integer", "description": "how many come, children included"},
                "day": {"type": "string", "enum": ["today", "tomorrow"], "description": "when"},
                "outside": {"type": "boolean", "default": False},
            },
            "required": ["people", "day"],
            "additionalProperties": False,
        },
    }


def test_the_wire_takes_it():
    RealtimeFunctionTool.model_validate(book_table.to_wire())
    update = {"type": "realtime", "tools": [book_table.to_wire()]}
    assert check_update(update, current=default_session(), assistant_audio=False) is None


def test_it_is_still_the_function():
    assert book_table(2, day="today") == "2 today False"


def test_arguments_come_in_the_types_of_the_function():
    found = book_table.bind('{"people": 4, "day": "today"}')
    assert found == {"people": 4, "day": "today", "outside": False}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ('{"people": "many", "day": "today"}', "people: Input should be a valid integer"),
        ('{"people": 2, "day": "never"}', "day: Input should be 'today' or 'tomorrow'"),
        ('{"day": "today"}', "people: Field required"),
        ('{"people": 2, "day": "today", "cat": 1}', "cat: Extra inputs are not permitted"),
        ("people=2", "arguments: Invalid JSON"),
        ("[2]", "arguments: "),
    ],
)
def test_arguments_that_do_not_fit_are_told_to_the_model(arguments, complaint):
    with pytest.raises(BadArguments) as told:
        book_table.bind(arguments)
    assert complaint in str(told.value)


class Place(BaseModel):
    title: str
    floor: int = 0


@dataclass
class Note:
    text: str


def test_structures_arrive_as_what_they_are():
    @tool(name="put-down", description="Put something down.", timeout_s=2, needs_approval=True)
    def put(where: Place, note: Note, on: datetime.date, tags: list[str] | None = None):
        pass

    found = put.bind('{"where": {"title": "desk"}, "note": {"text": "hi"}, "on": "2026-11-22"}')
    assert found["where"] == Place(title="desk")
    assert found["note"] == Note("hi")
    assert found["on"] == datetime.date(2026, 11, 22)
    assert (put.name, put.description, put.timeout_s) == ("put-down", "Put something down.", 2)
    assert put.parameters["$defs"]["Place"]["properties"]["title"] == {"type": "string"}


def test_a_field_that_is_called_title_stays():
    @tool
    def rename(title: str):
        pass

    assert rename.parameters["properties"] == {"title": {"type": "string"}}
    assert rename.parameters["required"] == ["title"]


def test_a_parameter_may_be_described_beside_its_type():
    @tool
    def dim(level: Annotated[int, Field(ge=0, le=100), "per cent"]):
        pass

    found = dim.parameters["properties"]["level"]
    assert found["description"] == "per cent"
    assert (found["minimum"], found["maximum"]) == (0, 100)


def test_a_tool_without_parameters():
    @tool
    def now():
        pass

    assert now.parameters["properties"] == {}
    assert now.bind("") == {}


def untyped(city):
    pass


def many(*cities: str):
    pass


class Socket:
    pass


def odd(call: Socket):
    pass


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        (untyped, "'city' of the tool 'untyped' has no type"),
        (many, r"takes \*cities: str"),
        (odd, "JSON cannot carry"),
        (lambda: None, "cannot be called '<lambda>'"),
    ],
)
def test_what_cannot_be_a_tool(function, complaint):
    with pytest.raises(ConfigError, match=complaint):
        tool(function)


def test_a_type_that_nobody_knows():
    def lost(city: "Nowhere"):  # noqa: F821
        pass

    with pytest.raises(ConfigError, match="'Nowhere' is not defined"):
        tool(lost)


def test_no_time_at_all_is_too_little():
    with pytest.raises(ConfigError, match="timeout_s"):
        tool(timeout_s=0, name="now")(lambda: None)


def test_plain_functions_become_tools_and_names_are_not_shared():
    def one(a: Any = None):
        pass

    assert [made.name for made in as_tools([one, book_table])] == ["one", "book_table"]
    with pytest.raises(ConfigError, match="two tools are called 'one'"):
        as_tools([one, tool(one)])
    with pytest.raises(TypeError, match="tools is a list"):
        as_tools(book_table)


def test_parameters_in_the_style_of_sphinx():
    text = "Do it.\n\n:param str who: the person\n    who asks\n:param what: it\n:returns: nothing"
    assert read_docstring(text) == ("Do it.", {"who": "the person who asks", "what": "it"})


def test_a_colon_in_the_summary_is_no_parameter():
    assert read_docstring("Note: this is all.") == ("Note: this is all.", {})


@tool
def get_tide(place: str) -> str:
    """How high the water is."""
    return f"low in {place}"


def test_a_tool_of_a_module_goes_to_another_process_by_its_name():
    assert pickle.loads(pickle.dumps(get_tide)) is get_tide


def test_a_tool_that_was_made_of_a_function_goes_there_with_what_was_said_of_it():
    made = tool(name="tide", timeout_s=3)(plain_tide)
    came = pickle.loads(pickle.dumps(made))
    assert (came.name, came.timeout_s, came.to_wire()) == ("tide", 3, made.to_wire())
    assert came("Brest") == "high in Brest"


def plain_tide(place: str) -> str:
    return f"high in {place}"
