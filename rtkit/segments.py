"""Turns of a clip, as the embedded server finds them: the same detector, the same rules.

`segment` tells beforehand what the server will do with a sound, event for event: which turns it
finds, at which positions, and how much sound it must have been sent to know. The detector's work
is done once (`rtkit.listen`); to decide anew with other settings takes a millisecond or two.
What a session's answers bring about (interruptions, `idle_timeout_ms`) is not told here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rtkit import events
from rtkit.choices import VADMode
from rtkit.clip import Clip
from rtkit.detection import Detection
from rtkit.errors import ConfigError
from rtkit.fields import check_update, default_session, merge
from rtkit.parts import VADConfig
from rtkit.sense import Guess, Sense, TimedWord
from rtkit.sheets import Sheet, Shown
from rtkit.vad import SpeechEvent, SpeechStarted, TurnDetector, TurnSettings
from rtkit.windows import silence_ms, turn_settings


@dataclass(frozen=True, slots=True)
class Segment:
    """One turn; milliseconds of the clip.

    `start_ms` to `end_ms` is what the server commits: the prefix padding and the silence window are
    in it. `speech_start_ms` to `speech_end_ms` is where the detector heard speech, to a frame.
    `decided_ms` is how much sound the server must have to know that the turn is over. The ends of
    a turn that is still open when the clip is over are None, but for `speech_end_ms`: so far.
    """

    start_ms: int
    end_ms: int | None
    speech_start_ms: float
    speech_end_ms: float
    decided_ms: float | None

    @property
    def wait_ms(self) -> float | None:
        """How long the caller waits from the end of speech until the turn is over."""
        return None if self.decided_ms is None else self.decided_ms - self.speech_end_ms


@dataclass(frozen=True, slots=True, repr=False)
class Segmentation(Shown):
    """The turns of a clip under one setting, and the events that would tell of them.

    `vad` is the `turn_detection` object in force, with its defaults; None: turns by hand, so none
    here. `events` are the wire's, in order, without `event_id`; items are counted from `item_1`.
    `known_ms` says of each how much sound the server must have to send it.
    """

    heard: Detection
    vad: Mapping[str, Any] | None
    segments: tuple[Segment, ...]
    events: tuple[dict[str, Any], ...]
    known_ms: tuple[float, ...]

    @property
    def settings(self) -> TurnSettings | None:
        """The detector's numbers, `threshold` and `leave` among them; None for turns by hand."""
        return None if self.vad is None else TurnSettings(**turn_settings(self.vad))

    def sheet(self) -> Sheet:
        """A line for each turn."""
        rows = [_row(number, found) for number, found in enumerate(self.segments, 1)]
        return Sheet(HEAD, rows, f"{described(self.vad)}; {self.heard.detector}", "No turn.")

    def __repr__(self) -> str:
        count = len(self.segments)
        return f"Segmentation({count} turn{'s' * (count != 1)}; {described(self.vad)})"


HEAD = ("turn", "from ms", "to ms", "speech from", "speech to", "over at ms", "wait ms")


def _row(number: int, found: Segment) -> list[str]:
    speech = (found.speech_start_ms, found.speech_end_ms)
    cells = (found.start_ms, found.end_ms, *speech, found.decided_ms, found.wait_ms)
    return [str(number), *("open" if ms is None else f"{ms:.0f}" for ms in cells)]


def segment(
    of: Clip | Detection,
    vad: VADConfig | Mapping[str, Any] | None = None,
    words: Sequence[TimedWord | Guess] = (),
) -> Segmentation:
    """What the embedded server would find in a clip, appended from position 0 on.

    `of` is a Clip, which Silero then hears (MissingExtra without it), or what `rtkit.listen` made
    of one. `vad` is a VADConfig, a wire `turn_detection` object, or None for the server's default;
    ConfigError for one that the server refuses. With VADMode.CLIENT the turns are those that a
    session finds on this side. `words` is what a recogniser hears, by position: it counts with
    `semantic_vad` only, which without words goes by pauses. A clip that ends in speech ends in an
    open turn: add Clip.silence.
    """
    heard = of if isinstance(of, Detection) else _listen(of)
    turn_detection = in_force(vad)
    if turn_detection is None:
        return Segmentation(heard, None, (), (), ())
    finder = _Finder(turn_detection, sorted(words, key=lambda word: word.at_ms))
    told = list(finder.hear(heard))
    known = tuple(at_ms for at_ms, _ in told)
    return Segmentation(
        heard, turn_detection, tuple(finder.found), tuple(event for _, event in told), known
    )


def in_force(vad: VADConfig | Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The `turn_detection` object that a server would show; None when turns are made by hand.

    >>> in_force({"type": "semantic_vad"})["eagerness"]
    'auto'
    """
    session = default_session()
    if vad is not None:
        update = {"type": "realtime", "audio": {"input": {"turn_detection": _wire(vad)}}}
        if (refusal := check_update(update, current=session)) is not None:
            raise ConfigError(refusal.message)
        session = merge(session, update)
    found: dict[str, Any] | None = session["audio"]["input"]["turn_detection"]
    return found


def described(turn_detection: Mapping[str, Any] | None) -> str:
    """A `turn_detection` object in one line.

    >>> described(in_force({"type": "server_vad", "threshold": 0.6}))
    'server_vad, threshold 0.6, padding 300 ms, silence 500 ms'
    """
    if turn_detection is None:
        return "turns by hand"
    kind = str(turn_detection["type"])
    if kind == "semantic_vad":
        return f"{kind}, eagerness {turn_detection['eagerness']}"
    return (
        f"{kind}, threshold {turn_detection['threshold']:g}, "
        f"padding {turn_detection['prefix_padding_ms']} ms, "
        f"silence {turn_detection['silence_duration_ms']} ms"
    )


def _wire(vad: VADConfig | Mapping[str, Any]) -> Mapping[str, Any] | None:
    if not isinstance(vad, VADConfig):
        return vad
    own = vad.mode is VADMode.CLIENT  # the same numbers, used on this side
    return (vad.model_copy(update={"mode": VADMode.SERVER}) if own else vad).to_turn_detection()


def _listen(clip: Clip) -> Detection:
    from rtkit.detectors import listen

    return listen(clip)


@dataclass(slots=True)
class _Finder:
    """Follows the frames as the server's ears do, and the words as they come in between."""

    turn_detection: Mapping[str, Any]
    words: list[TimedWord | Guess]
    found: list[Segment] = field(default_factory=list)
    turns: TurnDetector = field(init=False)
    sense: Sense = field(default_factory=Sense)
    said: list[TimedWord] = field(default_factory=list)  # of this turn, or since the last one

    def hear(self, heard: Detection) -> Iterator[tuple[float, dict[str, Any]]]:
        """The events, each with the position where it is known."""
        self.turns = TurnDetector(**turn_settings(self.turn_detection))
        rate, hop, come = heard.rate, heard.hop, 0
        known = heard.known_ms.tolist()
        for frame, probability in enumerate(heard.probabilities.tolist()):
            while come < len(self.words) and self.words[come].at_ms < known[frame]:
                self._hear_word(self.words[come])
                come += 1
            start_ms, end_ms = frame * hop * 1000 / rate, (frame + 1) * hop * 1000 / rate
            for event in self.turns.step(probability, start_ms, end_ms):
                yield from self._follow(event, start_ms, known[frame])
        if self.turns.speaking:
            self._update()

    def _follow(
        self, event: SpeechEvent, start_ms: float, known_ms: float
    ) -> Iterator[tuple[float, dict[str, Any]]]:
        if isinstance(event, SpeechStarted):
            self._begin(event, start_ms)
            place = {"audio_start_ms": event.audio_start_ms, "item_id": self._item_id}
            yield known_ms, {"type": events.SPEECH_STARTED, **place}
            return
        self._update(end_ms=event.audio_end_ms, decided_ms=known_ms)
        place = {"audio_end_ms": event.audio_end_ms, "item_id": self._item_id}
        yield known_ms, {"type": events.SPEECH_STOPPED, **place}
        yield known_ms, {"type": events.COMMITTED, "item_id": self._item_id}

    def _begin(self, event: SpeechStarted, start_ms: float) -> None:
        self.found.append(
            Segment(event.audio_start_ms, None, start_ms, self.turns.voiced_until_ms, None)
        )
        self.turns.update(silence_duration_ms=silence_ms(self.turn_detection))
        self.sense.reset()
        early = [word for word in self.said if word.at_ms >= event.audio_start_ms]
        self.said.clear()
        for word in early:
            self._hear_word(word)

    def _hear_word(self, word: TimedWord | Guess) -> None:
        """A guess is all that was said so far; a word comes after those that were."""
        text = word.text
        if isinstance(word, TimedWord):
            self.said.append(word)
            text = " ".join(one.text for one in self.said)
        if self.turns.speaking and self.turn_detection["type"] == "semantic_vad":
            self.sense.hear(text, word.at_ms)
            window = self.sense.window_ms(self.turn_detection.get("eagerness"))
            self.turns.update(silence_duration_ms=window)

    def _update(self, **ends: Any) -> None:
        """What is known of the last turn now."""
        spoken = self.turns.voiced_until_ms
        self.found[-1] = replace(self.found[-1], speech_end_ms=spoken, **ends)

    @property
    def _item_id(self) -> str:
        return f"item_{len(self.found)}"
