"""What is asked of every notebook of the course, and its solutions, read without running it."""

import re
import statistics
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


class Lesson:
    """One stored notebook."""

    def __init__(self, name):
        self.cells = nbformat.read(NOTEBOOKS / name, as_version=4).cells
        self.code = [cell for cell in self.cells if cell.cell_type == "code"]
        self.prose = [cell for cell in self.cells if cell.cell_type == "markdown"]

    @property
    def solutions(self):
        """The names that each solution defines, in the order of the exercises."""
        found = []
        for cell in self.prose:
            if "solution" in cell.metadata.get("tags", []):
                names = {}
                exec(BLOCK.search(cell.source)[1], names)
                found.append(names)
        return found

    def check_measure(self):
        lines = [len(cell.source.splitlines()) for cell in self.code]
        words = sum(len(BLOCK.sub("", cell.source).split()) for cell in self.prose)
        pairs = zip(self.cells, self.cells[1:], strict=False)
        kinds = [(one.cell_type, two.cell_type) for one, two in pairs]
        assert 25 <= len(self.cells) <= 45
        assert (statistics.median(lines) <= 3, max(lines) <= 12) == (True, True)
        assert words <= 1200
        assert kinds.count(("markdown", "code")) >= 0.8 * len(self.code)

    def check_outputs(self, pictures):
        """So many pictures, a sound, and three exercises that nobody has solved yet."""
        outputs = [output for cell in self.code for output in cell.outputs]
        data = [output.get("data", {}) for output in outputs]
        told = [line for output in outputs for line in output.get("text", "").splitlines()]
        assert sum("image/png" in kinds for kinds in data) >= pictures
        assert any(kinds.get("text/plain", "").startswith("Clip(") for kinds in data)
        assert told.count("Not yet.") == len(self.solutions) >= 3
        assert not [output for output in outputs if output.output_type == "error"]
