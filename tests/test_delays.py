import pytest

from rtkit import events
from rtkit.errors import ConfigError
from rtkit.server.delays import HELD, STAGES, Delays, Holding, Line


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


# ---- events that are held back


def sound(response_id):
    return {"type": events.AUDIO_DELTA, "response_id": response_id}


@pytest.mark.parametrize("stage", HELD)
def test_an_event_that_is_held_holds_all_that_comes_behind_it(stage):
    holding = Holding(Delays(**{stage: 300}))
    holding.take({"type": events.SPEECH_STOPPED}, 1.0)
    assert holding.until < 1.0
    holding.take({"type": HELD[stage], "response_id": "r"}, 1.0)
    assert holding.until == pytest.approx(1.3)
    holding.take({"type": events.ITEM_ADDED}, 1.1)
    assert holding.until == pytest.approx(1.3)


def test_two_that_are_held_wait_one_behind_the_other():
    holding = Holding(Delays(commit_ms=300, create_ms=200))
    for type_ in (events.COMMITTED, events.RESPONSE_CREATED):
        holding.take({"type": type_}, 1.0)
    assert holding.until == pytest.approx(1.5)


def test_only_the_first_sound_of_each_response_is_held():
    holding = Holding(Delays(sound_ms=300))
    for now in (1.0, 1.1, 1.9):
        holding.take(sound("one"), now)
    assert holding.until == pytest.approx(1.3)
    holding.take(sound("two"), 2.0)
    assert holding.until == pytest.approx(2.3)


def test_without_delays_nothing_is_held():
    holding = Holding(Delays(think_ms=300))
    for type_ in HELD.values():
        holding.take({"type": type_, "response_id": "r"}, 1.0)
    assert holding.until < 0
