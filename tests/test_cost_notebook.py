"""Notebook 11 by what can be said of it without running it: its measure, and its solutions."""

import pytest
from lessonbook import Lesson
from test_cost import BIG, done, session, timeline, usage

import rtkit
from rtkit import catalog
from rtkit.cost import read_cost

LESSON = Lesson("11_cost_and_long_sessions")


@pytest.fixture
def bill():
    """Ten turns, each of which reads 80 tokens of sound more than the one before."""
    told = []
    for n in range(10):
        read = usage(text=36, audio=24 + 80 * n, cached=(36, 80 * n, 0) if n else (0, 0, 0))
        read["output_token_details"] = {"text_tokens": 10, "audio_tokens": 60}
        told.append(done(f"r{n}", read))
    return read_cost(timeline(session(BIG), *told))


def test_it_keeps_the_measure_of_a_lesson():
    LESSON.check_measure()


def test_it_shows_pictures_and_sound():
    LESSON.check_outputs(pictures=5)


def test_the_first_solution_is_the_price_of_speech():
    speech_usd = LESSON.solution(1, {})["speech_usd"]
    assert speech_usd(60, 0) == pytest.approx(0.0192)
    assert speech_usd(0, 60) == pytest.approx(0.0768)


def test_the_second_solution_prices_every_cached_token_as_a_fresh_one(bill):
    given = {"model": catalog.model(BIG)}
    without_cache = LESSON.solution(2, given)["without_cache"]
    text = 10 * (36 * 4 + 10 * 24)
    sound = sum(24 + 80 * n for n in range(10)) * 32 + 600 * 64
    assert without_cache(bill) == pytest.approx((text + sound) / 1e6)


def test_the_third_solution_saves_where_cutting_to_the_limit_or_half_of_it_does_not(bill):
    ratio = LESSON.solution(3, {})["ratio"]
    saved = [rtkit.saving(bill, 60, rtkit.Truncation(1500, r)) for r in (1.0, 0.5, ratio)]
    assert [usd > 0 for usd in saved] == [False, False, True]
