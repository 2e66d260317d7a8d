"""A caller: a conversation as data, and what is expected of the other side of it."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from pathlib import Path

from pydantic import ConfigDict, model_validator

from rtkit.evals.steps import Background, Step, Wait, check_voice
from rtkit.settings import Settings, refuse
from rtkit.sheets import Sheet, Shown
from rtkit.telephony import PhoneLine


class Caller(Shown, Settings):
    """Who calls, and what they do: steps, one after the other.

    `voice` says what the steps say that name none. `background` is a noise behind everything, and
    `phone` the line through which the caller is heard. A question that nobody answers for
    `patience_s` is left, and a turn that expects silence lasts `quiet_s` after what was said.
    It shows itself as a table. ConfigError for a caller that cannot be.

    >>> from rtkit.evals import Expect, Say
    >>> caller = Caller("capital", [Say("What is the capital of France?",
    ...                                 expect=Expect(words=["Paris"]))])
    >>> caller.turns[0].text
    'What is the capital of France?'
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: str
    steps: tuple[Step, ...]
    voice: str = "alloy"
    background: Background | None = None
    phone: PhoneLine | None = None
    patience_s: float = 8.0
    quiet_s: float = 3.0

    @model_validator(mode="after")
    def _can_be(self) -> Caller:
        if not self.name.strip():
            refuse("name: a caller needs one. Results are told apart by it.")
        if not self.turns:
            refuse("steps: a caller does something. Give one step or more, such as Say('Hello.').")
        if isinstance(self.steps[0], Wait):
            refuse("steps: there is nothing to wait for before the first turn.")
        for name in ("patience_s", "quiet_s"):
            if not 0.1 <= getattr(self, name) <= 600:
                refuse(f"{name}: found {getattr(self, name)!r}; allowed: 0.1 to 600 seconds.")
        check_voice(self.voice)
        return self

    @property
    def turns(self) -> tuple[Step, ...]:
        """The steps that are turns, the first of which is turn 1."""
        return tuple(step for step in self.steps if step.turn)

    def numbered(self) -> Iterator[tuple[int, Step]]:
        """Each step with the number of its turn."""
        number = 0
        for step in self.steps:
            number += step.turn
            yield number, step

    def sheet(self) -> Sheet:
        """A line for each step: what is done, and what is expected."""
        rows = [
            [str(number) if step.turn else "", step.told(), str(step.expected)]
            for number, step in self.numbered()
        ]
        behind = f", {self.background}" if self.background else ""
        line = ", over a phone line" if self.phone else ""
        title = f"{self.name}: {len(self.turns)} turns in the voice {self.voice}{behind}{line}"
        return Sheet(("turn", "what the caller does", "what is expected"), rows, title)

    def __repr__(self) -> str:
        return f"Caller({self.name!r}, {len(self.turns)} turns)"

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Caller:
        """A caller from a YAML file; recordings are looked for beside it.

        ConfigError says which file, which line, what was found and what is allowed. MissingExtra
        without PyYAML.
        """
        from rtkit.evals.callerfile import read

        return read(Path(path))

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the caller as YAML, which `load` reads; the path.

        ConfigError for a step that plays a Clip: save that first, and name its path.
        """
        from rtkit.evals.callerfile import write

        return write(self, Path(path))
