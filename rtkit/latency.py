"""Where the time of each turn went, as instants on the timeline and the stages between them.

The instants of one turn, in seconds on the timeline; None where the timeline does not say:

    speech_end        the person stopped speaking. From the clip that was played in, if one was;
                      else the instant at which the input sample was spoken that lies one silence
                      window before the `audio_end_ms` of speech_stopped. None for input that was
                      sent faster than it can be spoken, and for semantic turn detection of live
                      speech (its window is not told).
    asked             a text turn: its item was sent. A manual turn: its commit was sent.
    turn_detected     input_audio_buffer.speech_stopped was received
    committed         input_audio_buffer.committed was received (a text turn: its item was added)
    response_created  response.created was received
    tool_called       the first call of a tool was received whole, if the reply had to wait for it
    tool_returned     the output of the last one was sent
    first_token       the first word of the reply was received
    first_audio       the first sound of the reply was received
    playable          100 ms of sound had been received (or all, if it is shorter), or the player
                      had begun with less
    playback_started  the player said that the first sample of the reply was heard
    audible           the first sample that can be heard: playback_started (else playable) and the
                      silence with which the reply begins. Not on the wire: see `rtkit.onset`.
    done              response.done was received
    ended             the player said that the reply was over, or that it was cut off
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from .garbage import uncollected
from .items import Exchange, Item
from .reading import Conversation
from .timeline import Timeline

GOAL_MS = 500.0
"""A goal that people set for the wait between two speakers; not what any service promises."""

ORDER = (
    *("speech_end", "turn_detected", "asked", "committed", "response_created"),
    *("tool_called", "tool_returned", "first_token", "first_audio", "playable"),
    *("playback_started", "audible"),
)
"""The instants on the way from the end of speech to the first sound, in the order of a turn."""

MEANING = {
    "speech_end": "end of speech",
    "asked": "question sent",
    "turn_detected": "turn detected",
    "committed": "committed",
    "response_created": "response created",
    "tool_called": "tool called",
    "tool_returned": "tool answered",
    "first_token": "first word received",
    "first_audio": "first audio received",
    "playable": "first audio playable",
    "playback_started": "playback started",
    "audible": "first sound heard",
    "done": "response done",
    "ended": "reply ended",
}
"""How an instant is called in words."""

ACCEPTED = "question accepted"
"""The stage in which what was typed, or committed by hand, comes back as an item."""

SILENCE_WAIT = "turn detected (silence wait)"
"""The stage in which the server listens to silence; its length is a setting."""

LEADING_SILENCE = "first sound heard (leading silence)"
"""The stage in which the reply plays and is silent still."""

NAMED = {"turn_detected": SILENCE_WAIT, "audible": LEADING_SILENCE}


@dataclass(frozen=True, slots=True)
class Latency:
    """The instants of one turn (see the head of this module)."""

    item_id: str | None = None
    response_id: str | None = None
    speech_end: float | None = None
    asked: float | None = None
    turn_detected: float | None = None
    committed: float | None = None
    response_created: float | None = None
    tool_called: float | None = None
    tool_returned: float | None = None
    first_token: float | None = None
    first_audio: float | None = None
    playable: float | None = None
    playback_started: float | None = None
    audible: float | None = None
    done: float | None = None
    ended: float | None = None

    @property
    def first_sound(self) -> float | None:
        """When the reply began to sound: playback_started, else playable."""
        return self.playable if self.playback_started is None else self.playback_started

    @property
    def wait_span(self) -> tuple[str, str] | None:
        """The names of the two instants between which `wait_ms` is measured."""
        start = self._first("speech_end", "asked")
        end = self._first("audible", "playback_started", "playable", "first_token")
        return (start, end) if start and end else None

    @property
    def wait_ms(self) -> float | None:
        """What the person waits: end of speech (else: question sent) to the first sound heard.

        The first sound is audible, where the sound of the reply was looked at, else
        playback_started, else playable; for a reply in text, its first word.
        None if either end is unknown, as for speech that was sent faster than real time.
        """
        return self._between(self.wait_span)

    @property
    def response_span(self) -> tuple[str, str] | None:
        """The names of the two instants between which `response_ms` is measured."""
        start = self._first("turn_detected", "asked", "committed")
        end = self._first("first_audio", "first_token")
        return (start, end) if start and end else None

    @property
    def response_ms(self) -> float | None:
        """What the server takes: turn detected (else: question sent) to first audio received.

        The wait for silence, before, and the player, after, are not in it.
        """
        return self._between(self.response_span)

    @property
    def silence_ms(self) -> float | None:
        """How long the server listened to silence: end of speech to turn detected."""
        both = self.speech_end is not None and self.turn_detected is not None
        return self._between(("speech_end", "turn_detected") if both else None)

    def stages(self) -> list[tuple[str, float, float]]:
        """(what it leads to, start, end) of each step to the first sound, in seconds.

        Each begins where the one before it ends, so that they sum to the time between the first
        and the last instant. One leads to each instant that is known, but not to those that came
        after a later one; what came before an earlier one took no time.
        """
        names = self._known()
        reached = self._at(names[0]) if names else 0.0
        found = []
        for name in names[1:]:
            start, reached = reached, max(reached, self._at(name))
            found.append((self._called(name), start, reached))
        return found

    def _known(self) -> list[str]:
        """The instants that stages lie between, in order."""
        names = [name for name in ORDER if getattr(self, name) is not None]
        if self.turn_detected is not None and self.asked is not None:
            names.remove("asked")  # the notebook found the turn, and asked for it at once
        kept: list[str] = []
        for name in reversed(names):
            if not kept or name == names[0] or self._at(name) <= self._at(kept[-1]):
                kept.append(name)
        return kept[::-1]

    def _called(self, end: str) -> str:
        if end == "committed" and self.turn_detected is None:
            return ACCEPTED
        return NAMED.get(end, MEANING[end])

    def _first(self, *names: str) -> str | None:
        return next((name for name in names if getattr(self, name) is not None), None)

    def _at(self, name: str) -> float:
        return float(getattr(self, name))

    def _between(self, span: tuple[str, str] | None) -> float | None:
        return None if span is None else 1000 * (self._at(span[1]) - self._at(span[0]))

    def __repr__(self) -> str:
        figures = (("wait", self.wait_ms), ("response", self.response_ms))
        known = ", ".join(f"{name} {ms:.0f} ms" for name, ms in figures if ms is not None)
        return f"Latency({known or 'nothing measured'})"


def measure(timeline: Timeline) -> list[Latency]:
    """The latency of each turn that was answered, in order."""
    with uncollected():
        talk = Conversation(timeline)
        return [latency_of(talk, exchange) for exchange in talk.exchanges if exchange.response_ids]


def latency_of(talk: Conversation, exchange: Exchange) -> Latency:
    """The latency of one exchange: from its last question to the first sound of its responses."""
    item = talk.items[exchange.asked[-1]] if exchange.asked else None
    responses = [talk.responses[response_id] for response_id in exchange.response_ids]
    answers = [talk.items[item_id] for item_id in exchange.answered]
    last = responses[-1] if responses else None
    started = _earliest(answer.playing for answer in answers)
    begun = _earliest([r.first_token for r in responses] + [r.first_audio for r in responses])
    called, returned = _tools(exchange, begun)
    return Latency(
        item_id=item.id if item else None,
        response_id=last.id if last else None,
        response_created=responses[0].created if responses else None,
        tool_called=called,
        tool_returned=returned,
        first_token=_earliest(response.first_token for response in responses),
        first_audio=_earliest(response.first_audio for response in responses),
        playable=_earliest([*(response.playable for response in responses), started]),
        playback_started=started,
        done=last.done if last else None,
        ended=answers[-1].played_until if answers else None,
        **_question(item),
    )


def _tools(exchange: Exchange, begun: float | None) -> tuple[float | None, float | None]:
    """When tools were called and had answered; nothing if the reply had begun before that."""
    called, returned = exchange.called, exchange.returned
    if called is None or returned is None or not called <= returned <= (begun or math.inf):
        return None, None
    return called, returned


def _question(item: Item | None) -> dict[str, float | None]:
    if item is None:
        return {}
    return {
        "speech_end": item.speech_end,
        "asked": item.asked,
        "turn_detected": item.detected,
        "committed": item.added if item.committed is None else item.committed,
    }


def _earliest(instants: Iterable[float | None]) -> float | None:
    return min((t for t in instants if t is not None), default=None)
