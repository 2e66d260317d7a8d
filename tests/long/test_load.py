"""What sessions cost in `rtkit serve`, a process of its own: many idle, and many that are gone."""

import asyncio
import json
import os
import re
import subprocess
import sys

import psutil
import pytest
import websockets

IDLE = int(os.environ.get("RTKIT_LONG_IDLE", "200"))
MOST_KB = 400  # of memory for an idle session; the benchmark tells what it is
MOST_CPU = 0.02  # of one processor, for all of them together
ROUNDS = 6
GONE = 50
MOST_MB = 8.0  # more after fifty that are gone than after the fifty before
ADDRESS = re.compile(r"ws://127\.0\.0\.1:\d+/v1/realtime")


@pytest.fixture
def server():
    """(its URL, the process)"""
    command = [sys.executable, "-m", "rtkit.cli", "serve", "--port", "0", "--log-level", "error"]
    command += ["--max-sessions", str(IDLE + 8)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        url = next(filter(None, map(ADDRESS.search, process.stdout))).group(0)
        try:
            yield f"{url}?model=gpt-realtime-2.1", psutil.Process(process.pid)
        finally:
            process.terminate()
            assert process.wait(15) == 0


def cpu_s(process):
    times = process.cpu_times()
    return times.user + times.system


def held(process):
    files = process.num_fds() if hasattr(process, "num_fds") else 0
    return files, process.num_threads(), len(process.children(recursive=True))


def test_idle_sessions_cost_little(server, record_property):
    url, process = server

    async def story():
        await asyncio.sleep(3)  # what it loads by itself
        before, things = process.memory_info().rss, held(process)
        sockets = [await websockets.connect(url, ping_interval=None) for _ in range(IDLE)]
        for socket in sockets:
            assert json.loads(await socket.recv())["type"] == "session.created"
        spent = cpu_s(process)
        await asyncio.sleep(10)
        spent, grown = cpu_s(process) - spent, process.memory_info().rss - before
        for socket in sockets:
            await socket.close()
        await asyncio.sleep(1)
        return spent / 10, grown / 1024 / IDLE, things, held(process)

    share, each_kb, before, after = asyncio.run(story())
    record_property("sessions", IDLE)
    record_property("KB each", round(each_kb))
    record_property("CPU %", round(100 * share, 2))
    assert each_kb < MOST_KB
    assert share < MOST_CPU
    assert [a <= b for a, b in zip(after, before, strict=True)] == [True] * 3, (before, after)


async def begin_and_go(url):
    """A client that is gone amid the answer that is spoken to it."""
    async with websockets.connect(url, max_size=None, close_timeout=0.2) as socket:
        content = [{"type": "input_text", "text": "Tell me a story."}]
        item = {"type": "message", "role": "user", "content": content}
        await socket.send(json.dumps({"type": "conversation.item.create", "item": item}))
        await socket.send(json.dumps({"type": "response.create"}))
        while json.loads(await socket.recv())["type"] != "response.output_audio.delta":
            pass
        socket.transport.abort()


def test_clients_that_are_gone_leave_no_file_thread_process_or_memory(server, record_property):
    url, process = server

    async def story():
        counts, sizes = [], []
        for _ in range(ROUNDS):
            await asyncio.gather(*(begin_and_go(url) for _ in range(GONE)))
            await asyncio.sleep(2)
            counts.append(held(process))
            sizes.append(process.memory_info().rss / 2**20)
        return counts, sizes

    counts, sizes = asyncio.run(story())
    record_property("clients", ROUNDS * GONE)
    record_property("files, threads, processes", " ".join(map(str, counts[-1])))
    record_property("MB", " ".join(f"{size:.0f}" for size in sizes))
    assert counts[-1] == counts[1], counts
    assert sizes[-1] - sizes[-2] < MOST_MB, sizes
