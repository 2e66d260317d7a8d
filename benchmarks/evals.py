"""How many real-time calls a machine carries, and how runs per second grow with the workers.

    python benchmarks/evals.py [--quick] [--docs]

With --docs the table goes into docs/scale.md, and the picture beside it.

Every call is in real time, over a real socket, with the embedded server's own turn detection,
recogniser and voice: "What is two plus two?", and an answer with "four" in it. Calls at a time are
those of all workers together: threads of this process; processes, one for each core, with as many
calls in each as that takes; and a `dask.distributed` LocalCluster likewise. A first round, which is
not counted, starts the servers and loads their parts.

  wait      end of speech to the first sound of the answer, with a silence window of 200 ms (median
            and 90th percentile of the calls)
  late      by how much a caller's 20 ms frame went out late at worst (median of the calls)
  cores     processor time of all processes per second, in cores; per call that is what one costs
  in time   whether the median wait is within WAIT_MS of the least in the table

The exit status is 1 when a run fails or a result is missing.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import distributed
import numpy as np
import psutil

from rtkit.evals import Caller, Expect, Say, run

CORES = os.cpu_count() or 1
LOAD = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
PAGE = Path(__file__).resolve().parent.parent / "docs" / "scale.md"
BEGIN, END = "<!-- made by benchmarks/evals.py -->", "<!-- to here -->"
WAIT_MS = 100
CALLER = Caller("sum", [Say("What is two plus two?", expect=Expect("four", answers=1))])
DETECTION = {"type": "server_vad", "silence_duration_ms": 200}
CONFIGS = {"quick": {"audio": {"input": {"turn_detection": DETECTION}}}}
AT_A_TIME = (1, 2, 4, 8, 12, 16)
ROUNDS = 2
"""So many calls one after the other on each of the places."""


@dataclass(frozen=True)
class Row:
    """One kind of workers with so many calls at a time."""

    kind: str
    workers: int
    at_a_time: int
    per_second: float
    wait_ms: float
    slow_ms: float
    late_ms: float
    cores: float
    in_time: bool = True


@contextlib.contextmanager
def threads(count):
    """All calls in this process."""
    with ThreadPoolExecutor(count) as pool:
        yield 1, {"executor": pool}


@contextlib.contextmanager
def processes(count):
    """A process for each core, as many calls in each as that takes."""
    workers = min(CORES, count)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        yield workers, {"executor": pool, "together": count // workers}


@contextlib.contextmanager
def cluster(count):
    """The same as a cluster."""
    workers = min(CORES, count)
    settings = {"n_workers": workers, "threads_per_worker": count // workers}
    with (
        distributed.LocalCluster(**settings, dashboard_address=None) as made,
        distributed.Client(made) as client,
    ):
        yield workers, {"executor": client.get_executor()}


KINDS = {"threads": threads, "processes": processes, "dask": cluster}


def measured(kind, count, rounds):
    """The row of one kind of workers with so many calls at a time."""
    with KINDS[kind](count) as (workers, options), tempfile.TemporaryDirectory() as folder:
        options |= {"folder": folder, "progress": False}
        run(CALLER, CONFIGS, count, **options)
        cpu, began = processor_seconds(), time.perf_counter()
        results = run(CALLER, CONFIGS, rounds * count, seed=1, **options)
        seconds = time.perf_counter() - began
        cpu = processor_seconds() - cpu
        calls = [one.timeline for one in results]
    broken = [one.error or str(one.failures) for one in results if not one.passed]
    if broken or len(results) != rounds * count:
        raise SystemExit(f"{kind}, {count} at a time: {len(results)} results, {broken[:3]}")
    waits = [one.scores["response_ms"] for one in results]
    return Row(
        kind,
        workers,
        count,
        len(results) / seconds,
        float(np.median(waits)),
        float(np.percentile(waits, 90)),
        float(np.median([late_ms(call) for call in calls])),
        cpu / seconds,
    )


def late_ms(timeline):
    """By how much a frame went out late at worst."""
    return next(one.event["late_ms"] for one in timeline if one.type == "caller.done")


def processor_seconds():
    """Of this process and all that it started and that still run."""
    total = 0.0
    for process in (me := psutil.Process(), *me.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def table(rows):
    """The rows as Markdown."""
    yield (
        "| workers | calls at a time | runs per second | wait ms, median | wait ms, 90th "
        "| late ms | cores busy | cores per call | in time |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---|"
    for row in rows:
        name = row.kind if row.kind == "threads" else f"{row.workers} {row.kind}"
        yield (
            f"| {name} | {row.at_a_time} | {row.per_second:.2f} | {row.wait_ms:.0f} "
            f"| {row.slow_ms:.0f} | {row.late_ms:.0f} | {row.cores:.2f} "
            f"| {row.cores / row.at_a_time:.3f} | {'yes' if row.in_time else 'no'} |"
        )


def draw(rows, path):
    """Runs per second over calls at a time; hollow where the calls make each other wait."""
    import matplotlib

    matplotlib.use("Agg")
    from rtkit.canvas import LEGEND, LINES, STYLE, bare, new_axes

    ax = new_axes(3.2, wide=7, left=0.09, right=0.985, bottom=0.15, top=0.97)
    for style, kind in zip(LINES, KINDS, strict=False):
        mine = [row for row in rows if row.kind == kind]
        x, y = [row.at_a_time for row in mine], [row.per_second for row in mine]
        ax.plot(x, y, label=kind if kind == "threads" else f"{kind}, {CORES} workers", **style)
        for row in mine:
            fill = style["color"] if row.in_time else "white"
            ax.plot(
                row.at_a_time, row.per_second, "o", ms=5, color=style["color"], mfc=fill, zorder=4
            )
    one = rows[0].per_second / rows[0].at_a_time
    most = max(row.at_a_time for row in rows)
    ax.plot([0, most], [0, one * most], color=STYLE["silence"], lw=1, zorder=0)
    ax.text(
        most,
        one * most,
        "as many times one call ",
        ha="right",
        va="bottom",
        fontsize=STYLE["small_pt"],
        color=STYLE["faint"],
    )
    ax.set(xlim=(0, most * 1.03), ylim=(0, None))
    ax.set_xlabel(
        "calls at a time (filled: in time; hollow: they make each other wait)",
        fontsize=STYLE["font_pt"],
    )
    ax.set_ylabel("runs per second", fontsize=STYLE["font_pt"])
    bare(ax)
    ax.spines["left"].set_visible(True)
    ax.tick_params(axis="y", labelsize=STYLE["small_pt"])
    ax.legend(fontsize=STYLE["font_pt"], loc="upper left", **LEGEND)
    ax.figure.savefig(path, dpi=150)


def told(rows):
    """The whole account, as Markdown."""
    best = max((row for row in rows if row.in_time), key=lambda row: row.at_a_time)
    day = time.strftime("%Y-%m-%d")
    yield f"{day}, {sys.platform}, {CORES} cores, a load of {LOAD:.1f} by others:\n"
    yield from table(rows)
    yield f"\nIn time up to {best.at_a_time} calls at a time: {best.at_a_time / CORES:g} per core."


def write(text):
    """Put it into the page, between its two marks."""
    before, mark, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    PAGE.write_text(f"{before}{mark}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def main():
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--quick", action="store_true", help="1 and 4 calls at a time, one round")
    options.add_argument("--docs", action="store_true", help="write docs/scale.md and its picture")
    asked = options.parse_args()
    counts, rounds = ((1, 4), 1) if asked.quick else (AT_A_TIME, ROUNDS)
    rows = []
    for kind in KINDS:
        for count in counts:
            rows.append(row := measured(kind, count, rounds))
            print(f"{kind}, {count} at a time: {row.per_second:.2f} runs/s", file=sys.stderr)
    least = min(row.wait_ms for row in rows)
    rows = [replace(row, in_time=row.wait_ms <= least + WAIT_MS) for row in rows]
    text = "\n".join(told(rows))
    print(text)
    if asked.docs:
        write(text)
        draw(rows, PAGE.with_name("scale.png"))


if __name__ == "__main__":
    main()
