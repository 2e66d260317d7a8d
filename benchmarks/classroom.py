"""What one learner needs of a server: memory and processor time of each notebook.

    python benchmarks/classroom.py [--quick] [NOTEBOOK ...]

The exit status is 1 when a goal is missed: Binder gives a learner one processor and 2 GB, so that
no notebook may need more memory than `GOAL_MB` with the JupyterLab beside it, nor more than a
minute from its first cell to its last.

Each notebook runs in a kernel of its own, as nbclient runs it: headless, so that the page of the
learner is not in it, which costs their own machine. Memory is the largest sum of what the kernel
and the processes that it started hold alone (USS, megabytes of 10^6 bytes), looked at every 50 ms.
A notebook that is executed whole, one cell after the other, is the most that a learner does at a
time; one who reads between the cells needs the memory and next to no processor.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
GOAL_MB = 2000
GOAL_S = 60.0
EVERY_S = 0.05
READY = re.compile(r"http://\S+:\d+/\S*")


class Watch:
    """Looks at a process and those it started: their memory at most, and their CPU seconds."""

    def __init__(self, pid):
        self.most_mb = self.cpu_s = 0.0
        self._root = psutil.Process(pid)
        self._spent = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_again, daemon=True)
        self._thread.start()

    def end(self):
        """Stop looking."""
        self._over.set()
        self._thread.join()

    def _look_again(self):
        while not self._over.wait(EVERY_S):
            with contextlib.suppress(psutil.NoSuchProcess):
                self._look()

    def _look(self):
        mb = 0.0
        for process in (self._root, *self._root.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                mb += process.memory_full_info().uss / 1e6
                times = process.cpu_times()
                self._spent[process.pid] = times.user + times.system
        self.most_mb, self.cpu_s = max(self.most_mb, mb), sum(self._spent.values())


def run(path):
    """(seconds, CPU seconds, megabytes) of a notebook from its first cell to its last."""
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources)
    with client.setup_kernel():
        watch, began = Watch(client.km.provisioner.pid), time.perf_counter()
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        seconds = time.perf_counter() - began
        watch.end()
    return seconds, watch.cpu_s, watch.most_mb


def lab_mb():
    """Megabytes of a JupyterLab server at which nobody looks yet."""
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--port=0", "--allow-root"]
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [*command, f"--ServerApp.root_dir={folder}"], stderr=subprocess.PIPE, text=True
        )
        try:
            next(filter(READY.search, process.stderr))
            time.sleep(1)
            return psutil.Process(process.pid).memory_full_info().uss / 1e6
        finally:
            process.terminate()
            process.wait(20)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--quick", action="store_true", help="the first notebook only")
    options = parser.parse_args()
    found = options.notebooks or sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
    lab = lab_mb()
    print(f"JupyterLab itself: {lab:.0f} MB\n")
    print(f"{'notebook':34}{'seconds':>9}{'CPU s':>8}{'MB':>7}")
    rows = []
    for path in found[:1] if options.quick else found:
        seconds, cpu_s, mb = run(path)
        rows.append((seconds, mb))
        print(f"{path.stem:34}{seconds:9.1f}{cpu_s:8.1f}{mb:7.0f}", flush=True)
    most, slowest = max(mb for _, mb in rows) + lab, max(seconds for seconds, _ in rows)
    goals = {
        f"{most:.0f} MB at most with JupyterLab, of {GOAL_MB}": most <= GOAL_MB,
        f"{slowest:.0f} s at most from the first cell to the last": slowest < GOAL_S,
    }
    print()
    for goal, held in goals.items():
        print(f"{'holds' if held else 'MISSED'}: {goal}")
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
