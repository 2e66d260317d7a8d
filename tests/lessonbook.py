"""A notebook of the course as its tests read it: what it measures, and its solutions."""

import importlib.util
import json
import math
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
import numpy as np

import rtkit
from rtkit import catalog, events
from rtkit.lessons.bank import NOTEBOOKS

FOLDER = Path(__file__).parent.parent / "notebooks"


def script(name):
    """A script of the notebooks, as a module."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


house_rules = script("normalise").house_rules
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
CHECK = re.compile(r'^rtkit\.lessons\.check\("([\d.]+)", (.+)\)$', re.MULTILINE)


def lesson_names():
    """The names of all notebooks that have checks, in order."""
    return sorted(path.stem for path in FOLDER.glob("*.ipynb") if path.stem[:2] in NOTEBOOKS)


# what the first cells of a notebook make, for its solutions
PREPARED = {"rtkit": rtkit, "np": np, "json": json, "math": math, "events": events}
PREPARED |= {name: getattr(rtkit, name) for name in ("VADConfig", "RealtimeConfigBuilder")}
PREPARED |= {name: getattr(rtkit.evals, name) for name in ("Caller", "Say", "BargeIn")}
PREPARED |= {"evals": rtkit.evals}
PREPARED |= {"UseCase": rtkit.UseCase, "model": catalog.model("gpt-realtime-2.1")}


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

    @property
    def checks(self):
        """The keys of the exercises, in the order of their cells."""
        return [found[1] for cell in self.code if (found := CHECK.search(cell.source))]

    def check_of(self, key):
        """(the cell that checks an exercise, the name of the answer)."""
        found = [(cell, CHECK.search(cell.source)) for cell in self.code]
        ((cell, match),) = [(cell, m) for cell, m in found if m and m[1] == key]
        return cell, match[2]

    def solved(self, key):
        """The answer that the folded solution of an exercise makes, after those before it."""
        _, name = self.check_of(key)
        names = dict(PREPARED)
        for cell in self.code:
            if cell.source.startswith("lesson = "):
                exec(cell.source, names)
        for number in range(1, 2 + self.checks.index(key)):
            names = self.solution(number, names)
        return eval(name, names)

    def checked(self, key):
        """What the check of the unsolved exercise showed."""
        outputs = self.check_of(key)[0].outputs
        return outputs[-1]["data"]["text/plain"]

    def check_measure(self):
        """It keeps the house rules of the notebooks."""
        assert house_rules(self.path) == []

    def check_outputs(self, pictures):
        """So many pictures, a sound, and no error."""
        data = [output.get("data", {}) for output in self.outputs]
        assert self.pictures >= pictures
        assert any(kinds.get("text/plain", "").startswith("Clip(") for kinds in data)
        assert not [output for output in self.outputs if output.output_type == "error"]
