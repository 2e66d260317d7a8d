"""Ephemeral keys in told time: what they stand for, until when, and what is refused."""

import pytest
from openai.types.realtime import ClientSecretCreateResponse
from serverstory import counted_ids

from rtkit.server.door import Visitor, admit
from rtkit.server.limits import Limits
from rtkit.server.rejections import Refused
from rtkit.server.secrets import Secrets

NOW = 1_800_000_000.0
SESSION = {"type": "realtime", "model": "gpt-realtime-2.1-mini", "instructions": "Be brief."}
WRITING = {
    "type": "transcription",
    "audio": {"input": {"transcription": {"model": "gpt-transcribe"}}},
}


def issued(body=None, now=NOW):
    secrets = Secrets(counted_ids())
    return secrets, secrets.issue(body or {}, now)


@pytest.mark.parametrize(
    ("body", "kind", "model"),
    [
        ({}, "realtime", "gpt-realtime-2.1"),
        ({"session": SESSION}, "realtime", "gpt-realtime-2.1-mini"),
        ({"session": WRITING}, "transcription", None),
    ],
)
def test_a_reply_is_that_of_the_service_and_names_the_session(body, kind, model):
    secrets, reply = issued(body)
    ClientSecretCreateResponse.model_validate(reply)
    assert reply["value"].startswith("ek_")
    assert reply["session"]["type"] == kind
    assert reply["session"]["id"].startswith("sess_")
    found = secrets.find(reply["value"])
    assert (found.kind, found.model) == (kind, model)


def test_a_key_lives_ten_minutes_unless_it_is_told():
    secrets, reply = issued()
    assert reply["expires_at"] == NOW + 600
    found = secrets.find(reply["value"])
    assert found.valid(NOW + 599)
    assert not found.valid(NOW + 600)
    after = {"anchor": "created_at", "seconds": 10}
    assert secrets.issue({"expires_after": after}, NOW)["expires_at"] == NOW + 10


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ([], None),
        ({"sessions": {}}, "sessions"),
        ({"expires_after": 10}, "expires_after"),
        ({"expires_after": {"second": 10}}, "expires_after.second"),
        ({"expires_after": {"anchor": "now"}}, "expires_after.anchor"),
        ({"expires_after": {"seconds": 9}}, "expires_after.seconds"),
        ({"expires_after": {"seconds": 7201}}, "expires_after.seconds"),
        ({"expires_after": {"seconds": True}}, "expires_after.seconds"),
        ({"session": "realtime"}, "session"),
        ({"session": {}}, "session.type"),
        ({"session": {"type": "translation"}}, "session.type"),
        ({"session": {"type": "realtime", "voice": "sage"}}, "session.voice"),
        ({"session": {"type": "realtime", "model": 7}}, "session.model"),
        ({"session": {**WRITING, "model": "x"}}, "session.model"),
    ],
)
def test_a_bad_request_is_refused_where_it_goes_wrong(body, param):
    with pytest.raises(Refused) as refused:
        Secrets(counted_ids()).issue(body, NOW)
    assert refused.value.refusal.param == param


def test_there_is_an_end_to_keys_until_some_have_expired():
    secrets = Secrets(counted_ids(), most=3)
    for _ in range(3):
        secrets.issue({}, NOW)
    with pytest.raises(Refused, match="3 ephemeral keys already"):
        secrets.issue({}, NOW)
    assert secrets.issue({}, NOW + 2 * 3600)["value"]


def test_sessions_of_keys_keep_to_the_limits_of_all_sessions():
    secrets = Secrets(counted_ids(), limits=Limits(instructions_chars=5))
    with pytest.raises(Refused, match="maximum length 5"):
        secrets.issue({"session": {"type": "realtime", "instructions": "Be brief."}}, NOW)
    endless = {"type": "retention_ratio", "retention_ratio": 1, "token_limits": {}}
    endless["token_limits"]["post_instructions"] = 10**9
    with pytest.raises(Refused, match="post_instructions"):
        secrets.issue({"session": {"type": "realtime", "truncation": endless}}, NOW)


def test_a_key_does_not_open_a_session_of_a_model_that_has_no_name():
    secrets, reply = issued({"session": {"type": "realtime", "model": "m" * 129}})
    visitor = Visitor({"authorization": f"Bearer {reply['value']}"}, {"model": "m"})
    away = admit(visitor, "secret", secrets.find(visitor.key), NOW)
    assert (away.code, away.refusal.code) == (4000, "invalid_model")


def test_where_no_key_is_demanded_an_expired_one_names_no_model():
    secrets, reply = issued()
    visitor = Visitor({"authorization": f"Bearer {reply['value']}"}, {})
    secret = secrets.find(visitor.key)
    assert admit(visitor, None, secret, NOW + 599) is None
    assert admit(visitor, None, secret, NOW + 600).refusal.code == "missing_model"


def test_what_all_keys_ask_for_takes_only_so_much_memory():
    secrets = Secrets(counted_ids(), most_chars=1000)
    long = {"session": {"type": "realtime", "instructions": "x" * 400}}
    for _ in range(2):
        secrets.issue(long, NOW)
    with pytest.raises(Refused, match="2 ephemeral keys already"):
        secrets.issue(long, NOW)
    assert secrets.issue(long, NOW + 2 * 3600)["value"]


def test_what_was_never_handed_out_stands_for_nothing():
    secrets, reply = issued()
    for key in (None, "", "sk-1", "ek_1", reply["value"][3:]):
        assert secrets.find(key) is None


def test_a_key_is_as_good_as_the_servers_own_until_it_expires():
    secrets, reply = issued()
    visitor = Visitor({"authorization": f"Bearer {reply['value']}"}, {})
    secret = secrets.find(visitor.key)
    assert admit(visitor, "secret", secret, NOW + 599) is None
    away = admit(visitor, "secret", secret, NOW + 600)
    assert (away.code, away.reason) == (3000, "invalid_request_error.invalid_api_key")
    assert "has expired" in away.refusal.message
    stranger = Visitor({"authorization": "Bearer ek_wrong"}, {"model": "m"})
    assert admit(stranger, "secret", secrets.find(stranger.key), NOW).code == 3000
