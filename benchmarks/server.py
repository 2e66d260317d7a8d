"""Whether `rtkit serve` holds when several people speak to it at once, and what they cost.

    python benchmarks/server.py [--quick] [--turns 6] [--idle 200] [--silence-ms 500]

The exit status is 1 when a goal is missed.

The server is a process of its own with its default settings. The speakers (`speakers.py`) live in
this process, whose CPU is told apart. Each sends 20 ms of sound every 20 ms, asks in the words of
the grammar, hears the answer, pauses and asks again: not in step, and in a row of its own so that
the speech of all ends at one instant. Phrases outside the grammar go through dictation, by at most
two worker processes, and have their own rows.

The stages, each from one event as it arrives here to the next:
  turn detected    end of speech + the configured silence  ->  speech_stopped
  committed        speech_stopped                          ->  input_audio_buffer.committed
  response created committed                               ->  response.created
  words            committed                               ->  input_audio_transcription.completed
  first audio      words                                   ->  first response.output_audio.delta
  beyond silence   end of speech + the configured silence  ->  first response.output_audio.delta
End of speech is `rtkit.Clip.speech_end` at the instant at which the frame that ends there was sent.
A session keeps up with real time when no speech_stopped comes later than BEHIND_S after the frame
was sent that its audio_end_ms lies in. Percentiles are numpy's (linear between the two nearest).
"Loop" is the time in which the server answers a WebSocket ping of an idle session, every 50 ms.
After the run every event is checked against the types of the official `openai` package.
There is no other server to set beside it: those known either need model weights, which are not
here, or do not speak this protocol.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, get_args

import numpy as np
import psutil
import websockets
from openai.types.realtime.realtime_server_event import RealtimeServerEvent
from pydantic import Field, TypeAdapter, ValidationError
from speakers import COMPLETED, FRAME_S, Plan, grammar_questions, hold_talks, question

from rtkit.rules import violations

OFF = Path(__file__).with_name("off_grammar.txt")
OFFICIAL = TypeAdapter(Annotated[get_args(RealtimeServerEvent)[0], Field(discriminator="type")])
ADDRESS = re.compile(r"ws://127\.0\.0\.1:\d+/v1/realtime")
MODEL = "?model=gpt-realtime-2.1"
GOALS_MS = {4: 400, 8: 1000}  # p95 beyond the silence, of sessions in the grammar
START_GOAL_S = 1.0
BEHIND_S = 0.5
PING_EVERY_S = 0.05
IDLE_S = 10.0
STAGES = {
    "turn detected": ("silence over", "input_audio_buffer.speech_stopped"),
    "committed": ("input_audio_buffer.speech_stopped", "input_audio_buffer.committed"),
    "response created": ("input_audio_buffer.committed", "response.created"),
    "words": ("input_audio_buffer.committed", COMPLETED),
    "first audio": (COMPLETED, "response.output_audio.delta"),
    "beyond silence": ("silence over", "response.output_audio.delta"),
}


class Server:
    """`rtkit serve` as a process, and what it uses."""

    def __init__(self, *options):
        command = [sys.executable, "-m", "rtkit.cli", "serve", "--port", "0"]
        command += ["--log-level", "error", *options]
        began = time.perf_counter()
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        found = next(filter(None, map(ADDRESS.search, self._process.stdout)), None)
        self.start_s = time.perf_counter() - began
        if found is None:
            raise SystemExit(f"{' '.join(command)} did not say where it serves")
        self.url = found.group(0) + MODEL
        self._seen = psutil.Process(self._process.pid)

    def __enter__(self):
        return self

    def __exit__(self, *about):
        self._process.terminate()
        self._process.wait(20)

    @property
    def workers(self):
        """The processes it has started."""
        return self._seen.children(recursive=True)

    def cpu_s(self):
        """CPU seconds so far: (its own, those of its workers)."""
        own, *others = (t.user + t.system for t in (p.cpu_times() for p in self._all()))
        return np.array([own, sum(others)])

    def memory_mb(self):
        """(its resident memory, that of its workers)"""
        sizes = [process.memory_info().rss / 2**20 for process in self._all()]
        return sizes[0], sum(sizes[1:])

    def held(self):
        """(open files, threads) of the server process."""
        return self._seen.num_fds() if hasattr(self._seen, "num_fds") else 0, (
            self._seen.num_threads()
        )

    def _all(self):
        return [self._seen, *self.workers]


@dataclass
class Row:
    """One run: what was asked for, what it cost, and what came of it."""

    name: str
    sessions: int
    seconds: float
    server_cpu: np.ndarray
    own_cpu: float
    memory: tuple[float, float]
    workers: int
    pings: list[float]
    speakers: list
    failures: list[str]
    silence_s: float

    def turns(self):
        return [(one, turn) for one in self.speakers for turn in one.turns]

    def stages(self):
        """Stage -> milliseconds of every answered turn."""
        found = {name: [] for name in STAGES}
        for speaker, turn in self.turns():
            instants = {"silence over": turn.speech_end + self.silence_s}
            for at, event in read(speaker)[turn.first : turn.last]:
                if event["type"] in ("input_audio_buffer.speech_stopped",):
                    instants = {"silence over": instants["silence over"]}  # the last one counts
                instants.setdefault(event["type"], at)
            for name, (start, end) in STAGES.items():
                if turn.answered and start in instants and end in instants:
                    found[name].append(1000 * (instants[end] - instants[start]))
        return found

    def lags(self):
        """For each session how far, in seconds, its hearing was behind its sound at worst."""
        return [max(lags_of(speaker), default=0.0) for speaker in self.speakers]

    def outcome(self):
        """Counts of what went right and wrong."""
        counts = Counter()
        for speaker, turn in self.turns():
            events = [event for _, event in read(speaker)[turn.first : turn.last]]
            heard = [event["transcript"] for event in events if event["type"] == COMPLETED]
            said = [e["transcript"] for e in events if e["type"].endswith("transcript.done")]
            counts["asked"] += 1
            counts["unanswered"] += not turn.answered
            counts["misheard"] += heard != [turn.question.text]
            right = bool(said) and turn.question.answer in said[-1]
            counts["wrong answers"] += heard == [turn.question.text] and not right
        for speaker in self.speakers:
            counts["errors"] += sum(event["type"] == "error" for _, event in read(speaker))
            counts["closed"] += speaker.closed is not None
        return counts


_read = {}


def read(speaker):
    """(instant, event) of all that came to a speaker."""
    if id(speaker) not in _read:
        _read[id(speaker)] = [(at, json.loads(text)) for at, text in speaker.events]
    return _read[id(speaker)]


def lags_of(speaker):
    """Seconds from sending the frame in which a turn ended to hearing of that end."""
    for at, event in read(speaker):
        if event["type"] == "input_audio_buffer.speech_stopped":
            number = int(np.ceil(event["audio_end_ms"] / 1000 / FRAME_S)) - 1
            yield at - speaker.sent_at[min(number, len(speaker.sent_at) - 1)]


async def ping(url, found):
    """Ask for pongs until cancelled; their milliseconds go to `found`."""
    async with websockets.connect(url, max_size=None, ping_interval=None) as socket:
        while True:
            began = time.perf_counter()
            await (await socket.ping())
            found.append(1000 * (time.perf_counter() - began))
            await asyncio.sleep(PING_EVERY_S)


async def run(server, name, count, plan, silence_s):
    """One row."""
    pings = []
    pinging = asyncio.create_task(ping(server.url, pings))
    began, cpu, own = time.perf_counter(), server.cpu_s(), time.process_time()
    speakers, failures = await hold_talks(server.url, count, plan)
    row = Row(
        *(name, count, time.perf_counter() - began, server.cpu_s() - cpu),
        *(time.process_time() - own, server.memory_mb(), len(server.workers)),
        *(pings, speakers, failures, silence_s),
    )
    pinging.cancel()
    await asyncio.gather(pinging, return_exceptions=True)
    return row


def percentiles(values):
    """Median and 95th percentile as text."""
    if not values:
        return f"{'-':>6} {'-':>6}"
    return f"{np.median(values):6.0f} {np.percentile(values, 95):6.0f}"


def report(rows):
    """Print the two tables."""
    print("\nmilliseconds, p50 and p95")
    print(f"{'':22}{'turns':>6} " + " ".join(f"{name:>15}" for name in STAGES))
    for row in rows:
        stages = row.stages()
        told = " ".join(f"{percentiles(values):>15}" for values in stages.values())
        print(f"{row.name:22}{len(row.turns()):6} {told}")
    heads = ("kept up", "behind s", "loop p95", "max ms", "server %", "workers", "a turn s")
    heads += ("own %", "late ms")
    print(f"\n{'':22}" + " ".join(f"{head:>8}" for head in heads), end="")
    print(f" {'MB':>5} {'+ workers':>9}  outcome")
    for row in rows:
        print(costs(row))


def costs(row):
    """The second table's line of a row."""
    lags, cpu = row.lags(), 100 * row.server_cpu / row.seconds
    kept = sum(lag < BEHIND_S for lag in lags)
    late = 1000 * max(speaker.latest_frame_s for speaker in row.speakers)
    outcome = ", ".join(f"{n} {what}" for what, n in row.outcome().items() if n)
    numbers = (
        *(f"{kept} of {row.sessions}", f"{max(lags):.2f}", f"{np.percentile(row.pings, 95):.0f}"),
        *(f"{max(row.pings):.0f}", f"{cpu[0]:.1f}", f"{cpu[1]:.1f}"),
        f"{row.server_cpu.sum() / len(row.turns()):.2f}",
        *(f"{100 * row.own_cpu / row.seconds:.1f}", f"{late:.0f}"),
    )
    memory, workers = row.memory
    return (
        f"{row.name:22}"
        + " ".join(f"{number:>8}" for number in numbers)
        + f" {memory:5.0f} {f'{workers:.0f} ({row.workers})':>9}  {outcome}"
        + "".join(f"\n    {failure}" for failure in row.failures)
    )


def check_events(rows):
    """Print how many events were valid; True when all were, and in an order that is allowed."""
    count, broken = 0, []
    for row in rows:
        for speaker in row.speakers:
            events = [event for _, event in read(speaker)]
            count += len(events)
            broken += [str(violation) for violation in violations(events)]
            for event in events:
                try:
                    OFFICIAL.validate_python(event)
                except ValidationError as error:
                    broken.append(f"{event['type']}: {error}")
    print(f"\nevents validated: {count}, not valid: {len(broken)}")
    for text in broken[:10]:
        print(f"  {text}")
    return not broken


def start_up(count):
    """Print how long the server takes to its ready line; the median in seconds."""
    found = []
    for _ in range(count):
        with Server() as server:
            found.append(server.start_s)
    told = " ".join(f"{seconds:.2f}" for seconds in found)
    print(f"start to the ready line, s: median {np.median(found):.2f} of {told}")
    return float(np.median(found))


async def idle(count, seconds):
    """Print what sessions cost in which nothing happens."""
    with Server("--max-sessions", str(count + 8)) as server:
        await asyncio.sleep(2.0)  # the models are loaded
        before, files = server.memory_mb(), server.held()
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(count):
                session = websockets.connect(server.url, max_size=None, ping_interval=None)
                await (await stack.enter_async_context(session)).recv()
            cpu = server.cpu_s()
            await asyncio.sleep(seconds)
            cpu, after = server.cpu_s() - cpu, server.memory_mb()
        await asyncio.sleep(1.0)
        left = server.held()
    grown = sum(after) - sum(before)
    print(
        f"{count} idle sessions: {grown:.1f} MB ({1024 * grown / count:.0f} KB each) on top of "
        f"{sum(before):.0f} MB, {100 * cpu.sum() / seconds:.2f} % CPU; closed again: "
        f"{left[0] - files[0]:+d} files, {left[1] - files[1]:+d} threads"
    )


async def measure(server, arguments):
    """All rows."""
    silence_s, turns = arguments.silence_ms / 1000, arguments.turns
    inside = grammar_questions()
    outside = [question(text, "alloy") for text in OFF.read_text().splitlines()[:8]]
    await run(server, "warming up", 1, Plan(inside[:1], 1), silence_s)
    rows = []
    for count in arguments.sessions:
        told = f"grammar, {count}"
        rows.append(await run(server, told, count, Plan(inside, turns), silence_s))
    most = arguments.sessions[-1]
    for kind, asked, counts, times, in_step in (
        ("in step", inside, [most], turns, True),
        ("dictation", outside, arguments.dictating, max(1, turns // 2), False),
    ):
        for count in counts:
            plan = Plan(asked, times, in_step)
            rows.append(await run(server, f"{kind}, {count}", count, plan, silence_s))
    return rows


def judged(rows, valid, start_s):
    """Print each goal and whether it is held; the exit status."""
    p95 = {row.name: np.percentile(row.stages()["beyond silence"] or [np.inf], 95) for row in rows}
    goals = {
        f"p95 beyond the silence at {n} under {ms} ms": p95[f"grammar, {n}"] < ms
        for n, ms in GOALS_MS.items()
        if f"grammar, {n}" in p95
    }
    grammar = [row for row in rows if row.name.startswith("grammar")]
    goals["no session falls behind real time"] = all(
        lag < BEHIND_S for row in grammar for lag in row.lags()
    )
    counts = sum((row.outcome() for row in rows), Counter())
    bad = [counts[what] for what in ("unanswered", "errors", "closed", "wrong answers")]
    goals["every question answered, no errors"] = not any(bad)
    goals["every event valid"] = valid
    goals[f"ready in {START_GOAL_S:.0f} s"] = start_s < START_GOAL_S
    print()
    for goal, held in goals.items():
        print(f"{'held  ' if held else 'MISSED'} {goal}")
    return 0 if all(goals.values()) else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--turns", type=int, default=6, help="of each session (%(default)s)")
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--dictating", type=int, nargs="*", default=[1, 4, 8])
    parser.add_argument("--idle", type=int, default=200, help="idle sessions (%(default)s)")
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--silence-ms", type=int, default=500)
    parser.add_argument("--quick", action="store_true", help="fewer turns, 4 and 8 sessions only")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.turns, arguments.sessions, arguments.dictating = 2, [4, 8], [4]
        arguments.idle, arguments.starts = 50, 3
    start_s = start_up(arguments.starts)
    if arguments.idle:
        asyncio.run(idle(arguments.idle, IDLE_S))
    with Server() as server:
        rows = asyncio.run(measure(server, arguments))
    valid = check_events(rows)
    report(rows)
    return judged(rows, valid, start_s)


if __name__ == "__main__":
    sys.exit(main())
