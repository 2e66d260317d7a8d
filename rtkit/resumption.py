"""A new session is brought to where the old one broke off: what `recovery` decides, carried out.

It is configured as the old one was, told the history, then asked what is still to be answered, and
sent the sound that was not yet a turn, and all that was held meanwhile.

Facts: `reconnected` with the new `session` id, the number of `items` that were told anew, the
`attempt`, `input_ms` (from where the new session counts the input), the responses that were `kept`
or are asked for `again`, and `renamed` items if the server gave other ids; `input.lost` and
`history.untold` for what could not be carried over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .dialects import turn_detection
from .events import create_response
from .moments import Span
from .placement import merged
from .reading import Conversation
from .recovery import Cut, Told, Unsaid, history, unanswered, unsaid
from .retelling import Roll, retell

if TYPE_CHECKING:
    from .link import Link

ANSWER_SECONDS = 15.0


class Resumption:
    """One new session after a break. `awaited` says whether somebody still waits in ask."""

    def __init__(self, link: Link, cut: Cut, awaited: Callable[[], bool]) -> None:
        self._link, self._cut, self._awaited = link, cut, awaited
        self._outgoing = link.protocol.outgoing
        self._roll = Roll()
        self.rows: list[Told] = []  # the history as it was told

    async def tell(self, before: int) -> None:
        """Configure the session and tell it the history; TimeoutError if it does not answer.

        `before` is how many sessions the server had opened before this one.
        """
        link, protocol = self._link, self._link.protocol
        await link.until(lambda: protocol.sessions > before, ANSWER_SECONDS)
        for wish in tuple(self._outgoing.wishes):
            self._outgoing.tell(wish, link.now)
        link.carry_out()
        await link.until(lambda: not self._outgoing.updating, ANSWER_SECONDS)
        protocol.adopt(link.now)
        lost = [str(self._active)] if self._asks_again else []
        self.rows = history(Conversation(link.timeline), lost)
        self._roll = await retell(link, self.rows)

    @property
    def renamed(self) -> dict[str, str]:
        """Items to which the server gave other ids, as far as it took them all."""
        if self._roll.refused:
            return {}
        told = (str(row.item["id"]) for row in self.rows)
        pairs = zip(told, self._roll.items, strict=False)
        return {old: new for old, new in pairs if old != new}

    def unsaid(self, judged_t: float) -> Unsaid:
        """The sound to send once more; what had been sent at `judged_t` the old server judged."""
        held = [what for what in self._outgoing.held or [] if isinstance(what, Span)]
        by_hand = turn_detection(self._link.protocol.session) is None
        talk = Conversation(self._link.timeline)
        return unsaid(talk, held, by_hand=by_hand, judged_t=judged_t)

    def note(self, sound: Unsaid, attempt: int) -> None:
        """The facts: the session holds again."""
        active, again = self._active, self._asks_again
        fact = {
            "type": "reconnected",
            "session": str(self._link.protocol.session.get("id", "")),
            "items": len(self.rows) - len(self._roll.refused),
            "attempt": attempt,
            "input_ms": sound.from_ms,
            "kept": [active] if active and not again else [],
            "again": [active] if active and again else [],
        }
        renamed = self.renamed
        self._link.note({**fact, "renamed": renamed} if renamed else fact)
        if sound.lost_ms:
            lost = {"type": "input.lost", "ms": sound.lost_ms, "before_ms": sound.from_ms}
            self._link.note(lost)

    def go_on(self, sound: Unsaid) -> None:
        """Send what was sent and not taken, the sound, what was asked, then what was held."""
        link, outgoing, now = self._link, self._outgoing, self._link.now
        creates = self._to_ask()
        for moment in self._cut.talk.sent:
            outgoing.tell(moment.event, now)
        held = outgoing.held or []
        for span in merged(span for span in sound.spans if span not in held):
            outgoing.repeat(span, now)
        if self._cut.talk.questions.commit_event is not None:
            outgoing.tell(self._cut.talk.questions.commit_event, now)
        outgoing.held = [what for what in held if not isinstance(what, Span) or what in sound.spans]
        for create in self._cut.unfinished.beside:
            if not self._is_given_up(create):
                outgoing.tell(create, now)
        for create in reversed(creates):
            link.protocol.floor.ask_first(create)
        hand_over = bool(self._active) and not self._asks_again
        outgoing.go_on(now, first=len(creates))
        link.carry_out()
        if hand_over:
            self._hand_over(str(self._active))

    @property
    def _active(self) -> str | None:
        """The response that was under way."""
        return self._cut.unfinished.active

    @property
    def _asks_again(self) -> bool:
        """Whether the response that broke off is asked for again: who waited may be gone."""
        if not self._cut.again or self._is_given_up(self._cut.unfinished.author):
            return False
        return not self._cut.waited or self._awaited()

    def _is_given_up(self, create: Mapping[str, Any] | None) -> bool:
        """Whether somebody waited for what this leads to, and does so no more."""
        event_id = create["event_id"] if create else None
        return event_id in self._cut.expected and event_id not in self._link.expected

    def _hand_over(self, active: str) -> None:
        """What came of the response is the answer."""
        author = self._cut.unfinished.author
        if author is not None:
            self._link.answered(str(author["event_id"]), active)
        self._link.toolbox.cut(active)

    def _to_ask(self) -> list[Mapping[str, Any]]:
        """The creates for what has no answer."""
        unfinished, creates = self._cut.unfinished, []
        if self._asks_again:
            creates.append(unfinished.author or self._outgoing.with_id(create_response()))
        if unfinished.sent is not None and not self._is_given_up(unfinished.sent):
            creates.append(unfinished.sent)
        nothing_asked = unfinished.sent is None and unfinished.active is None
        if nothing_asked and unanswered(self._cut.talk) and self._automatic():
            creates.append(self._outgoing.with_id(create_response()))
        return creates

    def _automatic(self) -> bool:
        """Whether the server answers a turn without being asked."""
        detection = turn_detection(self._link.protocol.session)
        return detection is not None and detection.get("create_response", True) is not False
