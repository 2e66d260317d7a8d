"""Sans-I/O core of one server session: client events in, commands out.

Rule 1: no socket, clock, thread or chance here; `now` is an argument, ids come from `new_id`.
Rule 2: what takes time (recognising, thinking, speaking) is asked for by a command, and its result
comes back by a method: `heard`, `reply_piece`, `audio`, `reply_done`. Late results are dropped.
Rule 3: every method returns the commands it caused, in the order in which they must be done.

Where the hosted service is silent or cannot be copied, this is what the embedded server does: a
brain needs words, so a response waits for the recogniser even when transcription is off, and the
words of a truncated answer are kept as far as they were heard.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rtkit.audio import AudioFormat, from_base64
from rtkit.errors import AudioError
from rtkit.events import CLIENT_EVENTS
from rtkit.fields import SessionKind, check_response, check_update, default_session, merge
from rtkit.refusals import Refusal, missing, not_supported, unknown, wrong_type
from rtkit.server.brain import Call, Piece, Request
from rtkit.server.commands import Close, Command, Finish, Forget, Listen, Send, Stop, Think
from rtkit.server.conversation import (
    ROOT,
    Conversation,
    Entry,
    Sound,
    check_item,
    made_item,
    spoken_item,
)
from rtkit.server.hearing import Began, Ended, Finding, Heard16k, Hearing, to_hearing_rate
from rtkit.server.rejections import error_event, refuse
from rtkit.server.responses import Plan, Response
from rtkit.server.usage import Tokens, rate_limits, settings_tokens, transcription_usage

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
ABOUT_FORMAT = {
    AudioFormat.PCM16: "mono PCM16 at 24kHz",
    AudioFormat.G711_ULAW: "G.711 mu-law at 8kHz",
    AudioFormat.G711_ALAW: "G.711 A-law at 8kHz",
}


def _utc_now() -> datetime:
    return datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server decides for its sessions. `wall` is the only clock, and is passed in."""

    model: str | None
    kind: SessionKind = "realtime"
    max_session_s: float = 3600.0
    wall: Callable[[], datetime] = field(default=_utc_now)


class Core:
    """One session. `new_detector` makes its voice detector when sound first has to be judged."""

    def __init__(
        self, settings: Settings, new_detector: Callable[[], Detector], new_id: Callable[[str], str]
    ) -> None:
        self.settings = settings
        self.new_id = new_id
        self.id = new_id("sess_")
        self.conversation = Conversation(new_id("conv_"))
        self.session: dict[str, Any] = default_session(settings.kind, model=settings.model)
        if settings.kind == "realtime":
            self.session["instructions"] = INSTRUCTIONS
        self.hearing = Hearing(new_detector, self._input)
        self._out: list[Command] = []
        self._responses: dict[str, Response] = {}
        self._utterance: str | None = None  # the item that is being spoken into
        self._unheard: set[str] = set()  # committed items whose words are not known yet
        self._voice_used = False
        self._cached = Tokens()
        self._used = 0
        self._expires_at = 0
        self._ends: float | None = None
        self._now = 0.0
        self.closed = False

    # -- from outside ---------------------------------------------------------------------------

    def open(self, now: float) -> list[Command]:
        """The session begins: `session.created`."""
        limit = self.settings.max_session_s
        self._ends = now + limit
        self._expires_at = int(self.settings.wall().timestamp() + limit)
        self._send({"type": "session.created", "session": self._wire_session()})
        return self._commands()

    @property
    def hungry(self) -> bool:
        """Whether `resume` must be called before the next event is received."""
        return self.hearing.hungry

    @property
    def next_wakeup(self) -> float | None:
        """When `wake` wants to be called, on the clock of `now`; None for never."""
        return None if self.closed else self._ends

    def receive(self, text: str | bytes, now: float) -> list[Command]:
        """A frame from the client. Sound is only queued: call `resume` while `hungry`."""
        self._now = now
        refusal, event = _parse(text)
        if refusal is not None:
            self._refuse(refusal, None if event is None else event.get("event_id"))
        elif event is not None and not self.closed:
            handler = getattr(self, HANDLERS[event["type"]])
            refusal = handler(event)
            if refusal is not None:
                self._refuse(refusal, event.get("event_id"))
        return self._commands()

    def resume(self, now: float) -> list[Command]:
        """Hear the next tenth of a second of what was appended."""
        self._now = now
        for finding in self.hearing.listen():
            self._on_finding(finding)
        return self._commands()

    def heard(self, item_id: str, heard: Heard, now: float) -> list[Command]:
        """The words of a committed item."""
        self._now = now
        entry = self._recognised(item_id)
        if entry is not None:
            entry.heard, entry.confidence = heard.text, heard.confidence
            if self._transcription:
                self._transcribe(entry, heard)
        self._think_when_ready()
        return self._commands()

    def unheard(self, item_id: str, message: str, now: float) -> list[Command]:
        """The recogniser failed on a committed item."""
        self._now = now
        entry = self._recognised(item_id)
        if entry is not None and self._transcription:
            error = {"type": "transcription_error", "code": "audio_unintelligible"}
            failed = {"item_id": item_id, "content_index": 0}
            self._send(
                {
                    "type": "conversation.item.input_audio_transcription.failed",
                    **failed,
                    "error": {**error, "message": message, "param": None},
                }
            )
        self._think_when_ready()
        return self._commands()

    def reply_piece(self, response_id: str, piece: Piece, now: float) -> list[Command]:
        """A sentence or a call from the brain."""
        self._now = now
        response = self._responses.get(response_id)
        if response is not None:
            if isinstance(piece, Call):
                self._send_all(response.call(piece.name, piece.arguments))
            else:
                self._send_all(response.say(piece.text))
        return self._commands()

    def audio(
        self,
        response_id: str,
        samples: NDArray[np.int16],
        now: float,
        words: tuple[tuple[int, int], ...] = (),
    ) -> list[Command]:
        """Sound of the sentence that the brain gave last; see `Response.sound`."""
        self._now = now
        response = self._responses.get(response_id)
        if response is not None:
            self._voice_used = True
            self._send_all(response.sound(samples, words))
        return self._commands()

    def reply_done(self, response_id: str, now: float, error: str | None = None) -> list[Command]:
        """The brain and the voice have nothing more to give; `error` says why they failed."""
        self._now = now
        if response_id in self._responses:
            if error is None:
                self._end_response(response_id, "completed")
            else:
                detail = {"type": "server_error", "code": "server_error", "message": error}
                self._end_response(response_id, "failed", error=detail)
        return self._commands()

    def wake(self, now: float) -> list[Command]:
        """`next_wakeup` has come."""
        self._now = now
        if self._ends is not None and now >= self._ends and not self.closed:
            minutes = self.settings.max_session_s / 60
            self._refuse(refuse("session_expired", minutes=minutes), None)
            self._close(1001, "session_expired")
        return self._commands()

    # -- client events: each handler returns the refusal, or None -------------------------------

    def _on_session_update(self, event: Event) -> Refusal | None:
        update = event["session"]
        refusal = check_update(
            update,
            current=self.session,
            assistant_audio=self._voice_used,
            responding=self._active is not None,
        )
        if refusal is not None:
            return refusal
        self.session = merge(self.session, dict(update))
        self.hearing.configure(self._input)
        self._send({"type": "session.updated", "session": self._wire_session()})
        return None

    def _on_append(self, event: Event) -> Refusal | None:
        form = self.hearing.format
        audio = event["audio"]
        if not isinstance(audio, str):
            return wrong_type("audio", ("a string",), audio)
        if len(audio) * 3 // 4 > LONGEST_APPEND + 3:
            return refuse("append_too_long", found=len(audio) * 3 // 4)
        try:
            data = from_base64(audio)
        except AudioError as error:
            return refuse("bad_audio", expected=ABOUT_FORMAT[form], detail=error)
        if len(data) % form.bytes_per_sample:
            detail = f"{len(data)} bytes are not a whole number of samples."
            return refuse("bad_audio", expected=ABOUT_FORMAT[form], detail=detail)
        self.hearing.append(data)
        return None

    def _on_commit(self, event: Event) -> Refusal | None:
        have = self.hearing.buffered_ms
        if have < SHORTEST_COMMIT_MS:
            return refuse("commit_empty", ms=have)
        if self._utterance is not None:
            self._do(Listen(self._utterance, self.hearing.rest()))
            self._commit(self.hearing.take())
        else:
            self._begin_utterance()
            data = self.hearing.take()
            self._do(Listen(self._speaking, to_hearing_rate(data, self.hearing.format)))
            self._commit(data)
        return None

    def _on_clear(self, event: Event) -> Refusal | None:
        self.hearing.clear()
        if self._utterance is not None:
            self._do(Forget(self._utterance))
            self._utterance = None
        self._send({"type": "input_audio_buffer.cleared"})
        return None

    def _on_item_create(self, event: Event) -> Refusal | None:
        item, after = event["item"], event.get("previous_item_id")
        refusal = check_item(item) or self._check_place(item, after)
        if refusal is not None:
            return refusal
        entry, data, refusal = self._made_entry(item, "item")
        if refusal is not None:
            return refusal
        previous = self.conversation.insert(entry, after)
        for stage in ("added", "done"):
            self._send(
                {
                    "type": f"conversation.item.{stage}",
                    "previous_item_id": previous,
                    "item": entry.wire(),
                }
            )
        if data is not None:
            self._unheard.add(entry.id)
            self._do(Listen(entry.id, to_hearing_rate(data, self.hearing.format)))
            self._do(Finish(entry.id))
        return None

    def _on_item_retrieve(self, event: Event) -> Refusal | None:
        entry = self.conversation.get(event["item_id"])
        if entry is None:
            return refuse("retrieve_unknown", item_id=event["item_id"])
        self._send({"type": "conversation.item.retrieved", "item": entry.retrieved()})
        return None

    def _on_item_truncate(self, event: Event) -> Refusal | None:
        ms = event["audio_end_ms"]
        if isinstance(ms, bool) or not isinstance(ms, int):
            return wrong_type("audio_end_ms", ("an integer",), ms)
        if ms < 0:
            return Refusal(
                "integer_below_min_value",
                f"Invalid 'audio_end_ms': integer below minimum value. Expected a value >= 0, but "
                f"got {ms} instead.",
                "audio_end_ms",
            )
        refusal = self.conversation.truncate(event["item_id"], event["content_index"], ms)
        if refusal is None:
            names = ("item_id", "content_index", "audio_end_ms")
            truncated = {name: event[name] for name in names}
            self._send({"type": "conversation.item.truncated", **truncated})
        return refusal

    def _on_item_delete(self, event: Event) -> Refusal | None:
        item_id = event["item_id"]
        if item_id not in self.conversation:
            return refuse("delete_unknown", item_id=item_id)
        self.conversation.remove(item_id)
        if item_id in self._unheard:
            self._unheard.discard(item_id)
            self._do(Forget(item_id))
        self._send({"type": "conversation.item.deleted", "item_id": item_id})
        self._think_when_ready()
        return None

    def _on_response_create(self, event: Event) -> Refusal | None:
        params = event.get("response") or {}
        if self.settings.kind != "realtime":
            return refuse("no_responses", type="response.create")
        refusal = check_response(params)
        if refusal is not None:
            return refusal
        context, refusal = self._given_context(params.get("input"))
        if refusal is not None:
            return refusal
        plan = Plan(
            settings=merge(self.session, _overrides(params)),
            metadata=params.get("metadata"),
            context=context,
            in_conversation=params.get("conversation") != "none",
        )
        return self._create_response(plan)

    def _on_response_cancel(self, event: Event) -> Refusal | None:
        wanted = event.get("response_id")
        active = self._active if wanted is None else self._responses.get(wanted)
        if active is None:
            return refuse("cancel_not_active")
        self._cancel(active, "client_cancelled")
        return None

    # -- hearing --------------------------------------------------------------------------------

    def _on_finding(self, finding: Finding) -> None:
        if isinstance(finding, Heard16k):
            if self._utterance is None:
                self._begin_utterance()
            self._do(Listen(self._speaking, finding.samples))
        elif isinstance(finding, Began):
            self._begin_utterance()
            started = {"audio_start_ms": finding.audio_start_ms, "item_id": self._utterance}
            self._send({"type": "input_audio_buffer.speech_started", **started})
            if self._active is not None and self._turn_flag("interrupt_response"):
                self._cancel(self._active, "turn_detected")
        else:
            self._on_ended(finding)

    def _on_ended(self, finding: Ended) -> None:
        stopped = {"audio_end_ms": finding.audio_end_ms, "item_id": self._utterance}
        self._send({"type": "input_audio_buffer.speech_stopped", **stopped})
        self._commit(self.hearing.take(finding.audio_end_ms))
        if self.settings.kind == "realtime" and self._turn_flag("create_response"):
            refusal = self._create_response(Plan(merge(self.session, {})))
            if refusal is not None:
                self._refuse(refusal, None)

    def _begin_utterance(self) -> None:
        self._utterance = self.new_id("item_")

    @property
    def _speaking(self) -> str:
        assert self._utterance is not None
        return self._utterance

    def _turn_flag(self, name: str) -> bool:
        turn_detection = self._input["turn_detection"] or {}
        return bool(turn_detection.get(name, True))

    def _commit(self, data: bytes) -> None:
        """The utterance becomes an item; its words follow."""
        sound = Sound(self.hearing.format, bytearray(data))
        entry = Entry(spoken_item(self._speaking), sound)
        self._utterance = None
        previous = self.conversation.insert(entry)
        place = {"previous_item_id": previous}
        self._send({"type": "input_audio_buffer.committed", "item_id": entry.id, **place})
        self._send({"type": "conversation.item.added", **place, "item": entry.wire()})
        self._send({"type": "conversation.item.done", **place, "item": entry.wire()})
        self._unheard.add(entry.id)
        self._do(Finish(entry.id))

    def _recognised(self, item_id: str) -> Entry | None:
        self._unheard.discard(item_id)
        return self.conversation.get(item_id)

    def _transcribe(self, entry: Entry, heard: Heard) -> None:
        """The words as events: one delta per word, then all of them."""
        entry.item["content"][_sound_part(entry)]["transcript"] = heard.text
        place = {"item_id": entry.id, "content_index": _sound_part(entry)}
        type_ = "conversation.item.input_audio_transcription"
        for number, word in enumerate(heard.text.split()):
            delta = f" {word}" if number else word
            self._send({"type": f"{type_}.delta", **place, "delta": delta, **self._obfuscation()})
        ms = entry.sound.ms if entry.sound else 0.0
        usage = transcription_usage(str(self._transcription.get("model")), heard.text, ms)
        self._send(
            {
                "type": f"{type_}.completed",
                **place,
                "transcript": heard.text,
                "logprobs": _logprobs(heard),
                "usage": usage,
            }
        )

    # -- responses ------------------------------------------------------------------------------

    @property
    def _active(self) -> Response | None:
        """The response that writes to the conversation."""
        found = (r for r in self._responses.values() if r.plan.in_conversation)
        return next(found, None)

    def _create_response(self, plan: Plan) -> Refusal | None:
        if plan.in_conversation and self._active is not None:
            return refuse("active_response", response_id=self._active.id)
        response = Response(self.new_id("resp_"), plan, self.conversation, self.new_id)
        self._responses[response.id] = response
        response.waiting_for = {entry.id for entry in self._context(plan)} & self._unheard
        self._send_all(response.start())
        self._think_when_ready()
        return None

    def _context(self, plan: Plan) -> list[Entry]:
        return list(self.conversation) if plan.context is None else plan.context

    def _think_when_ready(self) -> None:
        for response in self._responses.values():
            response.waiting_for &= self._unheard
            if not response.thinking and not response.waiting_for:
                response.thinking = True
                self._think(response)

    def _think(self, response: Response) -> None:
        context, settings = self._context(response.plan), response.plan.settings
        response.given = settings_tokens(settings["instructions"], settings["tools"])
        for entry in context:
            response.given += entry.tokens()
        response.cached = self._cached.at_most(response.given)
        spoken = (e for e in reversed(context) if e.item.get("role") == "user")
        newest = next(spoken, None)
        request = Request(
            history=[entry.known() for entry in context],
            now=self.settings.wall(),
            instructions=settings["instructions"],
            tools=settings["tools"],
            tool_choice=settings["tool_choice"],
            confidence=newest.confidence if newest else None,
        )
        voice = response.plan.voice if response.plan.spoken else None
        speed = float(settings["audio"]["output"].get("speed") or 1.0)
        self._do(Think(response.id, request, voice, speed))

    def _cancel(self, response: Response, reason: str) -> None:
        self._do(Stop(response.id))
        self._end_response(response.id, "cancelled", reason)

    def _end_response(
        self,
        response_id: str,
        status: str,
        reason: str | None = None,
        error: Mapping[str, Any] | None = None,
    ) -> None:
        response = self._responses.pop(response_id)
        events = response.finish(status, reason, error)
        self._send_all(events)
        self._used += events[-1]["response"]["usage"]["total_tokens"]
        if response.plan.context is None:
            self._cached = response.given
        self._send(rate_limits(self._used))

    def _given_context(self, items: object) -> tuple[list[Entry] | None, Refusal | None]:
        """The context that `response.input` puts in place of the conversation."""
        if items is None:
            return None, None
        if not isinstance(items, list):
            return None, wrong_type("response.input", ("an array",), items)
        entries: list[Entry] = []
        for number, item in enumerate(items):
            if isinstance(item, Mapping) and item.get("type") == "item_reference":
                known = self.conversation.get(item.get("id"))
                if known is None:
                    return None, refuse("reference_unknown", item_id=item.get("id"))
                entries.append(known)
                continue
            where_ = f"response.input[{number}]"
            refusal = check_item(item, where_)
            if refusal is not None:
                return None, refusal
            entry, _, refusal = self._made_entry(item, where_)
            if refusal is not None:
                return None, refusal
            entries.append(entry)
        return entries, None

    # -- items ----------------------------------------------------------------------------------

    def _check_place(self, item: Mapping[str, Any], after: object) -> Refusal | None:
        if after not in (None, ROOT) and after not in self.conversation:
            return refuse("previous_unknown", item_id=after)
        if item.get("id") in self.conversation:
            return refuse("item_exists", item_id=item["id"])
        return None

    def _made_entry(
        self, item: Mapping[str, Any], where: str
    ) -> tuple[Entry, bytes | None, Refusal | None]:
        """The entry of a checked item, and its sound when words must still be found in it."""
        entry = Entry(made_item(item, item.get("id") or self.new_id("item_")))
        audio = [p for p in item.get("content") or () if p["type"] == "input_audio"]
        if not audio:
            return entry, None, None
        form = self.hearing.format
        try:
            data = from_base64(audio[0]["audio"])
        except AudioError as error:
            refusal = refuse("bad_audio", expected=ABOUT_FORMAT[form], detail=error)
            return entry, None, refusal
        data = data[: len(data) // form.bytes_per_sample * form.bytes_per_sample]
        entry.sound = Sound(form, bytearray(data))
        return entry, None if audio[0].get("transcript") else data, None

    # -- out ------------------------------------------------------------------------------------

    @property
    def _input(self) -> dict[str, Any]:
        found: dict[str, Any] = self.session["audio"]["input"]
        return found

    @property
    def _transcription(self) -> dict[str, Any]:
        """The transcription settings; empty when it is off."""
        return self._input.get("transcription") or {}

    def _wire_session(self) -> dict[str, Any]:
        kind = "transcription_session" if self.settings.kind == "transcription" else "session"
        known = {"object": f"realtime.{kind}", "id": self.id, "expires_at": self._expires_at}
        return json.loads(json.dumps({**self.session, **known}))  # type: ignore[no-any-return]

    def _obfuscation(self) -> dict[str, str]:
        return {"obfuscation": self.new_id("")[:10]}

    def _do(self, command: Command) -> None:
        self._out.append(command)

    def _send(self, event: Event) -> None:
        self._do(Send({"type": event["type"], "event_id": self.new_id("event_"), **event}))

    def _send_all(self, events: list[Event]) -> None:
        for event in events:
            self._send(event)

    def _refuse(self, refusal: Refusal, client_event_id: object) -> None:
        echoed = client_event_id if isinstance(client_event_id, str) else None
        self._send(error_event(refusal, echoed))

    def _close(self, code: int, reason: str) -> None:
        for response_id in list(self._responses):
            self._do(Stop(response_id))
        self._responses.clear()
        self.closed = True
        self._do(Close(code, reason))

    def _commands(self) -> list[Command]:
        commands, self._out = self._out, []
        return commands


HANDLERS = {
    "session.update": "_on_session_update",
    "input_audio_buffer.append": "_on_append",
    "input_audio_buffer.commit": "_on_commit",
    "input_audio_buffer.clear": "_on_clear",
    "conversation.item.create": "_on_item_create",
    "conversation.item.truncate": "_on_item_truncate",
    "conversation.item.delete": "_on_item_delete",
    "conversation.item.retrieve": "_on_item_retrieve",
    "response.create": "_on_response_create",
    "response.cancel": "_on_response_cancel",
}
"""Client event type -> the method that handles it: all that a WebSocket session understands."""


def _parse(text: str | bytes) -> tuple[Refusal | None, Event | None]:
    """A client event whose required fields are there, or why it is none."""
    if not isinstance(text, str):
        return refuse("binary"), None
    try:
        event = json.loads(text)
    except (ValueError, RecursionError) as error:
        return refuse("not_json", detail=error), None
    if not isinstance(event, dict):
        return refuse("not_an_object", found=type(event).__name__), None
    type_ = event.get("type")
    if type_ is None:
        return refuse("no_type"), event
    if not isinstance(type_, str) or type_ not in HANDLERS:
        return not_supported("type", type_, tuple(HANDLERS)), event
    shape = CLIENT_EVENTS[type_]
    lacks = next((name for name in shape.required if name not in event), None)
    if lacks is not None:
        return missing(lacks), event
    known = {*shape.required, *shape.optional, "type", "event_id"}
    extra = next((name for name in event if name not in known), None)
    return (None if extra is None else unknown(extra)), event


def _overrides(params: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `response.create` that stand for session fields."""
    apart = ("metadata", "conversation", "input")
    return {name: value for name, value in params.items() if name not in apart}


def _sound_part(entry: Entry) -> int:
    """Which content part of a user item holds the sound."""
    types = [part["type"] for part in entry.item["content"]]
    return types.index("input_audio")


def _logprobs(heard: Heard) -> list[dict[str, Any]]:
    """Words as tokens with log probabilities; exp of their mean is the confidence."""
    lowest = 1e-6
    return [
        {
            "token": word.text,
            "logprob": round(math.log(max(word.confidence, lowest)), 6),
            "bytes": list(word.text.encode()),
        }
        for word in heard.words
    ]
