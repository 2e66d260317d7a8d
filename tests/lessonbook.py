"""A notebook of the course as its tests read it: what it measures, and its solutions."""

import re
import statistics
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat

FOLDER = Path(__file__).parent.parent / "notebooks"
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Lesson:
    """One notebook, by its name without `.ipynb`."""

    name: str

    @property
    def path(self):
        return FOLDER / f"{self.name}.ipynb"

    @cached_property
    def cells(self):
        return nbformat.read(self.path, as_version=4).cells

    @property
    def code(self):
        return [cell for cell in self.cells if cell.cell_type == "code"]

    @property
    def prose(self):
        return [cell for cell in self.cells if cell.cell_type == "markdown"]

    @property
    def outputs(self):
        return [output for cell in self.code for output in cell.outputs]

    @property
    def pictures(self):
        return sum("image/png" in output.get("data", {}) for output in self.outputs)

    def printed(self, text):
        """How often a cell printed just this."""
        return sum(output.get("text") == text for output in self.outputs)

    @property
    def answers(self):
        """The Python of each solution, in the order of the exercises."""
        solved = [cell for cell in self.prose if "solution" in cell.metadata.get("tags", [])]
        return [BLOCK.search(cell.source)[1] for cell in solved]

    @property
    def solutions(self):
        """The names that each solution defines by itself, in the order of the exercises."""
        return [self.solution(number + 1, {}) for number in range(len(self.answers))]

    def solution(self, number, names):
        """The names of the module that the solution of an exercise (from 1) makes, given others."""
        found = dict(names)
        exec(self.answers[number - 1], found)
        return found

    def check_measure(self):
        """The measure of a lesson: cells, lines of code, words, prose before code, bytes."""
        lines = [len(cell.source.splitlines()) for cell in self.code]
        words = sum(len(BLOCK.sub("", cell.source).split()) for cell in self.prose)
        told = sum(
            self.cells[n - 1].cell_type == "markdown"
            for n, cell in enumerate(self.cells)
            if cell.cell_type == "code"
        )
        assert 25 <= len(self.cells) <= 45
        assert (statistics.median(lines) <= 3, max(lines) <= 12) == (True, True)
        assert words <= 1200
        assert told >= 0.8 * len(lines)
        assert self.path.stat().st_size < 500_000

    def check_outputs(self, pictures):
        """So many pictures, a sound, no error, and three exercises that nobody has solved yet."""
        data = [output.get("data", {}) for output in self.outputs]
        told = [line for one in self.outputs for line in one.get("text", "").splitlines()]
        assert self.pictures >= pictures
        assert any(kinds.get("text/plain", "").startswith("Clip(") for kinds in data)
        assert told.count("Not yet.") == len(self.answers) >= 3
        assert not [output for output in self.outputs if output.output_type == "error"]
