"""A caller at work: told what happens, it says 20 ms at a time what is heard of it.

Rule 1: no socket and no clock. `frame` is told the time and gives the next 20 ms of sound, in the
rate of its voicing, until the call is over; `take` is shown every moment of the session.
Rule 2: what a caller does stands in the timeline, as local facts that `facts` hands out: all that
scores need is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rtkit.evals.assistant import Assistant
from rtkit.evals.caller import Caller
from rtkit.evals.steps import Heard, Silent, Step, Wait
from rtkit.evals.voicing import Sound, Voicing
from rtkit.moments import Moment
from rtkit.pcm import Samples

FRAME_MS = 20
SETTLE_MS = 400
"""So long nothing has to be going on before an answer counts as heard to its end."""
LONGEST_ANSWER_MS = 120_000.0
"""An answer that goes on for longer is no longer waited for."""
Fact = dict[str, Any]


class Talk:
    """One call of one caller, with its sounds."""

    def __init__(self, caller: Caller, voicing: Voicing) -> None:
        self.caller, self.voicing = caller, voicing
        self.assistant = Assistant()
        self.frames = 0  # that were given
        self._size = voicing.rate * FRAME_MS // 1000
        self._now = 0.0
        self._facts: list[Fact] = []
        self._script = self._play()

    def take(self, moment: Moment) -> None:
        """Learn from one moment of the session."""
        self.assistant.take(moment)

    def frame(self, now: float) -> Samples | None:
        """The next 20 ms, at `now` (seconds on the timeline); None when the call is over."""
        self._now = now
        found = next(self._script, None)
        self.frames += found is not None
        return found

    def facts(self) -> list[Fact]:
        """What is to be noted since this was last asked."""
        found, self._facts = self._facts, []
        return found

    # the script: everything below gives one frame after the other

    def _play(self) -> Iterator[Samples]:
        number, before = 0, None
        yield from self._quiet(self.voicing.lead_ms)
        for (number, step), sound in zip(self.caller.numbered(), self.voicing.sounds, strict=True):
            yield from self._step(number, step, sound, before)
            before = step
        yield from self._end(before)
        self._facts.append({"type": "caller.done", "turns": number})

    def _step(
        self, number: int, step: Step, sound: Sound | None, before: Step | None
    ) -> Iterator[Samples]:
        if isinstance(step, Wait):
            yield from self._wait(step)
            return
        begins_ms = step.begins_ms if isinstance(step, Heard) else None
        if begins_ms is not None:
            yield from self._until_answer_sounds(begins_ms)
        elif not isinstance(before, Wait):
            yield from self._end(before)
        self._facts.append({"type": "caller.turn", "turn": number, **_wanted(step)})
        if isinstance(step, Silent):
            self.assistant.listen()
            yield from self._quiet(1000 * step.seconds)
        elif isinstance(step, Heard) and sound is not None:
            yield from self._say(number, step, sound)

    def _say(self, number: int, step: Heard, sound: Sound) -> Iterator[Samples]:
        if step.kind in ("question", "barge_in"):
            self.assistant.listen()
        start = float(self.frames * FRAME_MS)
        where = {"audio_start_ms": start, "audio_end_ms": start + 1000 * sound.seconds}
        fact = {"type": "caller.speech", "turn": number, "kind": step.kind, "text": step.words}
        self._facts.append(fact | where)
        spoken = max(1, int(np.ceil(1000 * sound.seconds / FRAME_MS - 1e-6)))
        for n, at in enumerate(range(0, len(sound.samples), self._size)):
            if n == spoken - 1:
                rest_ms = spoken * FRAME_MS - 1000 * sound.seconds  # of the frame, behind the end
                self._facts.append({"type": "input.ended", "rest_ms": rest_ms})
            yield self._filled(sound.samples[at : at + self._size])

    def _wait(self, step: Wait) -> Iterator[Samples]:
        if step.until == "answer":
            yield from self._until_answered()
        elif step.until == "first_sound":
            yield from self._until_answer_sounds(0.0)
        else:
            yield from self._quiet(float(step.until))

    def _end(self, step: Step | None) -> Iterator[Samples]:
        """What is waited for behind a step before the next thing is said."""
        if not isinstance(step, Heard):
            return
        if step.kind in ("question", "barge_in") and not step.expected.silence:
            yield from self._until_answered()
        else:
            yield from self._quiet(1000 * self.caller.quiet_s)
            yield from self._until_silent()

    def _until_answered(self) -> Iterator[Samples]:
        """Until an answer was heard to its end; for one that was cut off another is awaited."""
        last = self.frames + 1000 * self.caller.patience_s / FRAME_MS
        while True:
            left_ms = FRAME_MS * (last - self.frames)
            yield from self._until(lambda: self.assistant.answered, left_ms)
            yield from self._until_silent()
            if self.assistant.answered or self.frames >= last:
                return

    def _until_silent(self) -> Iterator[Samples]:
        """Until the assistant has nothing more to say, not even a moment later."""
        last = self.frames + LONGEST_ANSWER_MS / FRAME_MS
        while self.frames < last and (self.assistant.answered or self.assistant.busy):
            yield from self._until(lambda: not self.assistant.busy, LONGEST_ANSWER_MS)
            yield from self._until(lambda: self.assistant.busy, SETTLE_MS)
            if not self.assistant.busy:
                return

    def _until_answer_sounds(self, ms: float) -> Iterator[Samples]:
        """Until the answer has been heard for so long, or has ended before."""
        patience_ms = 1000 * self.caller.patience_s
        yield from self._until(lambda: self.assistant.sounding_since is not None, patience_ms)

        def far_enough() -> bool:
            return self._heard_ms >= ms or not self.assistant.busy

        yield from self._until(far_enough, LONGEST_ANSWER_MS)

    @property
    def _heard_ms(self) -> float:
        since = self.assistant.sounding_since
        return 0.0 if since is None else 1000 * (self._now - since)

    def _until(self, condition: Callable[[], bool], most_ms: float) -> Iterator[Samples]:
        """Say nothing until the condition holds, or for so long at most."""
        last = self.frames + most_ms / FRAME_MS
        while not condition() and self.frames < last:
            yield self._bed()

    def _quiet(self, ms: float) -> Iterator[Samples]:
        """Say nothing for so long."""
        yield from self._until(lambda: False, ms)

    def _filled(self, samples: Samples) -> Samples:
        """A whole frame; what is missing at its end is background."""
        missing = self._size - len(samples)
        return np.concatenate([samples, self._bed()[-missing:]]) if missing else samples

    def _bed(self) -> Samples:
        """The background of this frame."""
        bed = self.voicing.bed
        if not len(bed):
            return np.zeros(self._size, np.float32)
        at = np.arange(self._size) + self.frames * self._size
        return bed[at % len(bed)]


def _wanted(step: Step) -> Fact:
    """The call of a tool that is expected of a turn, for those who score it."""
    expect = step.expected
    if expect.tool is None or expect.arguments is None:
        return {}
    return {"calls": [{"name": expect.tool, "arguments": expect.arguments}]}
