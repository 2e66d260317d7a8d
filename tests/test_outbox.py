import asyncio

import pytest

from rtkit.server.commands import Close
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
