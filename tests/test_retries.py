"""When a new try makes sense, and after what wait."""

import pytest

from rtkit.errors import ConfigError
from rtkit.retries import AGAIN, Reconnect, policy


def test_waits_double_up_to_the_longest():
    plan = Reconnect(tries=9, first_wait_s=0.5, longest_wait_s=6.0)
    assert [plan.wait_s(n, 0.0) for n in range(1, 7)] == [0.5, 1.0, 2.0, 4.0, 6.0, 6.0]
    assert plan.wait_s(10_000, 0.0) == 6.0


@pytest.mark.parametrize("attempt", [1, 3, 8])
def test_chance_leaves_out_up_to_a_half_of_each_wait(attempt):
    plan = Reconnect()
    whole = plan.wait_s(attempt, 0.0)
    waits = [plan.wait_s(attempt, roll / 10) for roll in range(10)]
    assert waits == sorted(waits, reverse=True)
    assert all(whole / 2 < wait <= whole for wait in waits)


@pytest.mark.parametrize("code", [1000, 1002, 1008, 1009, 3000, 4000, 4999])
def test_ends_that_would_come_again_are_final(code):
    assert code not in AGAIN


@pytest.mark.parametrize("code", [1001, 1006, 1011, 1012, 1013])
def test_breaks_faults_and_the_end_of_the_hour_are_not(code):
    assert AGAIN[code]


@pytest.mark.parametrize(
    "said",
    [{"tries": 0}, {"tries": True}, {"tries": 2.5}, {"first_wait_s": -1}, {"first_wait_s": 99}],
)
def test_a_policy_that_nobody_can_follow_is_refused(said):
    with pytest.raises(ConfigError, match=r"reconnect=False|Allowed"):
        Reconnect(**said)


def test_true_false_and_a_policy_are_understood():
    own = Reconnect(tries=2)
    assert policy(True) == Reconnect()
    assert policy(False) is None
    assert policy(own) is own
    with pytest.raises(TypeError, match=r"Reconnect\(tries"):
        policy(3)
