"""What became of everything that a caller said: the events from which turn-taking is scored.

The events and their windows are those of the interaction metrics of tau-voice (tau2-bench,
docs/interaction-metrics.md; arXiv 2603.13686), which relate to the takeover rate and the stop and
response latency of Full-Duplex-Bench (arXiv 2503.04721 and, for overlap, 2507.23159). They are
measured to the sample here, not in ticks of 200 ms. Where a definition differs, it says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rtkit.items import Exchange, Item
from rtkit.reading import Conversation
from rtkit.scores import REST_MS
from rtkit.timeline import Timeline

from .speeches import Reply, Speech, read_replies, read_speeches

YIELD_WINDOW_S = 2.0
"""Who interrupts is yielded to within this time, or not at all."""

KEEP_WINDOW_S = 1.0
"""An answer that stops so soon after a backchannel or a noise was stopped by it."""

LEAST_OVERLAP_MS = 150.0
"""A turn of the server holds a piece of speech if it shares so much with it, or half of it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one piece of speech.

    heard        what the server wrote down of it
    answered     an answer began after it did, and before the caller asked again
    response_ms  from its end to the first sample of that answer that can be heard; 0 if that began
                 with its last sound, None if it began earlier or if nothing came
    interrupted  while it was spoken, the server ended its turn or the assistant began to speak
    spoken_over  the assistant was speaking when it began
    yield_ms     from its beginning until the assistant, silenced, was silent; None if it was not
    settled      the assistant was silenced, or went on for the whole window: what it does when
                 it is spoken over can be judged
    replied      an answer was made to it alone
    doubled      answers that were heard beyond the one that it asked for
    """

    speech: Speech
    heard: str = ""
    answered: bool = False
    response_ms: float | None = None
    interrupted: bool = False
    spoken_over: bool = False
    yield_ms: float | None = None
    settled: bool = False
    replied: bool = False
    doubled: int = 0

    @property
    def missed(self) -> bool:
        """It asked, and nothing came."""
        return self.speech.asks and not self.answered

    @property
    def yielded(self) -> bool:
        """The assistant fell silent for it in time."""
        return self.yield_ms is not None and self.yield_ms <= 1000 * YIELD_WINDOW_S

    @property
    def let_pass(self) -> bool:
        """It asked for nothing, and the assistant neither stopped for it nor answered it."""
        return not self.speech.asks and self.yield_ms is None and not self.replied


def read_outcomes(timeline: Timeline) -> list[Outcome]:
    """What became of each piece of the caller's speech, in order."""
    talk = Conversation(timeline)
    speeches, replies = read_speeches(timeline, talk), read_replies(timeline, talk)
    owners = {item.id: owner(item, speeches) for item in talk.items.values() if _spoken(item)}
    outcomes = [_outcome(talk, speech, speeches, replies, owners) for speech in speeches]
    return _doubled(talk, outcomes, replies, owners)


def owner(item: Item, speeches: Sequence[Speech]) -> Speech | None:
    """The speech that a turn of the server is made of: what wants an answer before what does not,
    then what it shares most of; None if it is made of nothing that the caller said."""
    shares = [(_shared_ms(item, speech), speech) for speech in speeches]
    held = [
        (speech.kind != "noise", shared, n)
        for n, (shared, speech) in enumerate(shares)
        if shared >= min(LEAST_OVERLAP_MS, (speech.end_ms - speech.start_ms) / 2) and shared > 0
    ]
    return speeches[max(held)[2]] if held else None


def _shared_ms(item: Item, speech: Speech) -> float:
    begin = item.begun_ms or 0.0
    return min(item.stopped_ms or begin, speech.end_ms) - max(begin, speech.start_ms)


def _spoken(item: Item) -> bool:
    return item.role == "user" and item.committed is not None


def _outcome(
    talk: Conversation,
    speech: Speech,
    speeches: Sequence[Speech],
    replies: Sequence[Reply],
    owners: dict[str, Speech | None],
) -> Outcome:
    own = [talk.items[item_id] for item_id, whose in owners.items() if whose is speech]
    limit = min((s.start for s in speeches if s.asks and s.start > speech.start), default=1e12)
    before = {reply.response_id for reply in replies if reply.start < speech.start}
    fresh = [r for r in replies if r.response_id not in before and r.start < limit]
    outcome = Outcome(
        speech,
        heard=" ".join(item.text for item in own if item.text),
        answered=bool(fresh),
        response_ms=_response_ms(speech, fresh),
        interrupted=speech.asks and _interrupted(speech, own, fresh),
        replied=_replied(talk, speech, owners, replies),
    )
    return _overlapped(outcome, replies, limit) if speech.live else outcome


def _response_ms(speech: Speech, fresh: Sequence[Reply]) -> float | None:
    after = [reply.start for reply in fresh if reply.start >= speech.end - REST_MS / 1000]
    return max(0.0, 1000 * (after[0] - speech.end)) if after and speech.live else None


def _interrupted(speech: Speech, own: Sequence[Item], fresh: Sequence[Reply]) -> bool:
    ended_early = any((item.stopped_ms or 0.0) < speech.end_ms - REST_MS for item in own)
    return ended_early or (
        speech.live and any(reply.start < speech.end - REST_MS / 1000 for reply in fresh)
    )


def _replied(
    talk: Conversation,
    speech: Speech,
    owners: dict[str, Speech | None],
    replies: Sequence[Reply],
) -> bool:
    answers = (exchange for exchange in talk.exchanges if _audible(exchange, replies))
    asked = ([owners.get(item_id) for item_id in one.asked] for one in answers)
    return any(whose and all(one is speech for one in whose) for whose in asked)


def _audible(exchange: Exchange, replies: Sequence[Reply]) -> bool:
    return any(reply.response_id in exchange.response_ids for reply in replies)


def _overlapped(outcome: Outcome, replies: Sequence[Reply], limit: float) -> Outcome:
    """With what the assistant did that was speaking already."""
    speech = outcome.speech
    over = [reply for reply in replies if reply.start < speech.start < reply.end]
    if not over:
        return outcome
    whole = [
        r for r in replies if r.response_id == over[-1].response_id and r.start >= over[-1].start
    ]
    end, cut = whole[-1].end, whole[-1].cut
    window = speech.start + YIELD_WINDOW_S if speech.asks else speech.end + KEEP_WINDOW_S
    stopped = cut and (speech.asks or end <= min(window, limit))
    return replace(
        outcome,
        spoken_over=True,
        yield_ms=1000 * (end - speech.start) if stopped else None,
        settled=stopped or end > window,
    )


def _doubled(
    talk: Conversation,
    outcomes: list[Outcome],
    replies: Sequence[Reply],
    owners: dict[str, Speech | None],
) -> list[Outcome]:
    """With the answers that nobody asked for, each told of the question before it."""
    counts = [0] * len(outcomes)
    for exchange in talk.exchanges:
        if any(owners.get(item_id, item_id) for item_id in exchange.asked):
            continue  # spoken, or typed
        begun = [r.start for r in replies if r.response_id in exchange.response_ids]
        asked = [n for n, one in enumerate(outcomes) if one.speech.asks]
        before = [n for n in asked if begun and outcomes[n].speech.start < begun[0]]
        if before:
            counts[before[-1]] += 1
    return [replace(one, doubled=count) for one, count in zip(outcomes, counts, strict=True)]
