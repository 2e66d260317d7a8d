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
