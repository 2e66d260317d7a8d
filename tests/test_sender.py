"""Clients that read slowly or not at all, over real sockets whose reading really stops."""

import asyncio
import base64
import logging
import socket

import pytest
from rawclient import SMALL, raw, resident
from socketstory import connected, serving

from rtkit.server.brain import Script
from rtkit.server.outbox import FULL
from rtkit.server.sender import LEAST

LONG = " ".join(["Once upon a time there was a fox."] * 400)
SHORT_PATIENCE = 1.5
MEGABYTE = 1024 * 1024


def visit_of(running):
    (visit,) = running._house.sessions.values()
    sending = visit._sender.transport.get_extra_info("socket")
    sending.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
    return visit


async def gone(running, seconds=20):
    async with asyncio.timeout(seconds):
        while running.sessions:
            await asyncio.sleep(0.02)


async def keep_sending(send):
    """Send until the server has had enough; how often that went well."""
    count = 0
    try:
        while True:
            await send()
            count += 1
    except ConnectionError:
        return count


def told_of_it(caplog):
    return [r.getMessage() for r in caplog.records if "slow_reader" in r.getMessage()]


def test_a_hundred_thousand_bad_events_of_a_client_that_never_reads_cost_no_memory(caplog):
    async def story():
        async with serving(patience_s=SHORT_PATIENCE) as running, raw(running) as client:
            visit, before = visit_of(running), resident()
            sending = asyncio.create_task(keep_sending(lambda: client.send("nonsense")))
            async with connected(running) as other:
                await other.type("hello")
                await other.until("conversation.item.done")
            done, _ = await asyncio.wait([sending], timeout=20)
            assert done
            await gone(running)
            assert sending.result() > 10_000
            assert 0.5 * FULL < visit._outbox.largest < FULL + 4096
            assert resident() - before < 48 * MEGABYTE

    asyncio.run(story())
    assert told_of_it(caplog)


def test_retrieving_five_minutes_of_sound_again_and_again_costs_no_more_than_twice(caplog):
    async def story():
        async with serving(patience_s=SHORT_PATIENCE) as running, raw(running) as client:
            visit = visit_of(running)
            sound = base64.b64encode(bytes(300 * 48_000)).decode()
            content = [{"type": "input_audio", "audio": sound}]
            item = {"type": "message", "role": "user", "id": "long", "content": content}
            await client.send("conversation.item.create", item=item)
            await client.until("conversation.item.done")
            before = resident()
            retrieve = "conversation.item.retrieve"
            sending = asyncio.create_task(
                keep_sending(lambda: client.send(retrieve, item_id="long"))
            )
            await gone(running)
            await asyncio.wait([sending], timeout=5)
            assert len(sound) < visit._outbox.largest < FULL + 2 * len(sound)
            assert resident() - before < 8 * len(sound)

    asyncio.run(story())
    assert told_of_it(caplog)


def test_a_long_answer_stops_for_a_client_that_reads_nothing_and_then_ends(caplog):
    async def story():
        fields = {"brain": Script(LONG), "patience_s": SHORT_PATIENCE}
        async with serving(**fields) as running, raw(running) as client:
            visit = visit_of(running)
            await client.send("response.create")
            await gone(running)
            assert FULL <= visit._outbox.largest < FULL + 32 * 1024
            assert not visit._answers

    asyncio.run(story())
    assert told_of_it(caplog)


def test_answers_beside_the_conversation_wait_for_room_too():
    async def story():
        fields = {"brain": Script(LONG), "patience_s": SHORT_PATIENCE}
        async with serving(**fields) as running, raw(running) as client:
            visit = visit_of(running)
            for _ in range(20):
                await client.send("response.create", response={"conversation": "none"})
            await gone(running)
            assert visit._outbox.largest < FULL + 20 * 32 * 1024
            assert not visit._answers

    asyncio.run(story())


def test_a_client_that_reads_a_byte_now_and_then_is_not_waited_for(caplog):
    async def story():
        fields = {"brain": Script(LONG), "patience_s": SHORT_PATIENCE}
        async with serving(**fields) as running, raw(running) as client:
            visit_of(running)
            await client.send("response.create")

            async def sip():
                while await client.read(1):
                    await asyncio.sleep(0.1)

            sipping = asyncio.create_task(sip())
            await gone(running)
            sipping.cancel()

    asyncio.run(story())
    assert told_of_it(caplog)


def test_a_client_that_reads_on_finds_the_close_frame_that_says_why():
    async def story():
        fields = {"brain": Script(LONG), "patience_s": 0.5}
        async with serving(**fields) as running, raw(running) as client:
            visit = visit_of(running)
            await client.send("response.create")
            async with asyncio.timeout(10):
                while not visit._sender.closing:
                    await asyncio.sleep(0.01)
                assert await client.close_frame() == (1008, "slow_reader")

    asyncio.run(story())


def test_a_slow_client_that_reads_on_gets_the_whole_answer(caplog):
    """Some times the least rate; with the usual patience half the rate of sound is 58 times it."""

    async def story():
        words = " ".join(["Once upon a time there was a fox."] * 10)
        fields = {"brain": Script(words), "patience_s": 1.0}
        async with serving(**fields) as running, raw(running) as client:
            visit_of(running)
            await client.send("response.create")
            loop = asyncio.get_running_loop()
            begin, had = loop.time(), 0
            while loop.time() - begin < 5:
                had += len(await client.read(2048))
                await asyncio.sleep(max(begin + had / (4 * LEAST) - loop.time(), 0))
            assert running.sessions == 1
            async with asyncio.timeout(10):
                done = await client.until("response.done")
            assert done["response"]["status"] == "completed"
            assert had < 8 * 4 * LEAST

    asyncio.run(story())
    assert not told_of_it(caplog)


@pytest.mark.parametrize("reads", [True, False])
def test_a_server_ends_in_time_whether_its_clients_read_or_not(reads, caplog):
    caplog.set_level(logging.INFO, "rtkit.server")

    async def story():
        async with serving(brain=Script(LONG)) as running, raw(running) as client:
            visit_of(running)
            await client.send("response.create")
            await asyncio.sleep(0.3)
            reading = asyncio.create_task(client.close_frame()) if reads else None
            async with asyncio.timeout(8):
                await running.close()
            assert running.sessions == 0
            if reading:
                assert (await reading)[0] == 1001

    asyncio.run(story())
