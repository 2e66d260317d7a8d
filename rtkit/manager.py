"""The lesson's session manager: a configuration, what happens, and the summary of it.

It can be told what happens, by its `on_...` handlers, or `open` a real session and watch it: the
same timeline then holds both, and every figure is read from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .audio import AudioConfig, AudioStreamHandler
from .metrics import LatencyMetrics, RealtimeMetricsTracker, writer
from .sessionconfig import RealtimeSessionConfig
from .timeline import Timeline
from .transcriber import UNKNOWN_LANGUAGE, RealtimeTranscriber

if TYPE_CHECKING:
    from .server.local import ServerOptions
    from .session import Session
    from .targets import Target

CONNECTED = "session.told"


class RealtimeSessionManager:
    """One session from its configuration to its summary.

    `metrics` counts turns (as a sequence: the latencies that were recorded), `transcriber` keeps
    the words, `audio_handler` holds the answer's sound until the response is complete.
    """

    def __init__(self, config: RealtimeSessionConfig | None = None) -> None:
        self.config = config or RealtimeSessionConfig()
        self.session: Session | None = None
        self.timeline = Timeline()
        self._write = writer(self.timeline)
        self.audio_handler = AudioStreamHandler(AudioConfig(self.config.output_audio_format))
        self._watch(self.timeline)

    def _watch(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.metrics = RealtimeMetricsTracker(timeline, self._note)
        self.transcriber = RealtimeTranscriber(self.config.transcription, timeline, self._note)

    # configuration

    def get_session_config(self) -> dict[str, Any]:
        """The flat beta session of the lesson's first version. Retired: nothing sends it."""
        return self.config.to_session_config()

    def get_api_config(self) -> dict[str, Any]:
        """The flat beta session of the lesson's second version. Retired: nothing sends it."""
        return self.config.get_api_config()

    def to_session(self) -> dict[str, Any]:
        """The GA session, which is what `open` sends."""
        return self.config.to_session()

    # a real session

    def open(
        self,
        target: str | Target | None = None,
        *,
        api_key: str | None = None,
        server: ServerOptions | None = None,
    ) -> Session:
        """Connect as `rtkit.connect` does; from now on its timeline is this manager's."""
        from .session import connect

        self.session = connect(self.config, target, api_key=api_key, server=server)
        self._watch(self.session.timeline)
        return self.session

    @property
    def session_id(self) -> str | None:
        """The server's id for the session; None before there is one."""
        if self.session is not None:
            return self.session.id
        told = [m.event["session_id"] for m in self.timeline if m.type == CONNECTED]
        return str(told[-1]) if told else None

    @property
    def connection_state(self) -> str:
        """ "connected" or "disconnected"."""
        live = not self.session.closed if self.session is not None else self.session_id
        return "connected" if live else "disconnected"

    @property
    def connection_status(self) -> str:
        """The lesson's first name for `connection_state`."""
        return self.connection_state

    # what happened

    def on_connect(self, session_id: str) -> None:
        """The server has begun a session; it is printed."""
        self._note({"type": CONNECTED, "session_id": session_id})
        self.metrics.start_session()
        print(f"Connected: {session_id}")

    def on_audio_received(self, audio_data: bytes) -> None:
        """Sound of the answer, in the session's output format."""
        self.audio_handler.add_output_audio(audio_data)

    def on_transcript_received(self, text: str, is_final: bool, confidence: float = 0.0) -> None:
        """Words of the person."""
        if is_final:
            language = self.config.transcription_language or UNKNOWN_LANGUAGE
            self.transcriber.on_final_transcript(text, confidence, language)
        else:
            self.transcriber.on_partial_transcript(text, confidence)

    def on_response_complete(self, latency_ms: float) -> None:
        """The answer is complete: its sound is counted, and no longer waits."""
        self.metrics.record_turn(latency_ms, self.audio_handler.get_output_duration_ms())
        self.audio_handler.clear_output_buffer()

    def on_interruption(self) -> None:
        """Somebody spoke over the answer: what was not played is dropped."""
        self.metrics.record_interruption()
        self.audio_handler.clear_output_buffer()

    def record_metrics(self, ttfb_ms: float, total_ms: float, audio_ms: float = 0) -> None:
        """The latency of one exchange; one that is not conversational is printed."""
        told = LatencyMetrics(ttfb_ms, total_ms, audio_ms)
        self.metrics.append(told)
        if not told.is_conversational():
            print(f"Warning: High latency detected: {told.perceived_latency:g}ms")

    # the summary

    def get_average_latency(self) -> float | None:
        """Mean of the perceived latencies in milliseconds; None while there are none."""
        found = [metrics.perceived_latency for metrics in self.metrics]
        return sum(found) / len(found) if found else None

    def get_session_summary(self) -> dict[str, Any]:
        """Id, state, the person's words, and the metrics."""
        return {
            "session_id": self.session_id,
            "state": self.connection_state,
            "transcript": self.transcriber.get_full_transcript(),
            "metrics": self.metrics.get_metrics(),
        }

    def _note(self, fact: Mapping[str, Any]) -> None:
        if self.session is not None:
            self.session.note(fact)
        else:
            self._write(fact)
