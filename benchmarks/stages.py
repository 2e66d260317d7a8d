"""Whether delays that are put into the embedded server are found again at their stages.

    python benchmarks/stages.py [--quick] [--turns 12]

The exit status is 1 when a goal is missed.

The server is a process of its own with its default settings; each session asks it for one delay of
0 to 2,000 ms by `?fault=delay:...` in its URL, and asks one question. Sessions follow one another:
two at a time would wait for each other's recognition. What comes before the words of the question
are known is measured of a question that is spoken in real time. It is the first sound that its
session sends, so that it lies alike in the frames of the detector: only so is a millisecond more
than chance. What comes after is measured of a typed question, so that the time that recognition
takes, which differs with whatever else the machine does, is not in it.

Beside them a companion asks the server one typed question after the other, so that it is never
idle. The first work after two idle seconds takes this project's own machine 10 to 20 ms longer (a
bare espeak-ng: 0.5 ms to its first sound when it has just spoken, 20 ms after three seconds), and
a session with a delay idles longer than its base: the machine's sleep would be taken for ours.

The latency is read from the timeline as anybody's is: `rtkit.onset.audible(turn).stages()`. A delay
is found as what its stage took beyond the median of the five sessions without delays that were
asked nearest to it, so that a machine that becomes slower takes its baseline along. The error is
that less what was put in. Percentiles are rtkit's, which withholds those that too few turns carry.
`others` is what any other stage gained in the median, at most: a delay that is found must not be
found elsewhere as well.

Two controls of the same minutes tell whose an error is. "nothing put in" is the same error of the
sessions without delays: what a stage differs by from one time to the next. "a bare timer" holds no
code of rtkit: a process that sleeps, adds up numbers for some milliseconds and answers over a
socket, by how much it was later or earlier than usual. If that is not within a goal, the machine
was too busy to tell.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import rtkit
from rtkit.errors import RtkitError
from rtkit.latency import LEADING_SILENCE, MEANING, SILENCE_WAIT
from rtkit.onset import audible
from rtkit.percentiles import needed, percentile

ADDRESS = re.compile(r"ws://127\.0\.0\.1:\d+/v1/realtime")
PHRASE = "What is two plus two?"
SILENCE_MS = 200
LONGEST_MS = 2000.0
GOALS_MS = {50: 5.0, 99: 30.0}
FOUND_IN = {
    "detect_ms": SILENCE_WAIT,
    "send_ms": SILENCE_WAIT,
    "commit_ms": MEANING["committed"],
    "create_ms": MEANING["response_created"],
    "recognise_ms": MEANING["first_token"],
    "think_ms": MEANING["first_token"],
    "speak_ms": MEANING["first_token"],
    "sound_ms": MEANING["first_audio"],
    "lead_ms": LEADING_SILENCE,
}
"""Delay -> the stage of the waterfall in which it must be found."""
SPOKEN = ("detect_ms", "send_ms", "commit_ms", "recognise_ms", "spoken")
"""Those that are measured of a spoken question; "spoken" and "typed" are without delays."""
BASES = ("spoken", "typed")
NEAREST = 5
TIMER_MS = 50.0
"""How long the bare timer sleeps at most."""
SUM_TO = 400_000
"""What it adds up: as much work as the words of a question that was heard through a grammar."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A session: the name of its delay, or of a base, how long it is, and {stage: ms}."""

    name: str
    ms: float
    stages: dict[str, float]

    @property
    def base(self) -> str:
        """What it is compared with."""
        return "spoken" if self.name in SPOKEN else "typed"


# the sessions, and the timer between them


def session_with_short_silence():
    """The default session, with a short silence window."""
    session = rtkit.RealtimeConfigBuilder().build().to_session()
    session["audio"]["input"]["turn_detection"]["silence_duration_ms"] = SILENCE_MS
    return session


async def asked(url, question, name, ms):
    """A session in which one thing is late, if it is no base."""
    late = "" if name in BASES else f"&fault=delay:{name}={ms:.3f}"
    target, config = f"{url}?model=gpt-realtime-2.1{late}", session_with_short_silence()
    async with rtkit.connect_async(config, target, record=False) as session:
        turn = await session.ask(question if name in SPOKEN else PHRASE, timeout=30)
    stages = audible(turn).stages()
    return Asked(name, ms, {stage: 1000 * (end - start) for stage, start, end in stages})


def planned(turns, seed=7):
    """(name, ms) of each session in random order, a base behind every second one."""
    chance = random.Random(seed)
    delays = [(name, chance.uniform(0, LONGEST_MS)) for name in FOUND_IN for _ in range(turns)]
    chance.shuffle(delays)
    plan, since = [], dict.fromkeys(BASES, 0)
    for name, ms in delays:
        plan.append((name, ms))
        base = Asked(name, ms, {}).base
        since[base] += 1
        if since[base] % 2:
            plan.append((base, 0.0))
    return plan


async def keep_awake(url):
    """Ask typed questions until cancelled, so that nothing in the server sleeps."""
    target = f"{url}?model=gpt-realtime-2.1"
    while True:
        async with rtkit.connect_async(None, target, record=False) as session:
            for _ in range(100):
                await session.ask(PHRASE, timeout=30)


async def all_asked(url, timer_port, plan):
    """Each session that succeeded, how late the timer was beside it, and what went wrong."""
    question, sessions, timed, problems = rtkit.say(PHRASE), [], [], []
    timer = await asyncio.open_connection("127.0.0.1", timer_port)
    for base in BASES:
        await asked(url, question, base, 0.0)  # what the first question of a process waits for
    companion = asyncio.create_task(keep_awake(url))
    for number, (name, ms) in enumerate(plan):
        try:
            sessions.append(await asked(url, question, name, ms))
        except RtkitError as error:
            problems.append(f"{name} {ms:.0f}: {error}")
        timed.append(await lateness(*timer, TIMER_MS * number / len(plan)))
    if companion.done():
        problems.append(f"the companion ended: {companion.exception()}")
    companion.cancel()
    timer[1].close()
    return sessions, timed, problems


async def lateness(reader, writer, ms):
    """How many ms later than asked the timer answered."""
    began = perf_counter()
    writer.write(f"{ms}\n".encode())
    await reader.readline()
    return 1000 * (perf_counter() - began) - ms


async def serve_timer():
    """The timer's process: after so many milliseconds, and some work, an empty line."""

    async def answer(reader, writer):
        while line := await reader.readline():
            await asyncio.sleep(float(line) / 1000)
            sum(range(SUM_TO))
            writer.write(b"\n")

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def running(*arguments) -> Iterator[Iterator[str]]:
    """The lines that a Python process prints; it is ended afterwards."""
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout
    finally:
        process.terminate()
        process.wait(20)


# what came of it


def gained(sessions, number, stage):
    """What a stage of a session took beyond its nearest bases, ms."""
    one = sessions[number]
    bases = (
        (abs(place - number), other.stages[stage])
        for place, other in enumerate(sessions)
        if other.name == one.base and place != number and stage in other.stages
    )
    nearest = [ms for _, ms in sorted(bases)[:NEAREST]]
    return one.stages.get(stage, 0.0) - median(nearest)


def errors_of(sessions, name, stage):
    """How far from what was put in, ms, it was found in each session with that delay, or base."""
    places = [n for n, one in enumerate(sessions) if one.name == name and stage in one.stages]
    return [abs(gained(sessions, n, stage) - sessions[n].ms) for n in places]


def gained_elsewhere(sessions, name, stage):
    """What any other stage gained in the median, at most."""
    places = [n for n, one in enumerate(sessions) if one.name == name]
    known = {s for one in sessions if one.name in BASES for s in one.stages}
    kept = [s for s in known if s != stage and s in sessions[places[0]].stages]
    return max(median(gained(sessions, n, s) for n in places) for s in kept)


def tell_bases(sessions):
    """Print the stages without delays."""
    for base in BASES:
        rows = [one.stages for one in sessions if one.name == base]
        print(f"\n{base}, without delays, median of {len(rows)} turns:")
        for stage in rows[0]:
            print(f"  {stage:38}{median(row[stage] for row in rows if stage in row):8.1f} ms")


def tell_row(name, stage, errors, end=""):
    """Print the percentiles of some errors."""
    carried = (percentile(errors, p).value if len(errors) >= needed(p) else None for p in GOALS_MS)
    told = "".join(f"{'-' if value is None else f'{value:.1f}':>8}" for value in carried)
    print(f"{name:16}{stage:38}{len(errors):6}{told}{max(errors, default=0):8.1f}{end}")


def report(sessions, timed):
    """Print a row for each delay and each control; {name: errors in ms} of both kinds."""
    found, controls = {}, {"nothing put in": [], "a bare timer": []}
    print(f"\n{'delay':16}{'found in':38}{'turns':>6}{'p50':>8}{'p99':>8}{'most':>8}{'others':>8}")
    for name, stage in FOUND_IN.items():
        found[name] = errors_of(sessions, name, stage)
        tell_row(name, stage, found[name], f"{gained_elsewhere(sessions, name, stage):8.1f}")
        base = Asked(name, 0.0, {}).base
        controls["nothing put in"] += errors_of(sessions, base, stage)
    found["all"] = [error for errors in found.values() for error in errors]
    usual = median(timed)
    controls["a bare timer"] = [abs(late - usual) for late in timed]
    tell_row("all", "", found["all"])
    for name, errors in controls.items():
        tell_row(name, "", errors)
    return found, controls


def judged(found, controls, problems, turns):
    """Print each goal and whether it is held; the exit status."""
    goals = {
        "every question answered": not problems,
        "every delay measured": all(len(found[name]) == turns for name in FOUND_IN),
    }
    for p, goal in GOALS_MS.items():
        for name, errors in found.items():
            if len(errors) >= needed(p):
                value = percentile(errors, p).value
                goals[f"{name}: found within {goal:g} ms at p{p} ({value:.1f} ms)"] = value <= goal
    print()
    for told, held in goals.items():
        print(f"{'held  ' if held else 'MISSED'} {told}")
    for name, errors in controls.items():
        for p, goal in GOALS_MS.items():
            if len(errors) >= needed(p) and percentile(errors, p).value > goal:
                print(f"{name}: not within {goal:g} ms at p{p} either, the machine was too busy")
    return 0 if all(goals.values()) else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--turns", type=int, default=12, help="turns with each delay (default 12)")
    parser.add_argument("--quick", action="store_true", help="4 turns with each delay")
    parser.add_argument("--timer", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.timer:
        return asyncio.run(serve_timer())
    turns = 4 if options.quick else options.turns
    plan = planned(turns)
    server = ("-m", "rtkit.cli", "serve", "--port", "0", "--log-level", "warning")
    with running(*server) as told, running(__file__, "--timer") as port:
        url = next(filter(None, map(ADDRESS.search, told))).group(0)
        print(f"{len(plan)} sessions, one after another")
        sessions, timed, problems = asyncio.run(all_asked(url, int(next(port)), plan))
    for problem in problems:
        print(problem)
    tell_bases(sessions)
    return judged(*report(sessions, timed), problems, turns)


if __name__ == "__main__":
    sys.exit(main())
