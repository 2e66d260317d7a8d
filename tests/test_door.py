import pytest

from rtkit.server.door import Visitor, about_model, admit, no_room

MODEL = {"model": "gpt-realtime-2.1"}


def visitor(query=MODEL, **headers):
    return Visitor({name.replace("_", "-"): value for name, value in headers.items()}, query)


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({}, None),
        ({"authorization": "Bearer sk-1"}, "sk-1"),
        ({"authorization": "bearer  sk-1 "}, "sk-1"),
        ({"authorization": "Digest sk-1"}, None),
        ({"api_key": "azure"}, "azure"),
        ({"sec_websocket_protocol": "realtime, openai-insecure-api-key.ek_1"}, "ek_1"),
    ],
)
def test_where_a_key_may_stand(headers, key):
    assert visitor(**headers).key == key


def test_without_a_key_of_its_own_the_server_takes_any_or_none():
    assert admit(visitor(), None) is None
    assert admit(visitor(authorization="Bearer anything"), None) is None


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "invalid_request_error"),
        ({"authorization": "Bearer wrong"}, "invalid_request_error.invalid_api_key"),
        ({"authorization": "Bearer schlüssel"}, "invalid_request_error.invalid_api_key"),
    ],
)
def test_a_demanded_key_must_be_right(headers, reason):
    away = admit(visitor(**headers), "secret")
    assert (away.code, away.reason) == (3000, reason)
    assert admit(visitor(authorization="Bearer secret"), "secret") is None


def test_a_key_is_never_shown_whole():
    away = admit(visitor(authorization="Bearer sk-proj-1234567890"), "secret")
    assert away.refusal.message == "Incorrect API key provided: sk-***7890."
    short = admit(visitor(authorization="Bearer hunter2"), "secret")
    assert "hunter2" not in short.refusal.message


@pytest.mark.parametrize(
    "said",
    [
        visitor(openai_beta="realtime=v1"),
        visitor(sec_websocket_protocol="realtime, openai-beta.realtime-v1"),
    ],
)
def test_the_beta_is_over(said):
    assert admit(said, None).refusal.code == "beta_api_shape_disabled"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "missing_model"),
        ({"model": ""}, "missing_model"),
        ({"model": "x" * 129}, "invalid_model"),
        ({"model": "a\nb"}, "invalid_model"),
    ],
)
def test_a_conversation_needs_a_plausible_model(query, code):
    away = admit(visitor(query), None)
    assert (away.refusal.code, away.code) == (code, 4000)


def test_a_transcription_needs_no_model():
    said = visitor({"intent": "transcription"})
    assert admit(said, None) is None
    assert (said.kind, said.model) == ("transcription", None)


def test_when_there_is_no_room_a_client_is_told_to_try_again_later():
    away = no_room(64)
    assert (away.code, away.refusal.code) == (1013, "rate_limit_exceeded")
    assert "64 sessions" in away.refusal.message


def test_the_log_says_what_the_hosted_service_would_not_know():
    assert about_model("gpt-realtime-2.1") is None
    assert about_model(None) is None
    assert "no model" in about_model("my-model")
    assert "gpt-4o-realtime-preview" in about_model("gpt-4o-realtime-preview")
