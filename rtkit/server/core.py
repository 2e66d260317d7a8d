"""Sans-I/O core of one server session: client events in, commands out.

Rule 1: no socket, clock, thread or chance here; `now` is an argument, ids come from `new_id`.
Rule 2: what takes time (recognising, thinking, speaking) is asked for by a command, and its result
comes back by a method: `heard`, `reply_piece`, `audio`, `reply_done`. Late results are dropped.
Rule 3: every method returns the commands it caused, in the order in which they must be done.
Rule 4: an event that is refused changes nothing.

Where the hosted service is silent or cannot be copied, this is what the embedded server does: a
brain needs words, so a response waits for the recogniser even when transcription is off, and the
words of a truncated answer are kept as far as they were heard; semantic_vad goes by a rule of
its own, see `sense`; what does not fit into the context is left out by the rules of `context`.
Accepted and shown, but without effect: noise_reduction, reasoning, tracing, prompt, and the
transcription's language, languages, keywords, prompt and delay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rtkit.server.brain import Piece
from rtkit.server.commands import Agenda, Close, Command
from rtkit.server.conversation import Conversation
from rtkit.server.edits import Edits
from rtkit.server.frames import check, parse
from rtkit.server.hearing import Began, Hearing
from rtkit.server.idle import Idle
from rtkit.server.intake import Intake
from rtkit.server.items import Maker
from rtkit.server.plans import Plan, plan_for_turn, plan_of
from rtkit.server.rejections import Refused, error_event, refuse
from rtkit.server.replies import Replies
from rtkit.server.responses import Response
from rtkit.server.terms import Settings, Terms

if TYPE_CHECKING:
    from rtkit.speech.recognition import Heard
    from rtkit.vad import Detector

__all__ = ["Core", "Settings"]

Event = dict[str, Any]


class Core:
    """One session. `new_detector` makes its voice detector when sound first has to be judged."""

    def __init__(
        self, settings: Settings, new_detector: Callable[[], Detector], new_id: Callable[[str], str]
    ) -> None:
        self.settings = settings
        self.id = new_id("sess_")
        self.conversation = Conversation(new_id("conv_"))
        self._agenda = Agenda(new_id)
        self._terms = Terms(settings, self.id)
        self._intake = Intake(self._agenda, self._terms, self.conversation, new_detector)
        self._utterances = self._intake.utterances
        self._edits = Edits(self._agenda, self.conversation, self._utterances)
        self._replies = Replies(
            self._agenda, self.conversation, settings.wall, self._on_end, settings.limits
        )
        self._idle = Idle()
        self._now = 0.0  # as it was told last
        self._ends = 0.0
        self.closed = False

    # What the surroundings call

    def open(self, now: float) -> list[Command]:
        """The session begins: `session.created`."""
        limit = self.settings.max_session_s
        self._ends = now + limit
        self._idle.configure(self._terms.turn_detection, now)
        self._terms.expires_at = int(self.settings.wall().timestamp() + limit)
        self._agenda.send({"type": "session.created", "session": self._terms.wire()})
        return self._agenda.take()

    @property
    def session(self) -> Mapping[str, Any]:
        """The session object in force, without what only the wire shows."""
        return self._terms.session

    @property
    def hearing(self) -> Hearing:
        """The ears of the session."""
        return self._intake.hearing

    @property
    def hungry(self) -> bool:
        """Whether `resume` must be called before the next event is received."""
        return self.hearing.hungry

    @property
    def next_wakeup(self) -> float | None:
        """When `wake` wants to be called, on the clock of `now`; None for never."""
        quiet = self._idle.next_wakeup
        return None if self.closed else self._ends if quiet is None else min(quiet, self._ends)

    def receive(self, frame: str | bytes, now: float) -> list[Command]:
        """A frame from the client. Sound is only queued: call `resume` while `hungry`."""
        self._now = now
        event: Event = {}
        if not self.closed:
            try:
                event = parse(frame, self.settings.limits)
                check(event, self.settings.limits)
                HANDLERS[event["type"]](self, event)
            except Refused as refused:
                self._agenda.refuse(refused.refusal, event.get("event_id"))
        return self._agenda.take()

    def resume(self, now: float) -> list[Command]:
        """Hear the next tenth of a second of what was appended."""
        self._now = now
        for finding in self._intake.listen():
            if isinstance(finding, Began):
                self._on_began()
            else:
                self._on_ended()
        return self._agenda.take()

    def partial(self, item_id: str, text: str, now: float) -> list[Command]:
        """What the recogniser guesses while somebody still speaks."""
        self._intake.guess(item_id, text)
        return self._agenda.take()

    def heard(self, item_id: str, heard: Heard, now: float) -> list[Command]:
        """The words of a committed item."""
        self._utterances.heard(item_id, heard, self._terms.wanted)
        return self._go_on()

    def unheard(self, item_id: str, message: str, now: float) -> list[Command]:
        """The recogniser failed on a committed item."""
        self._utterances.failed(item_id, message, self._terms.wanted)
        return self._go_on()

    def reply_piece(self, response_id: str, piece: Piece, now: float) -> list[Command]:
        """A sentence or a call from the brain."""
        self._now = now
        self._replies.piece(response_id, piece)
        return self._agenda.take()

    def audio(
        self,
        response_id: str,
        samples: NDArray[np.int16],
        now: float,
        words: tuple[tuple[int, int], ...] = (),
    ) -> list[Command]:
        """Sound of the sentence that the brain gave last; see `Response.sound`."""
        self._now = now
        self._replies.sound(response_id, samples, words)
        return self._agenda.take()

    def reply_done(self, response_id: str, now: float, error: str | None = None) -> list[Command]:
        """The brain and the voice have nothing more to give; `error` says why they failed."""
        self._now = now
        if error is None:
            self._replies.end(response_id, "completed")
        else:
            detail = {"type": "server_error", "code": "server_error", "message": error}
            self._replies.end(response_id, "failed", error=detail)
        return self._agenda.take()

    def answer(self, now: float) -> list[Command]:
        """Answer what was said last, though nobody asks; not while an answer is made."""
        self._now = now
        if not self.closed and self.settings.kind == "realtime" and self._replies.active is None:
            self._answer_turn()
        return self._agenda.take()

    def wake(self, now: float) -> list[Command]:
        """`next_wakeup` has come."""
        self._now = now
        since_ms = self._idle.wake(now, self.hearing.position_ms)
        if since_ms is not None and not self.closed and now < self._ends:
            self._on_silence(since_ms)
        if now >= self._ends and not self.closed:
            minutes = self.settings.max_session_s / 60
            self._agenda.refuse(refuse("session_expired", minutes=minutes))
            self._close(1001, "session_expired")
        return self._agenda.take()

    def fail(self, message: str, now: float) -> list[Command]:
        """The server cannot go on with this session."""
        event = error_event(refuse("server_error", detail=message))
        event["error"]["type"] = "server_error"
        self._agenda.send(event)
        self._close(1011, "server_error")
        return self._agenda.take()

    # Client events

    def _on_session_update(self, event: Event) -> None:
        self._terms.update(
            event["session"],
            assistant_audio=bool(self._replies.voices),
            responding=self._replies.active is not None,
        )
        self._idle.configure(self._terms.turn_detection, self._now)
        self._intake.follow()
        self._agenda.send({"type": "session.updated", "session": self._terms.wire()})

    def _on_append(self, event: Event) -> None:
        self._intake.append(event)

    def _on_commit(self, event: Event) -> None:
        self._intake.commit()
        self._idle.stop()

    def _on_clear(self, event: Event) -> None:
        self._intake.clear()

    def _on_item_create(self, event: Event) -> None:
        taken = {self._utterances.current, *self._replies.item_ids}
        self._edits.create(event, self.hearing.format, taken, self._intake.require_room)

    def _on_item_retrieve(self, event: Event) -> None:
        self._edits.retrieve(event)

    def _on_item_truncate(self, event: Event) -> None:
        self._edits.truncate(event)
        self._idle.cut(self._now)

    def _on_item_delete(self, event: Event) -> None:
        self._edits.delete(event)
        self._replies.go_on(self._utterances.unheard)

    def _on_response_create(self, event: Event) -> None:
        self._require_responses(event)
        maker = Maker(self._agenda.new_id, self.hearing.format)
        plan = plan_of(event.get("response"), self._terms, self.conversation, maker)
        own = Plan(self.session).voice
        if self._replies.voices and plan.voice not in {own, *self._replies.voices}:
            raise Refused(refuse("voice_fixed"))
        if plan.in_conversation:
            self._intake.require_room(0)
        self._answer(plan)

    def _on_response_cancel(self, event: Event) -> None:
        self._require_responses(event)
        wanted = event.get("response_id")
        found = self._replies.active if wanted is None else self._replies.get(wanted)
        if found is None:
            raise Refused(refuse("cancel_not_active"))
        self._replies.cancel(found, "client_cancelled")

    def _require_responses(self, event: Event) -> None:
        if self.settings.kind != "realtime":
            raise Refused(refuse("no_responses", type=event["type"]))

    # Hearing

    def _on_silence(self, since_ms: int) -> None:
        """Nobody spoke for as long as idle_timeout_ms says: the silence is answered."""
        try:
            self._intake.require_room(0)
        except Refused as refused:
            self._agenda.refuse(refused.refusal)
            return
        transcribe = self._intake.commit_silence(since_ms)
        self._answer_turn()
        transcribe()

    def _on_began(self) -> None:
        active = self._replies.active
        if active is not None and self._terms.flag("interrupt_response"):
            self._replies.cancel(active, "turn_detected")
        self._idle.stop()

    def _on_ended(self) -> None:
        if self.settings.kind == "realtime" and self._terms.flag("create_response"):
            self._answer_turn()

    def _answer_turn(self) -> None:
        try:
            self._answer(plan_for_turn(self._terms))
        except Refused as refused:  # an answer goes on that was not to be interrupted
            self._agenda.refuse(refused.refusal)

    def _answer(self, plan: Plan) -> None:
        self._replies.create(plan, self._utterances.unheard)
        if plan.in_conversation:
            self._idle.stop()

    def _on_end(self, response: Response, status: str) -> None:
        if response.plan.in_conversation and not self.hearing.speaking:
            playback_s = 0.0 if status == "cancelled" else response.made.sound_ms / 1000
            self._idle.start(self._now + playback_s)

    def _go_on(self) -> list[Command]:
        self._replies.go_on(self._utterances.unheard)
        return self._agenda.take()

    def _close(self, code: int, reason: str) -> None:
        self._replies.drop_all()
        self._utterances.drop()
        self._utterances.unheard.clear()
        self.closed = True
        self._agenda.do(Close(code, reason))


HANDLERS: Mapping[str, Callable[[Core, Event], None]] = {
    "session.update": Core._on_session_update,
    "input_audio_buffer.append": Core._on_append,
    "input_audio_buffer.commit": Core._on_commit,
    "input_audio_buffer.clear": Core._on_clear,
    "conversation.item.create": Core._on_item_create,
    "conversation.item.truncate": Core._on_item_truncate,
    "conversation.item.delete": Core._on_item_delete,
    "conversation.item.retrieve": Core._on_item_retrieve,
    "response.create": Core._on_response_create,
    "response.cancel": Core._on_response_cancel,
}
"""Client event type -> what handles it, raising `Refused` before anything is changed."""
