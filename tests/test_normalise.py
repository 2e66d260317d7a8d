"""Stored notebooks: no sound, no times, no random ids, and a check that sees what is stale."""

import base64
import importlib.util
import io
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

FILE = Path(__file__).parent.parent / "notebooks" / "normalise.py"
spec = importlib.util.spec_from_file_location("normalise", FILE)
normalise = importlib.util.module_from_spec(spec)
spec.loader.exec_module(normalise)

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


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("plot(x);", "ends with ';'"),
        ("\n".join(["x = 1"] * 13), "13 lines, at most 12"),
    ],
)
def test_house_rules(tmp_path, source, fault):
    assert fault in normalise.house_rules(stored(tmp_path, source))[0]


def test_sound_in_a_stored_notebook_is_a_fault(tmp_path):
    output = shown(**{"text/html": PLAYER, "text/plain": "x"})
    assert "holds sound" in normalise.house_rules(stored(tmp_path, "x", outputs=[output]))[0]


def test_a_changed_output_is_stale_and_storing_it_makes_it_fresh(tmp_path):
    path = stored(
        tmp_path, "print('new')", outputs=[new_output("stream", name="stdout", text="old\n")]
    )
    assert any("+    stdout: new" in line for line in normalise.stale(path))
    nbformat.write(normalise.execute(path), path)
    assert normalise.stale(path) == []
