"""Notebook 06 by what can be said of it without running it: its measure, and its solutions.

That it runs, and prints what it prints, is seen by nbval.
"""

import re
import statistics
from pathlib import Path

import nbformat
import pytest
from helpers import Story, talk

from rtkit.turns import read_turns

FILE = Path(__file__).parent.parent / "notebooks" / "06_events.ipynb"
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
CELLS = nbformat.read(FILE, as_version=4).cells
CODE = [cell for cell in CELLS if cell.cell_type == "code"]
PROSE = [cell for cell in CELLS if cell.cell_type == "markdown"]


@pytest.fixture(scope="module")
def solved():
    """The functions of the three solutions."""
    found = {}
    for cell in PROSE:
        if "solution" in cell.metadata.get("tags", []):
            exec(BLOCK.search(cell.source)[1], found)
    return found


def test_it_keeps_the_measure_of_a_lesson():
    lines = [len(cell.source.splitlines()) for cell in CODE]
    words = sum(len(BLOCK.sub("", cell.source).split()) for cell in PROSE)
    after_prose = sum(
        CELLS[n - 1].cell_type == "markdown" for n, cell in enumerate(CELLS) if cell in CODE
    )
    assert 25 <= len(CELLS) <= 45
    assert (statistics.median(lines) <= 3, max(lines) <= 12) == (True, True)
    assert words <= 1200
    assert after_prose >= 0.8 * len(CODE)


def test_it_shows_pictures_and_every_exercise_begins_unsolved():
    outputs = [output for cell in CODE for output in cell.outputs]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 6
    verdicts = [output.text for output in outputs if output.get("text") == "Not yet.\n"]
    assert len(verdicts) == 3


def test_the_first_solution_measures_from_the_end_of_speech_to_the_first_sound(solved):
    timeline = talk()
    wait = solved["first_sound"](timeline)
    assert wait == pytest.approx(read_turns(timeline)[0].latency.response_ms / 1000)


def test_the_second_solution_puts_every_answer_together(solved):
    timeline = talk()
    spoken = {turn.response_id: turn.answer for turn in read_turns(timeline) if turn.audio}
    assert len(spoken) == 3
    found = {id_: words.strip() for id_, words in solved["answers"](timeline).items()}
    assert found == spoken


def test_the_third_solution_follows_the_event_id_to_the_item(solved):
    story = Story().open()
    for number, item_id in enumerate(("item_1", "item_2", "item_3")):
        story.send("conversation.item.delete", item_id=item_id, event_id=f"event_c{number}")
    story.hear("error", error={"type": "invalid_request_error", "event_id": "event_c1"})
    assert solved["blamed"](story.timeline) == "item_2"
