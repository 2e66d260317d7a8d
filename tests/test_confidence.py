"""Confidence is a calibrated probability, never a constant."""

from dataclasses import replace
from datetime import date

import pytest

from rtkit.speech.confidence import ACCEPTED, DICTATION, GRAMMAR, of_dictation, of_grammar
from rtkit.speech.dictation import Dictated
from rtkit.speech.listening import Evidence

WORDS = (("hello", 0.0, 300.0),)
GOOD = Evidence(WORDS, True, 100, difference=-1.0, worst=-3.5, lost=0.0, phones=-1.0)


def test_a_sentence_that_fits_is_accepted_and_half_a_sentence_never():
    assert of_grammar(GOOD) > ACCEPTED
    assert of_grammar(replace(GOOD, whole=False)) == 0


@pytest.mark.parametrize("worse", [{"difference": -9.0}, {"lost": 1.0}, {"words": 40 * WORDS}])
def test_what_fits_worse_is_less_sure(worse):
    assert of_grammar(replace(GOOD, **worse)) < of_grammar(GOOD)


def test_what_fits_badly_is_rejected():
    assert of_grammar(replace(GOOD, difference=-9.0)) < ACCEPTED
    assert of_grammar(replace(GOOD, words=5 * WORDS, lost=0.7)) < ACCEPTED


def test_dictation_is_less_sure_the_worse_its_score():
    fits, does_not = Dictated(WORDS, -0.2), Dictated(WORDS, -0.9)
    assert 0 < of_dictation(does_not, GOOD) < of_dictation(fits, GOOD) < 1
    assert of_dictation(Dictated((), 0.0), GOOD) == 0


@pytest.mark.parametrize("calibration", [GRAMMAR, DICTATION])
def test_each_calibration_says_when_and_on_what_it_was_made(calibration):
    assert date.fromisoformat(calibration.made)
    assert any(character.isdigit() for character in calibration.measured_on)


def test_extreme_scores_stay_probabilities():
    assert GRAMMAR.probability(-1e9, -1e9, 1, 1) == pytest.approx(0, abs=1e-9)
    assert 0 <= GRAMMAR.probability(1e9, 1e9, 0, 0) <= 1
