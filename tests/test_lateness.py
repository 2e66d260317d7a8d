import asyncio
import json

import pytest

from rtkit.server.delays import Line
from rtkit.server.lateness import Waiting, type_about_sound


def test_things_come_out_in_order_when_they_are_due():
    async def story():
        loop = asyncio.get_running_loop()
        waiting = Waiting(Line(50), loop.time)
        getting = asyncio.create_task(waiting.get())
        await asyncio.sleep(0)
        begin = loop.time()
        waiting.put("a")
        waiting.put("b")
        assert await getting == "a"
        assert loop.time() - begin >= 0.045
        assert len(waiting) == 1
        assert await waiting.get() == "b"

    asyncio.run(story())


def test_who_puts_too_much_waits_for_room():
    async def story():
        waiting = Waiting(Line(0), asyncio.get_running_loop().time, full=10)
        waiting.put("a", 9)
        await asyncio.wait_for(waiting.room(), 1)
        waiting.put("b", 1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(waiting.room(), 0.01)
        await waiting.get()
        await asyncio.wait_for(waiting.room(), 1)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("frame", "about"),
    [
        (
            json.dumps({"type": "input_audio_buffer.append", "audio": ""}),
            "input_audio_buffer.append",
        ),
        (json.dumps({"type": "input_audio_buffer.commit"}), "input_audio_buffer.commit"),
        (json.dumps({"type": "session.update", "session": {}}), "session.update"),
        (json.dumps({"type": "response.cancel"}), ""),
        ('{"type": 5}', ""),
        ("[]", ""),
        ("{", ""),
        ("[" * 100_000, ""),
        (b"\xff\xfe", ""),
    ],
)
def test_what_type_about_sound_keeps_its_place_behind_sound(frame, about):
    assert type_about_sound(frame) == about
