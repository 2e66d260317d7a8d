"""The console turns itself off when it can no longer be seen, or when nobody is behind it."""

import pytest

CELL = "from rtkit import LiveConsole\nconsole = LiveConsole(processing=False)\nconsole"
AGAIN = "console"
CELL_COUNT = "window.jupyterapp.shell.currentWidget.content.widgets.length"


@pytest.fixture(scope="module")
def notebook(open_notebook, microphone):
    return open_notebook(CELL, AGAIN, flags=microphone())


def open_console(notebook):
    """Run the cell and turn the microphone on; its track, to be looked at later."""
    notebook.run(0)
    notebook.console.wait_for(timeout=20_000)
    notebook.press_microphone()
    notebook.wait_word("listening")
    notebook.page.evaluate("() => { window.track = __rtkit.engines.at(-1).mic.track; }")
    assert notebook.page.evaluate("window.track.readyState") == "live"


def wait_off(notebook):
    notebook.page.wait_for_function("window.track.readyState === 'ended'", timeout=5000)
    notebook.page.wait_for_function("__rtkit.engines.at(-1).state.mic === 'off'")


def test_a_kernel_that_restarts_turns_the_microphone_off_and_says_so(notebook):
    open_console(notebook)
    notebook.restart_kernel()
    wait_off(notebook)
    assert "Run this cell again" in notebook.notice()
    assert notebook.console.locator(".rtkit-live").inner_text() == "Microphone off"


def test_an_output_that_is_cleared_turns_the_microphone_off_and_ends_the_session(notebook):
    open_console(notebook)
    notebook.ask_kernel("while console.session is None: pass")
    notebook.command("notebook:clear-all-cell-outputs")
    wait_off(notebook)
    notebook.ask_kernel("import time\nwhile not console.session.closed: time.sleep(0.01)")
    facts = [m.event.get("reason") for m in notebook.timeline() if m.type.endswith(".closed")]
    assert facts[:2] == ["output removed", "output removed"]
    assert notebook.ask_kernel("print(console.transport)") == "None"


def test_nothing_is_left_behind_in_the_page_when_the_output_is_cleared(notebook):
    notebook.page.evaluate("__rtkit.contexts.length = 0")
    open_console(notebook)
    say = notebook.button("text")
    say.fill("what is the capital of france")
    say.press("Enter")
    notebook.wait_word("speaking")
    assert notebook.page.evaluate("__rtkit.contexts.length") == 2  # the microphone's, the player's
    notebook.command("notebook:clear-all-cell-outputs")
    wait_off(notebook)
    notebook.page.wait_for_function(
        "__rtkit.contexts.every((context) => context.state === 'closed')", timeout=5000
    )
    assert notebook.engine("e.link") is None
    assert notebook.engine("e.views") == 0


def test_a_console_that_is_closed_leaves_no_comm(notebook):
    count = "import comm\nprint(len(comm.get_comm_manager().comms))"
    before = int(notebook.ask_kernel(count))
    notebook.ask_kernel("other = LiveConsole()")
    assert int(notebook.ask_kernel(count)) > before
    notebook.ask_kernel("other.close()")
    assert int(notebook.ask_kernel(count)) == before


def test_running_the_cell_again_begins_a_new_conversation(notebook):
    open_console(notebook)
    notebook.ask_kernel("while console.session is None: pass\nolder = console")
    notebook.run(0)
    wait_off(notebook)
    notebook.ask_kernel("import time\nwhile not older.session.closed: time.sleep(0.01)")
    notebook.press_microphone()
    notebook.wait_word("listening")
    assert notebook.ask_kernel("print(console is older)") == "False"


def test_the_microphone_button_turns_it_on_and_off_by_keyboard_too(notebook):
    button = notebook.console.locator("button.rtkit-microphone")
    button.focus()
    button.press("Enter")
    notebook.wait_word("ready")
    assert button.get_attribute("aria-pressed") == "false"
    button.press(" ")
    notebook.wait_word("listening")
    assert button.get_attribute("aria-label") == "Turn the microphone off"


def test_what_is_typed_does_not_reach_jupyterlabs_shortcuts(notebook):
    box = notebook.button("text")
    box.press_sequentially("add a bbb, dd, xx")
    assert box.input_value() == "add a bbb, dd, xx"
    box.fill("")
    notebook.console.locator("button.rtkit-microphone").focus()
    notebook.page.keyboard.press("d")
    notebook.page.keyboard.press("d")
    assert notebook.page.evaluate(CELL_COUNT) == 2


def test_a_muted_microphone_sends_silence_and_shows_that_it_is_muted(notebook):
    notebook.button("mute").click()
    assert notebook.console.locator(".rtkit-live").inner_text() == "Microphone muted"
    assert notebook.page.evaluate("__rtkit.engines.at(-1).mic.track.enabled") is False
    notebook.button("mute").click()
    assert notebook.console.locator(".rtkit-live").inner_text() == "Microphone live"
    facts = [m.event["on"] for m in notebook.timeline() if m.type == "microphone.muted"]
    assert facts == [True, False]


def test_two_views_of_a_console_are_one_microphone(notebook):
    both = notebook.console
    notebook.run(1)
    both.nth(1).wait_for()
    assert both.locator(".rtkit-live").all_inner_texts() == ["Microphone live"] * 2
    notebook.engine("e.views === 2 && e.mic.track.readyState")
    notebook.page.evaluate("window.track = __rtkit.engines.at(-1).mic.track")
    notebook.command("notebook:clear-cell-output")
    notebook.page.wait_for_function("__rtkit.engines.at(-1).views === 1")
    notebook.page.wait_for_timeout(600)
    assert notebook.page.evaluate("window.track.readyState") == "live"


def test_a_page_that_is_loaded_anew_finds_the_conversation_again(notebook):
    notebook.button("text").fill("what is the capital of france")
    notebook.button("send").click()
    notebook.wait_line("assistant", "Paris")
    notebook.command("docmanager:save")
    notebook.reload()
    notebook.wait_line("assistant", "Paris")
    assert notebook.console.locator(".rtkit-live").inner_text() == "Microphone off"
    assert notebook.button("off").inner_text() == "Turn microphone off"  # the chip says what is
    notebook.press_microphone()
    notebook.wait_word("listening", "speaking")
    facts = [m.event.get("reason") for m in notebook.timeline() if m.type.endswith(".closed")]
    assert facts[-1] == "page closed"
