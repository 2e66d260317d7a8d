import pytest
from helpers import Story, talk

from rtkit.contrast import Words, diff, words_between
from rtkit.timeline import Timeline


def conversation(*turns, wait_s=0.0, voice="alloy"):
    """A typed talk of (question, answer)."""
    story = Story().open()
    session = {
        "id": f"sess_{voice}",
        "audio": {"output": {"voice": voice}},
        "model": "gpt-realtime-2.1",
    }
    story.hear("session.updated", session=session)
    for question, answer in turns:
        story.type(question)
        story.now += wait_s
        story.write(answer)
    return story.timeline


def fates(found):
    return [turn.fate for turn in found.turns]


@pytest.mark.parametrize(
    ("before", "after", "runs"),
    [
        ("", "", []),
        ("a b", "a b", [("same", "a b")]),
        ("Hello, there!", "hello there", [("same", "hello there")]),
        ("a b c", "a x c", [("same", "a"), ("gone", "b"), ("new", "x"), ("same", "c")]),
        ("a", "", [("gone", "a")]),
        ("", "a", [("new", "a")]),
        ("one - two", "one two", [("same", "one"), ("gone", "-"), ("same", "two")]),
    ],
)
def test_two_texts_are_compared_word_by_word(before, after, runs):
    assert list(words_between(before, after)) == [Words(*run) for run in runs]


def test_a_conversation_is_the_same_as_itself():
    timeline = talk()
    found = diff(timeline, timeline)
    assert set(fates(found)) == {"same"}
    assert (found.changed, found.settings) == ((), ())
    assert found.cost[0] == found.cost[1]
    assert [turn.later_ms for turn in found.turns if turn.wait_ms[0]] == [0.0] * 4


def test_turns_are_matched_by_what_was_asked():
    before = conversation(("hello", "Hi."), ("what is it", "A cat."), ("bye", "Bye."))
    after = conversation(("Hello.", "Hi."), ("who is there", "Me."), ("bye", "Good bye."))
    found = diff(before, after)
    assert fates(found) == ["same", "changed", "changed"]
    assert found.turns[2].answer == (Words("new", "Good"), Words("same", "bye."))


def test_turns_that_are_gone_or_new_are_told():
    before = conversation(("one", "1"), ("two", "2"), ("three", "3"))
    after = conversation(("one", "1"), ("three", "3"), ("four", "4"))
    found = diff(before, after)
    assert fates(found) == ["same", "gone", "same", "new"]
    assert found.counts == (3, 3)
    assert (found.turns[1].after, found.turns[3].before) == (None, None)
    assert found.turns[1].later_ms is None


def test_waits_and_settings_and_cost_are_set_side_by_side():
    before = conversation(("one", "1"), ("two", "2"))
    after = conversation(("one", "1"), ("two", "2"), wait_s=0.25, voice="coral")
    found = diff(before, after)
    assert [turn.later_ms for turn in found.turns] == [pytest.approx(250)] * 2
    assert found.wait_ms[1] - found.wait_ms[0] == pytest.approx(250)
    assert found.settings == (("audio.output.voice", "alloy", "coral"),)
    assert found.cost[0].usd == found.cost[1].usd


def test_an_interruption_that_did_not_happen_again_is_a_change():
    def spoken(interrupted):
        story = Story().open()
        story.transcribe(story.speak(0.3), "a story")
        if interrupted:
            story.interrupted_answer("once upon a time", 3.0, heard_s=1.0, speech=0.3)
        else:
            story.answer("once upon a time", 3.0)
        return story.timeline

    found = diff(spoken(True), spoken(False))
    assert found.turns[0].interrupted == (True, False)
    assert found.turns[0].fate == "changed"
    assert "interrupted → not interrupted" in repr(found)


def test_it_reads_in_a_terminal():
    before = conversation(("one", "It is 1"), ("two", "2"))
    after = conversation(("one", "It was 1"), voice="coral")
    assert repr(diff(before, after)).splitlines() == [
        "TalkDiff: 2 → 1 turns, 2 not the same, median wait 50 ms, cost 0.0020 USD → 0.0010 USD",
        "  audio.output.voice: 'alloy' → 'coral'",
        "  1. changed, wait 50 ms",
        "     asked: one",
        "     answered: It [-is-] {+was+} 1",
        "  2. gone, wait 50 ms → unknown",
        "     asked: [-two-]",
        "     answered: [-2-]",
    ]


def test_in_a_notebook_it_is_a_table_in_which_words_are_only_words():
    before = conversation(("<b>one</b>", "1 & 2"))
    shown = diff(before, conversation(("<b>one</b>", "1 & 3")))._repr_html_()
    assert "&lt;b&gt;one&lt;/b&gt;" in shown
    assert "1 &amp; <del>2</del> <ins>3</ins>" in shown
    assert "<b>" not in shown
    assert shown.count("<tr>") == 2


def test_sessions_and_files_may_be_compared_too(tmp_path):
    class Session:
        timeline = conversation(("one", "1"))

    path = Session.timeline.save(tmp_path / "a.jsonl")
    assert fates(diff(Session(), str(path))) == ["same"]
    assert fates(diff(path, path)) == ["same"]
    assert diff(Timeline(), Timeline()).turns == ()


def test_a_long_conversation_is_compared_quickly():
    turns = [(f"question {n}", f"answer {n}") for n in range(300)]
    found = diff(conversation(*turns), conversation(*turns[:100], *turns[120:]))
    assert fates(found).count("gone") == 20
    assert fates(found).count("same") == 280
