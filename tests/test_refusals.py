import pytest
from fieldcases import IN, PCM, at

from rtkit.fields import check_response, check_update, default_session
from rtkit.refusals import Refusal, json_kind, problems, quoted, value_problems


def refusal(update):
    return check_update(update, current=default_session())


WORDS = [
    (
        at("bogus_field", 1),
        Refusal(
            "unknown_parameter",
            "Unknown parameter: 'session.bogus_field'.",
            "session.bogus_field",
        ),
    ),
    (
        {"instructions": "x"},
        Refusal(
            "missing_required_parameter",
            "Missing required parameter: 'session.type'.",
            "session.type",
        ),
    ),
    (
        {"type": "x"},
        Refusal(
            "invalid_value",
            "Invalid value: 'x'. Supported values are: 'realtime' and 'transcription'.",
            "session.type",
        ),
    ),
    (
        at("output_modalities", ["audio", "text"]),
        Refusal(
            "invalid_value",
            "Invalid modalities: ['audio', 'text']. Supported combinations are: ['text'] and "
            "['audio'].",
            "session.output_modalities",
        ),
    ),
    (
        at(IN + "format", PCM | {"rate": 16000}),
        Refusal(
            "integer_below_min_value",
            "Invalid 'session.audio.input.format.rate': integer below minimum value. Expected a "
            "value >= 24000, but got 16000 instead.",
            "session.audio.input.format.rate",
        ),
    ),
    (
        at("max_output_tokens", True),
        Refusal(
            "invalid_type",
            "Invalid type for 'session.max_output_tokens': expected one of an integer or a "
            "string, but got a boolean instead.",
            "session.max_output_tokens",
        ),
    ),
]


@pytest.mark.parametrize(("update", "words"), WORDS, ids=[w.code for _, w in WORDS])
def test_refusals_speak_as_the_hosted_service_does(update, words):
    assert refusal(update) == words


BETA = (
    "modalities voice input_audio_format output_audio_format input_audio_transcription "
    "input_audio_noise_reduction turn_detection temperature max_response_output_tokens "
    "client_secret speed"
).split()


@pytest.mark.parametrize("name", BETA)
def test_every_field_of_the_beta_shape_is_unknown(name):
    assert refusal(at(name, None)).message == f"Unknown parameter: 'session.{name}'."


def test_one_bad_field_refuses_an_update_that_is_good_otherwise():
    update = at("audio.input.turn_detection", None, instructions="Be brief.", temperature=0.8)
    assert refusal(update).param == "session.temperature"


@pytest.mark.parametrize("value", [None, 5, "realtime", [], True])
def test_a_session_that_is_no_object_is_refused(value):
    assert refusal(value).param == "session"
    assert check_response(value).param == "response"


def test_every_problem_is_told_not_only_the_first():
    update = at("speed", 2, temperature=0.8, max_output_tokens=0)
    codes = [problem.code for problem in problems(update, "realtime")]
    assert codes == ["unknown_parameter", "integer_below_min_value", "unknown_parameter"]


def test_one_value_can_be_checked_by_itself():
    path = "audio.input.turn_detection.threshold"
    assert list(value_problems(path, 0.7)) == []
    assert [problem.param for problem in value_problems(path, 1.7)] == [path]


@pytest.mark.parametrize(
    ("names", "text"),
    [(["a"], "'a'"), (["a", "b"], "'a' and 'b'"), (["a", "b", "c"], "'a', 'b', and 'c'")],
)
def test_choices_are_listed_as_the_service_lists_them(names, text):
    assert quoted(names) == text


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "a boolean"),
        (1, "an integer"),
        (1.5, "a decimal number"),
        (float("nan"), "a decimal number"),
        ("x", "a string"),
        ([], "an array"),
        ({}, "an object"),
        (b"", "a bytes"),
    ],
)
def test_json_values_have_names(value, name):
    assert json_kind(value) == name


def test_a_number_too_great_for_a_float_is_out_of_range_and_no_crash():
    for value in (10**400, -(10**400)):
        assert refusal(at("audio.output.speed", value)).code.startswith("decimal_")
        assert refusal(at("max_output_tokens", value)).code.startswith("integer_")


def test_what_is_nested_without_end_is_refused_before_it_is_copied():
    parameters = {}
    for _ in range(700):
        parameters = {"items": parameters}
    update = at("tools", [{"type": "function", "name": "x", "parameters": parameters}])
    assert refusal(update).message == "Invalid 'session': nested more than 100 levels deep."
    assert check_response({"metadata": parameters}).param == "response"
