"""Execute the notebooks and store their outputs in one normal form, or check that they are fresh.

    python notebooks/normalise.py [NOTEBOOK ...]            run and store
    python notebooks/normalise.py --check [NOTEBOOK ...]    run and compare, change nothing
    python notebooks/normalise.py --rules [NOTEBOOK ...]    the house rules only, run nothing

Stored are texts and pictures: no sound, no widget state, no times of execution, no random ids.
Pictures are stored in at most 256 colours, which nobody sees and takes a third of the room. The
check compares texts after the rules of nbval_sanitize.cfg and, of everything else, only the kinds:
never the bytes of a picture. The house rules are numbers and patterns at the head of this file:
length, words, prose before code, pictures, sound, exercises, no path and no key. Without names all
notebooks of this folder are taken.
"""

from __future__ import annotations

import argparse
import base64
import configparser
import difflib
import io
import os
import re
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from PIL import Image, UnidentifiedImageError

HERE = Path(__file__).parent
SANITIZE = HERE.parent / "nbval_sanitize.cfg"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
MOST_BYTES, MOST_WORDS, MOST_LINES, MEDIAN_LINES = 500_000, 1_200, 12, 3
MOST_CHARS = 94  # of a line of code: so many are seen in JupyterLab beside its file list
CELLS = range(25, 46)
LEAST = {"picture": 3, "sound": 1, "exercise": 2, "quiz": 1}
TOLD = 0.8  # of the code cells come right after prose
SOLUTION = re.compile(r"```python\n(.*?)```", re.DOTALL)
FORBIDDEN = {
    "an absolute path": re.compile(r"(?<![\w.:/])(/(home|Users|tmp|work|root|opt|var)/|[A-Z]:\\)"),
    "a key": re.compile(r"\b(sk-|ek_)(?=[\w-]*\d)[\w-]{16,}"),
}


def execute(path: Path) -> nbformat.NotebookNode:
    """The notebook after a run in a fresh kernel, in normal form."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
        store_widget_state=False,
    )
    client.execute(env={**os.environ, "RTKIT_LESSONS": os.devnull})  # no attempt of a learner
    return normal(notebook)


def normal(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with everything removed that differs from run to run or makes a sound."""
    count = 0
    for number, cell in enumerate(notebook.cells):
        cell.id = f"c{number:03d}"
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            cell.outputs = [normal_output(output, count) for output in joined(cell.outputs)]
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def joined(outputs: list[Any]) -> list[Any]:
    """Texts printed one after the other are one output, however the kernel cut them."""
    result: list[Any] = []
    for output in outputs:
        last = result[-1] if result else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            result.append(output)
    return result


def normal_output(output: Any, count: int) -> Any:
    if output["output_type"] == "execute_result":
        output["execution_count"] = count
    if "data" in output:
        output["metadata"] = {}
        data = output["data"]
        data.pop(WIDGET_VIEW, None)
        if "data:audio" in data.get("text/html", "") or "image/png" in data:
            data.pop("text/html", None)
        if "image/png" in data:
            data["image/png"] = with_palette(data["image/png"])
    if output["output_type"] == "error":
        output["traceback"] = [f"{output['ename']}: {output['evalue']}"]
    return output


def with_palette(encoded: str) -> str:
    """A PNG in base64, with a palette in place of four bytes a pixel; as it is if it is none."""
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(encoded)))
    except (UnidentifiedImageError, ValueError):
        return encoded
    file = io.BytesIO()
    picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(file, "png", optimize=True)
    return base64.b64encode(file.getvalue()).decode("ascii") + "\n"


def sanitizers() -> list[tuple[re.Pattern[str], str]]:
    rules = configparser.RawConfigParser()
    rules.read(SANITIZE, encoding="utf-8")
    return [(re.compile(rules[name]["regex"]), rules[name]["replace"]) for name in rules.sections()]


def outline(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """What is compared: sanitised texts, and the kinds of all other outputs."""
    rules = sanitizers()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            yield f"[{cell.id}] {cell.source.splitlines()[0] if cell.source else ''}"
            for output in cell.outputs:
                for line in output_lines(output):
                    for pattern, replacement in rules:
                        line = pattern.sub(replacement, line)
                    yield f"    {line}"


def output_lines(output: Any) -> list[str]:
    if output["output_type"] == "stream":
        return [f"{output['name']}: {line}" for line in output["text"].splitlines()]
    if output["output_type"] == "error":
        return [f"{output['ename']}: {output['evalue']}"]
    kinds = sorted(output["data"])
    texts = output["data"].get("text/plain", "").splitlines()
    picture = any(kind.startswith("image/") for kind in kinds)
    figure = picture and texts and texts[0].startswith("<Figure")
    return [f"kinds: {', '.join(kinds)}", *([] if figure else texts)]


def house_rules(path: Path) -> list[str]:
    """What the notebook breaks of our own rules."""
    notebook = nbformat.read(path, as_version=4)
    size = path.stat().st_size
    faults = [f"{size} bytes, at most {MOST_BYTES} are allowed"] if size > MOST_BYTES else []
    if "data:audio" in path.read_text(encoding="utf-8"):
        faults.append("holds sound: store it with `python notebooks/normalise.py`")
    return [*faults, *measure_faults(notebook), *cell_faults(notebook), *missing(notebook)]


def measure_faults(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Of the whole: how many cells and words, how long the code, how much of it is told before."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    words = sum(len(SOLUTION.sub("", cell.source).split()) for cell in prose)
    lines = statistics.median([len(cell.source.splitlines()) for cell in code] or [0])
    before = zip(notebook.cells, notebook.cells[1:], strict=False)
    told = sum(one.cell_type == "markdown" and two.cell_type == "code" for one, two in before)
    if len(notebook.cells) not in CELLS:
        yield f"{len(notebook.cells)} cells, {CELLS.start} to {CELLS.stop - 1} are allowed"
    if words > MOST_WORDS:
        yield f"{words} words, at most {MOST_WORDS} are allowed"
    if lines > MEDIAN_LINES:
        yield f"{lines:g} lines in the median code cell, at most {MEDIAN_LINES} are allowed"
    if told < TOLD * len(code):
        yield f"only {told} of {len(code)} code cells come right after prose"


def cell_faults(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Of each cell: its size, the final semicolon, what must not stand in it, an error."""
    for cell in notebook.cells:
        lines = cell.source.strip().splitlines()
        code = cell.cell_type == "code"
        if code and len(lines) > MOST_LINES:
            yield f"[{cell.id}] {len(lines)} lines, at most {MOST_LINES} are allowed"
        longest = max(map(len, lines), default=0)
        if code and longest > MOST_CHARS:
            yield f"[{cell.id}] a line of {longest} characters, at most {MOST_CHARS} are allowed"
        if code and lines and lines[-1].endswith(";"):
            yield f"[{cell.id}] ends with ';', which nbval does not honour: write `_ = ...`"
        outputs = cell.outputs if code else []
        if any(output["output_type"] == "error" for output in outputs):
            yield f"[{cell.id}] ends with an error"
        texts = [cell.source, *(line for output in outputs for line in output_texts(output))]
        for what, pattern in FORBIDDEN.items():
            if found := next(filter(None, map(pattern.search, texts)), None):
                yield f"[{cell.id}] holds {what}: {found[0]}"


def output_texts(output: Any) -> list[str]:
    """What can be read in an output; pictures are passed over."""
    data = output.get("data", {})
    shown = [text for kind, text in data.items() if not kind.startswith("image/")]
    shown = [re.sub(r"data:image/[^\"]*", "", text) for text in shown]
    return [output.get("text", ""), *shown]


def missing(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Pictures, sounds, exercises and a quiz: what there is too little of."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    data = [output.get("data", {}) for cell in code for output in cell.outputs]
    clips = [kinds for kinds in data if kinds.get("text/plain", "").startswith("Clip(")]
    found = {
        "picture": sum("image/png" in kinds for kinds in data),
        "sound": len(clips),
        "exercise": sum("rtkit.lessons.check(" in cell.source for cell in code),
        "quiz": sum("rtkit.lessons.quiz(" in cell.source for cell in code),
    }
    for what, least in LEAST.items():
        if found[what] < least:
            yield f"{found[what]} of the kind {what}, at least {least} must be there"


def stale(path: Path) -> list[str]:
    """The lines in which a fresh run differs from what is stored; none if it is fresh."""
    stored = list(outline(nbformat.read(path, as_version=4)))
    return list(
        difflib.unified_diff(stored, list(outline(execute(path))), "stored", "now", "", "", 1)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare only, change nothing")
    parser.add_argument("--rules", action="store_true", help="the house rules only, run nothing")
    parser.add_argument("notebooks", nargs="*", type=Path)
    arguments = parser.parse_args()
    failed = False
    for path in arguments.notebooks or sorted(HERE.glob("*.ipynb")):
        if arguments.rules:
            found = house_rules(path)
            print(f"{path.name}: {'in form' if not found else 'against the rules'}")
        elif arguments.check:
            found = house_rules(path) + stale(path)
            print(f"{path.name}: {'fresh' if not found else 'stale or against the rules'}")
        else:
            nbformat.write(execute(path), path)
            found = house_rules(path)
            print(f"{path.name}: stored, {path.stat().st_size} bytes")
        print("\n".join(found), end="\n" if found else "")
        failed = failed or bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
