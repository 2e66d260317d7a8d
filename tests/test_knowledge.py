"""What the tutor knows can be spoken and asked for."""

import re

from rtkit.server import knowledge


def test_everything_that_may_be_asked_for_is_lower_case_words():
    asked = [*knowledge.CAPITALS, *knowledge.TERMS, *knowledge.QUOTES, *knowledge.SPELLABLE]
    asked += [*knowledge.NAMES, *knowledge.CITIES]
    assert all(re.fullmatch(r"[a-z' ]+", words) for words in asked)


def test_everything_that_is_said_ends_as_a_sentence():
    said = [
        s
        for texts in (*knowledge.STORIES, *knowledge.JOKES, *knowledge.TERMS.values())
        for s in texts
    ]
    assert all(sentence[0].isupper() and sentence[-1] in ".?!" for sentence in said)
