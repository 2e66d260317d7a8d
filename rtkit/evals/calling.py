"""A call over a session: the caller's sound goes out by the clock, 20 ms at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rtkit import events
from rtkit.audio import encode
from rtkit.evals.caller import Caller
from rtkit.evals.talk import FRAME_MS, Talk
from rtkit.evals.voicing import Voicing
from rtkit.link import Link
from rtkit.moments import Moment
from rtkit.spoken import Beat


async def call(link: Link, caller: Caller, voicing: Voicing) -> None:
    """Carry on the whole call, in real time; what came of it stands in the link's timeline.

    On the session's loop. SessionClosed if the session ends before the call does. `caller.done`
    tells by how much a frame went out late at most: more than a frame or two, and the machine has
    too much to do for its times to be trusted.
    """
    talk = Talk(caller, voicing)
    beat, began, late = Beat(FRAME_MS / 1000), link.now, 0.0
    with link.audience.watching(talk.take), _answers_asked_for(link):
        while (samples := talk.frame(link.now)) is not None:
            facts = talk.facts()
            _begin(link, facts)
            link.append_wire(encode(samples, link.protocol.input_format))
            _end(link, facts)
            await beat.next()
            late = max(late, link.now - began - talk.frames * FRAME_MS / 1000)
        for fact in talk.facts():
            link.note({**fact, "late_ms": round(1000 * late, 1)})


def _begin(link: Link, facts: list[dict[str, Any]]) -> None:
    """What is noted before a frame is sent; the button goes down with the first of a turn."""
    for fact in facts:
        if fact["type"] == "caller.speech" and link.talking.detection is None:
            link.talking.press()
        if fact["type"] != "input.ended":
            link.note(fact)


def _end(link: Link, facts: list[dict[str, Any]]) -> None:
    """What is noted when a frame was sent that holds the end of what was said."""
    for fact in facts:
        if fact["type"] == "input.ended":
            ended = link.now - fact["rest_ms"] / 1000
            link.note({"type": "input.ended", "end_of_speech_t": ended})
            if link.talking.detection is None:
                link.talking.release()


@contextmanager
def _answers_asked_for(link: Link) -> Iterator[None]:
    """Where the server finds the turns but does not answer them by itself, an answer is asked for,
    as an application does."""

    def take(moment: Moment) -> None:
        detection: Mapping[str, Any] = link.talking.detection or {}
        if moment.type == events.COMMITTED and detection.get("create_response") is False:
            link.send(events.create_response())

    with link.audience.watching(take):
        yield
