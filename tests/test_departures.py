"""What is left of a session that ends badly: nothing, at whatever stage, and no other is harmed."""

import asyncio

import numpy as np
import pytest
from rawclient import raw
from serverstory import voiced
from socketstory import Parrot, connected, serving

from rtkit.server import visit as visits
from rtkit.server.brain import Say, Script
from rtkit.server.core import HANDLERS

SILENCE = np.zeros(24_000)
LONG = " ".join(["Once upon a time there was a fox."] * 400)


class Thinking:
    """A brain that never comes to an end; a `deaf` one does not even let itself be stopped."""

    grammar = ""

    def __init__(self, deaf=False):
        self.deaf = deaf

    async def reply(self, request):
        yield Say("One moment.")
        while True:
            try:
                await asyncio.sleep(0.02)
            except asyncio.CancelledError:
                if not self.deaf:
                    raise
            else:
                if self.deaf is None:
                    return


def tasks():
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


async def none_left(running, before, seconds=3):
    async with asyncio.timeout(seconds):
        while running.sessions or tasks() - before:
            await asyncio.sleep(0.01)


STAGES = {
    "nothing yet": ({}, None),
    "hearing": ({}, "input_audio_buffer.speech_started"),
    "recognising": ({"recogniser": lambda grammar: Parrot(finish_s=60)}, "response.created"),
    "thinking": ({"brain": Thinking()}, "response.output_item.added"),
    "speaking": ({"brain": Script(LONG), "pace": 1.0}, "response.output_audio.delta"),
    "full": ({"brain": Script(LONG)}, "response.output_audio.delta"),
    "stalled": ({"faults": "stall:seconds=3600"}, "response.created"),
    "delayed": ({"faults": "delay:think_ms=60000,recognise_ms=20"}, "response.created"),
    "detected late": ({"faults": "delay:detect_ms=200"}, "input_audio_buffer.speech_started"),
    "sent late": ({"faults": "delay:send_ms=300,jitter_ms=50"}, "response.created"),
}


@pytest.mark.parametrize("polite", [False, True], ids=["abrupt", "polite"])
@pytest.mark.parametrize("stage", STAGES)
def test_nothing_is_left_of_a_session_that_ends_while(stage, polite):
    async def story():
        fields, event = STAGES[stage]
        async with serving(**fields) as running:
            async with connected(running):
                pass
            await asyncio.sleep(0.05)
            before = tasks()
            async with connected(running, max_queue=None) as client:
                if event is not None:
                    await client.append([*voiced(600), *SILENCE])
                    await client.until(event)
                if not polite:
                    client.socket.transport.abort()
            await none_left(running, before)

    asyncio.run(story())


def test_a_client_that_vanishes_while_the_server_waits_for_room_frees_everything():
    async def story():
        async with serving(brain=Script(LONG)) as running:
            await asyncio.sleep(0.05)
            before = tasks()
            async with raw(running) as client:
                await client.send("response.create")
                (visit,) = running._house.sessions.values()
                async with asyncio.timeout(5):
                    while visit._outbox.size < 1024 * 1024:
                        await asyncio.sleep(0.01)
                await client.send("nonsense")  # the reader waits for room, too
                await asyncio.sleep(0.05)
            await none_left(running, before)

    asyncio.run(story())


def test_a_fault_of_ours_in_an_event_ends_its_session_with_1011_and_no_other(monkeypatch, caplog):
    def broken(core, event):
        raise ZeroDivisionError("a fault of ours")

    async def story():
        async with serving() as running, connected(running) as other:
            before = tasks()
            monkeypatch.setitem(HANDLERS, "input_audio_buffer.clear", broken)
            async with connected(running) as client:
                await client.send("input_audio_buffer.clear")
                error = (await client.until("error"))[-1]["error"]
                assert error["type"] == "server_error"
                await client.socket.wait_closed()
                assert client.socket.close_code == 1011
            await other.type("hello")
            await other.until("conversation.item.done")
            async with asyncio.timeout(3):
                while tasks() - before:
                    await asyncio.sleep(0.01)

    asyncio.run(story())


def test_a_helper_that_dies_takes_its_session_with_it(caplog):
    async def story():
        async with serving() as running, connected(running) as client:
            (visit,) = running._house.sessions.values()
            visit.core.wake = None  # the clock of this session will fail
            visit._sooner.set()
            await client.until("error")
            await client.socket.wait_closed()
            assert client.socket.close_code == 1011

    asyncio.run(story())
    assert "NoneType" in caplog.text


def test_a_sender_that_dies_takes_its_session_with_it(caplog):
    async def broken(text):
        raise ZeroDivisionError("a fault of ours")

    async def story():
        async with serving() as running:
            await asyncio.sleep(0.05)
            before = tasks()
            async with connected(running) as client:
                (visit,) = running._house.sessions.values()
                visit._sender.socket.send_str = broken
                await client.send("input_audio_buffer.clear")
                await client.socket.wait_closed()
                assert client.socket.close_code == 1006
            await none_left(running, before)

    asyncio.run(story())
    assert "ZeroDivisionError" in caplog.text


def test_a_brain_that_will_not_stop_does_not_hold_its_session_open(monkeypatch, caplog):
    monkeypatch.setattr(visits, "END_S", 0.1)

    async def story():
        brain = Thinking(deaf=True)
        async with serving(brain=brain) as running:
            async with connected(running) as client:
                await client.send("response.create")
                await client.until("response.output_item.added")
            async with asyncio.timeout(5):
                while running.sessions:
                    await asyncio.sleep(0.01)
            brain.deaf = None  # now it ends
            await asyncio.sleep(0.1)

    asyncio.run(story())
    assert "does not end though it was cancelled" in caplog.text
