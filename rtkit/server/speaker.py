"""Speaks the sentences of one answer: text in, portions of sound out, never far ahead of need."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rtkit.server.portions import SPEECH_RATE, Portion, Portions, cuts, moved

if TYPE_CHECKING:
    from rtkit.speech.synthesis import Spoken, Synthesiser


async def speak(
    synthesiser: Synthesiser,
    text: str,
    voice: str,
    speed: float,
    at_once: bool,
    lead_ms: float = 0.0,
) -> AsyncGenerator[Portion, None]:
    """The portions of a text, behind `lead_ms` of silence; the voice stops when the generator is
    closed.

    A long text is given to the voice piece by piece, the next when the one before has been taken,
    so that no more than one piece's sound waits in memory.
    """
    lead = np.zeros(round(lead_ms * SPEECH_RATE / 1000), np.int16)
    samples = len(lead)
    portions = Portions(at_once)
    for start, piece in cuts(text):
        began_ms = samples * 1000 / SPEECH_RATE
        words = piece.rstrip() or piece
        async with aclosing(_spoken(synthesiser, words, voice, speed)) as sounds:
            async for sound in sounds:
                samples += len(sound.samples)
                if len(lead):
                    sound = replace(sound, samples=np.concatenate([lead, sound.samples]))
                    lead = lead[:0]
                for portion in portions.push(moved(sound, start, began_ms)):
                    yield portion
    for portion in portions.rest():
        yield portion


async def _spoken(
    synthesiser: Synthesiser, text: str, voice: str, speed: float
) -> AsyncGenerator[Spoken, None]:
    spoken: asyncio.Queue[Spoken | Exception | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def deliver(piece: Spoken | Exception | None) -> None:
        with suppress(RuntimeError):  # the loop is gone, and whoever listened
            loop.call_soon_threadsafe(spoken.put_nowait, piece)

    job = synthesiser.speak(text, voice, speed, deliver)
    try:
        while (piece := await spoken.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece
    finally:
        job.cancel()
