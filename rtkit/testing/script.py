"""A script being played: which step is next, what happened instead, and how that is told."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from rtkit import events
from rtkit.errors import RtkitError

from .aligned import Row, differences, shown, side_by_side
from .answers import ANSWERS, WINDOW_MS
from .steps import Act, Expect, Hear, Step
from .voice import Event, Voice

BESIDE = frozenset({events.SESSION_UPDATE, events.APPEND})
"""Client events that are answered, shown, and not missed where the script does not name them."""
ACKNOWLEDGED = {
    type_: answer
    for type_, answer in ANSWERS.items()
    if type_ not in ("hello", events.RESPONSE_CREATE, events.APPEND)
}
POLICY = 1008


class ScriptFailure(AssertionError, RtkitError):
    """The client did not do what the script expects; the text shows both conversations."""


class Script:
    """Steps that are played to one client, over as many connections as it opens."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self.steps = tuple(steps)
        for step in self.steps:
            if not isinstance(step, Expect | Hear | Act):
                raise TypeError(
                    f"a script is made of steps such as expect(...), say(...) or hear(...), found "
                    f"{step!r}."
                )
        self.problem: str | None = None
        self._at = 0
        self._rows: list[Row] = []
        self._sound: dict[str, float] = {}  # seconds, in the row that is last
        self._cause: str | None = None

    @property
    def complete(self) -> bool:
        """Whether every step was played, and nothing else happened."""
        return self.problem is None and self._at == len(self.steps)

    async def go_on(self, voice: Voice) -> None:
        """Play the server's steps up to the next that waits for the client."""
        while isinstance(step := self._step, Act):
            self._done(step, str(step))
            await step.do(voice, self._cause)
            if step.leaves:
                return

    async def take(self, voice: Voice, event: Event) -> None:
        """The client sent something: a step is done, or it is beside the script, or wrong."""
        if self.problem is not None:
            return
        type_, step = event.get("type"), self._step
        self._cause = event.get("event_id") or self._cause
        if type_ == events.APPEND:
            await self._hear(voice, base64.b64decode(event["audio"]))
        elif isinstance(step, Hear) and type_ == events.COMMIT:
            self._done(step, "> input_audio_buffer.commit")
            await voice.stop_listening(step.words)
            await self.go_on(voice)
        elif isinstance(step, Expect) and type_ == step.type:
            await self._compare(voice, step, event)
        elif type_ in BESIDE:
            self._row(Row("", shown(event)))
            await self._acknowledge(voice, event)
        else:
            await self._fail(voice, event, [])

    def verdict(self) -> str | None:
        """Why the script failed, with both conversations; None if it did not."""
        if self.complete:
            return None
        problem, rows = self.problem, list(self._rows)
        if problem is None:
            problem = f"the client did not go on: step {self._number} of the script was not done"
            step, *later = self.steps[self._at :]
            rows.append(Row(str(step), "(nothing more)", differs=True))
        else:
            later = list(self.steps[self._at + 1 :])
        rows += [Row(str(step), "") for step in later]
        return f"{problem}\n\n{side_by_side(rows)}\n\n> the client  < the server"

    @property
    def _step(self) -> Step | None:
        return self.steps[self._at] if self._at < len(self.steps) else None

    @property
    def _number(self) -> str:
        return f"{self._at + 1} of {len(self.steps)}"

    def _done(self, step: Step, actual: str) -> None:
        self._row(Row(str(step), actual))
        self._at += 1

    def _row(self, row: Row) -> None:
        self._rows.append(row)
        self._sound.clear()

    async def _compare(self, voice: Voice, step: Expect, event: Event) -> None:
        found = differences(step.fields, event)
        if found:
            await self._fail(voice, event, found)
            return
        self._done(step, shown(event))
        await self._acknowledge(voice, event)
        await self.go_on(voice)

    async def _acknowledge(self, voice: Voice, event: Event) -> None:
        answer = ACKNOWLEDGED.get(event["type"])
        if answer and not self._refuses_next():
            await answer(voice, event)

    def _refuses_next(self) -> bool:
        """Whether the script itself answers what was just sent, by refusing it."""
        step = self._step
        return isinstance(step, Act) and step.refuses

    async def _hear(self, voice: Voice, data: bytes) -> None:
        seconds = len(data) / voice.format("input").bytes_per_sample / voice.format("input").rate
        total = self._sound.get("s", 0.0) + seconds
        if self._sound:
            self._rows.pop()
        self._row(Row("", f"> {total:.2f} s of sound"))
        self._sound["s"] = total
        step = self._step
        if isinstance(step, Hear):
            ended = await voice.listen(data, WINDOW_MS)
            if ended or (step.seconds is not None and total >= step.seconds):
                self._rows.pop()
                self._done(step, f"> {total:.2f} s of sound")
                await voice.stop_listening(step.words)
                await self.go_on(voice)

    async def _fail(self, voice: Voice, event: Event, found: list[str]) -> None:
        step, sent = self._step, str(event.get("type"))
        if step is None:
            self.problem = f"the script was at its end, and the client sent {sent}"
        elif found:
            self.problem = f"step {self._number}, {sent}, holds something else:\n" + "\n".join(
                f"    {text}" for text in found
            )
        else:
            wanted = step.type if isinstance(step, Expect) else "speech"
            self.problem = f"step {self._number} expects {wanted}, and the client sent {sent}"
        self._row(Row(str(step or "(the end)"), shown(event), differs=True))
        await voice.close(POLICY, self.problem.partition("\n")[0][:120])
