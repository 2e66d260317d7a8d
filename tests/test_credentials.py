"""What lets somebody in is checked before it is sent, and shown by nobody."""

import pytest

from rtkit.credentials import ClientSecret, check_name, checked, cleaned, offered
from rtkit.errors import TargetError

KEY = "sk-proj-0123456789abcdefghijABCDEFGHIJ"


def test_a_key_is_freed_of_its_surroundings():
    assert cleaned("openai", f"\t{KEY}\r\n") == KEY
    assert cleaned("openai", None) == ""


@pytest.mark.parametrize("wrong", [f"{KEY} x", f"{KEY}\u00e9", "a\u2028b"])
def test_a_key_that_no_header_may_carry_is_refused_and_not_shown(wrong):
    with pytest.raises(TargetError, match='target "openai"') as caught:
        cleaned("openai", wrong)
    assert KEY not in str(caught.value)


def test_headers_are_taken_or_refused_by_name_and_by_value():
    assert checked({"X-Tenant": "blue"}, beta=False) == {"X-Tenant": "blue"}
    assert checked({"OpenAI-Beta": "realtime=v1"}, beta=True)
    for wrong in (
        {"openai-beta": "realtime=v1"},
        {"Host": "x"},
        {"X": "a\nb"},
        {"X": KEY + "\u00e9"},
    ):
        with pytest.raises(TargetError) as caught:
            checked(wrong, beta=False)
        assert KEY not in str(caught.value)


@pytest.mark.parametrize("wrong", ["", "X Y", "X:Y", "Upgrade", "sec-websocket-protocol"])
def test_what_is_no_header_to_give_is_named(wrong):
    with pytest.raises(TargetError, match="no header to give"):
        check_name(wrong)


def test_a_subprotocol_that_is_none_is_refused_without_showing_it():
    assert offered(["realtime", "key.{key}"]) == ("realtime", "key.{key}")
    with pytest.raises(TargetError) as caught:
        offered([f"key {KEY}"])
    assert KEY not in str(caught.value)


def test_a_secret_tells_its_model_kind_and_end():
    secret = ClientSecret("ek_1", 0.0, {"type": "transcription", "model": None})
    assert (secret.model, secret.kind, secret.expires.year) == (None, "transcription", 1970)
    assert repr(secret) == "ClientSecret(***, transcription, until 1970-01-01 00:00:00 UTC)"
