"""The panel in a real JupyterLab: by keyboard, in both themes, and with a live session."""

import pytest

from rtkit.config import RealtimeSessionConfig

from .pageview import CLASHES, CONTRAST, CONTRASTS, CUT, LEFTS, NAMES

CELLS = (
    "import rtkit\n"
    "session = rtkit.connect(record=False)\n"
    "panel = rtkit.ConfigPanel(session=session)\n"
    "panel",
    "import time\ntime.sleep(4)",
    "import rtkit\nrtkit.LiveConsole(record=False)",  # its sheet is in the page, too
)
DETECTION = "session.effective['audio']['input']['turn_detection']"
ROOT = ".rtkit-configpanel"


class Panel:
    """The panel in the page, as a person has it before them."""

    def __init__(self, notebook):
        self.notebook, self.page = notebook, notebook.page
        self.root = self.page.locator(".rtkit-configpanel").first

    def turn_to(self, title):
        self.root.locator(".lm-TabBar-tab", has_text=title).click()

    def slider(self, name):
        return self.root.get_by_role("slider", name=name, exact=True)

    def text(self, name):
        self.root.get_by_role("tab", name=name, exact=True).click()
        return self.root.locator(".rtkit-shown").inner_text()

    def row(self, label):
        return self.root.locator(".rtkit-field:visible", has_text=label)

    def wait_row(self, label, text):
        self.row(label).filter(has_text=text).wait_for(timeout=5000)

    def wait_session(self, word):
        self.root.locator(f'.rtkit-outcome[data-word="{word}"]').wait_for(timeout=5000)

    def theme(self, name):
        self.notebook.change_theme(name)


@pytest.fixture(scope="module")
def panel(open_notebook):
    notebook = open_notebook(
        *CELLS,
        permissions=("clipboard-read", "clipboard-write"),
        viewport={"width": 1360, "height": 900},
    )
    notebook.command("application:toggle-left-area")
    notebook.run(2)
    notebook.run(0)
    notebook.page.locator(".rtkit-code").wait_for(timeout=20_000)
    return Panel(notebook)


def ask(panel, code):
    return panel.notebook.ask_kernel(code)


def test_a_slider_is_not_held_up_by_a_cell_that_is_running(panel):
    panel.turn_to("Turns")
    panel.notebook.run(1)
    panel.page.wait_for_timeout(300)
    panel.slider("Silence (ms)").focus()
    panel.page.keyboard.press("ArrowRight")
    panel.root.locator(".rtkit-code", has_text="silence_duration_ms=550").wait_for(timeout=2000)
    assert ask(panel, "panel.value = rtkit.RealtimeSessionConfig()") == ""  # when the cell is over


def test_a_slider_that_is_moved_by_keyboard_changes_code_findings_and_session(panel):
    panel.turn_to("Turns")
    assert "silence_duration_ms" not in panel.text("Python")
    assert "advice" not in panel.row("Silence (ms)").inner_text()
    panel.slider("Silence (ms)").focus()
    for _ in range(6):
        panel.page.keyboard.press("ArrowLeft")
    panel.wait_row("Silence (ms)", "a breath ends the turn")
    panel.wait_row("Silence (ms)", "● advice Found 200 ms.")
    panel.wait_session("applied")
    assert panel.root.get_by_role("status").filter(has_text="Session ✓ applied").count() == 1
    assert "silence_duration_ms=200," in panel.text("Python")
    assert '"silence_duration_ms": 200' in panel.text("JSON")
    assert ask(panel, f"print({DETECTION}['silence_duration_ms'])") == "200"
    assert ask(panel, "print(panel.value)") == "silence_duration_ms=200"


def test_a_threshold_that_is_moved_is_a_plain_number(panel):
    panel.turn_to("Turns")
    panel.slider("Threshold").focus()
    for _ in range(4):
        panel.page.keyboard.press("ArrowLeft")
    panel.wait_row("Threshold", "a breath or the loudspeaker starts a turn")
    assert ask(panel, "print(panel.value.vad_threshold)") == "0.3"


def test_assigning_a_value_moves_the_sliders_and_nothing_echoes(panel):
    ask(panel, "seen = []\npanel.observe(lambda change: seen.append(change['new']), 'value')")
    ask(panel, "panel.value = rtkit.RealtimeSessionConfig(silence_duration_ms=800, speed=1.25)")
    panel.turn_to("Turns")
    panel.wait_row("Silence (ms)", "patient; every answer waits this long")
    assert panel.slider("Silence (ms)").get_attribute("aria-valuenow") == "800.0"
    panel.turn_to("Answers")
    assert panel.slider("Speed").get_attribute("aria-valuetext") == "1.25"
    panel.wait_session("applied")
    assert ask(panel, "print(len(seen), panel.value is seen[-1])") == "1 True"


def test_another_way_to_end_turns_shows_its_own_fields(panel):
    panel.turn_to("Turns")
    panel.root.get_by_label("Turn detection").select_option("semantic_vad")
    panel.row("Eagerness").wait_for(timeout=5000)
    assert panel.row("Silence (ms)").count() == 0
    panel.root.get_by_label("Turn detection").select_option("server_vad")
    panel.slider("Silence (ms)").wait_for(timeout=5000)
    assert panel.slider("Silence (ms)").get_attribute("aria-valuenow") == "800.0"


def test_what_is_chosen_is_on_the_page(panel):
    def chosen(label):
        choice = panel.root.get_by_label(label, exact=True)
        return choice.locator("option:checked").inner_text().replace("\xa0", " ")

    panel.turn_to("Sound")
    assert chosen("Noise reduction") == "off"
    assert chosen("Use case") == "your own"
    panel.root.get_by_label("Use case").select_option("noisy_room")
    panel.wait_row("Noise reduction", "a laptop or a room")
    assert chosen("Noise reduction") == "far_field"
    assert "NOISY_ROOM: a microphone that hears the room" in panel.text("Why")
    ask(panel, "panel.value = rtkit.RealtimeSessionConfig(silence_duration_ms=800, speed=1.25)")
    panel.wait_row("Noise reduction", "nothing is taken out")
    assert (chosen("Noise reduction"), chosen("Use case")) == ("off", "your own")


def test_the_text_that_is_shown_is_copied(panel):
    shown = panel.text("Python")
    panel.root.get_by_role("button", name="Copy Python").click()
    panel.root.locator(".rtkit-copied", has_text="copied").wait_for(timeout=5000)
    copied = panel.page.evaluate("navigator.clipboard.readText()")
    assert copied == ask(panel, "print(panel.python)")
    assert copied in shown


@pytest.mark.parametrize("title", ["Answers", "Turns", "Transcription", "Sound", "Tools"])
def test_every_control_has_a_name_and_its_words(panel, title):
    panel.turn_to(title)
    found = panel.page.evaluate(NAMES, ROOT)
    assert len(found) >= 5
    assert [tag for tag, name in found if not name] == []
    for handle in panel.root.locator(".noUi-handle:visible").all():
        described = handle.get_attribute("aria-describedby")
        assert panel.root.locator(f"#{described}").inner_text().strip()


def test_tab_leads_through_the_controls_and_keys_stay_in_them(panel):
    panel.turn_to("Turns")
    panel.root.get_by_label("Turn detection").focus()
    names = []
    for _ in range(9):
        panel.page.keyboard.press("Tab")
        names.append(panel.page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''"))
    assert [name for name in names if name and "number" not in name][:3] == [
        "Threshold",
        "Prefix padding (ms)",
        "Silence (ms)",
    ]
    cells = "window.jupyterapp.shell.currentWidget.content"
    active = panel.page.evaluate(f"{cells}.activeCellIndex")
    panel.slider("Silence (ms)").focus()
    for key in ("ArrowDown", "d", "d", "a", "ArrowUp"):
        panel.page.keyboard.press(key)
    assert panel.page.evaluate(f"{cells}.widgets.length") == len(CELLS)
    assert panel.page.evaluate(f"{cells}.activeCellIndex") == active
    assert panel.slider("Silence (ms)").get_attribute("aria-valuenow") == "800.0"


def test_a_voice_is_heard_in_the_page(panel):
    panel.turn_to("Answers")
    panel.root.get_by_label("Voice", exact=True).select_option("coral")
    panel.page.evaluate("__rtkit.samples = []")
    panel.root.get_by_role("button", name="Listen").click()
    panel.wait_row("Voice", "You heard the embedded server's voice for coral")
    panel.page.wait_for_function("__rtkit.samples.at(-1)?.ended", timeout=10_000)
    assert 1.0 < panel.page.evaluate("__rtkit.samples.at(-1).duration") < 4.0


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_every_text_is_legible_in_both_themes(panel, theme, lab):
    panel.theme(theme)
    for title in ("Turns", "Answers", "Tools"):
        panel.turn_to(title)
        found = panel.page.evaluate(CONTRASTS, ROOT)
        assert len(found) > 15
        assert [each for each in found if each[1] < CONTRAST] == []
        panel.page.screenshot(path=lab.folder / f"panel-{theme[11:]}-{title}.png")


def test_a_narrow_cell_has_one_column(panel):
    def boxes():
        parts = (".rtkit-entries", ".rtkit-beside")
        return [panel.root.locator(part).first.bounding_box() for part in parts]

    form, beside = boxes()
    assert beside["x"] > form["x"] + form["width"]
    panel.page.set_viewport_size({"width": 700, "height": 900})
    panel.page.wait_for_timeout(300)
    form, beside = boxes()
    assert beside["x"] == form["x"]
    assert beside["y"] > form["y"] + form["height"]
    assert panel.root.evaluate("each => each.scrollWidth <= each.clientWidth")
    panel.page.set_viewport_size({"width": 1360, "height": 900})


@pytest.mark.parametrize("width", [1360, 420])
@pytest.mark.parametrize("title", ["Answers", "Turns", "Transcription", "Sound", "Tools"])
def test_controls_stand_in_line_and_none_covers_a_note_or_a_value(panel, title, width):
    panel.page.set_viewport_size({"width": width, "height": 900})
    panel.turn_to(title)
    panel.page.wait_for_timeout(300)
    assert panel.page.evaluate(CLASHES, ROOT) == []
    assert len(set(panel.page.evaluate(LEFTS, ROOT))) == 1
    panel.page.set_viewport_size({"width": 1360, "height": 900})


@pytest.mark.parametrize("width", [1250, 900, 640, 420])
def test_no_title_and_no_control_is_cut_off_at_any_width(panel, width):
    panel.page.set_viewport_size({"width": width, "height": 900})
    panel.page.wait_for_timeout(300)
    for title in ("Answers", "Turns", "Tools"):
        panel.turn_to(title)
        assert panel.page.evaluate(CUT, ROOT) == []
    panel.page.set_viewport_size({"width": 1360, "height": 900})


def test_the_page_has_no_complaints(panel):
    assert panel.notebook.problems == []
    assert ask(panel, "print(panel.value.replace(voice='alloy') == panel.value)") == "False"
    ask(panel, "panel.value = rtkit.RealtimeSessionConfig()")
    panel.wait_session("applied")
    assert ask(panel, "print(panel.value)") == str(RealtimeSessionConfig())
