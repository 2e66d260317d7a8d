"""Notebook 01: its measure, and what it claims of the two ways, on the server's own parts."""

import ast
import time

import pytest
from lessonbook import Lesson

import rtkit
from rtkit import ServerOptions
from rtkit.server.delays import Delays

LESSON = Lesson("01_why_realtime")


def test_it_keeps_the_measure_of_a_lesson():
    LESSON.check_measure()


def test_it_shows_pictures_and_sound():
    LESSON.check_outputs(pictures=4)


@pytest.fixture(scope="module")
def names():
    """The functions of the notebook, with the delays of its parts."""
    found = {"time": time, "rtkit": rtkit, "events": rtkit.events, "VADMode": rtkit.VADMode}
    found |= {"RealtimeConfigBuilder": rtkit.RealtimeConfigBuilder}
    found["server"] = ServerOptions(
        delays=Delays(recognise_ms=300, think_ms=400, speak_ms=250), pace=None
    )
    for needed in ("def post(", "def posted_ms", "def streamed", "def wait_ms"):
        (source,) = [cell.source for cell in LESSON.code if needed in cell.source]
        kept = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
        exec(ast.unparse(ast.Module(kept, [])), found)
    found["button"] = rtkit.RealtimeConfigBuilder().with_vad("manual").build()
    found["post"](rtkit.say("Good morning."))  # what is loaded once
    return found


def test_what_is_posted_grows_with_the_answer_and_the_stream_does_not(names):
    short, long = rtkit.say("Count to five."), rtkit.say("Tell me a long story.")
    posted = [names["wait_ms"]("posted", names["post"](clip)) for clip in (short, long)]
    stream = [names["wait_ms"]("by ear", names["streamed"](clip)) for clip in (short, long)]
    assert posted[1] > posted[0] + 1500
    assert posted[1] > 1.5 * stream[1]
    assert stream[1] - stream[0] < (posted[1] - posted[0]) / 2


def test_what_was_posted_has_no_end_of_speech(names):
    posted = names["post"](rtkit.say("Count to five."))
    with pytest.raises(rtkit.RtkitError, match="no spoken turn was measured"):
        rtkit.compare_approaches(posted.timeline)
