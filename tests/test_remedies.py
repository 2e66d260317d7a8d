"""An error of the server says what to do about it."""

import pytest

from rtkit.errors import RateLimited, SessionError
from rtkit.remedies import REMEDIES, session_error, told_reset


@pytest.mark.parametrize("code", REMEDIES)
def test_every_code_of_the_table_brings_its_remedy(code):
    error = session_error({"code": code, "message": "No.", "param": "p", "event_id": "e1"})
    assert str(error) == f"No. {REMEDIES[code]}"
    assert error.words == "No."
    assert (error.code, error.param, error.event_id) == (code, "p", "e1")


def test_an_unknown_code_keeps_the_servers_words_and_no_full_stop_comes_twice():
    assert (
        str(session_error({"message": "Odd."}, "the answer failed: ")) == "the answer failed: Odd."
    )
    assert str(session_error({})) == "the server gave no reason."


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Please try again in 20s.", 20.0),
        ("Please try again in 1.5s. Thank you", 1.5),
        ("try again in 826ms", 0.826),
        ("Try again in 2m3s", 123.0),
        ("try again in 6m", 360.0),
        ("try again later", None),
        ("try again in a while", None),
    ],
)
def test_when_a_limit_is_lifted_is_read_from_the_words(words, seconds):
    assert told_reset(words) == seconds
    error = session_error({"code": "rate_limit_exceeded", "message": words})
    assert isinstance(error, RateLimited)
    assert error.reset_s == seconds


def test_else_it_is_what_the_limits_say():
    error = session_error({"code": "rate_limit_exceeded", "message": "Slow down"}, reset_s=7.0)
    assert error.reset_s == 7.0
    assert isinstance(error, SessionError)
