"""The conversation goes on while the kernel's main thread is busy with a cell."""

import time

import numpy as np
import pytest

BUSY_SECONDS = 5
SLEEP = f"import time; time.sleep({BUSY_SECONDS})"
LOOP = f"""
import time
end = time.time() + {BUSY_SECONDS}
while time.time() < end:
    sum(range(1000))
"""


@pytest.fixture(scope="module")
def notebook(open_notebook, microphone):
    cells = (
        "from rtkit import LiveConsole\nconsole = LiveConsole(processing=False)\nconsole",
        *(SLEEP, LOOP),
    )
    notebook = open_notebook(*cells, flags=microphone())
    notebook.run(0)
    notebook.console.wait_for(timeout=20_000)
    notebook.press_microphone()
    notebook.wait_word("listening")
    notebook.ask_kernel("while console.session is None: pass")
    return notebook


@pytest.mark.parametrize("cell", [1, 2], ids=["sleep", "loop"])
def test_words_and_sound_go_on_while_a_cell_is_busy(notebook, cell):
    before = len(notebook.timeline())
    notebook.run(cell)
    time.sleep(0.5)
    notebook.button("text").fill("tell me a story")
    notebook.button("send").click()
    notebook.wait_word("speaking", seconds=3)
    time.sleep(1.5)
    notebook.button("interrupt").click()
    notebook.wait_word("listening", seconds=1)
    moments = list(notebook.timeline())[before:]
    [interrupted] = [m for m in moments if m.type == "playback.flushed"]
    assert interrupted.t < moments[0].t + BUSY_SECONDS  # the cell was still running
    assert interrupted.event["played_ms"] > 1000
    assert notebook.ask_kernel("print(console.underruns, console.lost_frames)") == "0 0"
    appended = [m.t for m in moments if m.type == "input_audio_buffer.append"]
    assert np.percentile(np.diff(appended), 95) < 0.060
    assert max(np.diff(appended)) < 0.5
