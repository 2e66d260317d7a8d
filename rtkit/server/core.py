"""Sans-I/O core of one server session: client events in, commands out.

Rule 1: no socket, clock, thread or chance here; `now` is an argument, ids come from `new_id`.
Rule 2: what takes time (recognising, thinking, speaking) is asked for by a command, and its result
comes back by a method: `heard`, `reply_piece`, `audio`, `reply_done`. Late results are dropped.
Rule 3: every method returns the commands it caused, in the order in which they must be done.

Where the hosted service is silent or cannot be copied, this is what the embedded server does: a
brain needs words, so a response waits for the recogniser even when transcription is off, and the
words of a truncated answer are kept as far as they were heard; semantic_vad goes by a rule of
its own, see `sense`. Accepted and shown, but without effect so far: truncation, noise_reduction,
reasoning, tracing, prompt.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rtkit.fields import SessionKind, check_response, check_update, default_session, merge
from rtkit.refusals import Refusal
from rtkit.server.brain import Piece
from rtkit.server.commands import Agenda, Close, Command
from rtkit.server.conversation import Conversation
from rtkit.server.edits import Edits
from rtkit.server.frames import check, parse
from rtkit.server.hearing import Began, Ended, Finding, Heard16k, Hearing
from rtkit.server.idle import Idle
from rtkit.server.items import Maker, decoded_audio
from rtkit.server.rejections import Refused, error_event, refuse
from rtkit.server.replies import Replies
from rtkit.server.responses import Plan, Response
from rtkit.server.sense import Sense
from rtkit.server.utterances import Utterances

if TYPE_CHECKING:
    from rtkit.speech.recognition import Heard
    from rtkit.vad import Detector

Event = dict[str, Any]

SHORTEST_COMMIT_MS = 100
LONGEST_APPEND = 15 * 1024 * 1024
INSTRUCTIONS = (
    "You are the embedded stand-in of rtkit, not a language model: real hearing and a real voice, "
    "but simple answers made by rules on this machine."
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server decides for its sessions. `wall` is the only clock, and is passed in.

    `session` is what the session begins with in place of the defaults.
    """

    wall: Callable[[], datetime]
    model: str | None = None
    kind: SessionKind = "realtime"
    max_session_s: float = 3600.0
    session: Mapping[str, Any] | None = None


class Core:
    """One session. `new_detector` makes its voice detector when sound first has to be judged."""

    def __init__(
        self, settings: Settings, new_detector: Callable[[], Detector], new_id: Callable[[str], str]
    ) -> None:
        self.settings = settings
        self.id = new_id("sess_")
        self.conversation = Conversation(new_id("conv_"))
        self.session: dict[str, Any] = default_session(settings.kind, settings.model)
        if settings.kind == "realtime":
            self.session["instructions"] = INSTRUCTIONS
        self.session = merge(self.session, settings.session or {})
        self.hearing = Hearing(new_detector, self._input)
        self._agenda = Agenda(new_id)
        self._utterances = Utterances(self._agenda, self.conversation)
        self._edits = Edits(self._agenda, self.conversation, self._utterances)
        self._replies = Replies(self._agenda, self.conversation, settings.wall, self._on_end)
        self._idle = Idle()
        self._sense = Sense()
        self._now = 0.0  # as it was told last
        self._expires_at = 0
        self._ends = 0.0
        self.closed = False

    # What the surroundings call

    def open(self, now: float) -> list[Command]:
        """The session begins: `session.created`."""
        limit = self.settings.max_session_s
        self._ends = now + limit
        self._idle.configure(self._input["turn_detection"], now)
        self._expires_at = int(self.settings.wall().timestamp() + limit)
        self._agenda.send({"type": "session.created", "session": self._wire_session()})
        return self._agenda.take()

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
                event = parse(frame)
                check(event)
                HANDLERS[event["type"]](self, event)
            except Refused as refused:
                self._agenda.refuse(refused.refusal, event.get("event_id"))
        return self._agenda.take()

    def resume(self, now: float) -> list[Command]:
        """Hear the next tenth of a second of what was appended."""
        self._now = now
        for finding in self.hearing.listen():
            self._on_finding(finding)
        return self._agenda.take()

    def partial(self, item_id: str, text: str, now: float) -> list[Command]:
        """What the recogniser guesses while somebody still speaks."""
        self._utterances.guessed(item_id, text, self._input["transcription"])
        if item_id == self._utterances.current:
            self._sense.hear(text, self.hearing.position_ms)
            self._wait_for_sense()
        return self._agenda.take()

    def heard(self, item_id: str, heard: Heard, now: float) -> list[Command]:
        """The words of a committed item."""
        self._utterances.heard(item_id, heard, self._input["transcription"])
        return self._go_on()

    def unheard(self, item_id: str, message: str, now: float) -> list[Command]:
        """The recogniser failed on a committed item."""
        self._utterances.failed(item_id, message, self._input["transcription"])
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
        update = event["session"]
        _raise(
            check_update(
                update,
                current=self.session,
                assistant_audio=bool(self._replies.voices),
                responding=self._replies.active is not None,
            )
        )
        self.session = merge(self.session, update)
        self._idle.configure(self._input["turn_detection"], self._now)
        if self.hearing.configure(self._input):
            self._utterances.drop()
        self._wait_for_sense()
        self._agenda.send({"type": "session.updated", "session": self._wire_session()})

    def _on_append(self, event: Event) -> None:
        audio = event["audio"]
        if isinstance(audio, str) and len(audio) * 3 // 4 > LONGEST_APPEND + 3:
            raise Refused(refuse("append_too_long", found=len(audio) * 3 // 4))
        self.hearing.append(decoded_audio(audio, self.hearing.format))

    def _on_commit(self, event: Event) -> None:
        have = self.hearing.buffered_ms
        if have < SHORTEST_COMMIT_MS:
            raise Refused(refuse("commit_empty", ms=have))
        form = self.hearing.format
        self._idle.stop()
        if self._utterances.current is not None:
            self._utterances.listen(self.hearing.rest())
            self._utterances.commit(self.hearing.take(), form)
        else:
            self._utterances.listen(self.hearing.buffered())
            self._utterances.commit(self.hearing.take(), form)

    def _on_clear(self, event: Event) -> None:
        self.hearing.clear()
        self._utterances.drop()
        self._agenda.send({"type": "input_audio_buffer.cleared"})

    def _on_item_create(self, event: Event) -> None:
        self._edits.create(event, self.hearing.format)

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
        params = {} if event.get("response") is None else event["response"]
        _raise(check_response(params))
        items = params.get("input")
        maker = Maker(self._agenda.new_id, self.hearing.format)
        plan = Plan(
            settings=merge(self.session, _overrides(params)),
            metadata=params.get("metadata"),
            context=None if items is None else maker.context(items, self.conversation),
            in_conversation=params.get("conversation") != "none",
        )
        own = Plan(self.session).voice
        if self._replies.voices and plan.voice not in {own, *self._replies.voices}:
            raise Refused(refuse("voice_fixed"))
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

    def _on_finding(self, finding: Finding) -> None:
        if isinstance(finding, Heard16k):
            self._utterances.listen(finding.samples)
        elif isinstance(finding, Began):
            self._on_began(finding)
        else:
            self._on_ended(finding)

    def _on_silence(self, since_ms: int) -> None:
        """Nobody spoke for as long as idle_timeout_ms says: the silence is answered."""
        place = {"audio_start_ms": since_ms, "audio_end_ms": round(self.hearing.position_ms)}
        triggered = {"type": "input_audio_buffer.timeout_triggered", **place}
        self._agenda.send({**triggered, "item_id": self._utterances.begin()})
        sound = self.hearing.take_silence(since_ms)
        entry = self._utterances.commit_silence(sound, self.hearing.format)
        self._answer(Plan(merge(self.session, {})))
        self._utterances.transcribe_silence(entry, self._input["transcription"])

    def _on_began(self, began: Began) -> None:
        item_id = self._utterances.begin()
        self._sense.reset()
        place = {"audio_start_ms": began.audio_start_ms, "item_id": item_id}
        self._agenda.send({"type": "input_audio_buffer.speech_started", **place})
        active = self._replies.active
        if active is not None and self._turn_flag("interrupt_response"):
            self._replies.cancel(active, "turn_detected")
        self._idle.stop()

    def _on_ended(self, ended: Ended) -> None:
        place = {"audio_end_ms": ended.audio_end_ms, "item_id": self._utterances.current}
        self._agenda.send({"type": "input_audio_buffer.speech_stopped", **place})
        self._utterances.commit(self.hearing.take(ended.audio_end_ms), self.hearing.format)
        if self.settings.kind == "realtime" and self._turn_flag("create_response"):
            try:
                self._answer(Plan(merge(self.session, {})))
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

    def _wait_for_sense(self) -> None:
        """Let the pause that ends the turn depend on what was said so far."""
        turn_detection = self._input["turn_detection"] or {}
        if turn_detection.get("type") == "semantic_vad":
            self.hearing.wait(self._sense.window_ms(turn_detection.get("eagerness")))

    def _turn_flag(self, name: str) -> bool:
        turn_detection = self._input["turn_detection"] or {}
        return bool(turn_detection.get(name, True))

    def _go_on(self) -> list[Command]:
        self._replies.go_on(self._utterances.unheard)
        return self._agenda.take()

    def _close(self, code: int, reason: str) -> None:
        self._replies.drop_all()
        self._utterances.drop()
        self.closed = True
        self._agenda.do(Close(code, reason))

    # The session object

    @property
    def _input(self) -> dict[str, Any]:
        found: dict[str, Any] = self.session["audio"]["input"]
        return found

    def _wire_session(self) -> Event:
        kind = "transcription_session" if self.settings.kind == "transcription" else "session"
        known = {"object": f"realtime.{kind}", "id": self.id, "expires_at": self._expires_at}
        copied: Event = json.loads(json.dumps({**self.session, **known}))
        return copied


def _raise(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise Refused(refusal)


def _overrides(params: Mapping[str, Any]) -> Event:
    """The fields of `response.create` that stand for session fields."""
    apart = ("metadata", "conversation", "input")
    return {name: value for name, value in params.items() if name not in apart}


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
