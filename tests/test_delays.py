import pytest

from rtkit.errors import ConfigError
from rtkit.server.delays import STAGES, Delays, Line


def test_there_are_none_until_some_are_given():
    assert not Delays()
    assert not Delays(seed=5)
    for stage in STAGES:
        assert Delays(**{stage: 1})


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("ms", [-1, 60_001, float("nan"), float("inf")])
def test_a_delay_that_is_none_is_refused(stage, ms):
    with pytest.raises(ConfigError, match=rf"{stage} is .*Allowed: 0 to 60000 milliseconds"):
        Delays(**{stage: ms})


def test_delays_of_the_server_and_of_a_session_add_up():
    both = Delays(think_ms=100, seed=3) + Delays(think_ms=50, send_ms=7, seed=9)
    assert both == Delays(think_ms=150, send_ms=7, seed=3)
    assert (Delays(think_ms=60_000) + Delays(think_ms=1)).think_ms == 60_000


def test_what_goes_into_a_line_comes_out_so_much_later():
    line = Line(200)
    assert [line.due(now) for now in (0.0, 0.5, 0.5)] == [0.2, 0.7, 0.7]


def test_jitter_keeps_the_order_and_stays_in_its_bounds():
    line = Line(100, jitter_ms=300, seed=4)
    times = [n / 100 for n in range(1000)]
    dues = [line.due(now) for now in times]
    assert dues == sorted(dues)
    late = [due - now for now, due in zip(times, dues, strict=True)]
    assert min(late) >= 0.1
    assert max(late) < 0.4
    assert max(late) - min(late) > 0.1


def test_jitter_repeats_with_its_seed():
    def dues(seed):
        line = Line(0, 100, seed)
        return [line.due(now) for now in range(20)]

    assert dues(1) == dues(1) != dues(2)
