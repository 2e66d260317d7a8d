"""Sleep that ends on time, however long it is.

A system wakes whoever sleeps the later, the longer the sleep was (Linux: timer slack; 1.6 s ended
5 ms late where 50 ms ended 0.3 ms late). So one sleeps most of the time and then looks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

SHARE = 0.9
SHORT_S = 0.02
"""A nap that ends on time by itself."""


async def sleep_until(due: float, clock: Callable[[], float]) -> None:
    """Come back when that `clock` shows `due` (seconds), at once if it does already."""
    while (left := due - clock()) > SHORT_S:
        await asyncio.sleep(SHARE * left)
    await asyncio.sleep(max(left, 0.0))
