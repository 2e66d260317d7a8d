"""What rtkit's client costs, side by side with the official SDK (`openai`) and `openai-agents`.

    python benchmarks/client.py [--quick] [--runs 3] [--repeat 15]

A minute or more (--quick: half of it). The exit status is 1 when a goal is missed: cheaper per
event than the SDK with the whole record kept, and p99 of the added delay under 1 ms.

A talk with the embedded server (six spoken questions, their answers in words and sound) is recorded
once and sent `repeat` times, with ids of its own each time, by a loopback server that is a process
of its own and has all texts ready. Each run of a client is a process of its own too; the runs of
the clients alternate. CPU is `time.process_time` of the client's process: all its threads.

  cost per event     all events as fast as they come; rtkit keeps its timeline (events, texts,
                     sound), plays by the clock and serves `wait_for`; the SDK's user keeps a list
                     of events and the decoded sound. "on disk" is rtkit's recording, which writes
                     every event and all sound to files. openai-agents is its model layer with a
                     listener that keeps what it is given.
  a minute of audio  20 ms of sound out, 20 ms in, 50 times a second, told 15 times as fast
  added delay        from the bytes' arrival in the process (asyncio's data_received) to the
                     decoded sound's arrival in the queue of the player, in that minute. It is
                     by the clock, so other programs count; the goal is judged by the least
                     disturbed of three runs
  time to connect    to the answer to the first session.update
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import queue
import subprocess
import sys
import tempfile
import time
from collections import deque
from pathlib import Path

import numpy as np

DELTA = "response.output_audio.delta"
LAST = "input_audio_buffer.cleared"  # what the server says when all is said
QUESTIONS = (
    "What is the capital of France?",
    "What is two plus two?",
    "Tell me a story.",
    "Count to twenty.",
    "What is the capital of Peru?",
    "What time is it?",
)
FRAME_S, SPEED, MINUTE_S = 0.02, 15, 60.0
FRAME = bytes(960)
CONNECTS = 20
CLIENTS = ("rtkit", "rtkit on disk", "openai", "openai-agents")
PROMPT = json.dumps({"type": "response.create"})
GOAL_MS = 1.0


# ---- the recorded talk, and the server that repeats it


def recorded():
    """The server's events of a talk, as texts with their sound."""
    import rtkit
    from rtkit.audio import to_base64
    from rtkit.events import AUDIO_FIELD

    config = rtkit.RealtimeConfigBuilder().for_use_case(rtkit.UseCase.VOICE_ASSISTANT).build()
    with rtkit.connect(config, record=False) as session:
        for text in QUESTIONS:
            session.ask(rtkit.say(text), pace=None)
    texts = []
    for moment in session.timeline:
        if moment.source == "server" and not moment.type.startswith("session."):
            event = dict(moment.event)
            if moment.audio:
                data = session.timeline.tracks[moment.audio.track].read(moment.audio)
                event[AUDIO_FIELD[event["type"]]] = to_base64(data)
            texts.append(json.dumps(event))
    return texts


def renamed(texts, number):
    """The same talk with other ids (values, which follow a colon; keys stay)."""
    for kind in ("item_", "resp_", "event_"):
        texts = [text.replace(f': "{kind}', f': "{kind}{number}x') for text in texts]
    return texts


class Loopback:
    """The server as a process."""

    def __init__(self, path, repeat):
        command = [sys.executable, __file__, "--serve", path, "--repeat", str(repeat)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port, self.events = map(int, self._process.stdout.readline().split())

    def __enter__(self):
        return self

    def __exit__(self, *about):
        self._process.terminate()
        self._process.wait(10)


async def serve(path, repeat):
    from websockets.asyncio.server import serve as listen

    told = json.loads(Path(path).read_text())
    texts = [text for number in range(repeat) for text in renamed(told, number)]
    session = {"type": "realtime", "object": "realtime.session", "id": "sess_1"}
    place = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
    sound = base64.b64encode(FRAME).decode()
    echo = json.dumps({"type": DELTA, "event_id": "event_1", **place, "delta": sound})
    last = json.dumps({"type": LAST, "event_id": "event_2"})

    def told_session(type_):
        return json.dumps({"type": type_, "event_id": "event_0", "session": session})

    async def converse(socket):
        await socket.send(told_session("session.created"))
        async for text in socket:
            if '"session.update"' in text:
                await socket.send(told_session("session.updated"))
            elif '"input_audio_buffer.append"' in text:
                await socket.send(echo)
            elif '"input_audio_buffer.clear"' in text:
                await socket.send(last)
            elif '"response.create"' in text:
                for one in texts:
                    await socket.send(one)
                await socket.send(last)

    async with listen(converse, "127.0.0.1", 0, max_size=None, compression=None) as server:
        print(next(iter(server.sockets)).getsockname()[1], len(texts), flush=True)
        await asyncio.get_running_loop().create_future()


# ---- how long sound is on its way through a client


class Arrivals:
    """When each delta came into the process, and when it was ready to be played."""

    def __init__(self):
        self.delays, self._came, self._tail = [], deque(), b""

    def watch(self, connection):
        """Look at what the transport hands to a connection of `websockets`."""
        take, mark = connection.data_received, DELTA.encode()

        def data_received(data):
            now, seen = time.perf_counter(), self._tail + data
            self._came.extend([now] * seen.count(mark))
            self._tail = seen[-len(mark) + 1 :]
            take(data)

        connection.data_received = data_received

    def ready(self):
        if self._came:
            self.delays.append(1000 * (time.perf_counter() - self._came.popleft()))


# ---- the clients, each a pair: all events; a minute of audio


class Rtkit:
    def __init__(self, port, record=False):
        self.url, self.record = f"ws://127.0.0.1:{port}/v1/realtime", record

    def connect(self, player=None):
        import rtkit

        return rtkit.connect({"type": "realtime"}, self.url, record=self.record, player=player)

    def all_events(self):
        with self.connect() as session:
            before = time.process_time()
            session.send(json.loads(PROMPT))
            session.wait_for(LAST, 120)
            return time.process_time() - before, kept(session.timeline)

    def minute(self):
        from rtkit.playback import ClockPlayer

        arrivals = Arrivals()

        class Player(ClockPlayer):
            def play(self, item_id, pcm):
                arrivals.ready()
                super().play(item_id, pcm)

        with self.connect(Player()) as session:
            arrivals.watch(session._link._wire._socket)
            before = time.process_time()
            for _ in beats():
                session.append(FRAME)
            session.send({"type": "input_audio_buffer.clear"})
            session.wait_for(LAST, 60)
            return time.process_time() - before, arrivals.delays

    def connects(self):
        return [timed(self._once) for _ in range(CONNECTS)]

    def _once(self):
        began = time.perf_counter()
        with self.connect():
            return time.perf_counter() - began


def kept(timeline):
    """How many events of the server the record holds; none of them may be misunderstood."""
    if any(moment.type == "error" for moment in timeline):
        raise SystemExit("an event was not understood")
    return sum(moment.source == "server" for moment in timeline)


class OpenAI:
    def __init__(self, port):
        self.base_url = f"http://127.0.0.1:{port}/v1"

    def talk(self, story):
        from openai import AsyncOpenAI

        async def run():
            client = AsyncOpenAI(api_key="none", base_url=self.base_url)
            async with client, client.realtime.connect(model="gpt-realtime-2.1") as connection:
                await connection.recv()
                await connection.session.update(session={"type": "realtime"})
                await connection.recv()
                return await story(connection)

        return asyncio.run(run())

    def all_events(self):
        async def story(connection):
            events, sound, before = [], [], time.process_time()
            await connection.response.create()
            async for event in connection:
                events.append(event)
                if event.type == DELTA:
                    sound.append(base64.b64decode(event.delta))
                elif event.type == LAST:
                    return time.process_time() - before, len(events)

        return self.talk(story)

    def minute(self):
        arrivals, player = Arrivals(), queue.Queue()

        async def story(connection):
            arrivals.watch(connection._connection)
            sender = asyncio.create_task(self._speak(connection))
            events, before = [], time.process_time()
            async for event in connection:
                events.append(event)
                if event.type == DELTA:
                    player.put(base64.b64decode(event.delta))
                    arrivals.ready()
                elif event.type == LAST:
                    await sender
                    return time.process_time() - before, arrivals.delays

        return self.talk(story)

    async def _speak(self, connection):
        async for _ in async_beats():
            sound = base64.b64encode(FRAME).decode()
            await connection.input_audio_buffer.append(audio=sound)
        await connection.input_audio_buffer.clear()

    def connects(self):
        return [timed(self._once) for _ in range(CONNECTS)]

    def _once(self):
        began = time.perf_counter()

        async def story(connection):
            return time.perf_counter() - began

        return self.talk(story)


class Agents:
    def __init__(self, port):
        self.url = f"ws://127.0.0.1:{port}/v1/realtime"

    def all_events(self):
        return asyncio.run(self._all_events())

    async def _all_events(self):
        from agents.realtime.openai_realtime import OpenAIRealtimeWebSocketModel

        events, over = [], asyncio.Event()

        class Listener:
            async def on_event(self, event):
                events.append(event)
                if event.type == "raw_server_event" and event.data["type"] == LAST:
                    over.set()

        model = OpenAIRealtimeWebSocketModel()
        model.add_listener(Listener())
        await model.connect({"api_key": "none", "url": self.url, "initial_model_settings": {}})
        before = time.process_time()
        await model._websocket.send(PROMPT)  # its own way in waits for the turns of a conversation
        await asyncio.wait_for(over.wait(), 120)
        spent = time.process_time() - before
        await model.close()
        return spent, sum(event.type == "raw_server_event" for event in events)


def timed(once):
    return 1000 * once()


def beats():
    """A beat for each frame, in time."""
    start = time.perf_counter()
    for number in range(round(MINUTE_S / FRAME_S)):
        time.sleep(max(0.0, start + number * FRAME_S / SPEED - time.perf_counter()))
        yield number


async def async_beats():
    start = time.perf_counter()
    for number in range(round(MINUTE_S / FRAME_S)):
        due = start + number * FRAME_S / SPEED
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        yield number


def client(name, port):
    return {
        "rtkit": lambda: Rtkit(port),
        "rtkit on disk": lambda: Rtkit(port, record=True),
        "openai": lambda: OpenAI(port),
        "openai-agents": lambda: Agents(port),
    }[name]()


def run(name, what, port):
    """One run of a client in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--client", name, "--what", what, "--port", str(port)]
        env = {**os.environ, "RTKIT_RECORDINGS": folder, "OPENAI_AGENTS_DISABLE_TRACING": "1"}
        told = subprocess.run(command, capture_output=True, text=True, env=env, timeout=200)
    if told.returncode:
        raise SystemExit(f"{name}, {what}: {told.stderr[-2000:]}")
    return json.loads(told.stdout.splitlines()[-1])


# ---- the report


def spread(values, digits=1):
    """The median, and the least and the most."""
    return f"{np.median(values):8.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def cost_per_event(runs, server):
    """Client -> microseconds of CPU per event of each run."""
    found = {name: [] for name in CLIENTS}
    for _ in range(runs):
        for name in CLIENTS:
            seconds, count = run(name, "all_events", server.port)
            if count < server.events:
                raise SystemExit(f"{name} kept {count} of {server.events} events")
            found[name].append(1e6 * seconds / count)
    print(f"\nCPU per event of {server.events}, in us, the whole record kept: median (range)")
    for name, values in found.items():
        ratio = np.median(np.divide(found["openai"], values))
        print(f"  {name:14} {spread(values)}   openai / this {ratio:.2f}")
    return found


def minute(port, runs):
    """CPU of a minute of audio, the delays that are added; the least p99 of rtkit's runs."""
    from rtkit.percentiles import percentile

    print("\nA minute of live audio in both directions: CPU seconds; added delay in ms")
    for name in ("openai", "rtkit"):
        results = [run(name, "minute", port) for _ in range(runs)]
        cpu = spread([seconds for seconds, _ in results], 2)
        p50 = percentile([delay for _, found in results for delay in found], 50)
        p99s = [percentile(found, 99).value for _, found in results]
        print(f"  {name:8} {cpu}   p50 {p50.value:.3f}   p99 {spread(p99s, 3)}")
    return min(p99s)


def connects(port):
    print("\nTime to connect and configure, in ms: median (range)")
    for name in ("rtkit", "openai"):
        print(f"  {name:8} {spread(run(name, 'connects', port))}")


def main():
    asked = arguments()
    if asked.serve:
        asyncio.run(serve(asked.serve, asked.repeat))
    elif asked.client:
        print(json.dumps(getattr(client(asked.client, asked.port), asked.what)()))
    else:
        sys.exit(report(asked))


def report(asked):
    runs, repeat = (2, 10) if asked.quick else (asked.runs, asked.repeat)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "talk.json"
        path.write_text(json.dumps(recorded()))
        with Loopback(path, repeat) as server:
            costs = cost_per_event(runs, server)
            p99 = minute(server.port, 1 if asked.quick else 3)
            connects(server.port)
    ratio = float(np.median(np.divide(costs["openai"], costs["rtkit"])))
    goals = {
        f"cheaper per event than the SDK ({ratio:.2f} times)": ratio > 1,
        f"added delay p99 under {GOAL_MS:g} ms ({p99:.3f})": p99 < GOAL_MS,
    }
    print()
    for goal, holds in goals.items():
        print(f"{'holds ' if holds else 'MISSED'}  {goal}")
    return 0 if all(goals.values()) else 1


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--client", help=argparse.SUPPRESS)
    parser.add_argument("--what", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
