"""The lesson's metrics: what is recorded of each turn, and the summary of all.

`RealtimeMetricsTracker` keeps nothing of its own: what it is told becomes a local moment of its
timeline, and every figure is read from there. Given the timeline of a session, it counts the
turns of that session by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from . import events
from .latency import GOAL_MS, Latency
from .percentiles import needed, percentile
from .reading import Conversation
from .timeline import Timeline
from .turns import Turn, read_turns

TURN, MEASURED, INTERRUPTED = "turn.recorded", "latency.recorded", "interruption.recorded"
STARTED = "metrics.started"
Note = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class LatencyMetrics:
    """The latency of one exchange, in milliseconds.

    `time_to_first_byte_ms` runs from the end of the question to the first byte of the answer;
    `audio_processing_ms` from there to the first sound: the two intervals must not overlap, since
    `perceived_latency` adds them. `model_inference_ms` lies inside the first one and is not added.
    ValueError for a negative duration, or a total below the time to the first byte.
    """

    time_to_first_byte_ms: float
    total_response_time_ms: float
    audio_processing_ms: float = 0.0
    model_inference_ms: float = 0.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} is a duration, 0 or more; found {getattr(self, name)!r}.")
        if self.total_response_time_ms < self.time_to_first_byte_ms:
            raise ValueError(
                f"the total ({self.total_response_time_ms:g} ms) holds the time to the first byte "
                f"({self.time_to_first_byte_ms:g} ms) and cannot be shorter."
            )

    @classmethod
    def of(cls, latency: Latency) -> LatencyMetrics | None:
        """The metrics of a turn on a timeline; None when it was not measured from end to end."""
        start = latency.speech_end if latency.speech_end is not None else latency.asked
        first, done = latency.first_audio or latency.first_token, latency.done
        if start is None or first is None or done is None:
            return None
        sound = first if latency.first_sound is None else max(latency.first_sound, first)
        begun = latency.response_created
        return cls(
            time_to_first_byte_ms=1000 * (first - start),
            total_response_time_ms=1000 * (done - start),
            audio_processing_ms=1000 * (sound - first),
            model_inference_ms=0.0 if begun is None else 1000 * max(0.0, first - begun),
        )

    @property
    def perceived_latency(self) -> float:
        """Milliseconds from the end of the question to the first sound of the answer."""
        return self.time_to_first_byte_ms + self.audio_processing_ms

    def is_conversational(self) -> bool:
        """Whether that is below 500 ms: a goal that people set, see `rtkit.latency.GOAL_MS`."""
        return self.perceived_latency < GOAL_MS


class RealtimeMetricsTracker:
    """Counts turns, latencies, sound and interruptions; as a sequence, its `LatencyMetrics`."""

    def __init__(self, timeline: Timeline | None = None, note: Note | None = None) -> None:
        """`note` records a fact on that timeline; a live session's is `session.note`."""
        self.timeline = Timeline() if timeline is None else timeline
        self._note = note or writer(self.timeline)

    def start_session(self) -> None:
        """The session begins now."""
        self._tell(STARTED, at=datetime.now().astimezone().isoformat(timespec="milliseconds"))

    def record_turn(self, latency_ms: float, audio_duration_ms: float) -> None:
        """A turn was answered after so long, with so much sound. ValueError below 0."""
        for name, value in (("latency_ms", latency_ms), ("audio_duration_ms", audio_duration_ms)):
            if not value >= 0:
                raise ValueError(f"{name} is a duration, 0 or more; found {value!r}.")
        self._tell(TURN, latency_ms=latency_ms, audio_ms=audio_duration_ms)

    def record_interruption(self) -> None:
        """Somebody spoke over an answer."""
        self._tell(INTERRUPTED)

    def append(self, metrics: LatencyMetrics) -> None:
        """The latency of one more exchange."""
        fields = {name: getattr(metrics, name) for name in LatencyMetrics.__slots__}
        self._tell(MEASURED, **fields)

    # views of the timeline

    @property
    def latencies(self) -> list[float]:
        """Milliseconds that each turn took: those told, and the waits measured on the timeline."""
        told = [float(event["latency_ms"]) for event in self._told(TURN)]
        turns = (turn.latency.wait_ms for turn in self._turns() if turn.latency)
        return told + [wait for wait in turns if wait is not None]

    @property
    def turn_counts(self) -> int:
        """Turns that were answered."""
        return len(list(self._told(TURN))) + len(self._turns())

    @property
    def audio_duration_ms(self) -> float:
        """Milliseconds of the assistant's sound."""
        told = sum(float(event["audio_ms"]) for event in self._told(TURN))
        return told + 1000 * sum(r.audio_s for r in Conversation(self.timeline).responses.values())

    @property
    def interruptions(self) -> int:
        """Answers that were spoken over."""
        seen = [turn for turn in self._turns() if turn.interrupted]
        return len(list(self._told(INTERRUPTED))) + len(seen)

    @property
    def transcription_errors(self) -> int:
        """Questions whose words could not be made out by the server."""
        failed = (m for m in self.timeline if m.type == events.TRANSCRIPTION_FAILED)
        return len(list(failed))

    @property
    def session_start(self) -> datetime | None:
        """When the session began; None before `start_session`."""
        begun = [datetime.fromisoformat(event["at"]) for event in self._told(STARTED)]
        wall = self.timeline.started
        return begun[-1] if begun else datetime.fromisoformat(wall) if wall else None

    def get_metrics(self) -> dict[str, Any]:
        """The summary. An average of nothing and a p95 of fewer than 20 turns are None."""
        latencies, count = self.latencies, self.turn_counts
        begun = self.session_start
        lasted = (datetime.now(begun.tzinfo) - begun).total_seconds() if begun else None
        enough = len(latencies) >= needed(95)
        return {
            "session_duration_s": lasted,
            "turn_count": count,
            "average_latency_ms": sum(latencies) / len(latencies) if latencies else None,
            "p95_latency_ms": percentile(latencies, 95).value if enough else None,
            "total_audio_ms": self.audio_duration_ms,
            "interruptions": self.interruptions,
            "interruption_rate": self.interruptions / count if count else 0.0,
        }

    def __iter__(self) -> Iterator[LatencyMetrics]:
        names = LatencyMetrics.__slots__
        for event in self._told(MEASURED):
            yield LatencyMetrics(**{name: event[name] for name in names})
        measured = (LatencyMetrics.of(turn.latency) for turn in self._turns() if turn.latency)
        yield from (metrics for metrics in measured if metrics)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __getitem__(self, place: int) -> LatencyMetrics:
        return list(self)[place]

    def __repr__(self) -> str:
        return f"RealtimeMetricsTracker({self.turn_counts} turns, {self.interruptions} interrupted)"

    def _turns(self) -> list[Turn]:
        return [turn for turn in read_turns(self.timeline) if turn.response_id]

    def _told(self, type_: str) -> Iterator[Any]:
        return (m.event for m in self.timeline if m.source == "local" and m.type == type_)

    def _tell(self, type_: str, **fields: Any) -> None:
        self._note({"type": type_, **fields})


def writer(timeline: Timeline) -> Note:
    """What records facts on a timeline that nobody else writes, by the clock, from its end on."""
    began = monotonic() - timeline.duration

    def note(fact: Mapping[str, Any]) -> None:
        timeline.append(monotonic() - began, "local", fact)

    return note
