"""What a console shows of what happened: the state as a word, and the facts behind it.

No sockets, no clock; it is told the moments of a timeline one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rtkit.timeline import Moment

LINE_EVENTS = (
    "conversation.item.",
    "response.output_audio_transcript.",
    "response.output_text.",
    "response.output_item.done",
    "response.done",
    "input_audio_buffer.speech_started",
    "playback.",
    "tool.",
    "reconnected",
)


class Screen:
    """The facts behind the word; `word` reads it off. Who speaks comes before who thinks."""

    def __init__(self) -> None:
        self.microphone = False
        self.hearing = False  # the person speaks
        self.awaited = False  # the person has spoken, and the server will answer
        self.responding = False
        self.sounding: set[str] = set()  # items
        self.answers = True  # the server answers a turn without being asked
        self.expires_at: float | None = None  # when the server ends the session, in epoch seconds
        self.broken = False  # the connection to the server is gone, and a new one is tried
        self.voiced = False  # the assistant has been heard: the voice is fixed
        self.turns: Mapping[str, Any] | None = None  # turn detection; None when turns are manual
        self.last_turns: Mapping[str, Any] | None = None  # the one before turns became manual

    @property
    def word(self) -> str:
        """reconnecting, hearing, speaking, thinking, listening (microphone live) or ready."""
        facts = (
            ("reconnecting", self.broken),
            ("hearing", self.hearing),
            ("speaking", bool(self.sounding)),
            ("thinking", self.awaited or self.responding),
            ("listening", self.microphone),
        )
        return next((word for word, true in facts if true), "ready")

    def take(self, moment: Moment) -> None:
        """Let one moment change the facts."""
        if moment.source == "local":
            self._local(moment.event)
        elif moment.source == "server":
            self._server(moment.event)

    def _local(self, event: Mapping[str, Any]) -> None:
        match event.get("type"):
            case "microphone.opened":
                self.microphone = True
            case "microphone.closed":
                self.microphone = False
            case "playback.started":
                self.sounding.add(event["item_id"])
            case "playback.finished" | "playback.flushed":
                self.sounding.discard(event["item_id"])
            case "reconnecting":
                self.hearing = self.awaited = self.responding = False
                self.expires_at, self.broken = None, bool(event.get("attempt"))
            case "reconnected":
                self.awaited, self.broken = bool(event.get("again")), False
            case "turn.started":
                self.hearing, self.awaited = True, False
            case "turn.ended":
                self.hearing, self.awaited = False, True
            case "turn.dropped":
                self.awaited = False
            case "session.closed":
                self.__init__()  # type: ignore[misc]

    def _server(self, event: Mapping[str, Any]) -> None:
        match event.get("type"):
            case "input_audio_buffer.speech_started":
                self.hearing, self.awaited = True, False
            case "input_audio_buffer.speech_stopped":
                self.hearing, self.awaited = False, self.answers
            case "input_audio_buffer.cleared" | "error":
                self.hearing = self.awaited = False
            case "response.created":
                self.awaited, self.responding = False, True
            case "response.done":
                self.responding = False
            case "session.created" | "session.updated":
                self._session(event.get("session", {}))
            case "response.output_audio.delta":
                self.voiced = True

    def _session(self, session: Mapping[str, Any]) -> None:
        self.expires_at = session.get("expires_at")
        self.turns = session.get("audio", {}).get("input", {}).get("turn_detection")
        self.last_turns = self.turns or self.last_turns
        self.answers = bool(self.turns) and self.turns.get("create_response", True) is not False


def changes_lines(type_: str) -> bool:
    """Whether an event of this type can change the transcript."""
    return type_.startswith(LINE_EVENTS)
