"""Everything that a person does in the console, in a real JupyterLab, by mouse and by keyboard."""

import io
import json

import numpy as np
import pytest
from matplotlib.image import imsave

from rtkit.clip import Clip
from rtkit.speech.synthesis import say
from rtkit.stereo import export_wav
from rtkit.timeline import Timeline

from .pageview import CONTRAST, CONTRASTS, CUT, NAMES

CELL = """
import rtkit
def weather(city: str) -> str:
    "The weather of a city."
    return f"Clear in {city}."
console = rtkit.LiveConsole(processing=False, tools=[weather])
console
"""
DETECTION = "console.session.effective['audio']['input']['turn_detection']"
QUESTION = say("What is the capital of France?")
PERIOD_S = 3.0
ROOT = ".rtkit-console"
PAUSE = """
() => {
    const level = Number(document.querySelector(".rtkit-meter").getAttribute("aria-valuenow"));
    if (level > -45) window.loudAt = performance.now();
    return window.loudAt && performance.now() - window.loudAt > 400;
}
"""
GIVE = """
([how, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], `${how}.png`, { type: "image/png" }));
    const event = how === "paste"
        ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true })
        : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    document.querySelector(".rtkit-console .rtkit-text").dispatchEvent(event);
}
"""


@pytest.fixture(scope="module")
def notebook(open_notebook, microphone):
    """A console; its microphone hears the same question every 3 s."""
    often = [QUESTION + Clip.silence(PERIOD_S - QUESTION.duration)] * 20
    clip = sum(often[1:], often[0])
    notebook = open_notebook(CELL, flags=microphone(clip), viewport={"width": 1100, "height": 950})
    notebook.run(0)
    notebook.console.wait_for(timeout=20_000)
    notebook.ask_kernel("import time\nwhile console.session is None: time.sleep(0.01)")
    notebook.page.locator(".rtkit-manners").wait_for(timeout=5000)
    return notebook


def wait_detection(notebook, expression):
    notebook.ask_kernel(
        f"import time\nuntil = time.time() + 5\n"
        f"while not ({expression}) and time.time() < until: time.sleep(0.01)"
    )
    assert notebook.ask_kernel(f"print({expression})") == "True"


def wait_pause(notebook):
    """Wait for the end of the question that the microphone hears over and over."""
    notebook.page.evaluate("window.loudAt = null")
    notebook.page.wait_for_function(PAUSE, timeout=10_000)


def say_typed(notebook, text):
    notebook.button("text").fill(text)
    notebook.button("text").press("Enter")


def part(notebook, selector):
    return notebook.console.locator(selector)


def facts(notebook, type_):
    return [moment for moment in notebook.timeline() if moment.type == type_]


# push to talk


def test_push_to_talk_is_chosen_in_place_by_keyboard(notebook):
    part(notebook, ".rtkit-free input").focus()
    notebook.page.keyboard.press("ArrowRight")
    wait_detection(notebook, f"{DETECTION} is None")
    part(notebook, ".rtkit-hold input:checked").wait_for(timeout=5000, state="attached")
    label = notebook.button("microphone").get_attribute("aria-label")
    assert label.startswith("Hold to talk")


def test_the_first_press_opens_the_microphone_and_a_tap_says_what_to_do(notebook):
    notebook.button("microphone").click()
    assert "Hold the microphone button" in notebook.notice()
    part(notebook, '.rtkit-live[data-mic="waiting"]').wait_for(timeout=10_000)
    assert facts(notebook, "turn.started") == []


def test_what_is_said_while_the_button_is_held_is_the_turn(notebook):
    wait_pause(notebook)
    notebook.button("microphone").hover()
    notebook.page.mouse.down()
    notebook.wait_word("hearing")
    assert part(notebook, ".rtkit-live").inner_text() == "Microphone live"
    wait_pause(notebook)
    notebook.page.mouse.up()
    notebook.wait_line("user", "capital of france")
    notebook.wait_line("assistant", "Paris")
    timeline = notebook.timeline()
    [began], [ended] = (
        [m.t for m in timeline if m.type == f"turn.{x}"] for x in ("started", "ended")
    )
    assert QUESTION.duration < timeline.tracks["input"].duration < PERIOD_S
    assert timeline.tracks["input"].duration == pytest.approx(ended - began, abs=0.4)
    assert notebook.ask_kernel("print(console.lost_frames)") == "0"


def test_the_space_bar_is_the_button_but_not_in_a_text_field(notebook):
    notebook.wait_word("ready")
    part(notebook, ".rtkit-lines").focus()
    notebook.page.keyboard.down(" ")
    notebook.wait_word("hearing")
    notebook.page.wait_for_timeout(600)
    notebook.page.keyboard.up(" ")
    notebook.wait_word("thinking", "speaking", "ready")
    assert len(facts(notebook, "turn.ended")) == 2
    notebook.button("text").focus()
    notebook.page.keyboard.press(" ")
    assert notebook.button("text").input_value() == " "
    assert len(facts(notebook, "turn.started")) == 2
    notebook.button("off").click()


def test_free_hands_bring_back_the_turn_detection_that_was(notebook):
    part(notebook, ".rtkit-free").click()
    wait_detection(notebook, f"({DETECTION} or {{}}).get('silence_duration_ms') == 500")
    part(notebook, ".rtkit-free input:checked").wait_for(timeout=5000, state="attached")


# settings


def test_a_knob_that_is_moved_shows_what_the_server_confirmed(notebook):
    part(notebook, ".rtkit-settings summary").press("Enter")
    knob = part(notebook, '[data-name="silence_duration_ms"]')
    knob.focus()
    for _ in range(5):
        notebook.page.keyboard.press("ArrowRight")
    wait_detection(notebook, f"{DETECTION}['silence_duration_ms'] == 550")
    assert knob.get_attribute("aria-valuetext") == "550 ms"
    part(notebook, ".rtkit-ends").select_option("semantic_vad")
    wait_detection(notebook, f"{DETECTION}['type'] == 'semantic_vad'")
    part(notebook, '[data-name="eagerness"]').wait_for(timeout=5000)
    part(notebook, ".rtkit-ends").select_option("server_vad")
    knob.wait_for(timeout=5000)


def test_what_the_server_refuses_springs_back_and_says_why(notebook):
    notebook.page.evaluate(
        "() => __rtkit.engines.at(-1).adjust('turns', { type: 'server_vad', threshold: 7 })"
    )
    part(
        notebook,
        ".rtkit-notice",
    ).filter(has_text="goes on as it was").wait_for(timeout=5000)
    assert "threshold" in notebook.notice()
    assert notebook.ask_kernel(f"print({DETECTION}['threshold'])") == "0.5"
    assert part(notebook, '[data-name="threshold"]').get_attribute("aria-valuetext") == "0.50"


def test_the_voice_is_fixed_once_the_assistant_has_spoken_and_the_page_says_so(notebook):
    assert part(notebook, ".rtkit-voice").is_disabled()
    assert "the voice of this session stays" in part(notebook, ".rtkit-settings").inner_text()


# the transcript


def test_words_fill_in_as_they_sound_and_what_was_not_heard_is_struck_out(notebook):
    notebook.wait_word("ready")
    say_typed(notebook, "tell me a story")
    line = part(notebook, ".rtkit-line.rtkit-assistant").last
    line.locator(".rtkit-spoken", has_text="Once upon").wait_for(timeout=10_000)
    seen = []
    for _ in range(12):
        spoken, heard_s = notebook.page.evaluate(
            """() => [
                [...document.querySelectorAll(".rtkit-spoken")].at(-1)?.textContent.length ?? 0,
                (__rtkit.facts.filter((f) => f.tell === "position").at(-1)?.played ?? 0) / 24000,
            ]"""
        )
        seen.append((spoken, heard_s))
        notebook.page.wait_for_timeout(200)
    lengths = [spoken for spoken, _ in seen]
    assert lengths == sorted(lengths)
    assert len(set(lengths)) >= 4  # word by word
    rate = np.polyfit([t for _, t in seen], lengths, 1)[0]
    assert 8 < rate < 30  # characters a second, as one speaks
    notebook.button("interrupt").click()
    line.locator(".rtkit-unheard").wait_for(timeout=5000)
    told = notebook.ask_kernel("print(console.transcript[-1].unheard)")
    assert line.locator(".rtkit-unheard").inner_text().strip() == told.strip()
    assert line.locator(".rtkit-unheard").evaluate(
        "e => getComputedStyle(e).textDecorationLine"
    ) == ("line-through")
    assert "interrupted" in line.inner_text()


def test_each_word_of_the_recogniser_tells_how_sure_it_is(notebook):
    first = part(notebook, ".rtkit-line.rtkit-user").first
    titles = first.locator('[class^="rtkit-heard-"]').evaluate_all("all => all.map((e) => e.title)")
    assert titles
    assert all("The recogniser is" in title and "% sure" in title for title in titles)
    assert "sure)" in first.locator(".rtkit-spoken-only").text_content()
    described = part(notebook, ".rtkit-lines").get_attribute("aria-describedby")
    assert "80 % or more" in notebook.page.locator(f"#{described}").inner_text()


def test_a_screen_reader_hears_finished_lines_only(notebook):
    live = notebook.page.evaluate(
        "() => [...document.querySelectorAll('.rtkit-console [aria-live], .rtkit-console [role]')]"
        ".filter((e) => ['polite', 'assertive'].includes(e.ariaLive)"
        " || ['status', 'alert'].includes(e.role))"
        ".filter((e) => !e.closest('.rtkit-preflight')).map((e) => e.className)"
    )
    assert live == ["rtkit-notice", "rtkit-spoken-only"]
    said = part(notebook, '.rtkit-transcript > [aria-live="polite"]').text_content()
    assert said.startswith("Assistant: Once upon a time")


def test_a_call_of_a_tool_stands_in_the_conversation(notebook):
    say_typed(notebook, "what is the weather in Paris")
    notebook.wait_line("assistant", "Clear in Paris")
    call = part(notebook, ".rtkit-line.rtkit-tool")
    assert "weather" in call.inner_text()
    assert "done in 0.0" in call.inner_text()
    assert call.locator(".rtkit-result").inner_text() == "Clear in Paris."
    assert not call.locator(".rtkit-arguments").is_visible()
    call.locator("summary").press("Enter")
    assert json.loads(call.locator(".rtkit-arguments").inner_text()) == {"city": "Paris"}
    notebook.wait_word("ready")


# images


def picture(size):
    """A PNG of noise, which cannot be packed: 3 bytes a pixel."""
    pixels = np.random.default_rng(1).integers(0, 256, (size // 2, size, 3), dtype=np.uint8)
    data = io.BytesIO()
    imsave(data, pixels, format="png")
    return {"name": f"noise-{size}.png", "mimeType": "image/png", "buffer": data.getvalue()}


def test_an_image_is_shown_sent_and_answered_honestly(notebook):
    small = picture(64)
    part(notebook, 'input[type="file"]').set_input_files(small)
    part(notebook, ".rtkit-attached img").wait_for(timeout=5000)
    say_typed(notebook, "what is in this image")
    notebook.wait_line("assistant", "PNG, 64 by 32")
    notebook.button("interrupt").click()
    assert part(notebook, ".rtkit-user .rtkit-thumb").count() == 1
    assert not part(notebook, ".rtkit-attached").is_visible()
    [*_, sent] = facts(notebook, "conversation.item.create")
    assert [p["type"] for p in sent.event["item"]["content"]] == ["input_text", "input_image"]


def test_an_image_can_be_pasted_or_dropped(notebook):
    for how in ("paste", "drop"):
        notebook.page.evaluate(GIVE, [how, list(picture(8)["buffer"])])
        part(notebook, ".rtkit-attached").filter(has_text=f"{how}.png").wait_for(timeout=5000)
        notebook.button("detach").click()


def test_a_big_image_is_made_smaller_and_what_is_none_is_refused(notebook):
    big = picture(1000)
    assert len(big["buffer"]) > 700 * 1024
    part(notebook, 'input[type="file"]').set_input_files(big)
    part(
        notebook,
        ".rtkit-attached",
    ).filter(has_text="made smaller").wait_for(timeout=10_000)
    notebook.button("detach").click()
    wrong = {"name": "notes.gif", "mimeType": "image/gif", "buffer": b"GIF89a"}
    part(notebook, 'input[type="file"]').set_input_files(wrong)
    assert notebook.notice() == "notes.gif is image/gif; an image must be PNG or JPEG."
    damaged = {"name": "bad.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n"}
    part(notebook, 'input[type="file"]').set_input_files(damaged)
    part(notebook, ".rtkit-notice").filter(has_text="cannot be read").wait_for(timeout=5000)


# what is kept


def kept(notebook, name, kind):
    notebook.wait_word("ready")
    notebook.button(name).click()
    part(notebook, ".rtkit-notice").filter(has_text=f".{kind}.").wait_for(timeout=10_000)
    [path] = (notebook.lab.folder / "work").glob(f"conversation-*.{kind}")
    assert str(path) in notebook.notice()
    return path


def test_save_writes_the_timeline_and_offers_it_as_a_download(notebook):
    path = kept(notebook, "save", "jsonl")
    saved = Timeline.load(path)
    assert [m.event for m in saved if m.type == "playback.flushed"] == [
        m.event for m in facts(notebook, "playback.flushed")
    ]
    with notebook.page.expect_download() as download:
        notebook.button("fetch").click()
    assert download.value.suggested_filename == path.name
    assert download.value.path().read_bytes() == path.read_bytes()


def test_export_writes_the_person_left_and_the_assistant_right(notebook, tmp_path):
    path = kept(notebook, "export", "wav")
    assert path.read_bytes() == export_wav(notebook.timeline(), tmp_path / "same.wav").read_bytes()


def test_replay_sounds_the_conversation_again_in_place_and_then_it_is_live(notebook):
    lines = part(notebook, ".rtkit-line").count()
    notebook.page.evaluate("__rtkit.played.length = 0")
    notebook.button("replay").click()
    notebook.wait_word("replaying")
    notebook.page.wait_for_function(
        "() => document.querySelectorAll('.rtkit-line.rtkit-assistant').length > 0", timeout=15_000
    )
    assert part(notebook, ".rtkit-line").count() < lines
    notebook.page.wait_for_timeout(1500)
    assert np.abs(notebook.played()).max() > 1000
    notebook.button("replay").click()
    notebook.wait_word("ready")
    assert part(notebook, ".rtkit-line").count() == lines
    say_typed(notebook, "what is the capital of italy")
    notebook.wait_line("assistant", "Rome")


# how it looks


def test_every_control_has_a_name_and_tab_leads_through_them(notebook):
    notebook.wait_word("ready")
    names = notebook.page.evaluate(NAMES, ROOT)
    assert [tag for tag, name in names if not name] == []
    notebook.button("microphone").focus()
    walked = []
    for _ in range(16):
        walked.append(notebook.page.evaluate("document.activeElement.className"))
        notebook.page.keyboard.press("Tab")
    order = ["microphone", "lines", "text", "image", "send", "save", "export", "replay"]
    places = [
        next(i for i, c in enumerate(walked) if f"rtkit-{name}" in c.split()) for name in order
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_every_text_is_legible_in_both_themes(notebook, theme):
    notebook.change_theme(theme)
    found = notebook.page.evaluate(CONTRASTS, ROOT)
    assert len(found) > 25
    assert [each for each in found if each[1] < CONTRAST] == []


@pytest.mark.parametrize("width", [1250, 640, 420])
def test_nothing_is_cut_off_at_any_width(notebook, width):
    notebook.console.evaluate(
        "(e, width) => { e.parentElement.style.width = `${width}px`; }", width
    )
    notebook.page.wait_for_timeout(100)
    assert notebook.page.evaluate(CUT, ROOT) == []
    assert notebook.console.evaluate("e => e.scrollWidth <= e.clientWidth")
    notebook.console.evaluate("e => { e.parentElement.style.width = ''; }")


def test_the_page_has_no_complaints(notebook):
    assert notebook.problems == []
