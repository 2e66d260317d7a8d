"""Copies of the notebooks for learners: without solutions and outputs, all else as it is.

    python notebooks/learners.py FOLDER [NOTEBOOK ...]

The notebooks of this folder are the one source; copies are made new each time and never edited.
Without names all notebooks are copied.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import nbformat

HERE = Path(__file__).parent
FOLDED = re.compile(
    r"<details><summary>A solution</summary>.*?</details>\n*(?:<br>\n*)?", re.DOTALL
)


def copied(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook as a learner gets it."""
    cells = [without_solution(cell) for cell in notebook.cells]
    notebook.cells = [cell for cell in cells if cell.source.strip()]
    return notebook


def without_solution(cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A cell without what is folded away in it, or without what it brought forth."""
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    else:
        cell.source = FOLDED.sub("", cell.source).strip()
        cell.metadata.pop("tags", None)
    return cell


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the copies go; it is made if need be")
    parser.add_argument("notebooks", nargs="*", type=Path)
    arguments = parser.parse_args()
    if arguments.folder.resolve() == HERE.resolve():
        parser.error(f"{arguments.folder} holds the notebooks themselves: give another folder")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for path in arguments.notebooks or sorted(HERE.glob("*.ipynb")):
        copy = arguments.folder / path.name
        nbformat.write(copied(nbformat.read(path, as_version=4)), copy)
        print(f"{copy}: {copy.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
