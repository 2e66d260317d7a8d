"""Delays that are put into the embedded server are found again at their stages, over a socket.

How exactly, `benchmarks/stages.py` measures with real ears and a real voice.
"""

import asyncio

import pytest
from serverstory import voiced
from socketstory import options

import rtkit
from rtkit.clip import Clip
from rtkit.config import RealtimeSessionConfig
from rtkit.latency import LEADING_SILENCE, SILENCE_WAIT
from rtkit.onset import audible
from rtkit.server.delays import STAGES, Delays

FOUND_IN = {
    "detect_ms": SILENCE_WAIT,
    "commit_ms": "committed",
    "create_ms": "response created",
    "recognise_ms": "first word received",
    "think_ms": "first word received",
    "speak_ms": "first word received",
    "sound_ms": "first audio received",
    "lead_ms": LEADING_SILENCE,
    "send_ms": SILENCE_WAIT,
}
LATE_MS = 600
NEAR_MS = 200
TIMES = 3
"""What a busy machine adds is never less than nothing: the quickest of these is taken."""
AT_ONCE = 4


async def stages(delays, turnstile):
    """{stage: ms} of one spoken turn."""
    config = RealtimeSessionConfig(silence_duration_ms=200)
    server = options(delays=delays)
    async with turnstile, rtkit.connect_async(config, server=server, record=False) as session:
        turn = await session.ask(Clip(voiced(300), 24_000))
    return {name: 1000 * (end - start) for name, start, end in audible(turn).stages()}


async def least(delays, turnstile):
    """The same, of the quickest of some turns at each stage."""
    found = await asyncio.gather(*(stages(delays, turnstile) for _ in range(TIMES)))
    names = {name for one in found for name in one}
    return {name: min(one[name] for one in found if name in one) for name in names}


@pytest.fixture(scope="module")
def found():
    """{name of the delay, or "": {stage: ms}}."""

    async def story():
        given = {name: Delays(**{name: LATE_MS}) for name in FOUND_IN} | {"": Delays()}
        turnstile = asyncio.Semaphore(AT_ONCE)
        rows = await asyncio.gather(*(least(delays, turnstile) for delays in given.values()))
        return dict(zip(given, rows, strict=True))

    return asyncio.run(story())


def test_each_delay_but_that_of_chance_has_its_stage():
    assert set(FOUND_IN) == set(STAGES) - {"jitter_ms"}


@pytest.mark.parametrize("name", FOUND_IN)
def test_a_delay_is_found_at_its_stage_and_at_no_other(name, found):
    gained = {stage: ms - found[""].get(stage, 0.0) for stage, ms in found[name].items()}
    assert gained.pop(FOUND_IN[name]) == pytest.approx(LATE_MS, abs=NEAR_MS)
    assert max(gained.values()) < NEAR_MS
