"""Those who watch and those who wait."""

import asyncio

import pytest

from rtkit.audience import Audience
from rtkit.timeline import Timeline


def grown(timeline, audience, type_="x"):
    timeline.append(0.0, "local", {"type": type_})
    audience.show()


def test_watchers_see_each_moment_once_from_when_they_came_to_when_they_left():
    timeline, seen = Timeline(), []
    audience = Audience(timeline)
    grown(timeline, audience, "a")
    with audience.watching(lambda moment: seen.append(moment.type)):
        grown(timeline, audience, "b")
        audience.show()
    grown(timeline, audience, "c")
    assert seen == ["b"]


def test_a_watcher_that_fails_does_not_keep_the_others_from_seeing(caplog):
    timeline, seen = Timeline(), []
    audience = Audience(timeline)
    audience.watch(lambda moment: 1 / 0)
    audience.watch(lambda moment: seen.append(moment.type))
    grown(timeline, audience, "a")
    assert seen == ["a"]
    grown(timeline, audience, "b")
    assert [record.getMessage() for record in caplog.records] == [
        "a subscriber of the session failed at a"
    ]


def test_a_watcher_may_make_the_timeline_grow():
    timeline, seen = Timeline(), []
    audience = Audience(timeline)

    def watch(moment):
        seen.append(moment.type)
        if len(seen) < 3:
            grown(timeline, audience, f"a{len(seen)}")

    audience.watch(watch)
    grown(timeline, audience, "a")
    assert seen == ["a", "a1", "a2"]


def test_a_condition_is_waited_for_and_a_wait_ends_with_its_time_or_with_the_session():
    async def wait():
        timeline = Timeline()
        audience = Audience(timeline)
        waiting = asyncio.create_task(audience.until(lambda: len(timeline) == 2, 5))
        await asyncio.sleep(0)
        grown(timeline, audience)
        grown(timeline, audience)
        await waiting
        with pytest.raises(TimeoutError):
            await audience.until(lambda: False, 0)
        waiting = asyncio.create_task(audience.until(lambda: False, 5))
        await asyncio.sleep(0)
        audience.leave(ConnectionError("over"))
        with pytest.raises(ConnectionError):
            await waiting

    asyncio.run(wait())
