"""The turns of a conversation: what was asked, what was answered, and how long it took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .cost import EMBEDDED, Charge, Cost, Ledger
from .garbage import uncollected
from .items import Exchange, Item, SpokenWord
from .latency import Latency, latency_of
from .moments import Span, Track
from .reading import Conversation
from .timeline import Timeline
from .transcript import heard_words

if TYPE_CHECKING:
    from .clip import Clip


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer.

    `question` is what the recogniser understood (or what was typed), "" while it is not known;
    `question_confidence` says how sure it is, 0 to 1, None if it does not tell, and
    `question_words` when each of its words was said, None where a server does not tell. `answer` is
    all that the assistant wanted to say; `heard` what of it was heard if it was interrupted.
    `status` is that of the response (completed, cancelled, incomplete, failed, in_progress), None
    if there was no response. `cost` is the bill of the responses and of the question's
    transcription.
    """

    question: str = ""
    answer: str = ""
    latency: Latency | None = None
    cost: Cost = field(default_factory=Cost)
    user_item_id: str | None = None
    assistant_item_ids: tuple[str, ...] = ()
    response_id: str | None = None
    status: str | None = None
    interrupted: bool = False
    heard: str | None = None
    question_confidence: float | None = None
    question_words: tuple[SpokenWord, ...] | None = None
    sound: tuple[tuple[Track, Span], ...] = field(default=(), repr=False, compare=False)

    @property
    def audio(self) -> Clip | None:
        """The answer as it was spoken, in the rate of the session's format; None if it was not."""
        from .clip import Clip

        if not self.sound:
            return None
        track, _ = self.sound[0]
        data = b"".join(piece.read(span) for piece, span in self.sound if piece is track)
        return Clip.from_bytes(data, track.format)

    def __repr__(self) -> str:
        parts = [f"question={self.question!r}", f"answer={self.answer!r}"]
        if self.interrupted:
            parts.append(f"heard={self.heard!r}")
        if self.status not in ("completed", None) and not self.interrupted:
            parts.append(f"status={self.status!r}")
        return f"Turn({', '.join(parts)})"


def read_turns(timeline: Timeline) -> list[Turn]:
    """The turns so far, in order; a question without an answer is a turn too."""
    return TurnReader(timeline).turns()


class TurnReader:
    """The turns of a timeline that grows: each call reads on where the last one stopped."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._talk = Conversation(timeline)
        self._ledger = Ledger()
        self._charges: dict[str, list[Charge]] = {}
        self._seen = 0

    def turns(self) -> list[Turn]:
        """All turns so far."""
        with uncollected():
            self._read_on()
            return [self._turn(exchange) for exchange in _split(self._talk.exchanges)]

    def last(self, count: int) -> list[tuple[int, Turn, Latency]]:
        """The last turns, each with its number and its instants so far.

        The one under way is among them, although nobody has answered it.
        """
        self._read_on()
        every = list(enumerate(_split(self._talk.exchanges), 1))
        return [(n, self._turn(one), latency_of(self._talk, one)) for n, one in every[-count:]]

    def of_response(self, response_id: str) -> Turn | None:
        """The turn that a response ends; None if there is no such response."""
        self._read_on()
        for exchange in reversed(self._talk.exchanges):
            if exchange.response_ids[-1:] == [response_id]:
                return self._turn(exchange)
        return None

    def _read_on(self) -> None:
        self._talk.read_on(self._timeline)
        first, self._seen = self._seen, len(self._timeline)
        for charge in self._ledger.read(self._timeline[first : self._seen]):
            self._charges.setdefault(charge.id, []).append(charge)

    def _turn(self, exchange: Exchange) -> Turn:
        ids = (*exchange.asked, *exchange.response_ids)
        billed = tuple(charge for id_ in ids for charge in self._charges.get(id_, ()))
        cost = Cost(billed, estimated=self._timeline.target == EMBEDDED)
        return _turn(self._talk, self._timeline, exchange, cost)


def _split(exchanges: list[Exchange]) -> list[Exchange]:
    """Questions that nobody answered stand alone."""
    apart = []
    for exchange in exchanges:
        if exchange.response_ids or exchange.answered or len(exchange.asked) < 2:
            apart.append(exchange)
        else:
            apart.extend(Exchange(asked=[item_id]) for item_id in exchange.asked)
    return apart


def _turn(talk: Conversation, timeline: Timeline, exchange: Exchange, cost: Cost) -> Turn:
    asked = [talk.items[item_id] for item_id in exchange.asked]
    answers = [talk.items[item_id] for item_id in exchange.answered]
    said = [item for item in answers if item.kind == "message"]
    last = talk.responses[exchange.response_ids[-1]] if exchange.response_ids else None
    interrupted = any(item.cut_off for item in said) or bool(last and last.interrupted)
    return Turn(
        question=_joined(item.text for item in asked),
        answer=_joined(item.text for item in said),
        latency=latency_of(talk, exchange) if last else None,
        cost=cost,
        user_item_id=asked[-1].id if asked else None,
        assistant_item_ids=tuple(item.id for item in said),
        response_id=last.id if last else None,
        status=last.status if last else None,
        interrupted=interrupted,
        heard=_joined(heard_words(item) for item in said) if interrupted else None,
        question_confidence=_least(asked),
        question_words=_all_words(asked),
        sound=tuple((timeline.tracks[span.track], span) for item in said for span in item.spans),
    )


def _joined(texts: Iterable[str]) -> str:
    return " ".join(text for text in texts if text)


def _least(items: list[Item]) -> float | None:
    return min((item.confidence for item in items if item.confidence is not None), default=None)


def _all_words(items: list[Item]) -> tuple[SpokenWord, ...] | None:
    """The timed words of all of them; None unless each has its own."""
    told = [item.words for item in items if item.words is not None]
    return (
        tuple(word for words in told for word in words)
        if told and len(told) == len(items)
        else None
    )
