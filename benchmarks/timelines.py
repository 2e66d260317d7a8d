"""What it costs to load a saved timeline and to fold it into turns and latency, by its length.

    python benchmarks/timelines.py [--quick] [--sizes 1000 10000 100000 1000000]

The exit status is 1 when a goal is missed: 100,000 moments load and fold in under 3 s of CPU time;
one cost per moment suits all sizes within 20 %; loading reads no sound.

A file is a talk that goes on: a spoken question in frames of 20 ms, its transcription, and a spoken
answer that is played, again and again, received texts included as a session records them. Beside
each size stands `json.loads` of every line of the same file, which is what one would write without
rtkit: it gives dicts, no conversation, and it decodes no sound either. Times are CPU seconds of
this process, the best of several runs. Memory is what tracemalloc saw at its peak while loading, in
a run of its own, less what the moments take that stay.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from helpers import Story  # the conversations that the tests tell

from rtkit.audio import AudioFormat
from rtkit.latency import measure
from rtkit.rows import audio_rows, moment_row, to_bytes
from rtkit.timeline import Timeline
from rtkit.turns import read_turns

SIZES = (1_000, 10_000, 100_000, 1_000_000)
GOAL_S = 3.0
GOAL_MOMENTS = 100_000
GOAL_SHARE = 0.2
LEAST_S = 3.0  # a size is measured again until so much time has gone into it
LEAST_RUNS = 3


def template():
    """One turn of a talk, as the rows that a session would record, and how long it took."""
    story = Story(format=AudioFormat.G711_ULAW).open()
    opened = len(story.timeline)
    story.silence(0.5)
    story.transcribe(story.speak(2.0), "what is the capital of france")
    story.answer("Paris is the capital of France.", 2.5)
    story.silence(0.3)
    rows = [moment_row(moment) for moment in story.timeline]
    for row in rows:
        if row["source"] == "server":
            row["text"] = json.dumps(row.pop("event"))
    return story.timeline, rows[:opened], rows[opened:], story.now


def numbered(row, turn, seconds, samples):
    """The row in a later turn: its ids, its time and the place of its sound."""
    row = {**row, "t": row["t"] + turn * seconds}
    if "text" in row:
        row["text"] = (
            row["text"].replace('_1"', f'_{2 * turn + 1}"').replace('_2"', f'_{2 * turn + 2}"')
        )
    elif "item_id" in row["event"]:
        number = 2 * turn + int(row["event"]["item_id"][-1])
        row["event"] = {**row["event"], "item_id": f"item_{number}"}
    if "audio" in row:
        track, first, count = row["audio"]
        row["audio"] = [track, first + turn * samples[track], count]
    return row


def write(path, count):
    """A saved timeline of so many moments."""
    timeline, opening, turn_rows, seconds = template()
    samples = {name: len(track) for name, track in timeline.tracks.items()}
    turns = -(-(count - len(opening)) // len(turn_rows))
    left = count
    with path.open("wb") as file:
        file.write(to_bytes(timeline.head))
        for row in opening:
            file.write(to_bytes(row))
        left -= len(opening)
        for turn in range(turns):
            for row in turn_rows[:left]:
                file.write(to_bytes(numbered(row, turn, seconds, samples)))
            left -= len(turn_rows[:left])
        for track in timeline.tracks.values():
            head, *pieces = map(to_bytes, audio_rows(track))
            file.write(head)
            for _ in range(turns):
                file.writelines(pieces)
    return turns


def fold(path):
    """What a notebook does with a saved talk; the seconds of loading, turns and latency."""
    began = time.process_time()
    timeline = Timeline.load(path)
    loaded = time.process_time()
    turns = read_turns(timeline)
    folded = time.process_time()
    waits = measure(timeline)
    ended = time.process_time()
    return (loaded - began, folded - loaded, ended - folded), len(turns), len(waits)


def plain(path):
    """The same file by json alone."""
    began = time.process_time()
    with path.open("rb") as file:
        rows = [json.loads(line) for line in file]
    assert rows
    return time.process_time() - began


def repeated(function, path, quick):
    """As many runs as fit, and at least a few: the best of them is what it costs."""
    runs, began = [], time.perf_counter()
    least_s = 0.5 if quick else LEAST_S
    while len(runs) < LEAST_RUNS or time.perf_counter() - began < least_s:
        gc.collect()
        runs.append(function(path))
    return runs


def departure(costs):
    """By how much the costs of a moment at most differ from the one that suits all sizes best."""
    least, most = min(costs.values()), max(costs.values())
    return (most - least) / (most + least)


def peak(path):
    """Bytes at the peak of loading, beyond those of the timeline that stays."""
    gc.collect()
    tracemalloc.start()
    timeline = Timeline.load(path)
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    sound = sum(len(track) for track in timeline.tracks.values())
    return most - kept, sound, kept


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="sizes up to 100,000, shorter runs")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options = parser.parse_args()
    sizes = [n for n in options.sizes if n <= GOAL_MOMENTS] if options.quick else options.sizes
    print(
        f"{'moments':>9} {'file MB':>8} {'load s':>8} {'turns s':>8} {'latency s':>10}"
        f" {'sum s':>8} {'us/moment':>10} {'json.loads s':>13}"
    )
    each, sums, beside = {}, {}, {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "talk.jsonl"
        for size in sizes:
            turns = write(path, size)
            runs = repeated(fold, path, options.quick)
            parts, found, measured = min(runs, key=lambda run: sum(run[0]))
            assert turns - 1 <= measured <= found <= turns
            sums[size], each[size] = sum(parts), 1e6 * sum(parts) / size
            plainly = min(repeated(plain, path, options.quick))
            beside[size] = plainly / size
            print(
                f"{size:>9,} {path.stat().st_size / 1e6:>8.1f} {parts[0]:>8.3f} {parts[1]:>8.3f}"
                f" {parts[2]:>10.3f} {sums[size]:>8.3f} {each[size]:>10.2f} {plainly:>13.3f}",
                flush=True,
            )
        write(path, min(GOAL_MOMENTS, max(sizes)))
        more, sound, kept = peak(path)
    goals = [
        (f"{size:,} moments in {sums[size]:.2f} s", sums[size] < GOAL_S)
        for size in (GOAL_MOMENTS,)
        if size in sums
    ]
    goals += [
        (
            f"all sizes within {departure(each):.0%} of one cost per moment "
            f"(json.loads: {departure(beside):.0%})",
            departure(each) <= GOAL_SHARE,
        ),
        (
            f"peak of loading {more / 1e6:.1f} MB beyond the {kept / 1e6:.0f} MB that stay, with "
            f"{sound / 1e6:.0f} MB of sound in the file",
            more < 0.2 * sound,
        ),
    ]
    for text, held in goals:
        print(f"{'holds' if held else 'MISSED'}: {text}")
    return 0 if all(held for _, held in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
