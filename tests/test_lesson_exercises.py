"""Every exercise of the course: its solution passes, its stub and every known mistake do not."""

import ast
import math
import re
from functools import cache

import numpy as np
import pytest
from lessonbook import Lesson, lesson_names
from lessoncases import RIGHT, WRONG

import rtkit
from rtkit import evals, events
from rtkit.lessons import bank
from rtkit.lessons.verdict import judged

BOOKS = {name[:2]: Lesson(name) for name in lesson_names()}
KEYS = [one.key for number in bank.NOTEBOOKS for one in bank.part(number).exercises]
MISTAKES = [(key, *mistake) for key in KEYS for mistake in WRONG.get(key, ())]
OTHERS = [(key, source) for key in KEYS for source in RIGHT.get(key, ())]


def value(source):
    """The answer that a source makes: an expression's value, or the last name that it defines."""
    names = {"rtkit": rtkit, "np": np, "math": math, "events": events, "evals": evals}
    names |= {"VADConfig": rtkit.VADConfig, "VADMode": rtkit.VADMode}
    steps = ("Backchannel", "BargeIn", "Caller", "Expect", "Say")
    names |= {name: getattr(rtkit.evals, name) for name in steps}
    if {"LESSON", "PHONE", "COOK"} & set(re.findall(r"[A-Z]+", source)):
        names |= configurations()
    tree = ast.parse(source.strip())
    if isinstance(tree.body[-1], ast.Expr):
        return eval(source.strip(), names)
    exec(source, names)
    return names[list(names)[-1]]


@cache
def configurations():
    """What notebook 04 is about: the lesson's configuration, and two that are in order."""
    lesson = next(cell.source for cell in BOOKS["04"].code if "lesson = " in cell.source)
    exec(lesson, found := {})
    phone, _ = BOOKS["04"].solved("04.2")
    return {"LESSON": found["lesson"], "PHONE": phone, "COOK": BOOKS["04"].solved("04.3")}


def verdict(key, source):
    return judged(bank.exercise(key), value(source))


@pytest.mark.parametrize("key", KEYS)
def test_the_solution_in_the_notebook_passes(key):
    found = judged(bank.exercise(key), BOOKS[key[:2]].solved(key))
    assert found.passed, found.text()
    assert found.sheet().rows


@pytest.mark.parametrize("key", KEYS)
def test_the_stub_fails_with_a_sentence_and_yours_beside_what_was_wanted(key):
    shown = BOOKS[key[:2]].checked(key)
    assert f"{bank.exercise(key).title}: not yet" in shown
    assert re.search(r"tried +wanted +yours", shown)
    assert f'rtkit.lessons.hint("{key}")' in shown


@pytest.mark.parametrize(("key", "source"), OTHERS)
def test_another_right_answer_passes(key, source):
    found = verdict(key, source)
    assert found.passed, found.text()


@pytest.mark.parametrize(("key", "mistake", "source", "says"), MISTAKES)
def test_a_mistake_is_told_for_what_it_is(key, mistake, source, says):
    found = verdict(key, source)
    assert not found.passed, mistake
    assert says in found.text(), found.text()
    assert found.message.count(". ") + found.message.count(": ") >= 2  # what is wrong, and why


@pytest.mark.parametrize("key", KEYS)
def test_each_exercise_has_three_known_mistakes_another_right_answer_and_a_hint(key):
    assert len(WRONG[key]) >= 3
    assert len(RIGHT[key]) >= 1
    assert bank.exercise(key).hint[-1] in ".?)"


@pytest.mark.parametrize("number", bank.NOTEBOOKS)
def test_a_quiz_has_three_questions_and_a_reason_for_every_answer(number):
    questions = bank.part(number).questions
    assert len(questions) == 3
    for question in questions:
        assert sum(choice.right for choice in question.choices) == 1
        assert len(question.choices) >= 3
        assert all(choice.reason.endswith(".") for choice in question.choices)
        assert len({choice.reason for choice in question.choices}) == len(question.choices)


@pytest.mark.parametrize("number", bank.NOTEBOOKS)
def test_the_right_letter_is_not_always_the_same(number):
    right = [[c.right for c in q.choices].index(True) for q in bank.part(number).questions]
    assert len(set(right)) > 1


@pytest.mark.parametrize("number", bank.NOTEBOOKS)
def test_the_notebook_asks_what_there_is(number):
    book = BOOKS[number]
    keys = [one.key for one in bank.part(number).exercises]
    assert book.checks == keys
    assert len(keys) >= 2
    assert book.code[-1].source.splitlines()[-1] == f'rtkit.lessons.quiz("{number}")'
