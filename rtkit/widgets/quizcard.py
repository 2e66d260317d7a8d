"""A card of questions to be answered by a click or a key; each answer is judged in the kernel.

The page is told the questions and, of what was chosen, whether it is right and why: no more, so
that nothing can be read off the page before it is thought about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import anywidget
import traitlets

from . import assets

Judge = Callable[[int, int], tuple[bool, str]]
Content = dict[str, Any]


class QuizCard(anywidget.AnyWidget):
    """Questions with choices. `asked` are (question, its choices); `judge` says of a question and a
    choice, both counted from 0, whether it is right, and why.

    Headless (nbclient, nbval) it is `text`.
    """

    _esm = assets.module("quiz")
    _css = assets.style("quiz")
    _questions: Any = traitlets.List().tag(sync=True)
    _replies: Any = traitlets.Dict().tag(sync=True)

    def __init__(self, asked: Sequence[tuple[str, Sequence[str]]], judge: Judge, text: str) -> None:
        self.text = text
        self._judge = judge
        questions = [{"text": question, "choices": list(choices)} for question, choices in asked]
        super().__init__(_questions=questions)
        self.on_msg(self._receive)

    def _receive(self, _: object, content: Content, buffers: object) -> None:
        question, choice = int(content["question"]), int(content["choice"])
        right, reason = self._judge(question, choice)
        reply = {"choice": choice, "right": right, "reason": reason}
        self._replies = {**self._replies, str(question): reply}

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[Content, Content] | None:
        shown = super()._repr_mimebundle_(**kwargs)
        if shown is None:
            return None
        data, metadata = shown if isinstance(shown, tuple) else (shown, {})
        return {**data, "text/plain": self.text}, metadata
