import asyncio

import pytest

from rtkit.server.commands import Close
from rtkit.server.mischief import HangUp, Pause
from rtkit.server.outbox import Outbox


def test_texts_leave_in_order_and_the_close_frame_behind_them():
    async def story():
        outbox = Outbox()
        for text in ("a", "b", Close(1000, "")):
            outbox.put(text)
        assert [await outbox.get() for _ in range(3)] == ["a", "b", Close(1000, "")]
        assert outbox.size == 0

    asyncio.run(story())


def test_who_makes_too_much_waits_until_somebody_reads():
    async def story():
        outbox = Outbox(full=10)
        outbox.put("x" * 9)
        await outbox.room()
        outbox.put("x")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(outbox.room(), 0.01)
        await outbox.get()
        await asyncio.wait_for(outbox.room(), 1)

    asyncio.run(story())


def test_a_reader_waits_for_the_first_text():
    async def story():
        outbox = Outbox()
        reading = asyncio.create_task(outbox.get())
        await asyncio.sleep(0)
        assert not reading.done()
        outbox.put("a")
        assert await asyncio.wait_for(reading, 1) == "a"

    asyncio.run(story())


def test_when_nobody_sends_any_more_nobody_waits_and_nothing_is_kept():
    async def story():
        outbox = Outbox(full=10)
        outbox.put("x" * 10)
        waiting = asyncio.create_task(outbox.room())
        await asyncio.sleep(0)
        assert not waiting.done()
        outbox.close()
        await asyncio.wait_for(waiting, 1)
        outbox.put("x" * 100)
        assert outbox.size == 0
        await asyncio.wait_for(outbox.room(), 1)
        assert outbox.largest == 10

    asyncio.run(story())


def test_binary_frames_count_and_pauses_do_not():
    async def story():
        outbox = Outbox()
        for letter in (b"abc", Pause(1.0), HangUp(), "de"):
            outbox.put(letter, due=7.0)
        assert outbox.size == outbox.largest == 5
        assert await outbox.get_timed() == (b"abc", 7.0)
        assert await outbox.get() == Pause(1.0)
        assert outbox.size == 2

    asyncio.run(story())
