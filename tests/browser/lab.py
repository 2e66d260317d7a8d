"""A real JupyterLab or Notebook 7 on a free port, and notebooks in it, driven by a real browser."""

import base64
import itertools
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import numpy as np
from playwright.sync_api import TimeoutError

from rtkit.timeline import Timeline

SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "docmanager-extension/plugin": {"autosave": False},
}
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=user-gesture-required",
    "--host-resolver-rules=MAP lab.example 127.0.0.1",  # this server, as from another machine
]
APPS = {  # module, its class, the path of a notebook
    "lab": ("jupyterlab", "LabApp", "lab/tree/{}?reset"),
    "notebook": ("notebook", "JupyterNotebookApp", "notebooks/{}"),
}
HOOK = """
globalThis.__rtkit = { engines: [], played: [], facts: [], contexts: [] };
globalThis.AudioContext = class extends AudioContext {
    constructor(...options) {
        super(...options);
        __rtkit.contexts.push(this);
    }
};
"""
CURRENT = "window.jupyterapp?.shell?.currentWidget"
KERNEL = f"{CURRENT}?.sessionContext?.session?.kernel"

RUN_CELL = """
(index) => {
    window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;
    void window.jupyterapp.commands.execute("notebook:run-cell");
}
"""
STORY = """
for m in console.timeline:
    if not m.type.endswith((".append", ".position", ".delta")):
        print(round(m.t, 3), m.source, m.type, str(dict(m.event))[:160])
"""
PLAYED = """
() => {
    const blocks = __rtkit.played;
    const samples = new Int16Array(blocks.length * 128);
    blocks.forEach((block, i) => block.samples.forEach((x, k) => {
        samples[i * 128 + k] = Math.round(x * 32768);
    }));
    const bytes = new Uint8Array(samples.buffer);
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) {
        text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    }
    return btoa(text);
}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


SAVED = itertools.count()
MIC_RATE = 48_000


def microphone_flags(sound, path, again=False):
    """The flags of a browser whose microphone hears this sound, once or over and over."""
    sound.resampled(MIC_RATE).save(path)
    file = f"{path}{'' if again else '%noloop'}"
    return ("--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={file}")


def write_notebook(path, *cells):
    """A notebook with these code cells; its file's name."""
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "cells": [
            {
                **{"cell_type": "code", "id": f"cell{i}", "source": source},
                **{"metadata": {}, "outputs": [], "execution_count": None},
            }
            for i, source in enumerate(cells)
        ],
    }
    path.write_text(json.dumps(notebook))
    return path.name


class Lab:
    """A Jupyter server whose home, settings and notebooks are in one temporary folder."""

    def __init__(self, folder, theme="JupyterLab Light", app="lab"):
        self.folder = folder
        self.module, self.app, self.path = APPS[app]
        self.port = free_port()
        self.log = (folder / "lab.log").open("wb")
        settings = {**SETTINGS, "apputils-extension/themes": {"theme": theme}}
        for name, value in settings.items():
            path = folder / f"config/lab/user-settings/@jupyterlab/{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(value))
        (folder / "work").mkdir()
        self.process = subprocess.Popen(
            self.command(), env=self.environment(), cwd=folder, stdout=self.log, stderr=self.log
        )
        self.wait()

    def command(self):
        return [
            *(sys.executable, "-m", self.module, "--no-browser", f"--port={self.port}"),
            "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={self.folder / 'work'}",
            "--IdentityProvider.token=",
            "--ServerApp.allow_remote_access=True",
            f"--{self.app}.expose_app_in_browser=True",
            *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
        ]

    def environment(self):
        private = {
            "HOME": "home",
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "IPYTHONDIR": "ipython",
            "RTKIT_RECORDINGS": "recordings",
        }
        kept = {name: value for name, value in os.environ.items() if name != "RTKIT_TARGET"}
        return {**kept, **{name: str(self.folder / sub) for name, sub in private.items()}}

    def wait(self, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"http://localhost:{self.port}/api", timeout=2).close()
                return
            except OSError:
                time.sleep(0.2)
        log = (self.folder / "lab.log").read_text(errors="replace")
        raise RuntimeError(f"{self.module} did not start:\n{log[-3000:]}")

    def url(self, name, host):
        """Where a notebook of this server is, from that host."""
        return f"http://{host}:{self.port}/{self.path.format(name)}"

    def write(self, name, *cells):
        """A notebook with these code cells; its name."""
        return write_notebook(self.folder / "work" / name, *cells)

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()


class Notebook:
    """A notebook that is open in a page of JupyterLab or Notebook 7."""

    def __init__(self, page, lab, name, host="localhost", hook=HOOK):
        self.page, self.lab = page, lab
        self.problems = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.add_init_script(hook)
        page.goto(lab.url(name, host), wait_until="domcontentloaded")
        self.wait_idle()
        self.console = page.locator(".rtkit-console")

    def wait_idle(self):
        self.page.wait_for_function(f"{KERNEL}?.status === 'idle'", timeout=60_000)

    def reload(self):
        self.page.reload(wait_until="domcontentloaded")
        self.wait_idle()

    def command(self, name, **args):
        self.page.evaluate("([n, a]) => window.jupyterapp.commands.execute(n, a)", [name, args])

    def change_theme(self, name):
        """Another theme; JupyterLab covers the page meanwhile, and complains if hurried."""
        self.command("apputils:change-theme", theme=name)
        self.page.wait_for_function(
            f"document.body.dataset.jpThemeName === '{name}'", timeout=10_000
        )
        self.page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=10_000)

    def run_all(self, wait=True):
        """Run every cell; wait until the console, if any, is drawn and the kernel is idle."""
        finished = "window.jupyterapp.commands.execute('notebook:run-all-cells')"
        self.page.evaluate(finished if wait else f"void {finished}")

    def run(self, index):
        """Start one cell and do not wait for it."""
        self.page.evaluate(RUN_CELL, index)

    def ask_kernel(self, code):
        """Run code in the kernel, outside of the notebook; what it printed."""
        return self.page.evaluate(
            f"""async (code) => {{
                const future = {KERNEL}.requestExecute({{ code, store_history: false }});
                let text = "";
                future.onIOPub = ({{ header, content }}) => {{
                    if (header.msg_type === "stream") text += content.text;
                    if (header.msg_type === "error") text += content.traceback.join("\\n");
                }};
                await future.done;
                return text.trim();
            }}""",
            code,
        )

    def button(self, name):
        return self.console.locator(f".rtkit-{name}")

    def press_microphone(self):
        self.console.locator("button.rtkit-microphone").click()

    def wait_word(self, *words, seconds=20):
        choice = ", ".join(f'.rtkit-console[data-word="{word}"]' for word in words)
        self.wait(self.page.locator(choice).first, seconds)

    def lines(self, speaker):
        return self.console.locator(f".rtkit-line.rtkit-{speaker} .rtkit-said").all_inner_texts()

    def wait_line(self, speaker, text, seconds=20):
        lines = self.console.locator(f".rtkit-line.rtkit-{speaker}:not(.rtkit-open)")
        self.wait(lines.filter(has_text=text).first, seconds)

    def wait(self, locator, seconds):
        """Wait until it is on the page; a failure tells what was there, and what had happened."""
        try:
            locator.wait_for(timeout=seconds * 1000)
        except TimeoutError as error:
            picture = self.lab.folder / "failure.png"
            self.page.screenshot(path=picture)
            raise AssertionError(f"{error}\n{self.story()}\npicture: {picture}") from None

    def story(self):
        told = self.ask_kernel(STORY)
        return f"page: {self.console.all_inner_texts()}\nproblems: {self.problems}\n{told}"

    def notice(self, seconds=10):
        box = self.console.locator(".rtkit-notice:not([hidden])")
        box.wait_for(timeout=seconds * 1000)
        return box.inner_text()

    def engine(self, expression):
        """The value of `expression` (JavaScript) with `e`, the newest engine of the page."""
        return self.page.evaluate(
            f"(() => {{ const e = __rtkit.engines.at(-1); return {expression}; }})()"
        )

    def played(self):
        """Every sample that the page's player put out, silence included (int16)."""
        text = self.page.evaluate(PLAYED)
        return np.frombuffer(base64.b64decode(text), dtype="<i2")

    def timeline(self):
        """The console's timeline, as saved by the kernel and loaded here."""
        name = f"talk.{next(SAVED)}.jsonl"  # sound stays in its file: each look has its own
        told = self.ask_kernel(f"console.timeline.save({name!r})")
        assert told == "", told
        return Timeline.load(self.lab.folder / "work" / name)

    def restart_kernel(self):
        self.page.evaluate(f"{CURRENT}.sessionContext.restartKernel()")
        self.wait_idle()

    def stop_kernel(self):
        self.page.evaluate(f"{CURRENT}.sessionContext.shutdown()")
