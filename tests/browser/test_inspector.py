"""The inspector in a real JupyterLab: long lists, keys, partners, sound, words, themes, the end."""

import os
import re

import numpy as np
import pytest

SETUP = """
import rtkit, threading
from helpers import Story, talk
from rtkit.timeline import Timeline
short = talk()
long = Timeline()
for n in range(10_000):
    long.append(n / 100, "server", {"type": "response.output_text.delta", "event_id": f"event_{n}",
        "response_id": "resp_1", "item_id": "item_1", "delta": f"word {n}"})
long.append(100.0, "client", {"type": "session.update", "session": {}, "event_id": "mine"})
long.append(100.5, "server", {"type": "error", "error": {"code": "bad", "event_id": "mine"}})
"""
CELLS = (
    "inspector = rtkit.Inspector(long)\ninspector",
    "inspector = rtkit.Inspector(short)\ninspector",
    "story = Story().open()\nlive = rtkit.Inspector(story.timeline, transport='messages')\nlive",
    "inspector",
)
SCROLL = """
async ([selector, step]) => {
    const pane = document.querySelector(`${selector} .rtkit-list-pane`);
    const rows = () => pane.querySelectorAll(".rtkit-row").length;
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const took = [];
    let most = rows();
    let last = await frame();
    pane.scrollTop = 0;
    while (pane.scrollTop + pane.clientHeight < pane.scrollHeight - 1) {
        pane.scrollTop += step;
        const now = await frame();
        took.push(now - last);
        last = now;
        most = Math.max(most, rows());
    }
    return { took, most };
}
"""
SHOWN = """
(pane) => {
    const { top, bottom } = pane.getBoundingClientRect();
    const rows = [...pane.querySelectorAll(".rtkit-row:not([hidden])")];
    const inside = (row) => {
        const box = row.getBoundingClientRect();
        return box.top >= top - 1 && box.bottom <= bottom + 1;
    };
    return rows.filter(inside).map((row) => [Number(row.ariaRowIndex) - 2,
        row.querySelector(".rtkit-cell-summary").textContent])
        .sort(([a], [b]) => a - b);
}
"""
ENGINE = "__rtkit.engines.at(-1)"


class Panel:
    """An inspector that is shown in a notebook."""

    def __init__(self, notebook, nth=0):
        self.notebook, self.page = notebook, notebook.page
        self.root = self.page.locator(".rtkit-inspector").nth(nth)
        self.list = self.root.locator(".rtkit-list")
        self.pane = self.root.locator(".rtkit-list-pane")
        self.search = self.root.locator("input")
        self.event = self.root.locator(".rtkit-event")

    def wait_ready(self):
        ready = self.page.locator(".rtkit-inspector[data-ready=true]").first
        self.notebook.wait(ready, 30)
        return self

    def part(self, name):
        return self.root.locator(f".rtkit-{name}")

    def row(self, at):
        return self.pane.locator(f'.rtkit-row[aria-rowindex="{at + 2}"]:not([hidden])')

    def press(self, *keys):
        self.list.focus()
        for key in keys:
            self.page.keyboard.press(key)

    def wait_event(self, name):
        self.event.locator("h4", has_text=re.compile(re.escape(name) + "$")).wait_for(timeout=5000)

    def find(self, text, matches):
        self.search.fill(text)
        self.part("inspector-count").filter(has_text=matches).wait_for(timeout=5000)

    def names(self, flag):
        rows = self.pane.locator(f".rtkit-row[{flag}]:not([hidden]) .rtkit-cell-type")
        return [text.replace("\n", "") for text in rows.all_inner_texts()]


@pytest.fixture(scope="module")
def notebook(open_notebook, repo_root):
    notebook = open_notebook(*CELLS, viewport={"width": 1250, "height": 1100})
    notebook.command("application:toggle-left-area")
    tests = str(repo_root / "tests")
    assert notebook.ask_kernel(f"import sys\nsys.path.insert(0, {tests!r})\n{SETUP}") == ""
    return notebook


@pytest.fixture(scope="module")
def long(notebook):
    notebook.run(0)
    return Panel(notebook).wait_ready()


def test_of_ten_thousand_events_only_those_in_sight_are_in_the_page(long):
    assert long.part("inspector-count").inner_text() == "10,002 events"
    assert long.list.get_attribute("aria-rowcount") == "10003"
    assert long.pane.locator(".rtkit-row").count() <= 60
    long.row(3).get_by_text("“word 3”").wait_for(timeout=5000)


def test_scrolling_through_all_of_it_is_smooth(long):
    for _ in range(2):  # on a machine that is busy with something else the first may be slow
        told = long.page.evaluate(SCROLL, [".rtkit-inspector", 600])
        took = np.array(told["took"])
        if np.percentile(took, 95) < 34:
            break
    print(
        f"{len(took)} frames: median {np.median(took):.1f}, p95 {np.percentile(took, 95):.1f},"
        f" longest {took.max():.0f} ms; at most {told['most']} rows in the page"
    )
    assert len(took) > 400
    assert told["most"] <= 60
    assert np.median(took) < 34
    if os.getloadavg()[0] <= os.cpu_count():  # else the clock measures other programs
        assert np.percentile(took, 95) < 34
    long.row(10_001).get_by_text("bad").wait_for(timeout=5000)


@pytest.mark.parametrize("share", [0.5, 0.123, 0.9])
def test_after_a_jump_the_rows_of_that_place_are_shown(long, share):
    long.pane.evaluate("(el, share) => { el.scrollTop = el.scrollHeight * share }", share)
    first = round(10_002 * share)
    long.row(first + 3).get_by_text(f"“word {first + 3}”").wait_for(timeout=5000)
    long.page.wait_for_function(
        "(pane) => !pane.querySelector('.rtkit-row[data-waiting]:not([hidden])')",
        arg=long.pane.element_handle(),
    )
    shown = long.pane.evaluate(SHOWN)
    assert len(shown) >= 15
    assert [at for at, _ in shown] == list(range(shown[0][0], shown[0][0] + len(shown)))
    assert all(text == f"“word {at}”" for at, text in shown)
    assert long.pane.locator(".rtkit-row").count() <= 60


def test_keys_move_through_the_list_and_jupyterlab_hears_none_of_them(long):
    long.press("End")
    long.wait_event("error")
    assert long.row(10_001).get_attribute("aria-selected") == "true"
    active = long.list.get_attribute("aria-activedescendant")
    assert long.row(10_001).get_attribute("id") == active
    long.press("p")
    long.wait_event("session.update")
    assert long.names("data-partner") == ["session.update", "✖error"]
    long.press("Home", "PageDown", "ArrowDown", "ArrowUp")
    long.page.wait_for_function(f"{ENGINE}.state.event.index === 16")
    long.press("d", "d", "a")
    count = "window.jupyterapp.shell.currentWidget.content.widgets.length"
    assert long.page.evaluate(count) == len(CELLS)


def test_words_and_fields_are_found_and_counted(long):
    long.find('"word 99"', "111 of 10,002 events")
    assert "111 of 10,002 events" in long.part("inspector-aloud").inner_text()
    long.row(1).get_by_text("“word 990”").wait_for(timeout=5000)
    long.find("item_id:item_1 -word", "0 of 10,002 events")
    assert long.part("list-none").inner_text() == "No event fits this filter."
    long.find("", re.compile("^10,002 events"))
    error = long.part("inspector-kind").filter(has_text="error")
    error.click()
    long.part("inspector-count").filter(has_text="1 of 10,002 events").wait_for(timeout=5000)
    assert error.get_attribute("aria-pressed") == "true"
    long.row(0).click()
    long.wait_event("error")
    long.event.locator(".rtkit-partner").click()  # its cause, which the filter hides
    long.wait_event("session.update")
    long.event.get_by_text("The filter hides this event.").wait_for(timeout=2000)
    long.event.get_by_text("Show all events").click()
    long.part("inspector-count").filter(has_text=re.compile("^10,002 events")).wait_for(
        timeout=5000
    )
    assert long.row(10_000).get_attribute("aria-selected") == "true"


@pytest.fixture(scope="module")
def short(notebook, long):
    notebook.command("notebook:clear-all-cell-outputs")
    notebook.page.wait_for_function("__rtkit.engines.at(-1).link === null")
    notebook.run(1)
    return Panel(notebook).wait_ready()


def test_nothing_is_left_of_an_output_that_was_cleared(notebook, short):
    engines = "__rtkit.engines.map((e) => [e.views, e.link === null, e.sound.context])"
    assert notebook.page.evaluate(engines)[0] == [0, True, None]
    names = "print(sum(t.name.startswith('rtkit inspector') for t in threading.enumerate()))"
    assert notebook.ask_kernel(names) == "1"  # of the one that is shown


def test_a_word_is_heard_and_leads_to_its_event(short):
    short.find("type:transcription.completed", "3 of 577 events")
    short.row(0).click()
    short.wait_event("transcription.completed")
    words = short.event.locator(".rtkit-word")
    assert words.all_inner_texts() == "what is the capital of france".split()
    words.nth(3).click()
    short.page.wait_for_function(f"{ENGINE}.playing && {ENGINE}.state.cursor > 0")
    short.event.locator(".rtkit-word[data-heard]", has_text="capital").wait_for(timeout=2000)
    word = short.page.evaluate(f"{ENGINE}.state.event.words[3]")
    assert (
        short.page.evaluate(f"(({{ from, to }}) => [from, to])({ENGINE}.sound.playing)")
        == word[1:3]
    )
    short.page.wait_for_function(f"!{ENGINE}.playing", timeout=5000)
    short.find("", re.compile("^577 events"))
    words.nth(1).click()
    short.page.wait_for_function(f"{ENGINE}.state.event.index === {ENGINE}.state.marked[0]")


def test_a_piece_of_sound_shows_its_place_and_space_plays_it(short):
    short.find("type:output_audio.delta", "55 of 577 events")
    short.row(2).click()
    short.event.get_by_text("▶ this event (200 ms)").wait_for(timeout=5000)
    short.page.wait_for_function(f"{ENGINE}.loaded !== null")
    box = short.event.locator(".rtkit-waveform").bounding_box()
    part = short.event.locator(".rtkit-stretch").bounding_box()
    assert part["width"] == pytest.approx(box["width"] * 0.1, abs=2)
    assert part["x"] - box["x"] == pytest.approx(box["width"] * 0.2, abs=2)
    short.press(" ")
    playing = short.page.evaluate(f"(({{ from, to }}) => [from, to])({ENGINE}.sound.playing)")
    assert playing == pytest.approx([0.4, 0.6])
    short.page.wait_for_function(f"!{ENGINE}.playing", timeout=5000)


def test_violations_are_marked_and_gone_to(notebook, short):
    notebook.ask_kernel(
        "broken = short.select()\n"
        "gone = next(i for i, m in enumerate(broken) if m.type == 'response.content_part.done')\n"
        "del broken._moments[gone]\n"
        "inspector = rtkit.Inspector(broken, search='-append')"
    )
    notebook.run(3)
    shown = Panel(notebook, 1)
    shown.part("inspector-broken").filter(has_text="▲ 1 out of order").wait_for(timeout=10_000)
    assert shown.search.input_value() == "-append"
    shown.press("v")
    shown.wait_event("response.done")
    rule = shown.event.locator(".rtkit-violation").inner_text()
    assert rule == (
        "▲ out of order response.done, but content part item_2/0 is 'complete'; "
        "allowed there: response.content_part.done"
    )
    assert shown.names("data-broken") == ["▲response.done"]
    assert shown.page.evaluate(f"{ENGINE}.state.says").endswith("response.content_part.done")


@pytest.mark.parametrize(("theme", "width"), [("Dark", 1250), ("Dark", 560), ("Light", 560)])
def test_it_fits_and_is_drawn_in_either_theme(notebook, theme, width):
    notebook.command("notebook:clear-all-cell-outputs")
    notebook.run(3)
    shown = Panel(notebook).wait_ready()
    notebook.change_theme(f"JupyterLab {theme}")
    notebook.page.set_viewport_size({"width": width, "height": 1100})
    shown.press("v")
    shown.wait_event("response.done")
    wide = shown.root.evaluate("(el) => [el.scrollWidth, el.clientWidth]")
    assert wide[0] <= wide[1]
    assert shown.list.get_attribute("data-narrow") == str(width == 560).lower()
    assert shown.pane.locator(".rtkit-row").count() <= 60
    shown.root.screenshot(path=notebook.lab.folder / f"inspector-{theme}-{width}.png")


def test_a_live_timeline_is_followed_at_its_end_and_not_against_a_reader(notebook):
    notebook.command("notebook:clear-all-cell-outputs")
    notebook.page.set_viewport_size({"width": 1250, "height": 1100})
    notebook.run(2)
    shown = Panel(notebook).wait_ready()
    assert shown.page.evaluate(f"{ENGINE}.link.path") == "messages"
    notebook.ask_kernel("story.silence(2.0)")
    follow = shown.part("inspector-follow")
    follow.wait_for(timeout=5000)
    follow.click()
    notebook.ask_kernel("story.silence(2.0)")
    shown.row(201).get_by_text("20 ms of sound").wait_for(timeout=5000)
    shown.pane.evaluate("(el) => { el.scrollTop = 0 }")
    shown.root.locator('.rtkit-inspector-follow[aria-pressed="false"]').wait_for(timeout=5000)
    notebook.ask_kernel("story.silence(2.0)")
    shown.part("inspector-count").filter(has_text="302 events").wait_for(timeout=5000)
    assert shown.pane.evaluate("(el) => el.scrollTop") == 0


def test_the_page_has_no_complaints(notebook):
    assert notebook.problems == []


def test_a_kernel_that_restarts_is_told(notebook):
    shown = Panel(notebook)
    notebook.restart_kernel()
    shown.part("notice").filter(has_text="Run this cell again").wait_for(timeout=15_000)
