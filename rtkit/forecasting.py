"""What the next turns of a session are going to cost, and what truncation would save.

The whole conversation is read again for every response, so each turn costs more than the one
before. The forecast goes on as the session went: the input grows by as much a turn as it did on
average, the same share of it is cached, and the answers are as long. Truncation drops the oldest
items once the input exceeds its limit, down to a part of that limit; what is left begins
differently, so nothing of it is cached in that turn (openai Python SDK 3.54.0, docstring of
`RealtimeTruncation`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from . import catalog
from .cost import MODALITIES, PER_MILLION, Charge, Cost, token_rate
from .errors import DataError

Amounts = Mapping[str, float]  # modality -> tokens


@dataclass(frozen=True, slots=True)
class Truncation:
    """Beyond `limit` input tokens the oldest are dropped, down to `retention_ratio` of the limit.

    On the wire: {"type": "retention_ratio", "retention_ratio": ..., "token_limits":
    {"post_instructions": limit}}. ValueError for what the service would refuse.
    """

    limit: int
    retention_ratio: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.retention_ratio <= 1:
            raise ValueError(
                f"retention_ratio is above 0 and at most 1, found {self.retention_ratio!r}."
            )
        if self.limit < 1:
            raise ValueError(f"limit is a number of tokens above 0, found {self.limit!r}.")


@dataclass(frozen=True, slots=True)
class Forecast:
    """US dollars of each turn to come, and the input tokens of each."""

    usd: tuple[float, ...]
    input_tokens: tuple[int, ...]
    truncated: tuple[int, ...]  # the turns (from 0) in which something is dropped

    @property
    def total_usd(self) -> float:
        """All of them together."""
        return math.fsum(self.usd)

    def __repr__(self) -> str:
        return f"Forecast({len(self.usd)} turns, {self.total_usd:.4f} USD)"


@dataclass(frozen=True, slots=True)
class Habit:
    """How a session went so far: its last input, what each turn adds, answers and caching."""

    model: str
    last: Amounts
    growth: Amounts
    answer: Amounts
    cached_share: float  # of what was sent the time before

    @classmethod
    def of(cls, cost: Cost) -> Habit:
        """DataError unless there are two priced responses of one model to go by."""
        seen = [charge for charge in cost.charges if not charge.transcription]
        seen = [charge for charge in seen if charge.model == seen[-1].model]
        if len(seen) < 2:
            raise DataError(
                f"a forecast goes by what the turns so far added, and needs 2 responses; found "
                f"{len(seen)}. Ask once more."
            )
        if seen[-1].usd is None:
            raise DataError(
                f"no price is known for {seen[-1].model!r}, so nothing can be forecast. Known "
                f"are: {', '.join(info.name for info in catalog.models() if info.prices)}."
            )
        pairs = list(pairwise(seen))
        sent = sum(sum(given(one).values()) for one, _ in pairs)
        cached = sum(charge.amount("cached") for charge in seen[1:])
        steps = [{k: given(b)[k] - given(a)[k] for k in MODALITIES} for a, b in pairs]
        return cls(
            model=seen[-1].model,
            last=given(seen[-1]),
            growth={k: max(0.0, v) for k, v in _mean(steps).items()},
            answer=_mean([{k: c.amount("output", k) for k in MODALITIES} for c in seen]),
            cached_share=min(1.0, cached / sent) if sent else 0.0,
        )


def given(charge: Charge) -> dict[str, float]:
    """Input tokens of a charge by modality, fresh and cached together."""
    return {
        kind: charge.amount("input", kind) + charge.amount("cached", kind) for kind in MODALITIES
    }


def forecast(cost: Cost, turns: int, truncation: Truncation | None = None) -> Forecast:
    """What `turns` further turns cost if they are like those in `cost` (`session.cost`).

    The input never outgrows the model's context window, whatever `truncation` says.
    DataError when there is too little to go by; ValueError for fewer than one turn.
    """
    if turns < 1:
        raise ValueError(f"a forecast is for 1 turn or more, found {turns!r}.")
    habit = Habit.of(cost)
    rule = _tighter(truncation, habit.model)
    usd, sizes, dropped, before = [], [], [], dict(habit.last)
    for turn in range(turns):
        now = {kind: before[kind] + habit.growth[kind] for kind in MODALITIES}
        cached = {kind: habit.cached_share * before[kind] for kind in MODALITIES}
        if rule and sum(now.values()) > rule.limit:
            share = rule.limit * rule.retention_ratio / sum(now.values())
            now = {kind: amount * share for kind, amount in now.items()}
            cached = dict.fromkeys(MODALITIES, 0.0)
            dropped.append(turn)
        usd.append(_price(habit, now, cached))
        sizes.append(round(sum(now.values())))
        before = now
    return Forecast(tuple(usd), tuple(sizes), tuple(dropped))


def saving(cost: Cost, turns: int, truncation: Truncation) -> float:
    """US dollars that a truncation saves over so many turns; below 0 if it costs more.

    It can: a conversation that is cut a little in every turn is never found in the cache.
    """
    return forecast(cost, turns).total_usd - forecast(cost, turns, truncation).total_usd


def _tighter(truncation: Truncation | None, model: str) -> Truncation | None:
    """The truncation, within what fits into the model's context beside an answer."""
    known = catalog.model(model)
    if known is None or known.context_tokens is None:
        return truncation
    room = known.context_tokens - (known.max_output_tokens or 0)
    if truncation is None:
        return Truncation(room)
    return Truncation(min(room, truncation.limit), truncation.retention_ratio)


def _price(habit: Habit, now: Amounts, cached: Amounts) -> float:
    parts = []
    for kind in MODALITIES:
        reused = min(cached[kind], now[kind])
        amounts = {"input": now[kind] - reused, "cached": reused, "output": habit.answer[kind]}
        for way, amount in amounts.items():
            if amount:
                parts.append(amount * (token_rate(habit.model, kind, way) or 0.0) / PER_MILLION)
    return math.fsum(parts)


def _mean(rows: Sequence[Amounts]) -> dict[str, float]:
    return {kind: sum(row[kind] for row in rows) / len(rows) for kind in MODALITIES}
