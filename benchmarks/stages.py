"""Whether delays that are put into the embedded server are found again at their stages.

    python benchmarks/stages.py [--quick] [--turns 24] [--at-once 3]

The exit status is 1 when a goal is missed.

The server is a process of its own with its default settings; each session asks it for one delay of
0 to 2,000 ms by `?fault=delay:...` in its URL, and asks one question. What comes before the words
of the question are known is measured of a question that is spoken in real time. It is the first
sound that its session sends, so that it lies alike in the frames of the detector: only so is a
millisecond more than chance. What comes after is measured of a typed question, so that the time
that recognition takes, which differs with whatever else the machine does, is not in it.

The latency is read from the timeline as anybody's is: `rtkit.onset.audible(turn).stages()`. A delay
is found as what its stage took beyond the median of such sessions without delays, which are asked
in between. The error is that less what was put in. Percentiles are rtkit's, which withholds those
that too few turns carry.

The last column is what any other stage gained in the median, at most: a delay that is found must
not be found elsewhere as well.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import subprocess
import sys
from statistics import median

import rtkit
from rtkit.errors import RtkitError
from rtkit.latency import LEADING_SILENCE, MEANING, SILENCE_WAIT
from rtkit.onset import audible
from rtkit.percentiles import needed, percentile

ADDRESS = re.compile(r"ws://127\.0\.0\.1:\d+/v1/realtime")
PHRASE = "What is the capital of France?"
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


def session_with_short_silence():
    """The default session, with a short silence window."""
    session = rtkit.RealtimeConfigBuilder().build().to_session()
    session["audio"]["input"]["turn_detection"]["silence_duration_ms"] = SILENCE_MS
    return session


async def asked(url, question, name, ms):
    """{stage: ms} of the turn of a session in which one thing is late, if it is no base."""
    late = "" if name in BASES else f"&fault=delay:{name}={ms:.3f}"
    target, config = f"{url}?model=gpt-realtime-2.1{late}", session_with_short_silence()
    async with rtkit.connect_async(config, target, record=False) as session:
        turn = await session.ask(question if name in SPOKEN else PHRASE, timeout=30)
    return {stage: 1000 * (end - start) for stage, start, end in audible(turn).stages()}


async def all_asked(url, question, plan, at_once):
    """(name, ms, {stage: ms}) of each session, some at a time; and what went wrong."""
    queue, results, problems = list(plan), [], []

    async def worker(wait):
        await asyncio.sleep(wait)  # not in step
        while queue:
            name, ms = queue.pop()
            try:
                results.append((name, ms, await asked(url, question, name, ms)))
            except RtkitError as error:
                problems.append(f"{name} {ms:.0f}: {error}")

    await asked(url, question, "spoken", 0.0)  # what the first question of a process waits for
    await asyncio.gather(*(worker(0.37 * number) for number in range(at_once)))
    return results, problems


def planned(count, seed=7):
    """The delay of each session, in random order; there are twice as many without, of each base."""
    chance = random.Random(seed)
    plan = [(name, chance.uniform(0, LONGEST_MS)) for name in FOUND_IN for _ in range(count)]
    plan += [(base, 0.0) for base in BASES for _ in range(2 * count)]
    chance.shuffle(plan)
    return plan


def bases(results):
    """{base: {stage: median ms}}, printed."""
    found = {}
    for base in BASES:
        rows = [row for name, _, row in results if name == base]
        stages = dict.fromkeys(stage for row in rows for stage in row)
        found[base] = {s: median(row[s] for row in rows if s in row) for s in stages}
        print(f"\n{base}, without delays, median of {len(rows)} turns:")
        for stage, ms in found[base].items():
            print(f"  {stage:38}{ms:8.1f} ms")
    return found


def report(results):
    """Print a row for each delay; {name: errors in ms}."""
    found, errors = bases(results), {}
    print(f"\n{'delay':14}{'found in':38}{'turns':>6}{'p50':>7}{'p99':>8}{'most':>8}{'others':>8}")
    for name, stage in FOUND_IN.items():
        base = found["spoken" if name in SPOKEN else "typed"]
        rows = [(ms, row) for given, ms, row in results if given == name and stage in row]
        errors[name] = [abs(row[stage] - base[stage] - ms) for ms, row in rows]
        gains = [median(row.get(s, 0.0) - base[s] for _, row in rows) for s in base if s != stage]
        gained = max(gains, default=0.0)
        figures = "".join(f"{shown(errors[name], p):>{width}}" for p, width in ((50, 7), (99, 8)))
        most = max(errors[name], default=float("nan"))
        print(f"{name:14}{stage:38}{len(rows):6}{figures}{most:8.1f}{gained:8.1f}")
    return errors


def shown(values, p):
    """A percentile as text, "-" if so few values carry none."""
    return f"{percentile(values, p).value:.1f}" if len(values) >= needed(p) else "-"


def judged(errors, problems, turns):
    """Print each goal and whether it is held; the exit status."""
    every = [error for values in errors.values() for error in values]
    goals = {
        "every question answered": not problems,
        "every delay measured": all(len(values) == turns for values in errors.values()),
    }
    for p, ms in GOALS_MS.items():
        for name, values in (*errors.items(), ("all", every)):
            if len(values) >= needed(p):
                value = percentile(values, p).value
                goals[f"{name}: found within {ms:g} ms at p{p} ({value:.1f} ms)"] = value <= ms
    print()
    for goal, held in goals.items():
        print(f"{'held  ' if held else 'MISSED'} {goal}")
    return 0 if all(goals.values()) else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--turns", type=int, default=24, help="turns of each kind (default 24)")
    parser.add_argument("--at-once", type=int, default=3, help="sessions at a time (default 3)")
    parser.add_argument("--quick", action="store_true", help="4 turns of each kind")
    options = parser.parse_args()
    turns = 4 if options.quick else options.turns
    command = [sys.executable, "-m", "rtkit.cli", "serve", "--port", "0", "--log-level", "warning"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        url = next(filter(None, map(ADDRESS.search, process.stdout))).group(0)
        plan = planned(turns)
        print(f"{len(plan)} sessions, {options.at_once} at a time")
        question = rtkit.say(PHRASE)
        results, problems = asyncio.run(all_asked(url, question, plan, options.at_once))
    finally:
        process.terminate()
        process.wait(20)
    for problem in problems:
        print(problem)
    errors = report(results)
    return judged(errors, problems, turns)


if __name__ == "__main__":
    sys.exit(main())
