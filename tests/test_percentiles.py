import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit.errors import RtkitError
from rtkit.percentiles import USUAL, needed, percentile, spread

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=100, max_size=300)


@given(VALUES, st.sampled_from(USUAL))
def test_they_are_those_of_numpy(values, p):
    found = percentile(values, p)
    assert found.value == np.percentile(values, p)
    assert found.low <= found.value <= found.high
    assert {found.low, found.high} <= {*values, -np.inf, np.inf}


def test_nineteen_values_carry_no_p95_and_twenty_do():
    values = [100.0] * 18 + [5000.0]
    with pytest.raises(RtkitError, match="p95 needs 20 values, found 19"):
        percentile(values, 95)
    assert percentile([*values, 100.0], 95).n == 20


def test_p95_of_twenty_numbers_is_not_the_largest():
    assert percentile(range(1, 21), 95).value == pytest.approx(19.05)


@pytest.mark.parametrize(
    ("p", "n"), [(50, 2), (90, 10), (95, 20), (99, 100), (99.9, 1000), (5, 20)]
)
def test_what_a_percentile_needs(p, n):
    assert needed(p) == n


def test_only_those_that_the_values_carry():
    assert list(spread(range(50))) == [50.0, 90.0, 95.0]
    assert spread([]) == {}


def test_the_same_values_give_the_same_interval():
    values = np.random.default_rng(1).gamma(2, 100, 200)
    assert percentile(values, 90) == percentile(list(values), 90)


@pytest.mark.parametrize(("n", "p"), [(20, 95), (20, 50), (200, 90), (1000, 99), (6, 50)])
def test_the_interval_holds_the_true_value_at_least_as_often_as_it_says(n, p):
    chance = np.random.default_rng(7)
    truth = -200 * np.log(1 - p / 100)  # of an exponential with mean 200
    samples = (chance.exponential(200, n) for _ in range(1000))
    held = [found.low <= truth <= found.high for found in (percentile(s, p) for s in samples)]
    assert 0.94 <= np.mean(held) <= 0.995


@pytest.mark.parametrize(("p", "n"), [(50, 6), (95, 72), (99, 368)])
def test_an_end_is_open_until_the_values_can_carry_it(p, n):
    assert percentile(range(n - 1), p).high == np.inf
    assert percentile(range(n), p).high == n - 1


def test_a_million_values_have_a_narrow_interval():
    found = percentile(np.arange(1_000_000), 50)
    assert found.high - found.low == pytest.approx(2 * 1.96 * 500, rel=0.01)


def test_what_was_not_measured_is_refused():
    with pytest.raises(RtkitError, match="NaN or infinity"):
        percentile([1.0, float("nan"), 2.0], 50)
    with pytest.raises(ValueError, match="between 0 and 100"):
        percentile([1, 2, 3], 100)


def test_it_reads_like_a_measurement():
    assert repr(percentile(range(1, 8), 50)) == "p50 4 (1 to 7, n=7)"
    assert repr(percentile([1, 1, 1, 1], 50)) == "p50 1 (no interval, n=4)"
    assert repr(percentile(range(20), 95)) == "p95 18.05 (16 or more, n=20)"
    assert repr(percentile(range(20), 5)) == "p5 0.95 (3 or less, n=20)"
