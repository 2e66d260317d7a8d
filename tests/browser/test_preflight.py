"""Before the talk and beside it: permission, device, level, echo, half-duplex, cost, waterfall.

The page stands in a room that echoes (`echoing.py`): each finding is provoked for real.
"""

import pytest

from rtkit.onset import audible
from rtkit.turns import read_turns

from .echoing import ROOM

CELL = "from rtkit import LiveConsole\nconsole = LiveConsole(processing=False)\nconsole"


class Check:
    """The preflight of a console that is shown in a notebook."""

    def __init__(self, notebook):
        self.notebook, self.page = notebook, notebook.page
        self.root = self.page.locator(".rtkit-preflight")

    def part(self, name):
        return self.root.locator(f".rtkit-{name}")

    def room(self, **values):
        self.page.evaluate("(values) => __room.set(values)", values)

    def wait(self, selector, seconds=8):
        self.notebook.wait(self.page.locator(selector).first, seconds)

    def open(self):
        self.page.locator(".rtkit-preflight:not([hidden]) .rtkit-begin, .rtkit-check").first.click()
        self.wait('.rtkit-live[data-mic="checking"]')

    def level(self, verdict):
        self.wait(f'.rtkit-verdict[data-verdict="{verdict}"]')
        return self.part("verdict").inner_text()

    def test_echo(self):
        self.part("echotest").click()
        self.wait(".rtkit-echotest:disabled")
        self.wait(".rtkit-echotest:not(:disabled)", 10)
        return self.part("echo").get_attribute("data-verdict"), self.part("echo").inner_text()


@pytest.fixture(scope="module")
def check(open_notebook, microphone):
    notebook = open_notebook(CELL, flags=microphone(), script=ROOM)
    notebook.run_all()
    notebook.console.wait_for(timeout=20_000)
    return Check(notebook)


def types(check, *wanted):
    return [m for m in check.notebook.timeline() if m.type in wanted]


def tell_story(check):
    check.notebook.button("text").fill("tell me a story")
    check.notebook.button("send").click()
    check.notebook.wait_word("speaking")


def test_the_check_is_one_line_until_it_is_asked_for(check):
    assert check.root.inner_text().startswith("First time here?")
    assert not check.part("device").is_visible()


def test_the_microphone_is_allowed_and_chosen_by_its_name(check):
    check.open()
    assert check.part("permission").inner_text() == "Allowed"
    names = check.part("device").locator("option").all_inner_texts()
    assert names[0] == "Fake Default Audio Input"
    check.part("device").select_option(label="Fake Audio Input 1")
    check.page.wait_for_function(
        "__rtkit.engines.at(-1).check.trial?.track.label === 'Fake Audio Input 1'"
    )


def test_the_level_is_judged_in_words(check):
    assert "No sound at all" in check.level("nothing")
    check.room(tone=0.002)
    assert "Too quiet" in check.level("quiet")
    check.room(tone=0.2)
    assert check.level("good") == "Good"
    check.room(tone=3)
    assert "Clipping" in check.level("clipping")
    check.room(tone=0)


def test_without_an_echo_speaking_freely_is_safe(check):
    verdict, words = check.test_echo()
    assert verdict == "safe"
    assert "No echo" in words


def test_an_echo_is_found_with_its_level_and_delay_and_half_duplex_is_offered(check):
    check.room(gain=0.25, delay=0.08)
    verdict, words = check.test_echo()
    assert verdict == "heard"
    assert "-12 dB" in words
    [fact] = types(check, "echo.measured")[-1:]
    assert fact.event["level_db"] == pytest.approx(-12.0, abs=0.5)
    assert 60 < fact.event["delay_ms"] < 250
    assert "input" not in check.notebook.timeline().tracks
    assert check.root.locator(".rtkit-half input").is_checked() is False


def test_the_microphone_of_the_check_is_the_one_of_the_talk(check):
    check.page.evaluate("() => { window.track = __rtkit.engines.at(-1).check.trial.track; }")
    check.notebook.press_microphone()
    check.notebook.wait_word("listening")
    assert check.page.evaluate("window.track === __rtkit.engines.at(-1).mic.track")
    assert not check.root.is_visible()


def test_with_open_loudspeakers_the_assistant_interrupts_itself(check):
    tell_story(check)
    check.wait(".rtkit-tag")
    check.notebook.wait(check.page.locator(".rtkit-tag", has_text="interrupted").first, 8)
    [flushed] = types(check, "playback.flushed")[:1]
    [started] = types(check, "input_audio_buffer.speech_started")[:1]
    assert 0 <= flushed.t - started.t < 1.2  # the flush itself is measured elsewhere


def test_with_half_duplex_it_does_not_and_the_button_interrupts(check):
    page, notebook = check.page, check.notebook
    notebook.button("check").click()
    check.root.locator(".rtkit-half input").check()
    check.wait(".rtkit-half-note:not([hidden])")
    check.room(gain=0)
    page.wait_for_timeout(800)
    notebook.button("interrupt").click()
    notebook.wait_word("listening", seconds=30)
    check.room(gain=0.25)
    before = len(notebook.timeline())
    tell_story(check)
    assert notebook.console.locator(".rtkit-live").inner_text() == "Microphone waits"
    page.wait_for_timeout(2500)
    assert notebook.console.get_attribute("data-word") == "speaking"
    notebook.button("interrupt").click()
    notebook.wait_word("listening", seconds=3)
    page.wait_for_timeout(1200)
    timeline = notebook.timeline()
    heard = [m for m in list(timeline)[before:] if m.type.endswith("speech_started")]
    assert heard == []
    appended = [m for m in list(timeline)[before:] if m.type.endswith(".append")]
    samples = sum(m.audio.count for m in appended)
    assert samples / 24_000 == pytest.approx(appended[-1].t - appended[0].t, abs=0.1)


def test_the_turn_was_drawn_as_it_happened_with_the_stages_of_the_waterfall(check):
    fall = check.page.locator(".rtkit-fall")
    latency = audible(read_turns(check.notebook.timeline())[-1])
    labels = fall.locator(".rtkit-fall-label").all_text_contents()
    assert labels[: len(latency.stages())] == [name for name, _, _ in latency.stages()]
    assert f"{latency.wait_ms:.0f} ms from question sent" in fall.get_attribute("aria-label")


def test_the_strip_tells_the_cost_and_the_time_left(check):
    assert check.notebook.button("left").inner_text() in ("59 min left", "60 min left")
    assert check.notebook.button("cost").inner_text().startswith("Cost: none ($0.")
    assert "an estimate" in check.notebook.button("cost").get_attribute("title")


def test_another_microphone_is_taken_in_mid_talk(check):
    check.part("device").select_option(label="Fake Audio Input 2")
    check.page.wait_for_function("__rtkit.engines.at(-1).mic.track.label === 'Fake Audio Input 2'")
    check.page.wait_for_timeout(300)
    assert check.page.evaluate("window.track.readyState") == "ended"
    assert types(check, "microphone.changed")[-1].event["label"] == "Fake Audio Input 2"
    assert check.notebook.ask_kernel("print(console.lost_frames)") == "0"
    assert check.notebook.console.get_attribute("data-mic") == "live"


def test_nothing_is_left_after_the_output_is_cleared(check):
    check.page.evaluate("() => { window.track = __rtkit.engines.at(-1).mic.track; }")
    check.page.evaluate("() => { window.sound = __rtkit.engines.at(-1).sound; }")
    check.notebook.command("notebook:clear-all-cell-outputs")
    check.page.wait_for_function("window.track.readyState === 'ended'", timeout=5000)
    check.page.wait_for_function("__room.ears.length === 0")
    state = check.page.evaluate("async () => (await window.sound).context.state")
    assert state == "closed"
    assert check.notebook.problems == []


def test_a_refused_microphone_says_what_to_do_and_the_check_can_be_skipped(
    open_notebook, microphone
):
    notebook = open_notebook(CELL, flags=microphone(), permissions=(), script=ROOM)
    notebook.run_all()
    check = Check(notebook)
    check.part("begin").click()
    assert "the icon at the left of the address bar" in notebook.notice()
    check.wait('.rtkit-permission[data-permission="denied"]')
    assert check.part("permission").inner_text() == "Refused"
    notebook.page.context.grant_permissions(["microphone"])
    check.wait('.rtkit-permission[data-permission="granted"]')
    check.open()
    check.part("skip").click()
    assert not check.root.is_visible()
    assert notebook.console.locator(".rtkit-live").inner_text() == "Microphone off"
