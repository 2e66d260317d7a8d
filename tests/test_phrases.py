"""One phrase, two readings: what the recogniser may hear is what the brain understands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit.server.phrases import NUMBER, Phrases, Slot, number_to_words, plain, words_to_number

PHRASES = Phrases(
    {
        "sum": ["(what is | what's) <number> (plus | times) <number>"],
        "go": ["go [right now] to <place>"],
    },
    [NUMBER, Slot("place", ("rome", "new york"))],
)


@given(st.integers(0, 100))
def test_numbers_up_to_a_hundred_are_read_as_they_are_spoken(value):
    assert words_to_number(number_to_words(value)) == value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-5, "minus five"),
        (110, "one hundred and ten"),
        (2_001_040, "two million one thousand and forty"),
    ],
)
def test_large_and_negative_numbers_in_words(value, words):
    assert number_to_words(value) == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What's two plus forty-two?", ("sum", ["two", "forty two"])),
        ("whats 2 x 3", ("sum", ["2", "3"])),
        ("go to New York", ("go", ["new york"])),
        ("go right now to rome", ("go", ["rome"])),
        ("go right to rome", None),
        ("what is two plus", None),
        ("", None),
    ],
)
def test_matching(text, expected):
    assert PHRASES.match(text) == expected


def test_the_grammar_names_every_slot_and_phrase():
    text = PHRASES.jsgf("t")
    assert text.startswith("#JSGF V1.0;\ngrammar t;\n")
    assert "<place> = rome | new york ;" in text
    assert "go [right now] to <place>" in text


def test_samples_are_understood_and_always_the_same():
    assert PHRASES.samples(5) == PHRASES.samples(5)
    assert all(PHRASES.match(sample) for sample in PHRASES.samples(5))


@given(st.text())
def test_any_text_can_be_made_plain_and_plain_stays_plain(text):
    assert plain(plain(text)) == plain(text)
