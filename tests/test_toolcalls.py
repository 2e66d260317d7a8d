"""Which tool is meant, and what its arguments are."""

import pytest

from rtkit.server.toolcalls import fill_arguments, own_words, spoken_result, wanted_tool


def tool(name):
    return {"type": "function", "name": name}


def test_the_tool_with_most_of_its_words_said_is_meant():
    tools = [tool("get_weather"), tool("get_weather_alerts"), {"type": "mcp", "server_label": "x"}]
    assert wanted_tool("any weather alerts today?", tools) == tool("get_weather_alerts")
    assert wanted_tool("what's the weather's mood", tools) == tool("get_weather")
    assert wanted_tool("hello", tools) is None


@pytest.mark.parametrize("name", ["get_order_status", "getOrderStatus", "order-status"])
def test_names_in_any_case_style_give_the_same_words(name):
    assert own_words(name) == {"order", "status"}


def test_arguments_by_kind():
    schema = {
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer"},
            "unit": {"enum": ["celsius", "fahrenheit"]},
            "alerts": {"type": "boolean"},
        },
        "required": ["city", "unit"],
    }
    said = "weather with alerts on, three days, fahrenheit, in New York please"
    arguments, missing = fill_arguments(said, schema)
    assert arguments == {"city": "New York", "days": 3, "unit": "fahrenheit", "alerts": True}
    assert missing is None
    assert fill_arguments("weather", schema)[1] == "city"


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("set it to twenty one", {"degrees": 21}),
        ("set it to twenty-one in the kitchen", {"degrees": 21, "room": "kitchen"}),
        ("set it to 21.5 degrees", {"degrees": 21.5}),
        ("set it to three point five", {"degrees": 3.5}),
        ("set it to minus five", {"degrees": -5}),
        ("21.5 and 3 times", {"degrees": 21.5, "times": 3}),
        ("1,200 or -4.", {"degrees": 1200, "times": -4}),
        ("set it for one", {"degrees": 1}),
        ("gate two b or a2", {"degrees": 2}),
        ("no number", {}),
    ],
)
def test_numbers_are_found_as_they_are_said_and_typed(said, arguments):
    kinds = {"degrees": "number", "room": ["string", "null"], "times": "integer"}
    schema = {"properties": {name: {"type": kind} for name, kind in kinds.items()}}
    assert fill_arguments(said, schema) == (arguments, None)


def test_a_schema_that_allows_anything_is_filled_with_nothing():
    schema = {"properties": {"a": True, "b": {}, "n": {"type": "integer"}}, "required": ["a"]}
    assert fill_arguments("for two", schema) == ({"n": 2}, "a")


def test_a_whole_number_is_not_made_of_a_fraction():
    schema = {"properties": {"days": {"type": "integer"}}, "required": ["days"]}
    assert fill_arguments("for 2.5 days", schema) == ({}, "days")


def test_a_number_may_be_a_text_or_one_of_those_allowed():
    schema = {"properties": {"order": {"type": "string"}, "floor": {"enum": [1, 21]}}}
    assert fill_arguments("status for 42", schema)[0] == {"order": "42"}
    assert fill_arguments("twenty one", schema)[0] == {"floor": 21}


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (
            '{"wind_speed": 3, "sky": ["clear", "cold"]}',
            "The result is: wind speed 3, sky clear, cold.",
        ),
        ("plain words.", "The result is: plain words."),
        ("", "The tool gave an empty result."),
        ("{}", "The tool gave an empty result."),
        ("41", "The result is: 41."),
    ],
)
def test_results_are_read_out(output, sentence):
    assert spoken_result(output) == sentence
