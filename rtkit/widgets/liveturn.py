"""The waterfall of the turn under way, for a page: stage by stage, as the moments come.

Stages, names, colours and both latencies are those of `rtkit.plots.waterfall`: the page computes
nothing. Something new is told only when a stage ends. No clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rtkit import events
from rtkit.latency import GOAL_MS, MEANING, Latency
from rtkit.onset import audible
from rtkit.stages import KIND_OF, KINDS, total_words, totals_of, zero_name
from rtkit.turns import Turn, TurnReader

if TYPE_CHECKING:
    from rtkit.timeline import Moment, Timeline

BEFORE = 5
"""So many turns before this one are drawn small."""

ENDS_A_STAGE = {
    *(events.SPEECH_STOPPED, events.COMMIT, events.COMMITTED, events.ITEM_CREATE),
    *(events.ITEM_ADDED, events.RESPONSE_CREATED, events.OUTPUT_ITEM_DONE, events.RESPONSE_DONE),
    *("playback.started", "playback.finished", "playback.flushed"),
    *("input.ended", "turn.ended", "reconnected", "session.closed"),
}
PIECES = {
    events.TRANSCRIPT_DELTA: "first_token",
    events.TEXT_DELTA: "first_token",
    events.AUDIO_DELTA: "audible",
    events.AUDIO_DONE: "audible",
}
"""They come many a second; each matters until this instant of the reply is known."""

LEGEND = [{"name": k.name, "color": k.color, "hatched": k.hatch is not None} for k in KINDS]


class LiveTurn:
    """Follows a timeline that grows; `take` says what a page shows from now on."""

    def __init__(self, timeline: Timeline) -> None:
        self._reader = TurnReader(timeline)
        self._latency = Latency()  # of the turn under way
        self._bars: dict[int, dict[str, Any]] = {}  # of the turns before, by number

    def take(self, moment: Moment) -> dict[str, Any]:
        """What of the page's state this moment changes."""
        return self.now() if self._matters(moment.type) else {}

    def now(self) -> dict[str, Any]:
        """What the page shows so far."""
        found = self._reader.last(BEFORE + 1)
        if not found:
            return {"waterfall": None}
        *before, (number, turn, latency) = found
        self._latency = _seen(turn, latency)
        for one in before:
            self._keep_bar(*one)
        bars = [self._bars[n] for n, _, _ in before if self._bars[n]["stages"]]
        return {"waterfall": picture(number, turn, self._latency) | {"before": bars}}

    def _matters(self, type_: str) -> bool:
        if type_ in PIECES:
            return getattr(self._latency, PIECES[type_]) is None
        return type_ in ENDS_A_STAGE

    def _keep_bar(self, number: int, turn: Turn, latency: Latency) -> None:
        """A turn that is over is looked at once."""
        if number not in self._bars:
            self._bars[number] = _bar(number, _seen(turn, latency))
            self._bars.pop(number - BEFORE, None)


def _seen(turn: Turn, latency: Latency) -> Latency:
    """With the first sound that can be heard, once the reply is played or has come."""
    if latency.playback_started is None and not _is_over(turn):
        return latency
    return audible(turn) or latency


def _is_over(turn: Turn) -> bool:
    return turn.status not in (None, "in_progress")


def picture(number: int, turn: Turn, latency: Latency) -> dict[str, Any]:
    """One turn as the page draws it; milliseconds from where its stages begin."""
    bar = _bar(number, latency)
    if not bar["stages"]:
        return bar | {"totals": [], "goal_ms": None, "reply_ms": None, "over": False, "text": ""}
    zero, last = latency.stages()[0][1], latency.stages()[-1][2]
    ended = latency.ended
    spoken = latency.speech_end is not None
    return bar | {
        "legend": LEGEND,
        "zero": zero_name(latency),
        "totals": [_total(latency, ms, span, zero) for ms, span in totals_of(latency)],
        "goal_ms": GOAL_MS if spoken else None,
        "reply_ms": _ms(ended, last) if ended is not None and ended > last else None,
        "over": _is_over(turn),
        "text": words(number, latency),
    }


def words(number: int, latency: Latency) -> str:
    """The waterfall of a turn in words: both latencies, then each stage."""
    totals = "; ".join(total_words(ms, span) for ms, span in totals_of(latency))
    stages = ", ".join(f"{name} {_ms(end, start)} ms" for name, start, end in latency.stages())
    return f"Turn {number}: {totals or 'not answered yet'}. Stages: {stages}."


def _bar(number: int, latency: Latency) -> dict[str, Any]:
    stages = latency.stages()
    zero = stages[0][1] if stages else 0.0
    rows = [
        {"name": name, "kind": KINDS.index(KIND_OF[name])}
        | {"start": _ms(start, zero), "end": _ms(end, zero)}
        for name, start, end in stages
    ]
    return {"number": number, "stages": rows}


def _total(latency: Latency, ms: float, span: tuple[str, str], zero: float) -> dict[str, Any]:
    first, last = span
    return {
        "name": f"{MEANING[first]} to {MEANING[last]}",
        "start": _ms(getattr(latency, first), zero),
        "ms": round(ms),
    }


def _ms(later: float, earlier: float) -> int:
    return round(1000 * (later - earlier))
