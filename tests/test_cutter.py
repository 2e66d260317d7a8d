"""Sentences out of a text that is still being written."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit.server.cutter import Cutter, spoken


def cut(*pieces, **options):
    cutter = Cutter(**options)
    return [sentence for piece in pieces for sentence in cutter.push(piece)] + cutter.finish()


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Hello. How are you?", ["Hello.", "How are you?"]),
        ("No end mark", ["No end mark"]),
        ("hello. lower case ends too", ["hello.", "lower case ends too"]),
        ("Dr. Who met Mrs. Jones. They left.", ["Dr. Who met Mrs. Jones.", "They left."]),
        ("Pi is 3.14. It goes on.", ["Pi is 3.14.", "It goes on."]),
        ("It is 5 p.m. in Oslo. Go.", ["It is 5 p.m. in Oslo.", "Go."]),
        ("It is 5 p.m. Go home.", ["It is 5 p.m.", "Go home."]),
        ("Pears, plums, etc. are fruit. Yes.", ["Pears, plums, etc. are fruit.", "Yes."]),
        (
            "J. R. R. Tolkien wrote. So do I. Well.",
            ["J. R. R. Tolkien wrote.", "So do I.", "Well."],
        ),
        ("See no. 5 there. No. I will not.", ["See no. 5 there.", "No.", "I will not."]),
        ("Well... maybe. Oh… Right!", ["Well... maybe.", "Oh…", "Right!"]),
        ('"Stop!" he said. "Why?" Nobody knew.', ['"Stop!" he said.', '"Why?"', "Nobody knew."]),
        ("Really?! Yes!!! Go", ["Really?!", "Yes!!!", "Go"]),
        ("1. Wash it.\n2. Dry it.", ["1. Wash it.", "2. Dry it."]),
        ("Two kinds:\n- red\n- green ones", ["Two kinds:", "red", "green ones"]),
        ("visit example.com/a.html now", ["visit example.com/a.html now"]),
        ("今日は。元気です。", ["今日は。", "元気です。"]),
        ("「はい！？」と言う。。。", ["「はい！？」", "と言う。。。"]),
        ("# Plan\n\n**First.** Then `go`.\n---\nEnd", ["Plan", "First.", "Then go.", "End"]),
        ("```python\nprint(1)\n```\nDone.", ["print(1)", "Done."]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", ["a, b", "1, 2"]),
        ("... \n\n— ", []),
        ("", []),
    ],
)
def test_a_text_is_cut_where_its_sentences_end(text, sentences):
    assert cut(text) == sentences
    assert cut(*text) == sentences  # letter by letter


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Bold** and *thin* and __both__", "Bold and thin and both"),
        ("2 * 3 and snake_case stay", "2 * 3 and snake_case stay"),
        ("[a link](http://x.y/z) ![a cat](c.png)", "a link a cat"),
        ("> quoted", "quoted"),
        ("- [x] bought milk", "bought milk"),
        ("line<br>break", "line break"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("Great \U0001f389 work \u2705!", "Great work !"),
        ("21 °C", "21 °C"),
        ("***", ""),
    ],
)
def test_what_a_voice_cannot_speak_is_left_out(written, said):
    assert spoken(written) == said


def test_the_first_sentence_is_there_before_the_second_is_written():
    cutter = Cutter()
    assert cutter.push("Paris is the capital. ") == ["Paris is the capital."]
    assert cutter.push("It lies on the Seine") == []
    assert cutter.finish() == ["It lies on the Seine"]
    assert cutter.finish() == []


def test_a_very_long_sentence_is_cut_at_a_clause_else_between_words_else_anywhere():
    clauses = "one two three four, " * 5 + "end."
    assert cut(clauses, longest=50) == [
        "one two three four, one two three four,",
        "one two three four, one two three four,",
        "one two three four, end.",
    ]
    assert cut("word " * 20, longest=30)[0] == "word word word word word word"
    assert cut("a" * 70, longest=30) == ["a" * 30, "a" * 30, "a" * 10]


def words(text):
    return re.findall(r"\w+", text)


ANY = st.text(max_size=400)
SPEECH = st.text(alphabet="abcXYZ I019.,;:!?…'\"()- \n。", max_size=400)
PHRASES = st.lists(
    st.sampled_from(
        "Dr. etc. p.m. No. 5 3.14 hello World I J. ... ? ! \n ** ` - , U.S. one. 。".split(" ")
    ),
    max_size=60,
).map(" ".join)


@given(st.one_of(ANY, SPEECH, PHRASES), st.integers(10, 60), st.data())
def test_any_pieces_of_a_text_give_the_same_sentences(text, longest, data):
    pieces, rest = [], text
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        pieces.append(rest[:size])
        rest = rest[size:]
    assert cut(*pieces, longest=longest) == cut(text, longest=longest)
    assert cut(*text, longest=longest) == cut(text, longest=longest)


@given(SPEECH, st.sampled_from([20, 60, 220]))
def test_no_word_is_lost_or_doubled(text, longest):
    joined = "".join(words(" ".join(cut(text, longest=longest))))
    assert joined == "".join(words(text))


def test_halves_of_characters_are_put_together_or_left_out():
    cutter = Cutter()
    assert cutter.push("Caf\u00e9 \ud835") + cutter.push("\udc9c, \ud835 end. ") == [
        "Café 𝒜, \ufffd end."
    ]
