import pytest

from rtkit.errors import ConfigError
from rtkit.server.demands import check_limits, check_origin, check_own_key
from rtkit.server.local import ServerOptions


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_a_session_must_be_allowed_to_last(seconds):
    with pytest.raises(ConfigError, match="give a number above 0"):
        check_limits(seconds, 1)


def test_there_must_be_room_for_a_session():
    check_limits(0.2, 1)
    with pytest.raises(ConfigError, match="give 1 or more"):
        check_limits(1.0, 0)


@pytest.mark.parametrize(
    "origin", ["https://school.example", "http://10.0.0.5:8080", "http://[::1]:80"]
)
def test_origins_are_written_as_browsers_send_them(origin):
    check_origin(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "school.example",
        "https://school.example/",
        "https://school.example/page",
        "https://School.example",
        "https://*.example",
        "https://me@school.example",
        "ftp://school.example",
        "http://a:x",
        "http://[::1",
        "null",
        "",
    ],
)
def test_what_no_browser_sends_is_refused(origin):
    with pytest.raises(ConfigError, match=r"no origin of web pages.*https://school\.example"):
        check_origin(origin)


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "schlüssel", "nul\0"])
def test_a_key_that_no_header_carries_is_refused_and_not_shown(key):
    with pytest.raises(ConfigError) as caught:
        check_own_key(key)
    assert not key or key not in str(caught.value)


def test_the_options_of_a_server_are_checked_when_they_are_made():
    for wrong in (
        {"max_sessions": 0},
        {"max_session_s": 0.0},
        {"origins": ("*",)},
        {"api_key": ""},
        {"default_voice": "elvis"},
    ):
        with pytest.raises(ConfigError):
            ServerOptions(**wrong)
