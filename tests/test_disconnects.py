"""Clients that are gone from one moment to the next leave nothing behind in the server.

Fifty in each stage of a turn, twenty-five at a time: a third by a reset connection, a third by one
that is half closed, a third by clients whose task was cancelled. What may stay is what ten such
clients leave once (spare detectors), and the threads of asyncio's pool, which is bounded.
"""

import asyncio
import gc
import socket as sockets
import struct
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest
from serverstory import voiced
from socketstory import Client, Parrot, connected, serving
from test_recognition import pcm16k
from websockets.exceptions import ConnectionClosed

from rtkit.server.brain import Script
from rtkit.server.visit import Visit
from rtkit.speech.booths import shared_booths
from rtkit.speech.recognition import PocketRecogniser
from rtkit.speech.scribes import shared_scribes

WARMING, AT_ONCE, TIMES = 9, 25, 2
FILES = Path("/proc/self/fd")
NOW = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset
LONG = " ".join(f"Sentence number {n} of a story that does not end soon." for n in range(20))
SILENCE = np.zeros(24_000)


async def speaking(client):
    """Amid the speech."""
    await client.append(voiced(300))
    await client.until("input_audio_buffer.speech_started")


async def recognising(client):
    """The turn is over, its words are not there yet."""
    await client.append(np.concatenate([voiced(300), SILENCE]))
    await client.until("response.created")
    await asyncio.sleep(0.2)


async def writing(client):
    """Amid a response of text."""
    await client.send("response.create", response={"output_modalities": ["text"]})
    await client.until("response.output_text.delta")


async def voicing(client):
    """Amid a spoken response."""
    await client.send("response.create")
    await client.until("response.output_audio.delta")


async def flooding(client):
    """The client reads nothing of what it has asked for."""
    for _ in range(40):
        await client.send("session.update", session={"type": "realtime"})


async def stalled(client):
    """The server keeps silent in the midst of a response."""
    await client.send("response.create")
    await client.until("response.created")


STAGES = {
    speaking: {},
    recognising: {"recogniser": lambda grammar: Parrot(finish_s=60)},
    writing: {"brain": Script(LONG), "pace": 2.0},
    voicing: {"brain": Script(LONG), "pace": 2.0},
    flooding: {},
    stalled: {"brain": Script(LONG), "faults": "stall:after=response.created,seconds=60"},
}


def reset(client):
    """The connection is reset, as by a process that was killed."""
    transport = client.socket.transport
    transport.get_extra_info("socket").setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, NOW)
    transport.abort()


def half_close(client):
    """Nothing more comes from the client, which still could read."""
    client.socket.transport.get_extra_info("socket").shutdown(sockets.SHUT_WR)


async def cancelled(client):
    """Somebody cancels the task that reads; the client says goodbye while events come in."""
    reading = asyncio.create_task(client.socket.recv())
    await asyncio.sleep(0)
    reading.cancel()
    await client.socket.close()


WAYS = (reset, half_close, cancelled)


async def leave(running, stage, way):
    """One client that gets as far as the stage, and goes."""
    async with connected(running, close_timeout=0.2) as client:
        assert isinstance(client, Client)
        await stage(client)
        if (going := way(client)) is not None:
            await going
        if way is half_close:  # the server hears of the end and closes its side
            async with asyncio.timeout(10):
                with suppress(ConnectionClosed):
                    while True:
                        await client.socket.recv()


def held(running):
    """How many there are of each thing."""
    names = Counter(task.get_name().split(" ")[0] for task in asyncio.all_tasks())
    return {
        "sessions": running.sessions,
        "rtkit's tasks": names["rtkit"],
        "tasks": names.total(),
        "threads": sum("asyncio" not in one.name for one in threading.enumerate()),
        "processes": len(psutil.Process().children()),
        "files": len(list(FILES.iterdir())) if FILES.is_dir() else 0,
    }


def more(before, running):
    """What there is more of than before."""
    return {name: n for name, n in held(running).items() if n > before[name]}


async def until(condition, seconds=8):
    """Whether it comes true within that time."""
    for _ in range(round(seconds / 0.02)):
        if condition():
            return True
        await asyncio.sleep(0.02)
    return False


def visits():
    """How many visits are in memory."""
    gc.collect()
    return sum(type(thing) is Visit for thing in gc.get_objects())


async def check_nothing_is_left(running, stage, times=TIMES, at_once=AT_ONCE, warming=WARMING):
    """After the first few, nothing is added."""
    before = None
    for count in (warming, *[at_once] * times):
        await asyncio.gather(*(leave(running, stage, WAYS[n % 3]) for n in range(count)))
        assert await until(lambda: running.sessions == 0)
        if before is None:
            await asyncio.sleep(0.1)
            before, alive = held(running), visits()
    assert await until(lambda: not more(before, running)), more(before, running)
    assert visits() <= alive


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_fifty_that_are_gone_leave_nothing(stage):
    async def story():
        async with serving(**STAGES[stage]) as running:
            await check_nothing_is_left(running, stage)

    asyncio.run(story())


OFF_GRAMMAR = pcm16k("my brother lives near the sea")


async def dictating(client):
    """The sound is no phrase of the grammar: it waits for dictation, or is being written down."""
    form = {"type": "audio/pcm", "rate": 24_000}
    audio = {"input": {"turn_detection": None, "format": form}}
    await client.send("session.update", session={"type": "realtime", "audio": audio})
    await client.append(np.repeat(OFF_GRAMMAR, 3)[::2] / 32768)  # 24 kHz, roughly
    await client.send("input_audio_buffer.commit")
    await client.until("conversation.item.done")
    await asyncio.sleep(0.3)


def all_workers_at_work():
    """There are as many as there may be: what comes later is a leak."""
    ears = [PocketRecogniser("") for _ in range(3)]
    asked = [shared_scribes().dictate(OFF_GRAMMAR, n) for n in range(4)]
    for one in (*(ear.ready for ear in ears), *asked):
        one.result(60)
    for ear in ears:
        ear.close()


def test_those_that_are_gone_while_their_words_are_written_down_leave_nothing():
    all_workers_at_work()

    async def story():
        async with serving(recogniser=None) as running:
            await check_nothing_is_left(running, dictating, times=1, at_once=6, warming=2)
            assert await until(lambda: shared_booths().utterances == 0)
            assert shared_scribes().waiting == 0
            assert len(shared_scribes().pids) <= 2

    asyncio.run(story())
