"""The ears of one session: wire audio in; utterances, and where they begin and end, out.

Positions are counted in samples of everything that was appended and told in milliseconds. The
bytes since the last commit are kept, so that a committed item holds exactly its turn; while
nobody speaks the newest `IDLE_SECONDS` of them are enough. What was appended waits in `hungry`
state and is heard one slice at a time, so that a burst of sound never holds up the server.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtkit.audio import AudioFormat, StreamResampler, bytes_for_ms, decode, duration_ms, resample
from rtkit.server.sense import Sense
from rtkit.vad import Detector, SpeechStarted, TurnDetector, VoiceActivity

HEARING_RATE = 16_000
SLICE_MS = 100
IDLE_SECONDS = 30
LONGEST_SILENCE_MS = 3_600_000  # a session is over by then
LOOK_BACK_MS = 2_000
"""How much sound is kept for the beginning of an utterance, beside the prefix padding."""


@dataclass(frozen=True, slots=True)
class Began:
    """Somebody began to speak; the position includes the prefix padding."""

    audio_start_ms: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The speaker has been silent long enough; the position includes that silence."""

    audio_end_ms: int


@dataclass(frozen=True, slots=True, eq=False)
class Heard16k:
    """Sound of the utterance, int16[n] at 16 kHz, and the position where it begins."""

    samples: NDArray[np.int16]
    from_ms: float


Finding = Began | Ended | Heard16k


def to_int16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Samples as a recogniser wants them."""
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)


def to_hearing_rate(data: bytes, format: AudioFormat) -> NDArray[np.int16]:
    """A whole utterance in a wire format as int16[n] at 16 kHz."""
    return to_int16(resample(decode(data, format), format.rate, HEARING_RATE))


def silence_ms(turn_detection: Mapping[str, Any]) -> int:
    """How long a pause ends a turn of which no words are known yet."""
    if turn_detection["type"] == "semantic_vad":
        return Sense().window_ms(turn_detection.get("eagerness"))
    return min(int(turn_detection["silence_duration_ms"]), LONGEST_SILENCE_MS)


class Hearing:
    """Takes what the client appends and finds the turns in it.

    `new_detector` is called when sound first has to be judged. With turn detection off, every
    sample belongs to the utterance that the client will commit.
    """

    def __init__(
        self, new_detector: Callable[[], Detector], audio_input: Mapping[str, Any]
    ) -> None:
        self._new_detector = new_detector
        self._detector: Detector | None = None
        self._turns: VoiceActivity | None = None
        self._turn_detector: TurnDetector | None = None
        self._turn_detection: Mapping[str, Any] | None = None
        self.format = AudioFormat.from_wire(audio_input["format"])
        self._resampler = StreamResampler(self.format.rate, HEARING_RATE)
        self._waiting: deque[bytes] = deque()
        self._buffer = bytearray()  # since the last commit, and heard
        self._format_from_ms = 0.0  # position where this format began
        self._bytes = 0  # heard since then
        self._judged_from_ms = 0.0  # where the turn detector's own clock is 0
        self._rest: NDArray[np.float32] = np.zeros(0, np.float32)  # less than a frame
        self._judged = 0  # samples at 16 kHz since then, judged or handed on
        self._recent: deque[NDArray[np.float32]] = deque()
        self._recent_samples = 0
        self._start_ms: float | None = None  # of the utterance being spoken
        self.configure(audio_input)

    @property
    def hungry(self) -> bool:
        """Whether there is sound that has not been heard yet."""
        return bool(self._waiting)

    @property
    def speaking(self) -> bool:
        """Whether an utterance found by turn detection is under way."""
        return self._start_ms is not None

    @property
    def manual(self) -> bool:
        """Whether the client ends its turns itself."""
        return self._turn_detection is None

    @property
    def buffered_ms(self) -> float:
        """How much sound a commit would take."""
        return duration_ms(len(self._buffer), self.format)

    @property
    def kept_bytes(self) -> int:
        """How much sound is kept, heard or not."""
        return len(self._buffer) + sum(len(data) for data in self._waiting)

    @property
    def kept_ms(self) -> float:
        """The same in milliseconds."""
        return duration_ms(self.kept_bytes, self.format)

    def configure(self, audio_input: Mapping[str, Any]) -> bool:
        """Follow the session's settings; True when what was being said is lost by that.

        A new format begins the buffer anew; turning detection on or off begins judging anew.
        """
        form = AudioFormat.from_wire(audio_input["format"])
        turn_detection = audio_input["turn_detection"]
        before = self._turn_detection
        self._turn_detection = turn_detection
        if form is not self.format:
            self._format_from_ms, self._bytes = self.position_ms, 0
            self.format = form
            self._buffer.clear()
        elif (before is None) == (turn_detection is None):
            if self._turn_detector is not None and turn_detection is not None:
                self._turn_detector.update(**_detection(turn_detection))
            return False
        self._restart()
        return True

    def wait(self, silence_ms: int) -> None:
        """End the utterance that is under way after so long a pause; the next one as set."""
        if self.speaking and self._turn_detector is not None:
            self._turn_detector.update(silence_duration_ms=silence_ms)

    def append(self, data: bytes) -> None:
        """Queue sound in the session's format, whole samples."""
        size = bytes_for_ms(SLICE_MS, self.format)
        self._waiting.extend(data[at : at + size] for at in range(0, len(data), size))

    def listen(self) -> Iterator[Finding]:
        """Hear the next slice of what was appended.

        Act on each finding before asking for the next: an end is answered by `take`.
        """
        if not self._waiting:
            return
        data = self._waiting.popleft()
        self._buffer += data
        self._bytes += len(data)
        samples = self._resampler.push(decode(data, self.format))
        if self.manual:
            if samples.size:
                yield Heard16k(to_int16(samples), self._judged_ms)
            self._judged += len(samples)
        else:
            yield from self._judge(samples)
            self._drop_idle()

    @property
    def buffered_from_ms(self) -> float:
        """Position where the sound begins that a commit would take."""
        return self.position_ms - self.buffered_ms

    def take(self, until_ms: float | None = None) -> bytes:
        """The bytes of the turn: of the utterance if one is under way, else all that is kept.

        `until_ms` is the position of its end; what follows stays for the next turn.
        """
        start = self._offset(self._start_ms) if self._start_ms is not None else 0
        end = self._offset(until_ms) if until_ms is not None else len(self._buffer)
        data = bytes(self._buffer[start:end])
        del self._buffer[:end]
        self._start_ms = None
        if until_ms is None:
            self._restart()
        return data

    def take_silence(self, since_ms: float) -> bytes:
        """The bytes since that position, in which nobody spoke; judging begins anew after them."""
        del self._buffer[: self._offset(since_ms)]
        return self.take()

    def rest(self) -> NDArray[np.int16]:
        """The end of the utterance that is still in the resampler, int16[n] at 16 kHz."""
        return to_int16(np.concatenate([self._rest, self._resampler.finish()]))

    def buffered(self) -> NDArray[np.int16]:
        """All that a commit would take, int16[n] at 16 kHz, as if heard only now."""
        return to_hearing_rate(bytes(self._buffer), self.format)

    def clear(self) -> None:
        """Throw away what was appended since the last commit."""
        self._waiting.clear()
        self._buffer.clear()
        self._start_ms = None
        self._restart()

    def _restart(self) -> None:
        """Judge from here on as if nothing had been heard before."""
        self._resampler = StreamResampler(self.format.rate, HEARING_RATE)
        self._judged_from_ms, self._judged = self.position_ms, 0
        self._rest = np.zeros(0, np.float32)
        self._recent.clear()
        self._recent_samples = 0
        self._turns = self._turn_detector = None
        self._start_ms = None

    @property
    def position_ms(self) -> float:
        """Position of the end of what was heard; counted in bytes, so that it cannot drift."""
        return self._format_from_ms + duration_ms(self._bytes, self.format)

    def _offset(self, position_ms: float) -> int:
        """Where in the buffer a position of the session lies."""
        ms = max(position_ms - self.buffered_from_ms, 0)
        return min(bytes_for_ms(ms, self.format), len(self._buffer))

    def _judge(self, samples: NDArray[np.float32]) -> Iterator[Finding]:
        if self._turns is None:
            self._begin_judging()
        assert self._detector is not None
        sound = np.concatenate([self._rest, samples])
        hop = self._detector.hop
        whole = len(sound) // hop * hop
        self._rest = sound[whole:]
        for at in range(0, whole, hop):
            yield from self._judge_frame(sound[at : at + hop])

    def _begin_judging(self) -> None:
        assert self._turn_detection is not None
        if self._detector is None:
            self._detector = self._new_detector()
        self._detector.reset()
        self._turn_detector = TurnDetector(**_detection(self._turn_detection))
        self._turns = VoiceActivity(self._detector, self._turn_detector)

    def _judge_frame(self, frame: NDArray[np.float32]) -> Iterator[Finding]:
        assert self._turns is not None
        if self.speaking:
            yield Heard16k(to_int16(frame), self._judged_ms)
        self._judged += len(frame)
        self._remember(frame)
        for event in self._turns.push(frame):
            if isinstance(event, SpeechStarted):
                yield from self._begin(event)
            else:
                yield Ended(round(self._judged_from_ms + event.audio_end_ms))

    @property
    def _judged_ms(self) -> float:
        """Position of the end of what was judged, or handed on unjudged."""
        return self._judged_from_ms + self._judged / HEARING_RATE * 1000

    def _begin(self, event: SpeechStarted) -> Iterator[Finding]:
        assert self._turn_detection is not None
        assert self._turn_detector is not None
        self._turn_detector.update(silence_duration_ms=silence_ms(self._turn_detection))
        self._start_ms = self._judged_from_ms + event.audio_start_ms
        wanted = round((self._judged_ms - self._start_ms) * HEARING_RATE / 1000)
        spoken = np.concatenate(self._recent)[-wanted:] if wanted else np.zeros(0, np.float32)
        yield Began(round(self._start_ms))
        yield Heard16k(to_int16(spoken), self._judged_ms - len(spoken) / HEARING_RATE * 1000)

    def _remember(self, frame: NDArray[np.float32]) -> None:
        assert self._turn_detection is not None
        self._recent.append(frame)
        self._recent_samples += len(frame)
        keep = (_padding_ms(self._turn_detection) + LOOK_BACK_MS) * HEARING_RATE // 1000
        while self._recent_samples - len(self._recent[0]) >= keep:
            self._recent_samples -= len(self._recent.popleft())

    def _drop_idle(self) -> None:
        if not self.speaking:
            keep = bytes_for_ms(IDLE_SECONDS * 1000, self.format)
            if len(self._buffer) > keep:
                del self._buffer[: len(self._buffer) - keep]


def _detection(turn_detection: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of the turn detector."""
    settings: dict[str, Any] = {"silence_duration_ms": silence_ms(turn_detection)}
    if turn_detection.get("threshold") is not None:
        settings["threshold"] = turn_detection["threshold"]
    if turn_detection.get("prefix_padding_ms") is not None:
        settings["prefix_padding_ms"] = _padding_ms(turn_detection)
    return settings


def _padding_ms(turn_detection: Mapping[str, Any]) -> int:
    """How much sound belongs to an utterance before its beginning; no more than is kept."""
    return min(turn_detection.get("prefix_padding_ms") or 0, IDLE_SECONDS * 1000)
