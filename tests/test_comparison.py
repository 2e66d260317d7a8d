import pytest

from rtkit.comparison import Differences, applied
from rtkit.fields import default_session, merge
from rtkit.sessionconfig import RealtimeSessionConfig

TD = "audio.input.turn_detection"


def shown(**more):
    session = RealtimeSessionConfig().to_session()
    return merge(default_session(), session) | {"id": "sess_1", "object": "realtime.session"} | more


def test_a_session_as_asked_has_no_differences():
    differences = applied(RealtimeSessionConfig(), shown())
    assert not differences
    assert differences == Differences()
    assert differences._repr_html_().count("All is as it was asked.") == 1


def test_every_field_that_is_otherwise_is_told_with_both_values():
    session = shown(output_modalities=["text"])
    session["audio"]["input"]["turn_detection"]["silence_duration_ms"] = 200
    del session["audio"]["output"]["speed"]
    found = applied(RealtimeSessionConfig(instructions="Be brief."), session)
    assert [(d.path, d.asked, d.effective, d.kind) for d in found] == [
        ("output_modalities", ["audio"], ["text"], "changed"),
        ("instructions", "Be brief.", "", "changed"),
        (f"{TD}.silence_duration_ms", 500, 200, "changed"),
        ("audio.output.speed", 1.0, None, "not shown"),
    ]
    assert all(d.why for d in found)
    assert found._repr_markdown_().count(TD) == 1


def test_null_and_absent_are_the_same_and_so_are_1_and_1_0_but_not_true():
    assert not applied({"prompt": None, "audio": {"output": {"speed": 1}}}, shown())
    assert applied({"parallel_tool_calls": True}, {"parallel_tool_calls": 1})
    assert not applied({"tools": [{"name": "x"}]}, {"tools": [{"name": "x", "description": ""}]})
    assert applied({"tools": [{"name": "x"}]}, {"tools": []})


def test_another_kind_of_detection_is_one_difference_per_field():
    asked = {"audio": {"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "low"}}}}
    found = applied(asked, shown())
    assert [(d.path, d.kind) for d in found] == [
        (f"{TD}.type", "changed"),
        (f"{TD}.eagerness", "not shown"),
    ]


def test_detection_that_was_to_be_off_and_is_on_is_told():
    (found,) = applied({"audio": {"input": {"turn_detection": None}}}, shown())
    assert found.effective["type"] == "server_vad"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"instructions": "Be brief."}, "it chose its own, or it refused the update"),
        ({"audio": {"output": {"voice": "sage"}}}, "once the assistant was heard"),
        ({"audio": {"output": {"speed": 1.5}}}, "while a response is made"),
        ({"model": "gpt-realtime-9"}, "when the session is created"),
        ({"reasoning": {"effort": "low"}}, "does not tell whether it was applied"),
        ({"reasoning": {"effort": "low"}}, "Reasoning models only."),
        ({"temperature": 0.6}, "No session has this field."),
    ],
)
def test_the_reason_is_one_that_may_be_so(asked, words):
    (found,) = applied(asked, shown())
    assert words in found.why


def test_what_is_no_session_is_refused():
    with pytest.raises(TypeError, match="a configuration or a session dict"):
        applied("voice", shown())
