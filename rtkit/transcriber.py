"""The lesson's transcriber: words as they come, guessed and then final, as views of a timeline.

What its handlers are told becomes local moments; what a session's server transcribed is read from
the same timeline. A final text ends the guesses before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .metrics import Note, writer
from .parts import TranscriptionConfig
from .timeline import Timeline
from .transcript import Line, read_transcript

PARTIAL, FINAL = "transcript.partial", "transcript.final"
UNKNOWN_LANGUAGE = "auto"


@dataclass(frozen=True, slots=True)
class TranscriptionResult:
    """Words of a person, and how sure the recogniser is of them (0 to 1; None: it does not say).

    `language` is an ISO-639-1 code, or "auto" when none was told. Times are milliseconds from the
    beginning of the session, 0 when they are unknown.
    """

    text: str
    confidence: float | None
    language: str
    is_final: bool
    start_time_ms: float = 0
    end_time_ms: float = 0


class RealtimeTranscriber:
    """Collects what a person says; of the assistant's words, see `session.transcript`."""

    def __init__(
        self,
        config: TranscriptionConfig | None = None,
        timeline: Timeline | None = None,
        note: Note | None = None,
    ) -> None:
        """`note` records a fact on that timeline; a live session's is `session.note`."""
        self.config = config or TranscriptionConfig()
        self.timeline = Timeline() if timeline is None else timeline
        self._note = note or writer(self.timeline)

    def on_partial_transcript(self, text: str, confidence: float = 0.0) -> None:
        """A guess, which replaces the one before; it is printed."""
        self._note({"type": PARTIAL, "text": text, "confidence": confidence})
        print(f"Partial: {text}")

    def on_final_transcript(self, text: str, confidence: float | None, language: str) -> None:
        """The words, for good; they are printed."""
        told = {"text": text, "confidence": confidence, "language": language}
        self._note({"type": FINAL, **told})
        sure = "" if confidence is None else f", {confidence:.2f}"
        print(f"Final ({language}{sure}): {text}")

    @property
    def final_results(self) -> list[TranscriptionResult]:
        """What is settled, in the order in which it was said."""
        told = [_result(event, True) for _, event in self._told(FINAL)]
        return told + [self._heard(line) for line in self._lines() if line.final]

    @property
    def partial_results(self) -> list[TranscriptionResult]:
        """The guesses since the last final text, the newest at the end."""
        finals = [place for place, _ in self._told(FINAL)]
        since = finals[-1] if finals else -1
        told = [_result(event, False) for place, event in self._told(PARTIAL) if place > since]
        return told + [self._heard(line) for line in self._lines() if not line.final and line.text]

    def get_full_transcript(self) -> str:
        """All final texts."""
        return " ".join(result.text for result in self.final_results if result.text)

    def get_current_state(self) -> dict[str, Any]:
        """What is settled, the guess that stands now, and how many turns there were."""
        guesses = self.partial_results
        return {
            "final_text": self.get_full_transcript(),
            "partial_text": guesses[-1].text if guesses else "",
            "turn_count": len(self.final_results),
        }

    def _told(self, type_: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
        for place, moment in enumerate(self.timeline):
            if moment.source == "local" and moment.type == type_:
                yield place, moment.event

    def _lines(self) -> list[Line]:
        return [line for line in read_transcript(self.timeline) if line.speaker == "user"]

    def _heard(self, line: Line) -> TranscriptionResult:
        language = self.config.language or UNKNOWN_LANGUAGE
        times = (1000 * (line.start or 0.0), 1000 * (line.end or 0.0))
        return TranscriptionResult(line.text, line.confidence, language, line.final, *times)


def _result(event: Mapping[str, Any], final: bool) -> TranscriptionResult:
    language = event.get("language") or UNKNOWN_LANGUAGE
    return TranscriptionResult(event["text"], event.get("confidence"), language, final)
