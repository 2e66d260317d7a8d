import asyncio
import json

import numpy as np
from serverstory import only, types, voiced
from socketstory import Parrot, Tones, connected, serving

from rtkit.errors import MissingExtra
from rtkit.server.brain import Script

SILENCE = np.zeros(24_000)
LONG = " ".join(["Once upon a time there was a fox."] * 40)


class Stuck:
    """A brain that says a sentence and then thinks for ever; knows whether it was stopped."""

    grammar = ""

    def __init__(self):
        self.stopped = asyncio.Event()

    async def reply(self, request):
        from rtkit.server.brain import Say

        try:
            yield Say("One moment.")
            await asyncio.Event().wait()
        finally:
            self.stopped.set()


class Broken:
    grammar = ""

    async def reply(self, request):
        raise RuntimeError("no words today")
        yield


def others():
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


def test_a_spoken_turn_with_a_spoken_answer():
    async def story():
        voice = Tones()
        async with serving(synthesiser=voice) as running, connected(running) as client:
            output = {"voice": "coral", "speed": 1.25}
            session = {"type": "realtime", "audio": {"output": output}}
            await client.send("session.update", session=session)
            await client.append([*voiced(600), *SILENCE])
            events = await client.until("rate_limits.updated")
            assert types(events).index("response.output_audio.delta") > 0
            done = only(events, "response.done")["response"]
            assert done["status"] == "completed"
            assert done["output"][0]["content"][0]["transcript"] == "Hello there."
            assert voice.asked == [("Hello there.", "coral", 1.25)]

    asyncio.run(story())


def test_the_first_sound_is_a_small_portion_and_the_others_are_larger():
    async def story():
        async with serving(brain=Script(LONG)) as running, connected(running) as client:
            await client.send("response.create")
            events = await client.until("response.done")
        sizes = [len(e["delta"]) for e in events if e["type"] == "response.output_audio.delta"]
        assert sizes[0] == 60 * 48 * 4 // 3
        assert set(sizes[1:-1]) == {180 * 48 * 4 // 3}

    asyncio.run(story())


def test_cancelling_stops_the_brain_at_once():
    async def story():
        brain = Stuck()
        async with serving(brain=brain) as running, connected(running) as client:
            await client.send("response.create")
            await client.until("response.output_audio.delta")
            await client.send("response.cancel")
            await client.until("rate_limits.updated")
            async with asyncio.timeout(1):
                await brain.stopped.wait()

    asyncio.run(story())


def test_interrupting_stops_the_voice_at_once():
    async def story():
        voice = Tones()
        fields = {"brain": Script(LONG, "Yes?"), "synthesiser": voice, "pace": 2.0}
        async with serving(**fields) as running, connected(running) as client:
            await client.send("response.create")
            await client.until("response.output_audio.delta")
            await client.append(voiced(200))
            done = (await client.until("response.done"))[-1]["response"]
            assert done["status_details"]["reason"] == "turn_detected"
            await asyncio.sleep(0.05)
            assert voice.jobs[0].cancelled
            await client.append(SILENCE)
            await client.until("response.done")

    asyncio.run(story())


def test_a_server_without_ears_says_so_and_hangs_up(caplog):
    def missing():
        raise MissingExtra("silero", "local")

    async def story():
        async with serving(detector=missing) as running, connected(running) as client:
            await client.append(voiced(100))
            error = (await client.until("error"))[-1]["error"]
            assert error["type"] == "server_error"
            assert "pip install 'rtkit[local]'" in error["message"]
            await client.socket.wait_closed()
            assert client.socket.close_code == 1011

    asyncio.run(story())


def test_a_broken_brain_fails_its_response_only(caplog):
    async def story():
        async with serving(brain=Broken()) as running, connected(running) as client:
            await client.send("response.create")
            done = (await client.until("rate_limits.updated"))[-2]["response"]
            assert done["status"] == "failed"
            error = done["status_details"]["error"]
            assert error["message"] == "RuntimeError: no words today"
            await client.type("hello")
            await client.until("conversation.item.done")

    asyncio.run(story())
    assert "a response failed" in caplog.text


def test_the_pace_is_that_of_the_option():
    async def story():
        async with serving(brain=Script(LONG), pace=20.0) as running, connected(running) as client:
            await client.send("response.create")
            await client.until("response.output_audio.delta")
            loop = asyncio.get_running_loop()
            begin = loop.time()
            await client.until("response.done")
            seconds = 0.06 * len(LONG.split())
            assert (seconds - 1.5) / 20 < loop.time() - begin

    asyncio.run(story())


def test_a_client_that_does_not_read_stops_the_voice_not_the_server():
    async def story():
        fields = {"brain": Script(LONG * 8)}
        async with serving(**fields) as running, connected(running, max_queue=1) as slow:
            slow.socket.transport.pause_reading()
            await slow.send("response.create")
            await asyncio.sleep(0.5)
            async with connected(running) as quick:
                await quick.type("hello")
                await quick.until("conversation.item.done")
            slow.socket.transport.resume_reading()
            await slow.until("rate_limits.updated")

    asyncio.run(story())


def test_nothing_is_left_when_a_client_goes_in_mid_answer():
    async def story():
        ears = Parrot()
        fields = {"brain": Script(LONG), "pace": 1.0, "recogniser": lambda grammar: ears}
        async with serving(**fields) as running:
            async with connected(running):
                pass
            before = others()
            for _ in range(5):
                async with connected(running) as client:
                    await client.append([*voiced(600), *SILENCE])
                    await client.until("response.output_audio.delta")
                    client.socket.transport.abort()
            async with asyncio.timeout(5):
                while running.sessions or len(others()) > len(before):
                    await asyncio.sleep(0.01)
            assert ears.closed

    asyncio.run(story())


def test_the_session_ends_by_itself_when_its_time_is_over():
    async def story():
        async with serving(max_session_s=0.2) as running, connected(running) as client:
            events = await client.until("error")
            assert events[-1]["error"]["code"] == "session_expired"
            await client.socket.wait_closed()
            assert client.socket.close_code == 1001

    asyncio.run(story())


def test_a_reader_is_never_kept_waiting_by_a_slow_recogniser():
    async def story():
        slow = {"recogniser": lambda grammar: Parrot(finish_s=0.5)}
        async with serving(**slow) as running, connected(running) as client:
            await client.append([*voiced(600), *SILENCE])
            await client.until("response.created")
            await client.type("hello")
            events = await client.until("conversation.item.done")
            assert events[-1]["item"]["content"][0]["text"] == "hello"
            await client.until("response.done")

    asyncio.run(story())


def test_every_frame_is_one_json_object():
    async def story():
        async with serving() as running, connected(running) as client:
            await client.type("ein schöner Tag \ud83d\ude00")
            frame = await client.socket.recv()
            assert isinstance(frame, str)
            assert json.loads(frame)["item"]["content"][0]["text"].startswith("ein schöner")

    asyncio.run(story())


def test_an_answer_may_be_delayed_on_purpose():
    async def story():
        async with serving(delay_s=0.2) as running, connected(running) as client:
            loop = asyncio.get_running_loop()
            await client.send("response.create")
            await client.until("response.created")
            begin = loop.time()
            await client.until("response.output_item.added")
            assert loop.time() - begin > 0.15

    asyncio.run(story())
