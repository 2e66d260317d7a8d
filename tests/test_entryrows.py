"""What the page is told of a line, and of a call of a tool."""

import doctest

from rtkit.incidents import Call
from rtkit.items import SpokenWord
from rtkit.transcript import Line
from rtkit.widgets import entryrows
from rtkit.widgets.entryrows import changed_from, row


def test_words_of_low_confidence_are_marked_with_their_figure():
    assert row(Line("user", "hello", "a", confidence=0.9))["unsure"] is None
    assert row(Line("user", "hello", "a", confidence=0.2))["unsure"].endswith("20%")


def test_each_word_has_its_own_confidence_where_the_words_are_those_of_the_text():
    words = (SpokenWord("good", 0.0, 0.2, 0.913), SpokenWord("day", 0.2, 0.5, None))
    assert row(Line("user", "good day", "a", words=words))["words"] == [
        ("good", 0.91),
        ("day", None),
    ]
    assert row(Line("user", "Good day!", "a", words=words))["words"] is None
    assert row(Line("user", "good day", "a"))["words"] is None


def test_speech_without_words_says_why():
    assert row(Line("user", "", "a", error="unintelligible"))["text"] == "(unintelligible)"


def test_a_call_waits_runs_and_is_done_or_fails():
    waiting = Call("look", 1.0, item_id="f", arguments='{"at": "sky"}')
    assert row(waiting)["state"] == "waiting"
    assert row(waiting)["arguments"] == '{\n  "at": "sky"\n}'
    assert row(Call("look", 1.0, begun=1.1))["state"] == "running"
    done = row(Call("look", 1.0, 1.6, begun=1.1, output="clear"))
    assert (done["state"], done["seconds"], done["output"]) == ("done", 0.5, "clear")
    assert row(Call("look", 1.0, 1.6, output="{}", error="shut"))["state"] == "failed"


def test_only_rows_that_changed_are_sent():
    old = [{"text": "a"}, {"text": "b"}]
    assert changed_from(old, [{"text": "a"}, {"text": "b"}]) is None
    assert changed_from(old, [{"text": "a"}, {"text": "c"}]) == 1
    assert changed_from(old, [{"text": "a"}]) == 1
    assert doctest.testmod(entryrows).failed == 0
