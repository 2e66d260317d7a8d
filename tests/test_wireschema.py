import jsonschema
import pytest
from fieldcases import CASES
from hypothesis import given, settings
from hypothesis import strategies as st
from sessioncases import corrupted, objects

from rtkit.fields import check_response, check_update, default_session
from rtkit.wireschema import session_schema

VALIDATORS = {
    kind: jsonschema.Draft202012Validator(session_schema(kind))
    for kind in ("realtime", "transcription", "response")
}
TOGETHER = ("it is set when", "committed by hand")  # what no schema can say


@pytest.mark.parametrize("kind", VALIDATORS)
def test_the_schema_is_one(kind):
    jsonschema.Draft202012Validator.check_schema(session_schema(kind))
    with pytest.raises(ValueError, match="allowed: 'realtime'"):
        session_schema("talk")


@pytest.mark.parametrize("path", sorted(CASES))
def test_every_field_takes_what_is_good_and_refuses_what_is_not(path):
    good, bad, _, _ = CASES[path]
    assert VALIDATORS["realtime"].is_valid(good)
    nan = path == "audio.input.noise_reduction.strength"  # JSON has none
    assert VALIDATORS["realtime"].is_valid(bad) == (path == "model" or (nan and NAN in str(bad)))


NAN = "nan"


@pytest.mark.parametrize(
    "update",
    [
        {"tools": [{"type": "mcp", "server_label": "x", "server_url": None}]},
        {"tools": [{"type": "mcp", "server_label": "x", "server_url": ""}]},
        {"tool_choice": {"type": "function", "name": None}},
    ],
)
def test_null_is_no_name_and_no_address(update):
    update = {"type": "realtime", **update}
    assert check_update(update, current=default_session()) is not None
    assert not VALIDATORS["realtime"].is_valid(update)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["realtime", "transcription"]), st.data())
def test_the_schema_takes_exactly_what_the_server_takes(kind, data):
    update = data.draw(corrupted(kind))
    refusal = check_update(update, current=default_session(kind))
    if refusal is not None and any(words in refusal.message for words in TOGETHER):
        refusal = None
    assert (refusal is None) == VALIDATORS[kind].is_valid(update), refusal


@settings(max_examples=30, deadline=None)
@given(objects("", "response"), st.sampled_from([None, 1, "x", [], {}, {"x": 1}]), st.data())
def test_the_schema_of_a_response_takes_exactly_what_the_server_takes(response, junk, data):
    if response and data.draw(st.booleans()):
        response[data.draw(st.sampled_from(sorted(response)))] = junk
    assert (check_response(response) is None) == VALIDATORS["response"].is_valid(response)


def test_unions_are_told_apart_by_their_type():
    heard = session_schema()["properties"]["audio"]["properties"]["input"]["properties"]
    silence, meaning = heard["turn_detection"]["anyOf"][0]["oneOf"]
    assert silence["properties"]["type"] == {"const": "server_vad"}
    assert "threshold" in silence["properties"]
    assert "threshold" not in meaning["properties"]
    assert heard["turn_detection"]["anyOf"][1] == {"type": "null"}
