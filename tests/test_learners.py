"""Learners' copies: made from the notebooks by one script, without solutions and outputs."""

import subprocess
import sys

import nbformat
import pytest
from lessonbook import FOLDER, Lesson, lesson_names, script

learners = script("learners")
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """The folder into which the script has copied everything."""
    folder = tmp_path_factory.mktemp("class") / "copies"
    command = [sys.executable, str(FOLDER / "learners.py"), str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def test_there_is_a_copy_of_each_notebook_and_it_is_one(copies):
    assert [path.name for path in sorted(copies.iterdir())] == [path.name for path in NOTEBOOKS]
    for path in copies.iterdir():
        nbformat.validate(nbformat.read(path, as_version=4))
        assert path.stat().st_size < 60_000


@pytest.mark.parametrize("name", lesson_names())
def test_no_line_of_a_solution_is_left(copies, name):
    book = Lesson(name)
    text = "\n".join(cell.source for cell in nbformat.read(copies / f"{name}.ipynb", 4).cells)
    assert len(book.answers) >= 2
    assert "A solution" not in text
    for answer in book.answers:
        told = [line for line in answer.splitlines() if len(line) > 20]
        assert not told or any(line not in text for line in told)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_code_is_the_same_and_nothing_was_run(copies, path):
    def code(file):
        cells = nbformat.read(file, as_version=4).cells
        return [cell for cell in cells if cell.cell_type == "code"]

    copy = code(copies / path.name)
    assert [cell.source for cell in copy] == [cell.source for cell in code(path)]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in copy)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_all_other_prose_is_kept(copies, path):
    def words(file):
        cells = nbformat.read(file, as_version=4).cells
        prose = " ".join(cell.source for cell in cells if cell.cell_type == "markdown")
        return learners.FOLDED.sub("", prose).split()

    assert words(copies / path.name) == words(path)


def test_the_notebooks_themselves_are_never_written_over():
    command = [sys.executable, str(FOLDER / "learners.py"), str(FOLDER)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "give another folder" in done.stderr
