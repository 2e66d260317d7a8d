import pytest
from test_cost import BIG, OLD, done, session, timeline, usage

from rtkit.cost import Cost, read_cost
from rtkit.errors import RtkitError
from rtkit.forecasting import Truncation, forecast, saving


def talk(model=BIG, turns=3, cached=True):
    """Turns of 100 audio tokens in and 50 out, each sent again: 150 more every time."""
    sent, told = 100, []
    for number in range(turns):
        reused = sent - 150 if cached and number else 0
        told.append(done(f"r{number}", usage(audio=sent, cached=(0, reused, 0), out=(0, 50))))
        sent += 150
    return read_cost(timeline(session(model), *told))


def test_it_goes_on_as_it_went():
    # the third input was 400 tokens: next come 550 and 700, what was there before is cached
    found = forecast(talk(), 2)
    assert found.input_tokens == (550, 700)
    fresh, answer = 150 * 32 / 1e6, 50 * 64 / 1e6
    expected = [400 * 0.4 / 1e6 + fresh + answer, 550 * 0.4 / 1e6 + fresh + answer]
    assert found.usd == pytest.approx(expected)
    assert found.total_usd == pytest.approx(sum(expected))


def test_without_a_cache_every_turn_pays_for_all_before_it():
    found = forecast(talk(cached=False), 1)
    assert found.usd == pytest.approx([550 * 32 / 1e6 + 50 * 64 / 1e6])


def test_truncation_drops_the_oldest_and_with_them_the_cache():
    found = forecast(talk(), 4, Truncation(limit=800, retention_ratio=0.5))
    # 550, 700, then 850 exceeds 800 and becomes 400, then 550 again
    assert found.input_tokens == (550, 700, 400, 550)
    assert found.truncated == (2,)
    assert found.usd[2] == pytest.approx(400 * 32 / 1e6 + 50 * 64 / 1e6)


def test_cutting_a_little_every_turn_costs_more_than_it_saves():
    assert saving(talk(), 50, Truncation(500, 1.0)) < 0
    assert saving(talk(), 400, Truncation(5000, 0.5)) > 0


def test_without_a_cache_truncation_always_saves():
    assert saving(talk(cached=False), 50, Truncation(1000, 0.8)) > 0


def test_nothing_outgrows_what_the_model_holds():
    found = forecast(talk(OLD), 300)
    assert max(found.input_tokens) <= 32_000 - 4_096
    assert found.truncated


def test_transcriptions_are_no_habit():
    with_words = Cost(talk().charges)
    assert forecast(with_words, 1).input_tokens == (550,)


def test_too_little_to_go_by():
    with pytest.raises(RtkitError, match="needs 2 responses; found 1"):
        forecast(talk(turns=1), 1)
    with pytest.raises(RtkitError, match="needs 2 responses; found 0"):
        forecast(Cost(), 1)
    with pytest.raises(RtkitError, match="no price is known for 'my-model'"):
        forecast(talk("my-model"), 1)
    with pytest.raises(ValueError, match="1 turn or more"):
        forecast(talk(), 0)
    with pytest.raises(ValueError, match="retention_ratio"):
        Truncation(100, 0)
