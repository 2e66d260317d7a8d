"""JSGF grammars read in Python."""

import pytest

from rtkit.errors import ConfigError
from rtkit.server.tutor import Tutor
from rtkit.speech.grammar import Grammar

SOURCE = """#JSGF V1.0;
grammar test;  // a comment
/* another */
public <ask> = [please] (tell me | /2/ give me {tag}) <thing>+ | stop | "never mind" ;
<thing> = a (joke | story) [now]* ;
"""


def test_the_words_are_those_of_all_rules():
    assert Grammar(SOURCE).words == frozenset(
        "please tell me give a joke story now stop never mind".split()
    )


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("tell me a joke", True),
        ("please give me a story a joke now now", True),
        ("stop", True),
        ("never mind", True),
        ("please tell me", False),
        ("tell me a", False),
        ("please", False),
        ("a joke", False),
        ("stopstop", False),
        ("", False),
    ],
)
def test_only_whole_sentences_are_held(text, whole):
    assert Grammar(SOURCE).holds(text) is whole


def test_samples_are_different_sentences_and_the_same_for_a_seed():
    grammar = Grammar(Tutor().grammar)
    samples = grammar.samples(50, seed=3)
    assert len(set(samples)) == 50
    assert all(grammar.holds(text) for text in samples)
    assert samples == grammar.samples(50, seed=3) != grammar.samples(50, seed=4)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("grammar x;", "first line must be"),
        ("#JSGF V1.0;\ngrammar x;\n<a> = b;", "0 public rules"),
        ("#JSGF V1.0;\npublic <a> = b;\npublic <c> = d;", "2 public rules"),
        ("#JSGF V1.0;\npublic <a> = b <missing>;", "<missing> is not defined"),
        ("#JSGF V1.0;\npublic <a> = b [<a>];", "<a> refers to itself"),
        ("#JSGF V1.0;\npublic <a> = (b | c;", "no '\\)' closes"),
        ("#JSGF V1.0;\npublic <a> = b ] c;", "without its partner"),
    ],
)
def test_a_grammar_that_cannot_be_read_is_refused(source, message):
    with pytest.raises(ConfigError, match=message):
        Grammar(source)
