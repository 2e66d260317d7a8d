"""The console in Jupyter Notebook 7: a turn is spoken and answered, over each way for the sound."""

import pytest

from rtkit.speech.synthesis import say

from .lab import Lab

CELLS = (
    "from rtkit import LiveConsole",
    "console = LiveConsole(processing=False)\nconsole",
    "console = LiveConsole(processing=False, transport='messages')\nconsole",
)
NOTEBOOK_7 = "window.jupyterapp.name"


@pytest.fixture(scope="module")
def lab(tmp_path_factory, browser_path):
    pytest.importorskip("notebook", reason="Notebook 7 is not installed. Do: pip install notebook")
    lab = Lab(tmp_path_factory.mktemp("notebook7"), app="notebook")
    yield lab
    lab.close()


@pytest.fixture(scope="module")
def notebook(open_notebook, microphone):
    return open_notebook(*CELLS, flags=microphone(say("What is the capital of France?")))


@pytest.mark.parametrize(
    ("cell", "path", "shown"), [(1, "direct", "direct"), (2, "messages", "kernel messages")]
)
def test_a_spoken_turn_is_answered_in_notebook_7(notebook, cell, path, shown):
    assert notebook.page.evaluate(NOTEBOOK_7) == "Jupyter Notebook"
    notebook.command("notebook:clear-all-cell-outputs")
    own = list(notebook.problems)  # those of Notebook 7 itself, before any of our code is here
    notebook.run(0)
    notebook.run(cell)
    notebook.console.wait_for(timeout=20_000)
    notebook.press_microphone()
    notebook.wait_line("user", "capital of france", seconds=25)
    notebook.wait_line("assistant", "Paris")
    notebook.wait_word("listening")
    assert notebook.console.locator(".rtkit-path").inner_text() == f"Audio: {shown}"
    told = "print(console.transport, console.underruns, console.lost_frames)"
    assert notebook.ask_kernel(told) == f"{path} 0 0"
    assert notebook.played().any()
    assert notebook.problems == own
