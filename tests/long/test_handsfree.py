"""Ten minutes of hands-free conversation in a real JupyterLab, a script as the microphone.

A question is spoken every six seconds. RTKIT_LONG_MINUTES makes it shorter, for a trial.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from browser.lab import FLAGS, Lab, Notebook, microphone_flags
from playwright.sync_api import sync_playwright

import rtkit
from rtkit.turns import read_turns

MINUTES = float(os.environ.get("RTKIT_LONG_MINUTES", "10"))
SLOT_S = 6.0
SCRIPT = (
    ("What is the capital of France?", "Paris"),
    ("What is three plus four?", "seven"),
    ("What time is it?", "It is"),
    ("What is five plus six?", "eleven"),
    ("What is the capital of Japan?", "Tokyo"),
    ("Count to three.", "one, two, three"),
    ("What is nine plus nine?", "eighteen"),
    ("What is the capital of Norway?", "Oslo"),
    ("What is six times four?", "twenty four"),
    ("What is the capital of Egypt?", "Cairo"),
)
MOST_MISHEARD = 0.05  # of the questions
KB_PER_MOMENT = 2.0
PAGE_KB_PER_TURN = 20.0  # a line of the transcript each for question and answer, drawn
PAGE_SPARE = 200  # nodes that are in no document, and listeners: JupyterLab's own come and go
TESTS = Path(__file__).resolve().parents[1]
CELLS = (
    f"""
import gc, sys
sys.path.insert(0, {str(TESTS)!r})
import comm, rtkit
from long.census import all_workers, census, grown, rss_mb, settled
all_workers()
""",
    "console = rtkit.LiveConsole(processing=False)\nconsole",
    "console = rtkit.LiveConsole(processing=False)\nconsole",
)
HOOK = """
{
  const seen = { contexts: [], tracks: [], sockets: [] };
  globalThis.__rtkit = { engines: { push() {} } }; // held by nobody
  globalThis.__held = () => ({
    contexts: seen.contexts.filter(({ state }) => state !== "closed").length,
    tracks: seen.tracks.filter(({ readyState }) => readyState !== "ended").length,
    sockets: seen.sockets.filter(({ readyState }) => readyState !== WebSocket.CLOSED).length,
  });
  globalThis.AudioContext = class extends AudioContext {
    constructor(...options) { super(...options); seen.contexts.push(this); }
  };
  globalThis.WebSocket = class extends WebSocket {
    constructor(...options) { super(...options); seen.sockets.push(this); }
  };
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await ask(wanted);
    seen.tracks.push(...stream.getTracks());
    return stream;
  };
}
"""
ATTACHED = """
() => {
  const nodes = document.createNodeIterator(document, NodeFilter.SHOW_ALL);
  let count = 0;
  while (nodes.nextNode()) count += 1;
  return count;
}
"""
LEFTOVERS = """
function () {
  const gone = (one) => {
    try { return !one.isConnected && String(one.className).includes("rtkit"); }
    catch { return false; } // a prototype, which is among them
  };
  return this.filter(gone).map(({ className }) => className);
}
"""
KERNEL = """
gc.collect()
sound = sum(len(track.data) for track in console.timeline.tracks.values())
print([1024 * rss_mb() - sound / 1024, len(console.timeline)])
"""
TOLD = "print(console.transport, console.underruns, console.lost_frames, console.notice)"
LEFT = """
now = settled(before[0])
left = len(comm.get_comm_manager().comms) - before[1]
print(f"grown: {grown(before[0], now)}, comms: {left}")
"""


@pytest.fixture(scope="module")
def asked():
    """(question, word of its answer) of all that is said."""
    return [SCRIPT[n % len(SCRIPT)] for n in range(round(60 * MINUTES / SLOT_S))]


@pytest.fixture(scope="module")
def lab(tmp_path_factory, browser_path):
    lab = Lab(tmp_path_factory.mktemp("handsfree"))
    yield lab
    lab.close()


@pytest.fixture(scope="module")
def browser(lab, asked, browser_path):
    flags = [*FLAGS, *microphone_flags(spoken(asked), lab.folder / "microphone.wav")]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=flags)
        yield browser
        browser.close()


def spoken(asked):
    """The script as sound: each question at the beginning of its slot."""
    said = {question: rtkit.say(question) for question, _ in SCRIPT}
    samples = [rtkit.Clip.silence(1.0).samples]
    for question, _ in asked:
        samples += [said[question].padded(after_s=SLOT_S - said[question].duration).samples]
    return rtkit.Clip(np.concatenate([*samples, rtkit.Clip.silence(60.0).samples]), 24_000)


@dataclass
class Page:
    """What a page holds after its garbage was collected."""

    heap_kb: float
    detached: int  # nodes that are in no document
    listeners: int
    contexts: int
    tracks: int
    sockets: int


class Watch:
    """Looks at a notebook's page and kernel."""

    def __init__(self, notebook):
        self.notebook = notebook
        self.tools = notebook.page.context.new_cdp_session(notebook.page)
        self.tools.send("Performance.enable")

    def page(self):
        self.tools.send("HeapProfiler.collectGarbage")
        told = self.tools.send("Performance.getMetrics")["metrics"]
        number = {one["name"]: one["value"] for one in told}
        return Page(
            number["JSHeapUsedSize"] / 1024,
            int(number["Nodes"]) - self.notebook.page.evaluate(ATTACHED),
            int(number["JSEventListeners"]),
            **self.notebook.page.evaluate("__held()"),
        )

    def leftovers(self):
        """Elements of rtkit that are in no document and in memory nevertheless."""
        self.tools.send("HeapProfiler.collectGarbage")
        prototype = self.ask("Runtime.evaluate", expression="HTMLElement.prototype")["result"]
        found = self.ask("Runtime.queryObjects", prototypeObjectId=prototype["objectId"])["objects"]
        return self.ask(
            "Runtime.callFunctionOn",
            **{"objectId": found["objectId"], "functionDeclaration": LEFTOVERS},
            returnByValue=True,
        )["result"]["value"]

    def ask(self, method, **options):
        return self.tools.send(method, options)

    def kernel(self):
        """(kilobytes without the sound of the tracks, moments of the timeline)"""
        return json.loads(self.notebook.ask_kernel(KERNEL))


@pytest.fixture(scope="module")
def talk(lab, browser, asked):
    """The whole conversation; the page is looked at every half minute."""
    page = browser.new_context(permissions=["microphone"]).new_page()
    notebook = Notebook(page, lab, lab.write("handsfree.ipynb", *CELLS), hook=HOOK)
    watch = Watch(notebook)
    notebook.run(0)
    open_console(notebook, 1)  # one before it, so that every pool and cache is filled
    notebook.wait_line("assistant", asked[0][1], seconds=30)
    close_console(notebook)
    notebook.ask_kernel("before = census(), len(comm.get_comm_manager().comms)")
    talk = SimpleNamespace(notebook=notebook, watch=watch, empty=watch.page(), pages=[], kernels=[])
    open_console(notebook, 2)
    for _ in range(round(2 * MINUTES)):
        page.wait_for_timeout(30_000)
        talk.pages.append(watch.page())
        talk.kernels.append(watch.kernel())
    notebook.wait_line("assistant", asked[-1][1], seconds=2 * SLOT_S)
    notebook.wait_word("listening")
    talk.told = notebook.ask_kernel(TOLD)
    talk.timeline = notebook.timeline()
    close_console(notebook)
    talk.left = notebook.ask_kernel(LEFT)
    talk.after = watch.page()
    print(talk.empty, *talk.pages, talk.after, talk.kernels, sep="\n")
    return talk


def open_console(notebook, cell):
    notebook.run(cell)
    notebook.console.wait_for(timeout=30_000)
    notebook.press_microphone()
    notebook.wait_word("listening", "hearing")


def close_console(notebook):
    """Clear the output and close the console, as a person does who has finished."""
    notebook.command("notebook:clear-all-cell-outputs")
    notebook.page.wait_for_timeout(1000)
    notebook.ask_kernel("console.close()\nwhile not console.session.closed: pass")


@pytest.mark.browser
def test_every_turn_is_answered(talk, asked, record_property):
    turns = read_turns(talk.timeline)
    assert len(turns) == len(asked)
    same = [turn.question == plain(text) for turn, (text, _) in zip(turns, asked, strict=True)]
    record_property("turns", len(turns))
    record_property("heard exactly", sum(same))
    assert [turn for turn in turns if turn.status != "completed" or turn.interrupted] == []
    assert [turn for turn in turns if not turn.audio.duration] == []
    assert sum(same) >= (1 - MOST_MISHEARD) * len(asked)
    for turn, right, (_, answer) in zip(turns, same, asked, strict=True):
        assert answer in turn.answer or not right, turn
    assert [m.event for m in talk.timeline if m.type == "error"] == []


def plain(question):
    return question.lower().rstrip("?.")


@pytest.mark.browser
def test_the_sound_never_breaks(talk, record_property):
    finished = [m.event for m in talk.timeline if m.type == "playback.finished"]
    record_property("minutes of sound", round(sum(e["played_ms"] for e in finished) / 60_000, 1))
    assert talk.told == "direct 0 0"
    assert talk.notebook.problems == []


@pytest.mark.browser
def test_the_memory_of_the_page_stays_flat(talk, asked, record_property):
    begun, *_, ended = talk.pages
    grown = ended.heap_kb - begun.heap_kb
    record_property("page, KB of heap", f"{begun.heap_kb:.0f} to {ended.heap_kb:.0f}")
    assert grown < PAGE_KB_PER_TURN * len(asked)
    for name in ("detached", "listeners"):
        assert getattr(ended, name) <= getattr(begun, name) + PAGE_SPARE, name
    assert {(page.contexts, page.tracks) for page in talk.pages} == {(2, 1)}


@pytest.mark.browser
def test_the_kernels_memory_grows_by_the_timeline_alone(talk, record_property):
    (begun, first), (ended, last) = talk.kernels[0], talk.kernels[-1]
    per_moment = (ended - begun) / (last - first)
    record_property("kernel, KB per moment", round(per_moment, 2))
    record_property("moments", last)
    assert per_moment <= KB_PER_MOMENT


@pytest.mark.browser
def test_nothing_is_left_behind(talk):
    assert talk.left == "grown: [], comms: 0"
    assert (talk.after.contexts, talk.after.tracks) == (0, 0)
    assert talk.after.sockets <= talk.empty.sockets
    assert talk.watch.leftovers() == []
