"""Checks, quizzes and progress as a learner and a teacher meet them."""

import csv
import io
import json
import os
import re
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rtkit
from rtkit import LessonError, cli, lessons
from rtkit.lessons import bank
from rtkit.lessons.attempts import Attempt, attempts, remember
from rtkit.lessons.exercise import Case, Exercise, Trial, function, same, short
from rtkit.lessons.progress import Board, as_csv, standings
from rtkit.lessons.verdict import judged

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "lessons.jsonl"
    monkeypatch.setenv("RTKIT_LESSONS", str(path))
    return path


def size_of(ms, rate, bytes_a_sample):
    return int(ms * rate / 1000) * bytes_a_sample


# checks


def test_a_right_answer_passes_and_is_written_down(file):
    verdict = lessons.check("02.1", size_of)
    assert verdict.passed
    assert "right, in all 5 cases, 2 of them hidden" in repr(verdict)
    assert [(a.exercise, a.passed) for a in attempts()] == [("02.1", True)]


def test_a_wrong_answer_is_shown_beside_what_was_asked_and_hidden_cases_keep_their_secret(file):
    verdict = lessons.check("02.1", lambda ms, rate, b: ms * rate / 1000 * b)
    text = repr(verdict)
    assert not verdict.passed
    assert "round the samples down" in text
    assert "22.05" in text  # yours
    assert " 22 " not in text  # asked
    assert "(hidden)" in text
    assert "Not shown: 1 hidden case, 1 right." in text


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1))
def test_the_rows_and_what_is_not_shown_add_up_to_the_count(cases):
    trials = [Trial("one", "1", "1", right, "Why.", hidden) for right, hidden in cases]
    verdict = judged(Exercise("99.1", "Sums", lambda answer: trials, "-"), None)
    marks = "".join(row[0] for row in verdict.sheet().rows)
    told = re.search(r"Not shown: (\d+) hidden cases?,(?: (\d+) right)?", verdict.text())
    hidden, right = (int(number or 0) for number in told.groups()) if told else (0, 0)
    if not verdict.passed:
        assert len(marks) + hidden == len(cases)
        assert marks.count("✓") + right == sum(right for right, _ in cases)


@pytest.mark.parametrize("answer", [None, 960, "size_of"])
def test_what_is_no_function_is_told_so(answer):
    assert "Hand over `size_of` itself." in repr(lessons.check("02.1", answer))


def test_an_answer_that_raises_is_a_wrong_answer():
    text = repr(lessons.check("02.1", lambda ms: 1 / 0))
    assert "TypeError" in text
    text = repr(lessons.check("02.1", lambda ms, rate, b: 1 / 0))
    assert "ZeroDivisionError: division by zero" in text


def test_an_answer_cannot_spoil_the_cases_for_the_next_one():
    def greedy(pieces, size):
        joined = b"".join(pieces)
        pieces.clear()
        return [joined[at : at + size] for at in range(0, len(joined), size)]

    assert [lessons.check("02.2", greedy).passed for _ in range(2)] == [True, True]


@pytest.mark.parametrize("key", ["02.9", "98.1", "02", 2.1, None])
def test_an_exercise_that_there_is_not_names_those_that_there_are(key):
    with pytest.raises(LessonError, match=r"allowed.*02"):
        lessons.check(key, size_of)


def test_a_hint_is_a_text_without_quotes():
    assert repr(lessons.hint("02.1")).startswith("Milliseconds times rate")


def test_a_picture_is_there_for_the_page_and_is_left_out_when_the_answer_breaks_it():
    exercise = bank.exercise("02.3")
    shown = judged(exercise, lambda x: x)._repr_mimebundle_()
    assert set(shown) == {"text/plain", "text/html", "image/png"}
    assert shown["text/html"].count("<img") == 1
    assert "image/png" not in judged(exercise, lambda x: "loud")._repr_mimebundle_()


def test_what_a_learner_writes_is_no_markup():
    shown = lessons.check("02.1", lambda ms, rate, b: "<script>alert(1)</script>")
    assert "<script>" not in shown._repr_mimebundle_()["text/html"]


def test_an_exercise_without_any_trial_is_not_passed():
    assert not judged(Exercise("99.1", "Nothing", lambda answer: (), "-"), None).passed


@pytest.mark.parametrize(
    ("asked", "found", "alike"),
    [
        (960, 960.0, True),
        (960, np.int64(960), True),
        (1, True, False),
        (True, 1, False),
        (True, np.bool_(True), True),
        (None, 0, False),
        (0.0, None, False),
        ([1, 2], (1.0, 2.0), True),
        ([1, 2], np.array([1, 2]), True),
        ([1, 2], [1, 2, 3], False),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ("a", b"a", False),
        (b"a", b"a", True),
        (0.5, float("nan"), False),
    ],
)
def test_what_counts_as_the_same(asked, found, alike):
    assert same(asked, found) is alike


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_everything_is_the_same_as_itself_and_fits_a_table(value):
    assert same(value, value)
    assert len(short(value)) <= 100


@given(st.lists(st.tuples(st.integers(), st.integers()), min_size=1))
def test_a_function_is_judged_by_each_case(pairs):
    cases = [Case((x,), 2 * x if right % 2 else 2 * x + 1) for x, right in pairs]
    trials = list(function("double", cases)(lambda x: 2 * x))
    assert [trial.right for trial in trials] == [right % 2 == 1 for _, right in pairs]


# the file


def test_attempts_are_lines_and_those_that_cannot_be_read_are_passed_over(file):
    assert remember("02.1", False, NOON) == ""
    with file.open("a", encoding="utf-8") as torn:
        torn.write('{"exercise": "02.1", "pas\n[]\n\n{"passed": true}\n')
    remember("02.1", True, NOON)
    assert attempts() == [
        Attempt("02.1", False, "2026-03-04T12:00:00+00:00"),
        Attempt("02.1", True, "2026-03-04T12:00:00+00:00"),
    ]


def test_a_file_that_cannot_be_written_costs_nobody_an_exercise(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RTKIT_LESSONS", str(tmp_path / "file" / "lessons.jsonl"))
    verdict = lessons.check("02.1", size_of)
    assert verdict.passed
    assert "This was not written down" in repr(verdict)
    assert "RTKIT_LESSONS" in verdict._repr_mimebundle_()["text/html"]


def test_the_file_lies_with_the_data_of_the_user_unless_another_is_named(monkeypatch):
    monkeypatch.delenv("RTKIT_LESSONS")
    path = lessons.progress_file()
    assert (path.name, path.parent.name) == ("lessons.jsonl", "rtkit")


# quizzes


def test_a_quiz_without_a_page_is_a_text_that_says_how_to_answer():
    text = repr(lessons.quiz("02"))
    assert text.startswith("1. ")
    assert text.endswith('rtkit.lessons.quiz("02", "a", "b", "c")')
    assert not any(choice.reason in text for q in bank.part("02").questions for choice in q.choices)


def test_answers_are_told_why_and_written_down(file):
    replies = lessons.quiz("02", "b", "A")
    assert [choice.right for choice in replies.choices] == [True, False]
    for choice in replies.choices:
        assert choice.reason.split()[0] in repr(replies)
    assert [(a.exercise, a.passed) for a in attempts()] == [("02.q1", True), ("02.q2", False)]


@pytest.mark.parametrize("answers", [("d",), ("",), ("ab",), ("a", "b", "c", "a")])
def test_answers_that_cannot_be_chosen_are_refused_and_nothing_is_written(file, answers):
    with pytest.raises(LessonError, match="found"):
        lessons.quiz("02", *answers)
    assert attempts() == []


def test_a_click_is_judged_in_the_kernel_and_the_page_is_told_no_more_than_it_asked(file):
    card = lessons.quiz("02")
    state = json.dumps(card.get_state(["_questions", "_replies"]))
    assert not any(c.reason in state for q in bank.part("02").questions for c in q.choices)
    card._receive(card, {"question": 0, "choice": 1}, [])
    assert set(card._replies) == {"0"}
    assert (card._replies["0"]["right"], card._replies["0"]["choice"]) == (True, 1)
    assert [(a.exercise, a.passed) for a in attempts()] == [("02.q1", True)]


# progress


def told(*pairs):
    return [Attempt(key, ok, f"2026-03-04T12:00:0{n}") for n, (key, ok) in enumerate(pairs)]


def test_tries_are_counted_until_the_first_that_passed():
    found = standings(told(("02.1", False), ("02.1", True), ("02.1", False), ("02.2", False)))
    by_key = {one.exercise: one for one in found}
    assert (by_key["02.1"].passed, by_key["02.1"].tries) == (True, 2)
    assert by_key["02.1"].when.endswith("01")
    assert (by_key["02.2"].passed, by_key["02.2"].tries) == (False, 1)
    assert (by_key["02.3"].tries, by_key["02.3"].when) == (0, "")


def test_the_board_has_a_row_for_each_notebook():
    text = repr(Board(standings(told(("02.1", True), ("02.2", False), ("02.q3", True)))))
    assert text.startswith("2 of ")
    (row,) = [line for line in text.splitlines() if line.startswith("02 ")]
    assert row.split() == ["02", "audio", *"●◐○", *"○○●"]
    assert len(text.splitlines()) == 2 + len(bank.NOTEBOOKS)


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_the_report_is_csv_with_every_exercise_and_question(file, capsys):
    lessons.check("02.1", size_of)
    assert cli.main(["lessons", "report", "--learner", "Ada, 3b"]) == 0
    found = rows(capsys.readouterr().out)
    assert len(found) == len(standings([]))
    (first,) = [row for row in found if row["exercise"] == "02.1"]
    assert (first["learner"], first["passed"], first["tries"]) == ("Ada, 3b", "yes", "1")
    assert datetime.fromisoformat(first["when"]).tzinfo is not None
    assert {row["passed"] for row in found if row is not first} == {"no"}


def test_the_report_may_go_to_a_file_and_one_that_cannot_be_written_is_told(file, tmp_path, capsys):
    out = tmp_path / "ada.csv"
    assert cli.main(["lessons", "report", "--out", str(out)]) == 0
    assert len(rows(out.read_text())) == len(standings([]))
    assert cli.main(["lessons", "report", "--out", str(tmp_path / "none" / "ada.csv")]) == 1
    assert "Give another --out" in capsys.readouterr().err


def test_the_learner_is_named_by_variable_hub_or_machine(file, monkeypatch, capsys):
    for variable, name in (("JUPYTERHUB_USER", "hub"), ("RTKIT_LEARNER", "own")):
        monkeypatch.setenv(variable, name)
        cli.main(["lessons", "report"])
        assert {row["learner"] for row in rows(capsys.readouterr().out)} == {name}


@pytest.mark.parametrize("name", ["=1+1", "@x", "-2"])
def test_a_name_is_no_formula_in_a_spreadsheet(name):
    assert {row["learner"] for row in rows(as_csv(standings([]), name))} == {"'" + name}


def test_the_whole_of_it_is_there_from_the_package():
    assert rtkit.lessons is lessons
    assert os.environ["RTKIT_LESSONS"]
