"""The end of a session that is known beforehand."""

import pytest

from rtkit.lifetime import LOOK_S, Lifetime, lifetime_of


def test_an_hour_looks_for_a_quiet_moment_in_its_last_two_minutes_and_warns_in_the_last():
    life = Lifetime(0.0, 3600.0)
    assert life.next_in(0.0) == 3480.0
    assert life.step(3479.0) == (False, False)
    assert life.step(3480.0) == (False, True)
    assert life.next_in(3480.0) == LOOK_S
    assert life.step(3540.0) == (True, True)
    assert life.step(3541.0) == (False, True)
    assert life.step(3600.0) == (False, False)
    assert life.next_in(3600.0) == float("inf")


@pytest.mark.parametrize(("now", "left"), [(0.0, 3600.0), (3590.0, 10.0), (4000.0, 0.0)])
def test_what_is_left_never_falls_below_zero(now, left):
    assert Lifetime(0.0, 3600.0).left(now) == left


def test_a_session_of_seconds_is_not_replaced_early_but_warns():
    life = Lifetime(0.0, 8.0)
    assert life.next_in(0.0) == 7.0
    assert life.step(7.0) == (True, False)
    assert life.next_in(7.0) == 1.0


@pytest.mark.parametrize(
    "session", [{}, {"expires_at": None}, {"expires_at": 99}, {"expires_at": "x"}]
)
def test_a_session_that_tells_no_end_to_come_has_none(session):
    assert lifetime_of(session, 100.0) is None


def test_the_end_is_read_from_the_session():
    assert lifetime_of({"expires_at": 3700}, 100.0).left(100.0) == 3600.0
