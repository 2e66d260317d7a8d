"""An inspector where there is no page: which events there are, and how many, as a table.

No times, and of what comes in pieces no number: a notebook that is run again shows the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from rtkit.listing import Listing, counted, is_piece, kind_of
from rtkit.moments import Moment
from rtkit.sheets import Sheet
from rtkit.timeline import Timeline

ENDS = 3  # so many of the first and of the last events are named


def event_sheet(timeline: Timeline, title: str) -> Sheet:
    """The table of a timeline; what breaks a rule of order stands at its end."""
    listing = Listing(timeline)
    listing.read_on()
    moments = timeline[: len(listing)]
    rows = [*_rows(moments), *_broken(listing)]
    whole = f"{title} {_ends(moments)}" if moments else title
    return Sheet(("From", "Kind", "Events"), rows, whole, "There is no event yet.")


def _rows(moments: list[Moment]) -> Iterable[tuple[str, str, str]]:
    """For each source and kind the types that came, and how often."""
    many = {moment.type for moment in moments if is_piece(moment)}
    kinds = {(str(moment.source), moment.type): kind_of(moment) for moment in moments}
    found: dict[tuple[str, str], list[str]] = {}
    for source, type_, count in counted(moments):
        times = " (pieces)" if type_ in many else f" × {count}" if count > 1 else ""
        kind = kinds[source, type_]
        name = type_.removeprefix(f"{kind}.")
        found.setdefault((source, kind), []).append(f"`{name}`{times}")
    return [(source, kind, ", ".join(types)) for (source, kind), types in found.items()]


def _broken(listing: Listing) -> Iterable[tuple[str, str, str]]:
    for found in list(listing.violations.values())[:ENDS]:
        yield "server", "▲ out of order", found[0].sentence
    if (more := len(listing.violations) - ENDS) > 0:
        yield "server", "▲ out of order", f"and {more} more"


def _ends(moments: list[Moment]) -> str:
    """The first and the last events by their types."""
    steps = [moment.type for moment in moments if not is_piece(moment)]
    if len(steps) <= 2 * ENDS:
        return f"In order: {_named(steps)}."
    return f"First {_named(steps[:ENDS])}; last {_named(steps[-ENDS:])}."


def _named(types: list[str]) -> str:
    return ", ".join(types)
