"""How sound travels between a page of JupyterLab and the kernel, in a real browser.

    python benchmarks/browser.py [--quick] [--seconds 40] [--minutes 0] [--beside proxy ...]

The exit status is 1 when a goal is missed. A Chromium, Chrome or Edge is needed.

A console talks with the embedded server in this browser, headless. The microphone says "tell me a
story" every 3.2 s, so that recogniser, voice and turn detection are at work; each story is
interrupted by the next request. For each way of the sound this is done with a kernel that is idle,
a cell that sleeps, and a cell that computes in a loop.

  to kernel  20 ms frame complete in the microphone's worklet -> handler in the kernel; over kernel
             messages a frame waits until five are complete
  to player  first piece of an answer sent by the kernel -> its first sample put out by the player's
             worklet; the player waits for 60, 100 or 150 ms of sound before (direct, proxy,
             messages), which the server has sent by then as a rule
  stop       flush sent by the kernel -> the first silent block, which the player's worklet puts out
             after a fade of 5 ms; stops that fall into a pause of the speech do not count
  underruns  times that the player ran dry in an answer, per minute of sound
  CPU        of one core: the kernel's process with its workers; all processes of the browser; and
             the programs that have nothing to do with it, which should use next to none

The clock is that of one machine, read in both worklets and in the kernel; it has steps of 1 ms in
the page. Loudspeaker and microphone themselves are not in it: add `baseLatency` and
`outputLatency` of the page's AudioContext, and the device's capture. A headless browser draws by
software, so that its CPU is more than on a desktop.

"Own widget" is what a person would write without rtkit: the same worklet, each frame sent as a
message of an anywidget. Its ratio is to the direct way, of the same run.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))  # before this file, which has the same name

from browser.lab import FLAGS, Lab, Notebook, microphone_flags  # noqa: E402

import rtkit  # noqa: E402
from rtkit.checkup import find_browser  # noqa: E402

EVERY_S = 3.2  # from one request to the next
SETTLE_S = 1.0  # of each stretch, which do not count
PAUSE_MS = 100  # sound that goes on sooner had not ended
OWN = "own widget"
OTHERS = ("proxy", "messages", OWN)  # beside the direct way
GOALS_MS = {"idle": 25, "sleep": 25, "loop": 50}  # p95 to the kernel, direct
STOP_GOAL_MS = 60  # p95, direct
HOOK = """
globalThis.__rtkit = {
  engines: [], frames: [], starts: [], edges: [], waiting: [], loud: false,
  facts: { push(fact) { if (fact.tell === "started") __rtkit.waiting.push(fact.item); } },
  played: {
    push({ samples, at }) {
      const seen = globalThis.__rtkit;
      for (const item of seen.waiting.splice(0)) seen.starts.push([at, item]);
      const loud = samples.some((sample) => sample !== 0);
      if (loud !== seen.loud) seen.edges.push([at, Number(loud)]);
      seen.loud = loud;
    },
  },
};
__rtkit.frames.push = function ({ seq, at }) { this[this.length] = [at, seq]; };
"""
SPREAD = f"{'p50':>6} {'p95':>6} {'n':>5} "
PARTS = f"{'':18}{'to kernel, ms':>19}{'to player, ms':>20}{'stop, ms':>20}"
HEADS = (
    f"{PARTS}{'underruns':>13}{'CPU, %':>24}",
    f"{'way':11} {'kernel':6}{3 * SPREAD} lost   /min  kernel browser  others",
)
SEEN = "(({ frames, starts, edges }) => ({ frames, starts, edges }))(__rtkit)"
CONSOLE = """
import sys, time
sys.path.insert(0, {here!r})
import rtkit
from audiolog import AudioLog
console = rtkit.LiveConsole(processing=False, transport={path!r}, record=False)
log = AudioLog(console)
console
"""
PLAIN = """
import sys, time
sys.path.insert(0, {here!r})
from audiolog import PlainMicrophone
log = PlainMicrophone()
log
"""
CELLS = {
    "idle": "pass",
    "sleep": "time.sleep({seconds})",
    "loop": "end = time.time() + {seconds}\nwhile time.time() < end:\n    sum(range(1000))",
}


@dataclass
class Stretch:
    """One way of the sound with one kind of kernel. Times are ms, CPU is in cores."""

    way: str
    kernel: str
    to_kernel: np.ndarray
    lost: int
    to_player: np.ndarray
    stops: np.ndarray
    pauses: int  # stops that fell into a pause of the speech
    underruns: int
    sounded_s: float
    cpu: np.ndarray  # kernel with its workers, browser, other programs


def request():
    """What the microphone hears over and over."""
    words = rtkit.say("tell me a story")
    return words + rtkit.Clip.silence(EVERY_S - words.duration)


class Bench:
    """A JupyterLab and a browser, and what they use."""

    def __init__(self, folder, playwright):
        self.lab = Lab(folder)
        flags = microphone_flags(request(), folder / "microphone.wav", again=True)
        self.browser = playwright.chromium.launch(
            executable_path=find_browser(), args=[*FLAGS, *flags]
        )

    def close(self):
        self.browser.close()
        self.lab.close()

    def stretches(self, way, seconds, kernels=tuple(CELLS)):
        """The rows of one way of the sound, one kind of kernel after the other."""
        source = PLAIN if way == OWN else CONSOLE
        cells = [source.format(here=str(HERE), path=way)]
        cells += [CELLS[kernel].format(seconds=seconds) for kernel in kernels]
        name = self.lab.write(f"{way.replace(' ', '-')}{seconds}.ipynb", *cells)
        page = self.browser.new_context(permissions=["microphone"]).new_page()
        notebook = Notebook(page, self.lab, name, hook=HOOK)
        begin(notebook, way)
        spans = {}
        for index, kernel in enumerate(kernels, 1):
            spans[kernel] = self.span(notebook, index, seconds)
            notebook.wait_idle()
        page.wait_for_timeout(1000)  # what is late may come yet
        log = json.loads(notebook.ask_kernel("print(log.dump())"))
        logs = Logs(log, page.evaluate(SEEN))
        notebook.stop_kernel()
        page.context.close()
        return [stretch(way, kernel, span, logs) for kernel, span in spans.items()]

    def span(self, notebook, index, seconds):
        """Run a cell: (first and last ms that count, underruns, cores that were used)."""
        kernel = int(notebook.ask_kernel("import os; print(os.getpid())"))
        notebook.run(index)
        notebook.page.wait_for_timeout(1000 * SETTLE_S)
        begun, used, dry = now(notebook), cpu_s(kernel), underruns(notebook)
        notebook.page.wait_for_timeout(1000 * (seconds - SETTLE_S))
        ended, used, dry = now(notebook), cpu_s(kernel) - used, underruns(notebook) - dry
        return begun, ended, dry, 1000 * used / (ended - begun)


def begin(notebook, way):
    """Show the widget and turn its microphone on."""
    notebook.run(0)
    if way == OWN:
        notebook.page.wait_for_function("__rtkit.frames.length > 10", timeout=30_000)
        return
    notebook.console.wait_for(timeout=30_000)
    notebook.press_microphone()
    notebook.wait_word("speaking", seconds=30)
    found = notebook.ask_kernel("print(console.transport)")
    assert found == way, f"the sound took the way {found!r}, not {way!r}"


def now(notebook):
    return notebook.page.evaluate("Date.now()")


def underruns(notebook):
    return notebook.page.evaluate("__rtkit.engines.at(-1)?.underruns ?? 0")


def cpu_s(kernel):
    """CPU seconds so far: the kernel with its workers, the browser, and all that is not ours."""
    own, this = psutil.Process(kernel), psutil.Process()
    ours = [this, *this.children(recursive=True)]
    browser = [one for one in ours if "chrom" in one.name()]
    machine, workers = psutil.cpu_times(), own.children(recursive=True)
    busy = machine.user + machine.system + getattr(machine, "nice", 0.0)
    return np.array([total([own, *workers]), total(browser), busy - total(ours)])


def total(processes):
    times = [one.cpu_times() for one in processes if one.is_running()]
    return sum(one.user + one.system for one in times)


class Logs:
    """What kernel and page noted, read together. Times are ms of the common clock."""

    def __init__(self, log, seen):
        self.frames, self.starts, self.edges = (
            seen[name] for name in ("frames", "starts", "edges")
        )
        self.arrived = {number: 1000 * at for at, number in log["heard"]}
        self.flushes = [1000 * at for at, _ in log.get("flushed", ())]
        self.sent = {}
        for at, item in log.get("sent", ()):
            self.sent.setdefault(item, 1000 * at)  # its first piece

    def to_kernel(self, begun, ended):
        """(ms of each frame that was completed in this time and arrived, how many did not)"""
        frames = [(at, number) for at, number in self.frames if begun <= at < ended]
        found = [self.arrived[number] - at for at, number in frames if number in self.arrived]
        return np.array(found), len(frames) - len(found)

    def to_player(self, begun, ended):
        """Ms of each item that began to sound in this time."""
        starts = [(at, item) for at, item in self.starts if begun <= at < ended]
        return np.array([at - self.sent[item] for at, item in starts if item in self.sent])

    def stops(self, begun, ended):
        """(ms of each flush that was sent while there was sound, how many others there were)"""
        flushes = [at for at in self.flushes if begun <= at < ended]
        loud = [at for at in flushes if self.is_loud(at)]
        return np.array([self.silent_from(at) - at for at in loud]), len(flushes) - len(loud)

    def is_loud(self, at):
        return next((loud for when, loud in reversed(self.edges) if when <= at), 0) == 1

    def silent_from(self, at):
        """When the sound ended that there was at this time, and did not go on at once."""
        later = [(when, loud) for when, loud in self.edges if when > at]
        ends = [when for when, loud in later if not loud]
        begins = [when for when, loud in later if loud]
        return next(end for end in ends if not any(0 <= on - end < PAUSE_MS for on in begins))

    def sounded_s(self, begun, ended):
        """Seconds of this time in which there was sound, pauses of the speech left out."""
        times = [begun, *(at for at, _ in self.edges if begun < at < ended), ended]
        spans = itertools.pairwise(times)
        return sum(end - start for start, end in spans if self.is_loud(start)) / 1000


def stretch(way, kernel, span, logs):
    """One row, from its time in the logs of both sides."""
    begun, ended, underruns, cpu = span
    to_kernel, lost = logs.to_kernel(begun, ended)
    stops, pauses = logs.stops(begun, ended)
    to_player, sounded_s = logs.to_player(begun, ended), logs.sounded_s(begun, ended)
    return Stretch(
        *(way, kernel, to_kernel, lost, to_player, stops, pauses),
        *(underruns, sounded_s, cpu),
    )


def spread(values):
    """Median, 95th percentile and number as text."""
    if not len(values):
        return f"{'-':>6} {'-':>6} {0:5}"
    return f"{np.median(values):6.1f} {np.percentile(values, 95):6.1f} {len(values):5}"


def report(rows):
    """Print the table, and beside each p95 to the kernel how often the direct one it is."""
    direct = {
        row.kernel: np.percentile(row.to_kernel, 95) for row in rows[::-1] if row.way == "direct"
    }
    print(*HEADS, sep="\n")
    for row in rows:
        minutes = row.sounded_s / 60
        dry = f"{row.underruns / minutes:6.1f}" if minutes else f"{'-':>6}"
        parts = " ".join(map(spread, (row.to_kernel, row.to_player, row.stops)))
        cpu = " ".join(f"{100 * cores:7.0f}" for cores in row.cpu)
        ratio = np.percentile(row.to_kernel, 95) / direct.get(row.kernel, np.nan)
        told = f"  {ratio:,.1f} x direct" if ratio == ratio and row.way != "direct" else ""
        print(f"{row.way:11} {row.kernel:5} {parts} {row.lost:5} {dry} {cpu}{told}")


def judged(rows):
    """Print each goal and whether it is held; the exit status."""
    direct = [row for row in rows if row.way == "direct"]
    goals = {
        f"p95 to the kernel under {GOALS_MS[row.kernel]} ms, {row.kernel}": np.percentile(
            row.to_kernel, 95
        )
        < GOALS_MS[row.kernel]
        for row in direct
    }
    stops = np.concatenate([row.stops for row in direct])
    worst = np.percentile(stops, 95) if len(stops) else np.inf
    goals[f"p95 of {len(stops)} stops under {STOP_GOAL_MS} ms: {worst:.1f}"] = worst < STOP_GOAL_MS
    minutes = sum(row.sounded_s for row in direct) / 60
    goals[f"no underrun in {minutes:.1f} minutes of sound"] = not any(r.underruns for r in direct)
    goals["no frame is lost"] = not any(row.lost for row in rows if row.way != OWN)
    print("\non the direct way, and no frame lost on any of ours:")
    for goal, held in goals.items():
        print(f"{'held  ' if held else 'MISSED'} {goal}")
    return 0 if all(goals.values()) else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=int, default=40, help="of each row (%(default)s)")
    parser.add_argument("--minutes", type=float, default=0, help="of one more row, direct, idle")
    parser.add_argument("--beside", nargs="*", default=OTHERS, choices=OTHERS, metavar="WAY")
    parser.add_argument("--quick", action="store_true", help="10 s for each row")
    arguments = parser.parse_args()
    seconds = 10 if arguments.quick else arguments.seconds
    if find_browser() is None:
        raise SystemExit("No Chromium, Chrome or Edge was found; name one in RTKIT_BROWSER.")
    rows = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        bench = Bench(Path(folder), playwright)
        try:
            for way in ("direct", *arguments.beside):
                rows += bench.stretches(way, seconds)
            if arguments.minutes:
                rows += bench.stretches("direct", round(60 * arguments.minutes), ["idle"])
        finally:
            bench.close()
    report(rows)
    return judged(rows)


if __name__ == "__main__":
    sys.exit(main())
