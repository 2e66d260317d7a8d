"""A caller as a test: it passes, or it says what was expected beside what was found."""

import pytest
from evalstory import QUICK, quick_server

from rtkit.errors import ConfigError, RtkitError
from rtkit.evals import Caller, Expect, Say
from rtkit.server.brain import Script
from rtkit.testing import CallFailure, check

GREETING = Caller("greeting", [Say("Hello.", expect=Expect("morning", answered_within_ms=5000))])


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.setenv("RTKIT_RECORDINGS", str(tmp_path / "recordings"))


def test_a_call_that_goes_as_expected_gives_its_results(tmp_path):
    path = GREETING.save(tmp_path / "greeting.yaml")
    (result,) = check(path, QUICK, server=quick_server)
    assert result.passed


def test_a_call_that_does_not_is_told_side_by_side():
    with pytest.raises(CallFailure) as told:
        check(GREETING, QUICK, server=quick_server(brain=Script("Good evening.")))
    text = str(told.value)
    assert isinstance(told.value, AssertionError)
    assert isinstance(told.value, RtkitError)
    assert text.startswith("1 of 1 calls of 'greeting' did not go as expected.")
    lines = [line.rstrip() for line in text.splitlines()]
    assert f"   {'1 > Hello.':46}   < Good evening." in lines
    (wrong,) = (line for line in lines if line.startswith("=>"))
    assert "words: 'morning'" in wrong
    assert "'Good evening.'" in wrong
    assert "rtkit.Timeline.load(" in lines[-1]


def test_what_is_not_alike_every_time_may_fail_now_and_then():
    flaky = quick_server(faults="fail:times=9,after=response.created")
    with pytest.raises(CallFailure, match="2 of 2 calls"):
        check(GREETING, QUICK, server=flaky, repeat=2, least=0.5, together=2)
    assert check(GREETING, QUICK, server=quick_server, repeat=2, least=0.5, together=2)


def test_a_call_that_breaks_off_says_why():
    with pytest.raises(CallFailure, match="it did not come to its end: SessionClosed"):
        check(GREETING, QUICK, server=quick_server(faults="drop"))


@pytest.mark.parametrize("least", [0, 1.5, -1])
def test_a_share_is_a_share(least):
    with pytest.raises(ValueError, match="least is a share"):
        check(GREETING, QUICK, least=least)


def test_a_caller_that_is_not_there_is_told():
    with pytest.raises(ConfigError, match="cannot be read"):
        check("nobody.yaml")
