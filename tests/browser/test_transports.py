"""The other two ways for the sound, and what happens when one breaks in mid-session."""

import pytest

from rtkit.speech.synthesis import say

CELL = "console = rtkit.LiveConsole(processing=False, transport={!r})\nconsole"
SLEEP = "import time; time.sleep(6)"


@pytest.fixture(scope="module")
def notebook(open_notebook, microphone):
    cells = ("import rtkit", CELL.format("proxy"), CELL.format("messages"), SLEEP)
    return open_notebook(*cells, flags=microphone())


def begin(notebook, cell):
    notebook.command("notebook:clear-all-cell-outputs")
    notebook.run(cell)
    notebook.console.wait_for(timeout=20_000)
    notebook.press_microphone()
    notebook.wait_word("listening")
    notebook.ask_kernel("import time\nwhile console.session is None: time.sleep(0.01)")


def converse(notebook):
    """A typed question, an answer that is played to the end, a story that is interrupted."""
    notebook.button("text").fill("what is the capital of france")
    notebook.button("send").click()
    notebook.wait_word("speaking")
    notebook.wait_word("listening")
    notebook.button("text").fill("tell me a story")
    notebook.button("send").click()
    notebook.wait_word("speaking")
    notebook.page.wait_for_timeout(700)
    notebook.button("interrupt").click()
    notebook.wait_word("listening", seconds=3)


@pytest.mark.parametrize(("cell", "path"), [(1, "proxy"), (2, "messages")])
def test_a_conversation_is_held_over_another_way(notebook, cell, path):
    notebook.run(0)
    begin(notebook, cell)
    converse(notebook)
    told = "print(console.transport, console.underruns, console.lost_frames)"
    assert notebook.ask_kernel(told) == f"{path} 0 0"
    timeline = notebook.timeline()
    assert [m for m in timeline if m.type == "error"] == []
    [flushed] = [m for m in timeline if m.type == "playback.flushed"]
    assert flushed.event["played_ms"] > 300
    assert timeline.tracks["input"].duration > 1.0


def test_kernel_messages_are_handled_beside_a_sleeping_cell(notebook):
    before = len(notebook.timeline())
    notebook.run(3)
    notebook.page.wait_for_timeout(500)
    converse(notebook)
    moments = list(notebook.timeline())[before:]
    [flushed] = [m for m in moments if m.type == "playback.flushed"]
    appended = [m.t for m in moments if m.type == "input_audio_buffer.append"]
    assert len([t for t in appended if t < flushed.t]) > 20


BREAK = """
from rtkit import background
background.loop().call_soon_threadsafe(console._host.link._connection.transport.abort)
"""


def test_a_way_that_breaks_in_mid_word_is_replaced_by_the_next_and_nothing_said_is_lost(
    open_notebook, microphone
):
    question = say("What is the capital of France?")
    cell = "import rtkit\nconsole = rtkit.LiveConsole(processing=False)\nconsole"
    notebook = open_notebook(cell, flags=microphone(question))
    begin(notebook, 0)
    notebook.wait_word("hearing")
    notebook.ask_kernel(BREAK)
    notebook.wait_line("user", "what is the capital of france")
    notebook.wait_line("assistant", "Paris")
    assert "(direct) broke: the sound travels by server proxy now" in notebook.notice()
    assert notebook.button("path").inner_text() == "Audio: server proxy"
    notebook.wait_word("listening")
    notebook.ask_kernel(BREAK)
    notebook.page.locator(".rtkit-path", has_text="kernel messages").wait_for(timeout=10_000)
    assert notebook.console.locator(".rtkit-live").inner_text() == "Microphone live"
    notebook.button("text").fill("what is the capital of italy")
    notebook.button("send").click()
    notebook.wait_line("assistant", "Rome")
    told = "print(console.transport, console.lost_frames < 10)"
    assert notebook.ask_kernel(told) == "messages True"
    facts = [m.event for m in notebook.timeline() if m.type.startswith("microphone.")]
    assert [fact["type"] for fact in facts] == ["microphone.opened"] + 2 * ["microphone.changed"]
    assert [fact["path"] for fact in facts[1:]] == ["proxy", "messages"]
    assert notebook.problems == []
