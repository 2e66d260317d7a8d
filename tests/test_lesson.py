"""The usage part of each code block of the lesson, unchanged, on rtkit's own names.

The lesson lies beside the project, or where RTKIT_LESSON says; without it these tests are skipped.
"""

import os
import re
import warnings
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parent.parent.parent / "shared" / "lesson.md"
LESSON = Path(os.environ.get("RTKIT_LESSON", BESIDE))
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
WITHOUT = "client = OpenAI()"

pytestmark = pytest.mark.skipif(
    not LESSON.is_file(), reason="the lesson is not beside the project (RTKIT_LESSON names it)"
)


def usages():
    """What each block does once its definitions are there."""
    text = LESSON.read_text(encoding="utf-8") if LESSON.is_file() else ""
    found = (block.partition("# Usage\n") for block in BLOCK.findall(text))
    return [usage for _, mark, usage in found if mark]


def run(usage, capsys):
    """What it prints, and its names afterwards."""
    names = {}
    exec("import base64\nfrom rtkit import *", names)
    lines = (line for line in usage.splitlines() if line.strip() != WITHOUT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that its model has been shut down
        exec("\n".join(lines), names)
    return capsys.readouterr().out, names


def test_there_are_seven_of_them():
    assert len(usages()) == 7


@pytest.mark.parametrize("usage", usages(), ids=lambda usage: usage.split("\n")[0][:40])
def test_a_usage_runs(usage, capsys):
    printed, _ = run(usage, capsys)
    assert printed


def with_line(words):
    (usage,) = [usage for usage in usages() if words in usage]
    return usage


def test_the_session_configuration(capsys):
    printed, names = run(with_line("manager = RealtimeSessionManager(config)"), capsys)
    flat = names["manager"].get_session_config()
    assert str(flat) in printed
    assert flat["turn_detection"] == {"type": "server_vad"}
    assert names["manager"].to_session()["audio"]["output"]["voice"] == "alloy"


def test_turn_detection(capsys):
    printed, _ = run(with_line("vad_config.to_dict()"), capsys)
    assert "'type': 'server_vad'" in printed
    assert "'silence_duration_ms': 500" in printed


def test_chunks(capsys):
    printed, _ = run(with_line("get_chunk_size"), capsys)
    assert printed == "Chunk size: 960 bytes\nBytes per second: 48000\n"


def test_conversion(capsys):
    printed, _ = run(with_line("pcm16_to_base64"), capsys)
    assert "Base64 audio length: 64000" in printed
    assert "Audio duration: 1000.0ms" in printed


def test_transcripts(capsys):
    printed, _ = run(with_line("on_partial_transcript"), capsys)
    assert printed.splitlines() == [
        "Partial: Hello",
        "Partial: Hello, how",
        "Final (en, 0.95): Hello, how are you?",
        "",
        "Full transcript: Hello, how are you?",
    ]


def test_the_exercise(capsys):
    printed, names = run(with_line("get_session_summary"), capsys)
    assert "  Voice: coral" in printed
    assert "  VAD: server_vad" in printed
    summary = names["session"].get_session_summary()
    assert (summary["session_id"], summary["state"]) == ("session_123", "connected")
    assert summary["transcript"] == "Hello, I need help"
    metrics = summary["metrics"]
    assert (metrics["turn_count"], metrics["average_latency_ms"]) == (1, 350)
    assert metrics["p95_latency_ms"] is None  # one turn has none
    assert metrics["session_duration_s"] >= 0


def test_the_approaches(capsys):
    printed, names = run(with_line("compare_approaches"), capsys)
    assert printed.startswith("Realtime API:\n  latency: ")
    assert "200-500ms" not in printed  # nobody measures that
    assert names["comparison"]["traditional"]["interruption"] == "Not supported"
