"""What a session costs: the tokens of each response and transcription, times the list prices.

Every `response.done` with a usage object is a charge, whatever became of the response: a cancelled
one is billed for what it made, and one beside the conversation like any other. Cached tokens are a
part of the input tokens, at a price of their own. A transcription is billed by the minute; where a
server counts its sound in tokens, 10 of them are a second. Prices come from `rtkit.catalog`, each
with its date and source; a model without a price there costs None, never 0.

The embedded server is free. What is reckoned for it is what its counts would cost at the price of
the model it was asked for, and `Cost.estimated` says so: its text tokens are an approximation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import catalog, dialects, events
from .moments import Moment
from .timeline import Timeline

MODALITIES = ("text", "audio", "image")
EMBEDDED = "embedded"
TRANSCRIPTION = "transcription"
AUDIO_TOKENS_PER_SECOND = 1000 / catalog.limit("user_audio_ms_per_token")
PER_MILLION = 1_000_000
UNNAMED = "a model that was not named"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill: so many units of a kind, and their price in US dollars.

    `modality` is "text", "audio", "image" or "transcription"; `direction` "input" (fresh),
    "cached" or "output". `amount` counts tokens, for a transcription seconds. `usd` is None when
    no price is known.
    """

    modality: str
    direction: str
    amount: float
    usd: float | None


@dataclass(frozen=True, slots=True)
class Charge:
    """What was billed for one response (`id` is its id) or one transcription (that of its item)."""

    t: float
    id: str
    model: str
    lines: tuple[Line, ...]

    @property
    def usd(self) -> float | None:
        """US dollars; None when a part of it has no known price."""
        return total(self.lines)

    @property
    def transcription(self) -> bool:
        """Whether this is a transcription, not a response."""
        return any(line.modality == TRANSCRIPTION for line in self.lines)

    def amount(self, direction: str, *modalities: str) -> int:
        """Tokens of a direction ("input" is the fresh part), of these modalities or of all."""
        wanted = modalities or MODALITIES
        found = (line for line in self.lines if line.direction == direction)
        return round(sum(line.amount for line in found if line.modality in wanted))


@dataclass(frozen=True, slots=True)
class Cost:
    """The bill of a turn, a session, or any part of one."""

    charges: tuple[Charge, ...] = ()
    estimated: bool = False

    @property
    def usd(self) -> float | None:
        """US dollars; None when something in it has no known price. 0 for an empty bill."""
        return total(line for charge in self.charges for line in charge.lines)

    @property
    def lines(self) -> tuple[Line, ...]:
        """One line for each modality and direction that occurs, summed over the charges."""
        found: dict[tuple[str, str], list[Line]] = {}
        for charge in self.charges:
            for line in charge.lines:
                found.setdefault((line.modality, line.direction), []).append(line)
        return tuple(
            Line(*kind, sum(line.amount for line in lines), total(lines))
            for kind, lines in sorted(found.items(), key=lambda row: _ORDER.index(row[0]))
        )

    @property
    def unpriced(self) -> tuple[str, ...]:
        """The models that have no known price, which make `usd` None."""
        names = (charge.model or UNNAMED for charge in self.charges if charge.usd is None)
        return tuple(dict.fromkeys(names))

    @property
    def cached_share(self) -> float | None:
        """How much of the input tokens was cached, 0 to 1; None without input tokens."""
        cached = sum(charge.amount("cached") for charge in self.charges)
        given = cached + sum(charge.amount("input") for charge in self.charges)
        return cached / given if given else None

    def __repr__(self) -> str:
        count = f"{len(self.charges)} charge{'' if len(self.charges) == 1 else 's'}"
        if self.usd is None:
            return f"Cost(unknown: no price of {', '.join(self.unpriced)}, {count})"
        kind = ", estimated" if self.estimated else ""
        return f"Cost({self.usd:.4f} USD, {count}{kind})"


_ORDER = [
    *((modality, way) for modality in MODALITIES for way in ("input", "cached", "output")),
    (TRANSCRIPTION, "input"),
]


def total(lines: Iterable[Line]) -> float | None:
    """The sum of the lines; None when one that counts something has no known price."""
    prices = [line.usd for line in lines if line.amount]
    known = [price for price in prices if price is not None]
    return math.fsum(known) if len(known) == len(prices) else None


def read_cost(timeline: Timeline) -> Cost:
    """The bill of a timeline."""
    return Cost(tuple(Ledger().read(timeline)), estimated=timeline.target == EMBEDDED)


class Ledger:
    """Reads a timeline piece by piece: it remembers which models the session named last."""

    def __init__(self) -> None:
        self._model = self._listener = ""

    def read(self, moments: Iterable[Moment]) -> Iterator[Charge]:
        """One charge for each usage object that counts something, in the order of their coming."""
        for moment in moments:
            if moment.source != "server" or moment.type not in _TOLD:
                continue
            event = moment.event
            if moment.type == events.RESPONSE_DONE:
                told, name = _mapping(event.get("response")), self._model
                id_, lines = told.get("id"), response_lines(dialects.usage_of(event), name)
            elif moment.type == events.TRANSCRIPTION_COMPLETED:
                id_, name = event.get("item_id"), self._listener
                lines = transcription_lines(_mapping(event.get("usage")), name)
            else:
                named = models_of(event.get("session"), self._model, self._listener)
                self._model, self._listener = named
                continue
            if lines:
                yield Charge(moment.t, str(id_ or ""), name, lines)


_TOLD = (
    events.SESSION_CREATED,
    events.SESSION_UPDATED,
    events.RESPONSE_DONE,
    events.TRANSCRIPTION_COMPLETED,
)


def models_of(session: object, model: str, listener: str) -> tuple[str, str]:
    """The models of a session object, for its answers and for its transcripts."""
    told = _mapping(session)
    heard = dialects.transcription(told)
    return str(told.get("model") or model), str(_mapping(heard).get("model") or listener)


def response_lines(usage: Mapping[str, Any], model: str) -> tuple[Line, ...]:
    """The lines of a response's usage object; none when it counts nothing.

    Where a server does not say what the cached tokens were, they are taken to be what there is
    most of, the order of `MODALITIES` deciding a tie.
    """
    given = _mapping(usage.get("input_token_details"))
    made = _mapping(usage.get("output_token_details"))
    fresh = {kind: _count(given, kind) for kind in MODALITIES}
    cached = _cached(given, fresh)
    lines = []
    for kind in MODALITIES:
        amounts = (fresh[kind] - cached[kind], cached[kind], _count(made, kind))
        for way, amount in zip(("input", "cached", "output"), amounts, strict=True):
            if amount:
                lines.append(Line(kind, way, amount, _token_price(model, kind, way, amount)))
    return tuple(lines) or _lump(usage)


def _lump(usage: Mapping[str, Any]) -> tuple[Line, ...]:
    """Tokens that a server counts without saying of what: they cannot be priced."""
    ways = (("input", "input_tokens"), ("output", "output_tokens"))
    counts = [(way, int(usage.get(name) or 0)) for way, name in ways]
    return tuple(Line("text", way, count, None) for way, count in counts if count)


def _cached(given: Mapping[str, Any], fresh: Mapping[str, int]) -> dict[str, int]:
    """Cached tokens by modality, none more than there were."""
    details = given.get("cached_tokens_details")
    if isinstance(details, Mapping):
        return {kind: min(_count(details, kind), fresh[kind]) for kind in MODALITIES}
    left, cached = int(given.get("cached_tokens") or 0), dict.fromkeys(MODALITIES, 0)
    for kind in sorted(MODALITIES, key=lambda kind: -fresh[kind]):
        cached[kind] = min(left, fresh[kind])
        left -= cached[kind]
    return cached


def transcription_lines(usage: Mapping[str, Any], model: str) -> tuple[Line, ...]:
    """The line of a transcription's usage object; none when it counts nothing."""
    if usage.get("type") == "duration":
        seconds = float(usage.get("seconds") or 0)
    else:
        tokens = _count(_mapping(usage.get("input_token_details")), "audio")
        seconds = (tokens or int(usage.get("input_tokens") or 0)) / AUDIO_TOKENS_PER_SECOND
    known = catalog.model(model)
    rate = known.usd_per_minute if known else None
    usd = None if rate is None else seconds / 60 * rate
    return (Line(TRANSCRIPTION, "input", seconds, usd),) if seconds else ()


def token_rate(model: str, modality: str, direction: str) -> float | None:
    """US dollars per million tokens; None when no price is known."""
    known = catalog.model(model)
    price = known.prices.get(modality) if known else None
    field = "input" if direction == "input" else direction
    return getattr(price, field) if price else None


def _token_price(model: str, modality: str, direction: str, amount: int) -> float | None:
    rate = token_rate(model, modality, direction)
    return None if rate is None else amount * rate / PER_MILLION


def _count(details: Mapping[str, Any], modality: str) -> int:
    return int(details.get(f"{modality}_tokens") or 0)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
