"""What a session has cost so far, as a console says it. No clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rtkit.cost import EMBEDDED, Charge, Cost, Ledger

if TYPE_CHECKING:
    from rtkit.timeline import Moment, Timeline


class CostMeter:
    """Follows a timeline that grows; each bill that comes changes what is shown."""

    def __init__(self, timeline: Timeline) -> None:
        self._embedded = timeline.target == EMBEDDED
        self._ledger = Ledger()
        self._charges: list[Charge] = list(self._ledger.read(timeline))

    def now(self) -> dict[str, Any]:
        """What the page shows so far."""
        return {"cost": cost_words(Cost(tuple(self._charges), self._embedded))}

    def take(self, moment: Moment) -> dict[str, Any]:
        """What of the page's state this moment changes."""
        found = list(self._ledger.read([moment]))
        self._charges += found
        return self.now() if found else {}


def cost_words(cost: Cost) -> dict[str, str]:
    """`text`, as short as a meter is, and `more`, what it means.

    >>> cost_words(Cost())["text"]
    'Cost: nothing yet'
    """
    if cost.estimated:
        return _embedded(cost)
    if not cost.charges:
        return {"text": "Cost: nothing yet", "more": "Each answer brings its bill."}
    if cost.usd is None:
        models = ", ".join(cost.unpriced)
        return {
            "text": "Cost: unknown",
            "more": f"rtkit knows no price of {models}: what was used is counted, and cannot be "
            "priced.",
        }
    return {"text": f"Cost: {dollars(cost.usd)}", "more": f"{_parts(cost)}, at list prices."}


def _embedded(cost: Cost) -> dict[str, str]:
    """The embedded server is free; what it counts has a price elsewhere."""
    free = "The embedded server costs nothing."
    models = ", ".join(dict.fromkeys(c.model for c in cost.charges if not c.transcription))
    if not cost.usd:
        return {"text": "Cost: none", "more": free}
    return {
        "text": f"Cost: none ({dollars(cost.usd)} if hosted)",
        "more": f"{free} What it counted would cost {dollars(cost.usd)} at the list prices of "
        f"{models}: an estimate, since its text tokens are one.",
    }


def _parts(cost: Cost) -> str:
    responses = sum(not charge.transcription for charge in cost.charges)
    transcripts = len(cost.charges) - responses
    told = [f"{responses} response{'s' * (responses != 1)}"] if responses else []
    told += [f"{transcripts} transcript{'s' * (transcripts != 1)}"] if transcripts else []
    return " and ".join(told)


def dollars(usd: float) -> str:
    """US dollars in as many digits as matter.

    >>> dollars(0.00234), dollars(0.1), dollars(12.345)
    ('$0.0023', '$0.10', '$12.35')
    """
    if 0 < usd < 0.0001:
        return "under $0.0001"
    return f"${usd:.4f}" if 0 < usd < 0.1 else f"${usd:.2f}"
