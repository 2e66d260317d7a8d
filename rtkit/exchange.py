"""One question put to a session, and the turn that came of it.

A text goes as an item and a `response.create`. A clip goes as a caller would speak it: 20 ms at a
time by the clock, then silence until the server has ended the turn. Which response answers is
learnt from the server's events; nothing is guessed from the time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from . import dialects, events
from .clip import Clip
from .errors import AudioError, RateLimited, RtkitError, SessionError, TurnTimeout
from .link import Link
from .playback import ClockPlayer
from .remedies import session_error
from .room import Room
from .spoken import Hearing, Spoken, request
from .turns import Turn

TRANSCRIPT_SECONDS = 5.0
MOST_RETRIES = 3
"""How often a question is asked again whose answer failed."""
FAULT_WAIT_S = 0.5
"""Seconds before it is asked again after a fault of the server."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a question is put: `pace` 1.0 is real time, None at once; `timeout` in seconds.

    A spoken one is put in this `room`, which is silent if none is given.
    """

    pace: float | None = 1.0
    timeout: float = 60.0
    barge_in: bool = False
    wait_for_playback: bool = False
    room: Room | None = None


async def ask(link: Link, question: str | Clip, manner: Manner) -> Turn:
    """The turn that a text or a clip leads to.

    Questions are put one after the other; with `barge_in` at once, into whatever is going on.
    An answer that failed is asked for again where the server says that it may succeed: after a
    limit of requests when it is lifted, within `timeout`, and once after a fault that came before
    any of it. TurnTimeout, SessionError (refused or failed), SessionClosed; TypeError, AudioError
    and ValueError for what cannot be asked.
    """
    check(question, manner)
    if manner.barge_in:
        return await _ask(link, question, manner)
    async with link.asking:
        if link.protocol.floor.active is None and isinstance(link.player, ClockPlayer):
            link.player.skip()  # the caller does not listen to the rest of the last answer
        return await _ask(link, question, manner)


async def _ask(link: Link, question: str | Clip, manner: Manner) -> Turn:
    hearing = Hearing(zero_ms=link.reconnection.input_ms)
    try:
        with link.audience.watching(hearing.take), link.reconnection.awaited():
            if isinstance(question, str):
                response_id = await _ask_text(link, question, manner)
            else:
                response_id = await Spoken(
                    link, question, hearing, manner.pace, manner.timeout, manner.room
                ).ask()
                await _transcript(link, hearing)
            last = await _last_of(link, response_id, manner)
            response_id = await _completed(link, last, manner)
    except (asyncio.CancelledError, TurnTimeout):
        abandon(link)
        raise
    return await _turn(link, response_id, manner)


async def _last_of(link: Link, response_id: str, manner: Manner) -> str:
    """The response that ends the answer: the one after all calls of tools."""
    try:
        return await link.toolbox.last_of(response_id, manner.timeout)
    except TimeoutError:
        raise TurnTimeout(
            f"the tools were called, but no complete answer came within {manner.timeout:g} s. "
            "What did come is in session.timeline; give ask a longer timeout=."
        ) from None


def check(question: object, manner: Manner) -> None:
    """Refuse what cannot be asked, before anything is sent."""
    if isinstance(question, str) and not question.strip():
        raise ValueError("the question is empty. Give ask some words, or a Clip.")
    if isinstance(question, Clip) and not question.duration:
        raise AudioError("the clip is empty (0 samples). Give ask a clip that holds speech.")
    if not isinstance(question, str | Clip):
        raise TypeError(
            f"ask takes a text (str) or a Clip, found {type(question).__name__}. Make a clip with "
            "Clip.load(path), Clip.from_pcm16(data) or rtkit.say(text)."
        )
    if manner.pace is not None and not manner.pace > 0:
        raise ValueError(f"pace is a number above 0, or None for at once; found {manner.pace!r}.")


def abandon(link: Link) -> None:
    """Leave the session as if nothing had been asked: no half a question, no answer to it."""
    if link.ended is not None:
        return
    link.interrupt()
    link.talking.forget()


async def _ask_text(link: Link, text: str, manner: Manner) -> str:
    if manner.barge_in:
        link.interrupt()
    asked = (events.user_text(text), events.create_response())
    return await request(link, manner.timeout, *asked)


async def _transcript(link: Link, hearing: Hearing) -> None:
    """Give the words of the question a moment to come, if the session transcribes at all."""
    told = dialects.transcription(link.protocol.session)
    if not told or hearing.item_id is None:
        return
    with suppress(TimeoutError):  # without them the turn is told; they land in session.turns
        await link.until(lambda: hearing.item_id in hearing.transcribed, TRANSCRIPT_SECONDS)


async def _turn(link: Link, response_id: str, manner: Manner) -> Turn:
    if manner.wait_for_playback and link.player:
        sounds = link.protocol.speaking.of_response(response_id)
        try:
            await link.until(lambda: all(sound.over for sound in sounds), manner.timeout)
        except TimeoutError:
            raise TurnTimeout(
                f"the answer is complete, but its playback did not end in {manner.timeout:g} s."
            ) from None
    turn = link.turns.of_response(response_id)
    if turn:
        return turn
    raise RtkitError(f"no turn on the timeline holds the response {response_id}.")


async def _completed(link: Link, response_id: str, manner: Manner) -> str:
    """The response, or the one after it if it failed and the server says that it may succeed.

    SessionError if it failed for good.
    """
    for number in range(MOST_RETRIES + 1):
        error, silent = _failure(link, response_id)
        if error is None:
            break
        wait = _wait_of(error, silent, number)
        if wait is None or wait > manner.timeout:
            raise error
        fact = {"type": "answer.retried", "response_id": response_id, "code": error.code}
        link.note({**fact, "wait_s": wait})
        await asyncio.sleep(wait)
        answer = await request(link, manner.timeout, events.create_response())
        response_id = await _last_of(link, answer, manner)
    return response_id


def _wait_of(error: SessionError, silent: bool, number: int) -> float | None:
    """Seconds until the question is worth asking again; None if it is not.

    A limit: when the server says that it is lifted. A fault of the server: once, and only if
    nothing of the answer had come, so that nobody hears a beginning twice.
    """
    if number == MOST_RETRIES or not silent:
        return None
    if isinstance(error, RateLimited):
        return error.reset_s
    return FAULT_WAIT_S if error.code == "server_error" and number == 0 else None


def _failure(link: Link, response_id: str) -> tuple[SessionError | None, bool]:
    """Why a response failed, and whether nothing of it had come; the wire sends no error for it."""
    reset_s: float | None = None
    for moment in reversed(link.timeline[:]):
        if moment.type == "rate_limits.updated" and reset_s is None:
            reset_s = _reset_of(moment.event)
        if moment.type == events.RESPONSE_DONE and moment.event["response"]["id"] == response_id:
            break
    else:
        return None, False  # it broke off with the connection, and stands as it is
    response = moment.event["response"]
    if response.get("status") != "failed":
        return None, False
    error = (response.get("status_details") or {}).get("error") or {}
    silent = not link.protocol.speaking.of_response(response_id) and not response.get("output")
    return session_error(error, "the answer failed: ", reset_s), silent


def _reset_of(event: Mapping[str, Any]) -> float | None:
    """Seconds until all limits that are used up are lifted."""
    rows = [row for row in event.get("rate_limits") or () if row.get("remaining") == 0]
    return max((float(row.get("reset_seconds") or 0) for row in rows), default=None)
