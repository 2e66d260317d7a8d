"""The exercises of the course: checks, hints, quizzes, and how far you are.

    rtkit.lessons.check("02.1", size_of)  # tries your answer, shows it beside what was asked
    rtkit.lessons.hint("02.1")            # when you are stuck
    rtkit.lessons.quiz("02")              # three questions at the end of a notebook
    rtkit.lessons.board()                 # what you have passed so far

Attempts are kept in a file on this machine (RTKIT_LESSONS names another one) and go nowhere;
`rtkit lessons report` writes them as CSV for a teacher.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rtkit.errors import LessonError

from .attempts import attempts, progress_file, remember
from .bank import exercise, part
from .progress import Board, standings
from .questionnaire import Replies, as_text, chosen
from .verdict import Verdict, judged

if TYPE_CHECKING:
    from rtkit.widgets.quizcard import QuizCard

__all__ = ["LessonError", "board", "check", "hint", "progress_file", "quiz"]


class Told(str):
    """A text that a cell shows without quotes."""

    def __repr__(self) -> str:
        return str(self)


def check(key: str, answer: Any) -> Verdict:
    """Try an answer to an exercise ("02.1"), and write down whether it passed.

    The verdict shows what yours did beside what was asked; `verdict.passed` says it in a word.
    LessonError if there is no such exercise.
    """
    verdict = judged(exercise(key), answer)
    return replace(verdict, note=remember(key, verdict.passed))


def hint(key: str) -> Told:
    """A nudge for an exercise ("02.1"), short of the solution."""
    return Told(exercise(key).hint)


def quiz(number: str, *answers: str) -> QuizCard | Replies | Told:
    """The three questions of a notebook ("02"): to be clicked, or a text where nothing can be.

    With answers, a letter for each question, each with the reason why it is right or wrong.
    """
    questions = part(number).questions
    if not answers:
        return _card(number)
    if len(answers) > len(questions):
        raise LessonError(f"found {len(answers)} answers to {len(questions)} questions.")
    choices = [chosen(*pair) for pair in zip(questions, answers, strict=False)]
    for at, choice in enumerate(choices, 1):
        remember(f"{number}.q{at}", choice.right)
    return Replies(questions, answers, choices)


def _card(number: str) -> QuizCard | Told:
    questions = part(number).questions
    text = as_text(number, questions)
    try:
        from rtkit.widgets.quizcard import QuizCard
    except ImportError:  # the extra `lab` is not installed
        return Told(text)

    def answered(question: int, choice: int) -> tuple[bool, str]:
        taken = questions[question].choices[choice]
        note = remember(f"{number}.q{question + 1}", taken.right)
        return taken.right, f"{taken.reason} {note}".strip()

    asked = [(one.text, [choice.text for choice in one.choices]) for one in questions]
    return QuizCard(asked, answered, text)


def board() -> Board:
    """What has been passed, tried and left, notebook by notebook."""
    return Board(standings(attempts()))
