"""Word and character errors, and what texts are made equal before they are compared."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit.errors import MissingExtra
from rtkit.evals.wording import Errors, character_errors, normalised, word_errors

WORDS = st.lists(st.sampled_from(["paris", "is", "the", "capital", "don't"]), max_size=6)


@pytest.mark.parametrize(
    ("said", "same"),
    [
        ("What is it?", "what is it"),
        ("It's  here", "it\u2019s here"),
        ("mm-hmm", "MM hmm."),
        ("'quoted'", "quoted"),
        ("caf\u00e9", "cafe\u0301"),
        ("snake_case", "snake case"),
    ],
)
def test_signs_case_and_spaces_make_no_difference(said, same):
    assert normalised(said) == normalised(same)


def test_numbers_stay_as_they_are_written():
    assert word_errors("two", "2") == Errors(1, 1)


@pytest.mark.parametrize(
    ("said", "heard", "wrong"),
    [("a b c", "a b c", 0), ("a b c", "a x c", 1), ("a b c", "a c", 1), ("a b", "a x b y", 2)],
)
def test_word_errors_are_substitutions_deletions_and_insertions(said, heard, wrong):
    assert word_errors(said, heard) == Errors(wrong, len(said.split()))


def test_nothing_heard_is_every_word_wrong_and_nothing_said_has_no_rate():
    assert word_errors("what is it", "").rate == 1.0
    assert word_errors("", "uh huh") == Errors(2, 0)
    assert word_errors("", "uh huh").rate is None
    assert character_errors("", "uh") == Errors(2, 0)


@given(WORDS, WORDS)
def test_errors_are_the_fewest_edits(said, heard):
    found = word_errors(" ".join(said), " ".join(heard))
    assert found.said == len(said)
    assert found.wrong == edits(said, heard)


def edits(a, b):
    """Levenshtein's distance of two lists."""
    row = list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (one != other))
    return row[-1]


def test_without_jiwer_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "jiwer", None)
    with pytest.raises(MissingExtra, match=r"rtkit\[evals\]"):
        word_errors("a", "a")
