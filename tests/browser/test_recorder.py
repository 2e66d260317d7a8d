"""The recorder in a real JupyterLab, with a clip as the microphone."""

import sys

import numpy as np
import pytest

from rtkit.clip import Clip
from rtkit.speech.synthesis import say
from rtkit.wav import write_wav

CELL = "import rtkit\nrec = rtkit.Recorder()\nrec"
AGAIN = "rec"
MESSAGES = "rec = rtkit.Recorder(transport='messages')\nrec"
SPEECH = say("What is the capital of France?")
TIMES = """
() => {
    const engine = __rtkit.engines.at(-1);
    window.times = {};
    engine.addEventListener("change", () => {
        window.times[engine.state.mic] ??= performance.now();
    });
}
"""


class Panel:
    """A recorder that is shown in a notebook."""

    def __init__(self, notebook):
        self.notebook, self.page = notebook, notebook.page
        self.root = self.page.locator(".rtkit-recorder")
        self.record = self.root.locator(".rtkit-record")
        self.takes = self.root.locator(".rtkit-take")
        self.notice = self.root.locator(".rtkit-notice:not([hidden])")

    def show(self, cell=0):
        self.notebook.run(cell)
        self.root.first.wait_for(timeout=20_000)
        return self

    def wait(self, mic):
        self.page.locator(f'.rtkit-recorder[data-mic="{mic}"]').first.wait_for(timeout=10_000)

    def begin(self):
        """Record; the track stays at hand, so that it can be looked at when it is over."""
        self.record.click()
        self.wait("recording")
        self.page.evaluate("() => { window.track = __rtkit.engines.at(-1).mic.track; }")
        assert self.page.evaluate("window.track.readyState") == "live"

    def wait_off(self):
        self.page.wait_for_function("window.track.readyState === 'ended'", timeout=5000)
        self.wait("off")

    def ask(self, expression):
        return self.notebook.ask_kernel(f"print({expression})")

    def clip(self, number):
        """A take, as the kernel has it."""
        path = self.notebook.lab.folder / "work" / f"take{number}.wav"
        assert self.notebook.ask_kernel(f"rec.takes[{number}].save({str(path)!r})") == ""
        return Clip.load(path)


@pytest.fixture(scope="module")
def panel(open_notebook, microphone):
    return Panel(open_notebook(CELL, AGAIN, MESSAGES, flags=microphone(SPEECH))).show()


def likeness(clip, played=SPEECH):
    """Correlation of what was played with the part of the clip that is most like it.

    Both at 96 kHz, since the microphone does not start at a whole sample of 24 kHz.
    """
    whole, part = clip.resampled(96_000).samples, played.resampled(96_000).samples
    size = len(whole) + len(part)
    spectrum = np.fft.rfft(whole, size) * np.conj(np.fft.rfft(part, size))
    at = int(np.fft.irfft(spectrum, size)[: len(whole) - len(part)].argmax())
    return np.corrcoef(whole[at : at + len(part)], part)[0, 1]


def test_a_take_by_keyboard_is_what_was_played_in_and_as_long_as_it_was_recorded(panel):
    panel.page.evaluate(TIMES)
    panel.record.focus()
    panel.record.press("Enter")
    panel.wait("recording")
    assert panel.record.get_attribute("aria-label") == "Stop"
    panel.page.evaluate("() => { window.track = __rtkit.engines.at(-1).mic.track; }")
    panel.page.wait_for_timeout(int(1000 * SPEECH.duration) + 1400)
    panel.record.press(" ")
    panel.wait_off()
    panel.takes.first.wait_for()
    times, clip = panel.page.evaluate("window.times"), panel.clip(1)
    assert clip.duration == pytest.approx((times["ending"] - times["recording"]) / 1000, abs=0.05)
    assert likeness(clip) > 0.99
    assert panel.ask("rec.clip is rec.takes[1], rec.recording") == "True False"


def test_it_is_heard_again_by_play_and_by_the_arrow_keys(panel):
    panel.root.locator(".rtkit-play").click()
    panel.page.wait_for_function("__rtkit.engines.at(-1).sound.currentTime > 0.3")
    panel.root.locator(".rtkit-play").click()
    wave = panel.root.locator(".rtkit-waveform")
    wave.press("End")
    assert float(wave.get_attribute("aria-valuenow")) == pytest.approx(
        panel.clip(1).duration, abs=0.1
    )
    wave.press("Home")
    assert wave.get_attribute("aria-valuenow") == "0.00"


def test_a_take_from_code_has_its_length_to_the_sample(panel):
    assert panel.ask("len(rec.take(1.25).samples)") == "30000"
    assert panel.ask("list(rec.takes)") == "[1, 2]"


def test_takes_are_chosen_and_deleted_in_the_panel(panel):
    assert panel.takes.nth(1).get_attribute("aria-pressed") == "true"
    panel.takes.nth(0).press("Enter")
    panel.page.locator('.rtkit-take[aria-pressed="true"]', has_text="Take 1").wait_for()
    assert panel.ask("rec.clip is rec.takes[1]") == "True"
    panel.root.get_by_label("Delete take 2").press("Enter")
    panel.page.wait_for_function("document.querySelectorAll('.rtkit-take').length === 1")
    assert panel.ask("list(rec.takes)") == "[1]"


def test_a_phrase_and_a_file_stand_in(panel):
    panel.root.get_by_label("A phrase to be spoken instead").fill("dd hello, a b x")
    panel.root.get_by_label("A phrase to be spoken instead").press("Enter")
    panel.takes.nth(1).wait_for()
    noise = Clip(np.random.default_rng(1).uniform(-0.5, 0.5, 480_000), 48_000)  # three pieces
    file = {"name": "noise.wav", "mimeType": "audio/wav"}
    data = write_wav(noise.samples, noise.rate)
    panel.root.locator("input[type=file]").set_input_files([{**file, "buffer": data}])
    panel.takes.nth(2).wait_for()
    assert panel.takes.nth(1).locator(".rtkit-title").inner_text() == "spoken: dd hello, a b x"
    assert panel.ask("rec.clip") == str(Clip.load(data))
    panel.root.locator("input[type=file]").set_input_files([{**file, "buffer": b"%PDF-1.7"}])
    panel.notice.wait_for()
    assert "not a sound file that rtkit knows" in panel.notice.inner_text()


def test_another_microphone_can_be_chosen(panel):
    device = panel.root.get_by_label("Microphone", exact=True)
    assert device.locator("option").all_inner_texts()[0] == "Fake Default Audio Input"
    device.select_option(label="Fake Audio Input 1")
    panel.begin()
    assert panel.page.evaluate("window.track.label") == "Fake Audio Input 1"
    settings = panel.page.evaluate("window.track.getSettings()")
    assert not settings["echoCancellation"]
    panel.record.click()
    panel.wait_off()
    device.select_option("")


def test_two_views_are_one_recorder(panel):
    panel.show(1)
    panel.root.nth(1).wait_for()
    panel.root.nth(1).locator(".rtkit-record").click()
    panel.page.wait_for_function("document.querySelectorAll('[data-mic=recording]').length === 2")
    panel.root.nth(0).locator(".rtkit-record").click()
    panel.page.wait_for_function("document.querySelectorAll('[data-mic=off]').length === 2")


def test_an_output_that_is_cleared_turns_the_microphone_off_and_keeps_the_take(panel):
    panel.notebook.command("notebook:clear-all-cell-outputs")
    panel.page.wait_for_timeout(500)
    panel.show(1).begin()
    panel.page.wait_for_timeout(500)
    count = int(panel.ask("len(rec.takes)"))
    panel.notebook.command("notebook:clear-all-cell-outputs")
    panel.page.wait_for_function("window.track.readyState === 'ended'", timeout=5000)
    panel.show(1)
    panel.takes.nth(count).wait_for()
    assert panel.ask("len(rec.takes), rec.clip.duration > 0.4") == f"{count + 1} True"


def test_over_kernel_messages_every_frame_arrives_too(panel):
    panel.notebook.command("notebook:clear-all-cell-outputs")
    panel.show(2).begin()
    panel.page.wait_for_timeout(int(1000 * SPEECH.duration) + 1400)
    panel.record.click()
    panel.wait_off()
    panel.takes.first.wait_for()
    assert likeness(panel.clip(1)) > 0.99
    assert panel.root.locator(".rtkit-remark").count() == 0  # nothing was lost
    assert panel.ask("len(rec.take(0.5).samples)") == "12000"  # while the cell waits


def test_a_kernel_that_restarts_turns_the_microphone_off_and_says_so(panel):
    panel.notebook.command("notebook:clear-all-cell-outputs")
    panel.show(0).begin()
    panel.notebook.restart_kernel()
    panel.wait_off()
    panel.notice.wait_for()
    assert "Run this cell again" in panel.notice.inner_text()
    assert panel.notebook.problems == []


def test_a_permission_taken_back_keeps_what_was_recorded(panel):
    panel.show(0).begin()
    panel.page.wait_for_timeout(600)
    panel.page.context.clear_permissions()
    panel.wait_off()
    panel.takes.first.wait_for()
    assert "What was recorded until then is kept" in panel.notice.inner_text()
    assert panel.ask("0.4 < rec.clip.duration < 5") == "True"
    assert "the microphone was lost" in panel.root.locator(".rtkit-remark").inner_text()


def test_an_ipywebrtc_that_is_not_in_the_page_is_named_with_the_remedy(panel):
    panel.notebook.command("docmanager:save")
    panel.page.route("**/jupyter-webrtc/**", lambda route: route.abort())
    panel.notebook.reload()
    panel.page.context.grant_permissions(["microphone"])
    panel.show().record.click()
    panel.notice.filter(has_text="ipywebrtc").wait_for()
    assert "pip install ipywebrtc" in panel.notice.inner_text()
    panel.page.unroute_all()


def refused(notebook):
    panel = Panel(notebook).show()
    panel.record.click()
    panel.notice.wait_for()
    return panel


def test_a_refused_microphone_is_explained_in_the_panel_and_in_the_kernel(
    open_notebook, microphone
):
    panel = refused(open_notebook(CELL, flags=microphone(), permissions=()))
    assert "did not allow the microphone" in panel.notice.inner_text()
    assert "A spoken phrase or a file can stand in" in panel.notice.inner_text()
    told = panel.notebook.ask_kernel(
        "try: rec.clip\nexcept rtkit.AudioError as error: print(error)"
    )
    assert "did not allow the microphone" in told
    told = panel.notebook.ask_kernel("try: rec.take(1)\nexcept ValueError as error: print(error)")
    assert told == panel.notice.inner_text()
    panel.page.wait_for_timeout(300)
    assert panel.notebook.problems == []


@pytest.mark.skipif(sys.platform != "linux", reason="this machine may have a real microphone")
def test_a_machine_without_a_microphone_and_a_page_without_any_are_told_what_to_do(open_notebook):
    panel = refused(open_notebook(CELL))
    assert "No microphone was found. Plug one in" in panel.notice.inner_text()
    assert panel.root.locator(".rtkit-word").inner_text() == "Ready"
    panel.page.evaluate("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    panel.record.click()  # as in a page over plain http from another machine
    panel.notice.filter(has_text="is not secure").wait_for()
    assert "http://localhost or over https" in panel.notice.inner_text()
    assert panel.notebook.problems == []
