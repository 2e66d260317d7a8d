import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit.server import naps
from rtkit.server.naps import sleep_until


class Clock:
    """A told clock of a system that wakes whoever sleeps late by a share of the sleep."""

    def __init__(self, late):
        self.now, self.late, self.naps = 100.0, late, 0

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds * (1 + self.late)
        self.naps += 1


@pytest.fixture
def system(monkeypatch):
    def of(late):
        clock = Clock(late)
        monkeypatch.setattr(naps.asyncio, "sleep", clock.sleep)
        return clock

    return of


def test_a_system_that_wakes_late_after_a_long_sleep_does_not_make_it_late(system):
    clock = system(late=0.0035)
    asyncio.run(sleep_until(102.0, clock))
    assert 102.0 <= clock.now < 102.0001
    assert clock.naps <= 4


def test_what_is_due_already_comes_back_at_once_but_lets_others_run(system):
    clock = system(late=0.0035)
    asyncio.run(sleep_until(99.0, clock))
    assert clock.now == 100.0
    assert clock.naps == 1


@given(seconds=st.floats(0, 60), late=st.floats(0, 0.1))
def test_it_never_comes_early(seconds, late):
    clock = Clock(late)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(naps.asyncio, "sleep", clock.sleep)
        asyncio.run(sleep_until(100.0 + seconds, clock))
    assert clock.now >= 100.0 + seconds - 1e-9
    assert clock.now - (100.0 + seconds) <= max(0.02, 0.1 * late * seconds)
