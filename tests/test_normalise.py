"""Stored notebooks: no sound, no times, no random ids, and a check that sees what is stale."""

import base64
import io

import nbformat
import numpy as np
import pytest
from lessonbook import FOLDER, script
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

normalise = script("normalise")
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

PLAYER = '<audio src="data:audio/wav;base64,UklGRg==">'


def shown(**data):
    return new_output("execute_result", data, execution_count=7)


def stored(tmp_path, *sources, outputs=()):
    path = tmp_path / "lesson.ipynb"
    cells = [new_code_cell(source, outputs=list(outputs)) for source in sources]
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_a_player_is_stored_as_picture_and_text_without_its_sound():
    data = {"text/plain": "Clip(1 s)", "text/html": PLAYER, "image/png": "iVBOR"}
    kept = normalise.normal_output(shown(**data), 1)["data"]
    assert kept == {"text/plain": "Clip(1 s)", "image/png": "iVBOR"}


def test_a_picture_is_stored_with_a_palette_and_looks_the_same():
    ramp = np.linspace(0, 255, 240, dtype=np.uint8)
    pixels = np.dstack([np.tile(ramp, (90, 1))] * 3 + [np.full((90, 240), 255, np.uint8)])
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    before = base64.b64encode(file.getvalue()).decode()
    after = normalise.normal_output(shown(**{"image/png": before}), 1)["data"]["image/png"]
    stored = Image.open(io.BytesIO(base64.b64decode(after)))
    assert (stored.mode, stored.size) == ("P", (240, 90))
    difference = np.asarray(stored.convert("RGB"), int) - pixels[..., :3]
    assert np.abs(difference).max() <= 3


def test_widget_views_and_times_of_execution_are_dropped():
    output = shown(**{"text/plain": "W", normalise.WIDGET_VIEW: {"model_id": "f00"}})
    cell = new_code_cell("w", outputs=[output], metadata={"execution": {"iopub": "now"}})
    notebook = normalise.normal(new_notebook(cells=[cell], metadata={"widgets": {}}))
    assert notebook.cells[0].outputs[0]["data"] == {"text/plain": "W"}
    assert notebook.cells[0].execution_count == notebook.cells[0].outputs[0].execution_count == 1
    assert "execution" not in notebook.cells[0].metadata
    assert "widgets" not in notebook.metadata


def test_texts_that_the_kernel_cut_are_joined():
    pieces = [new_output("stream", name="stdout", text=text) for text in ("one ", "two\n")]
    [joined] = normalise.joined(pieces)
    assert joined["text"] == "one two\n"


def test_measured_times_may_differ_and_words_may_not(tmp_path):
    def outline(text):
        output = new_output("stream", name="stdout", text=text)
        cell = new_code_cell("x", id="c000", outputs=[output])
        return list(normalise.outline(new_notebook(cells=[cell])))

    assert outline("wait 641 ms\n") == outline("wait 712 ms\n")
    assert outline("1931ms of sound\n") == outline("933ms of sound\n")
    assert outline("Paris\n") != outline("Rome\n")


def test_a_diagram_may_be_longer_from_one_run_to_the_next():
    first, second = "<Figure size 800x780 with 1 Axes>", "<Figure size 800x819.5 with 1 Axes>"
    rules = normalise.sanitizers()
    for pattern, replacement in rules:
        first, second = pattern.sub(replacement, first), pattern.sub(replacement, second)
    assert first == second == "<Figure size W x H with 1 Axes>"


def test_pictures_are_compared_by_kind_only():
    def outline(png):
        cell = new_code_cell(
            "x", id="c000", outputs=[shown(**{"image/png": png, "text/plain": "A"})]
        )
        return list(normalise.outline(new_notebook(cells=[cell])))

    assert outline("aaaa") == outline("bbbb")


def a_lesson(change=lambda cells: None):
    """A notebook that keeps all rules, with a change."""
    cells = [new_markdown_cell("Claim."), new_code_cell("x = 1")] * 14
    cells = [nbformat.from_dict({**cell, "id": f"c{n:03d}"}) for n, cell in enumerate(cells)]
    picture = shown(**{"image/png": "iVBOR", "text/plain": "Clip(1 s)"})
    for cell in cells[1:7:2]:
        cell.outputs = [picture]
    for cell, text in zip(
        cells[7::2], ("check('1.1', f)", "check('1.2', f)", "quiz('1')"), strict=False
    ):
        cell.source = f"rtkit.lessons.{text}"
    change(cells)
    return new_notebook(cells=cells)


def faults(tmp_path, change=lambda cells: None):
    path = tmp_path / "lesson.ipynb"
    nbformat.write(a_lesson(change), path)
    return normalise.house_rules(path)


def test_a_lesson_in_form_has_no_fault(tmp_path):
    assert faults(tmp_path) == []


def source(text, at=9):
    return lambda cells: cells[at].update(source=text)


def printed(text):
    return lambda cells: cells[-1].update(outputs=[new_output("stream", name="stdout", text=text)])


def failed(cells):
    cells[-1].outputs = [new_output("error", ename="KeyError", evalue="1", traceback=[])]


def longer(cells):
    for cell in cells[13::2]:
        cell.source = "x = 1\n" * 4


FAULTS = {
    "plot(x);": (source("plot(x);", 27), "ends with ';'"),
    "13 lines": (source("\n".join(["x = 1"] * 13), 27), "13 lines, at most 12"),
    "95 characters": (source("x = 1\n" + "y" * 95, 27), "a line of 95 characters, at most 94"),
    "24 cells": (lambda cells: cells.__delitem__(slice(13, 17)), "24 cells, 25 to 45"),
    "46 cells": (lambda cells: cells.extend(cells[20:28] * 3), "52 cells, 25 to 45"),
    "1300 words": (source("word " * 1300, 0), "words, at most 1200"),
    "long cells": (longer, "4 lines in the median code cell"),
    "code after code": (lambda cells: cells.sort(key=lambda c: c.cell_type), "come right after"),
    "two pictures": (lambda cells: cells[1].update(outputs=[]), "2 of the kind picture"),
    "no sound": (
        lambda cells: [
            cell.outputs[0].data.update({"text/plain": "<Figure>"}) for cell in cells[1:7:2]
        ],
        "0 of the kind sound",
    ),
    "one exercise": (source("x = 1"), "1 of the kind exercise"),
    "no quiz": (source("x = 1", 11), "0 of the kind quiz"),
    "a path of Linux": (source("open('/home/ada/x.wav')", 27), "an absolute path: /home/"),
    "a path of macOS": (printed("saved /Users/ada/x.wav"), "an absolute path: /Users/"),
    "a path of Windows": (printed("saved C:\\ada"), "an absolute path: C:"),
    "a key": (source("key = 'sk-proj-Ab12Cd34Ef56Gh78'", 27), "a key: sk-proj-"),
    "an ephemeral key": (printed("ek_68af296e8e408191a1120ab6383263c2"), "a key: ek_"),
    "an error": (failed, "ends with an error"),
}


@pytest.mark.parametrize(("change", "fault"), FAULTS.values(), ids=FAULTS)
def test_house_rules(tmp_path, change, fault):
    assert any(fault in told for told in faults(tmp_path, change)), faults(tmp_path, change)


@pytest.mark.parametrize(
    "text", ["sk-made-up-for-this-lesson", "ek_...", "https://host/home/x", "either/or", "a/tmp/b"]
)
def test_what_only_looks_like_a_key_or_a_path_is_none(tmp_path, text):
    assert faults(tmp_path, printed(text)) == []


def test_lines_of_prose_and_lines_that_just_fit_may_stay(tmp_path):
    assert faults(tmp_path, source("y" * 94, 27)) == []
    assert faults(tmp_path, source("why " * 30, 0)) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_of_the_course_keeps_the_rules(path):
    assert normalise.house_rules(path) == []


def test_sound_in_a_stored_notebook_is_a_fault(tmp_path):
    output = shown(**{"text/html": PLAYER, "text/plain": "x"})
    path = stored(tmp_path, "x", outputs=[output])
    assert any("holds sound" in fault for fault in normalise.house_rules(path))


def test_a_changed_output_is_stale_and_storing_it_makes_it_fresh(tmp_path):
    path = stored(
        tmp_path, "print('new')", outputs=[new_output("stream", name="stdout", text="old\n")]
    )
    assert any("+    stdout: new" in line for line in normalise.stale(path))
    nbformat.write(normalise.execute(path), path)
    assert normalise.stale(path) == []
