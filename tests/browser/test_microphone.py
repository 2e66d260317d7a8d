"""A microphone that is refused, absent or lost: a plain sentence with the remedy, and a fact."""

import sys

import pytest

from rtkit.speech.synthesis import say

CELL = "from rtkit import LiveConsole\nconsole = LiveConsole(processing=False)\nconsole"


def run(notebook):
    notebook.run_all()
    notebook.console.wait_for(timeout=20_000)
    notebook.ask_kernel("import time\nwhile console.session is None: time.sleep(0.01)")
    notebook.press_microphone()
    return notebook


def closed_reason(notebook):
    return [m.event["reason"] for m in notebook.timeline() if m.type == "microphone.closed"]


def answers_typed_text(notebook):
    notebook.button("text").fill("what is the capital of france")
    notebook.button("text").press("Enter")
    notebook.wait_line("assistant", "Paris")


def test_a_refused_microphone_is_explained_and_typing_still_works(open_notebook, microphone):
    notebook = run(open_notebook(CELL, flags=microphone(), permissions=()))
    assert "did not allow the microphone" in notebook.notice()
    assert "Allow it for this page" in notebook.notice()
    notebook.page.wait_for_timeout(200)
    assert closed_reason(notebook) == ["not opened: NotAllowedError"]
    assert "did not allow" in notebook.ask_kernel("print(console.notice)")
    answers_typed_text(notebook)


@pytest.mark.skipif(sys.platform != "linux", reason="this machine may have a real microphone")
def test_a_machine_without_a_microphone_is_told_what_to_do(open_notebook):
    notebook = run(open_notebook(CELL))
    if notebook.engine("e.mic !== null"):
        pytest.skip("this machine has a real microphone")
    assert "No microphone was found. Plug one in" in notebook.notice()


def test_a_page_that_is_not_secure_is_explained_and_sound_takes_the_proxy(open_notebook):
    notebook = run(open_notebook(CELL, permissions=(), host="lab.example"))
    assert "http://lab.example" in notebook.notice()
    assert "is not secure" in notebook.notice()
    assert "http://localhost or over https" in notebook.notice()
    answers_typed_text(notebook)
    assert "plays no sound here" in notebook.notice()
    notebook.wait_word("ready")
    assert notebook.ask_kernel("print(console.transport)") == "proxy"
    assert notebook.problems == []


def test_a_permission_taken_back_in_mid_turn_keeps_what_was_said(open_notebook, microphone):
    speech = say("What is the capital of France?")
    notebook = run(open_notebook(CELL, flags=microphone(speech + speech + speech)))
    notebook.wait_word("hearing")
    notebook.page.context.clear_permissions()
    assert "The microphone stopped" in notebook.notice()
    assert "What was said so far is kept" in notebook.notice()
    notebook.wait_line("user", "")  # the turn that was begun is ended, heard and answered
    notebook.wait_line("assistant", "")
    timeline = notebook.timeline()
    [reason] = [m.event["reason"] for m in timeline if m.type == "microphone.closed"]
    assert reason == "the microphone's track ended"
    assert timeline.tracks["input"].duration > 1.0
    assert "The microphone stopped" in notebook.ask_kernel("print(console.notice)")
