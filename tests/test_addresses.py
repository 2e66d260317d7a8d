"""Addresses of realtime servers: joined, shown, searched for secrets."""

import pytest

from rtkit.addresses import (
    chosen,
    is_local,
    over_http,
    public_url,
    secret_values,
    secrets_in,
    under,
    with_query,
)


@pytest.mark.parametrize(
    ("base", "joined"),
    [
        ("https://host/v1", "wss://host/v1/realtime"),
        ("http://host:1/openai/v1/?tenant=a", "ws://host:1/openai/v1/realtime?tenant=a"),
    ],
)
def test_a_base_url_is_joined_as_the_official_client_does(base, joined):
    assert under(base) == joined


def test_the_http_side_has_the_credentials_of_the_query_but_not_what_chooses_a_session():
    url = "wss://user:pass@host/v1/realtime?model=m&sig=abc&intent=transcription"
    assert over_http(url, "/client_secrets") == "https://host/v1/realtime/client_secrets?sig=abc"


def test_a_query_is_added_and_replaced():
    assert with_query("ws://h/p?a=1&b=#frag", {"a": "2", "c": "x y"}) == "ws://h/p?b=&a=2&c=x+y"
    assert chosen("ws://h?deployment=d&x=1") == {"deployment"}


def test_this_machine_is_known_by_its_names():
    assert [is_local(f"ws://{host}/v1") for host in ("127.0.0.1:8", "localhost", "[::1]:8")] == [
        True
    ] * 3
    assert not is_local("ws://127.0.0.1.example.org")


def test_what_is_shown_of_an_address_holds_no_credential():
    shown = public_url("wss://user:pass@host/p?model=m&token=abc#x")
    assert shown == "wss://host/p?model=m&token=***"
    assert secrets_in("wss://user:pass@host/p?model=m&token=abc&x=word") == ["abc", "pass"]


def test_a_value_is_secret_by_its_name_or_its_look():
    told = {"X-Token": "a", "X-Mode": "fast", "X-Id": "a1b2c3d4e5f6", "Accept": "text/html; q=0.9"}
    assert secret_values(told.items()) == ["a", "a1b2c3d4e5f6"]
