"""What a console shows, from what happened: the state as a word, and the lines of the transcript.

No sockets, no clock; it is told the moments of a timeline one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rtkit.timeline import Moment
    from rtkit.transcript import Line

SURE = 0.5  # below this confidence a line is marked as unsure
LINE_EVENTS = (
    "conversation.item.",
    "response.output_audio_transcript.",
    "response.output_text.",
    "response.done",
    "input_audio_buffer.speech_started",
    "playback.flushed",
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

    @property
    def word(self) -> str:
        """hearing, speaking, thinking, listening (the microphone is live) or ready."""
        facts = (
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
                self.expires_at = None
            case "reconnected":
                self.awaited = bool(event.get("again"))
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
                self.answers = _answers(event.get("session", {}))
                self.expires_at = event.get("session", {}).get("expires_at")


def _answers(session: Mapping[str, Any]) -> bool:
    turns = session.get("audio", {}).get("input", {}).get("turn_detection")
    return turns is not None and turns.get("create_response", True) is not False


def changes_lines(type_: str) -> bool:
    """Whether an event of this type can change the transcript."""
    return type_.startswith(LINE_EVENTS)


def row(line: Line) -> dict[str, Any]:
    """One line as the page draws it."""
    unsure = None
    if line.confidence is not None and line.confidence < SURE:
        unsure = f"the recogniser gives these words {line.confidence:.0%}"
    return {
        "speaker": line.speaker,
        "text": line.text or (f"({line.error})" if line.error else ""),
        "final": line.final,
        "heard": line.heard,
        "unsure": unsure,
    }


def changed_from(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> int | None:
    """Index of the first row that differs; None when all are the same.

    >>> changed_from([{"text": "a"}], [{"text": "a"}, {"text": "b"}])
    1
    """
    if old == new:
        return None
    pairs = zip(old, new, strict=False)
    same = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))
    return same
