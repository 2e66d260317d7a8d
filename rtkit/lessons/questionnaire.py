"""The questions at the end of a notebook: each choice with the reason why it is right or wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rtkit.errors import LessonError
from rtkit.sheets import Sheet, Shown

LETTERS = "abcdef"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that may be chosen, and what is said of it."""

    text: str
    reason: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its choices, one of which is right."""

    text: str
    choices: tuple[Choice, ...]


def ask(text: str, *choices: Choice) -> Question:
    """A question of these choices."""
    return Question(text, choices)


def yes(text: str, reason: str) -> Choice:
    """The right choice."""
    return Choice(text, reason, right=True)


def no(text: str, reason: str) -> Choice:
    """A wrong choice, and what is wrong with it."""
    return Choice(text, reason)


def as_text(number: str, questions: Sequence[Question]) -> str:
    """The questions for a terminal, and how to answer them."""
    lines = []
    for at, question in enumerate(questions, 1):
        lines.append(f"{at}. {question.text}")
        lines += [
            f"   {letter}  {choice.text}"
            for letter, choice in zip(LETTERS, question.choices, strict=False)
        ]
    letters = ", ".join(f'"{letter}"' for letter in "abc"[: len(questions)])
    return "\n".join(
        [*lines, f'Answer with your letters: rtkit.lessons.quiz("{number}", {letters})']
    )


def chosen(question: Question, letter: str) -> Choice:
    """The choice of a letter; LessonError if there is none."""
    place = LETTERS.find(letter.lower()) if len(letter) == 1 else -1
    if not 0 <= place < len(question.choices):
        allowed = ", ".join(LETTERS[: len(question.choices)])
        raise LessonError(f"found {letter!r} as an answer; allowed: {allowed}, one for a question.")
    return question.choices[place]


@dataclass(frozen=True)
class Replies(Shown):
    """What was chosen, question by question, and what is to be said of it."""

    questions: Sequence[Question]
    letters: Sequence[str]
    choices: Sequence[Choice]

    def sheet(self) -> Sheet:
        """A table: right or wrong, the question, the answer, the reason."""
        rows = [
            ("✓" if choice.right else "✗", question.text, f"{letter}: {choice.text}", choice.reason)
            for question, letter, choice in zip(
                self.questions, self.letters, self.choices, strict=False
            )
        ]
        return Sheet(("", "question", "your answer", "why"), rows)

    def __repr__(self) -> str:
        return self.sheet().text()
