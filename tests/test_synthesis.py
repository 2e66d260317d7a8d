"""The voice: real sound from espeak-ng."""

import ctypes
import gc
import os
import queue
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from rtkit.errors import ConfigError
from rtkit.speech.synthesis import SPEECH_RATE, cleaned, default_synthesiser, say

SENTENCE = "The quick brown fox jumps over the lazy dog, and then it runs away into the woods."


def spoken(text, voice="alloy", speed=1.0):
    """The pieces of a text, and the seconds after which each came."""
    pieces, start = queue.SimpleQueue(), time.perf_counter()
    default_synthesiser().speak(
        text, voice, speed, lambda piece: pieces.put((time.perf_counter() - start, piece))
    )
    found = []
    while (item := pieces.get(timeout=10))[1] is not None:
        found.append(item)
    return [piece for _, piece in found], [seconds for seconds, _ in found]


def sound_of(pieces):
    return np.concatenate([piece.samples for piece in pieces])


def test_a_sentence_becomes_sound_of_its_length_and_loudness():
    clip = say(SENTENCE)
    assert clip.rate == 24_000
    assert 3.5 < clip.duration < 7.0
    assert -30 < clip.level_dbfs < -12
    assert np.abs(clip.samples).max() < 1.0


def test_the_first_sound_comes_before_the_rest_is_made():
    spoken(SENTENCE)
    pieces, seconds = spoken(SENTENCE)
    assert len(pieces) > 20
    assert all(len(piece.samples) <= 0.1 * SPEECH_RATE for piece in pieces)
    assert seconds[0] < 0.1
    assert seconds[0] < seconds[-1]


def test_words_are_told_in_order_where_they_begin():
    text = "It costs $12.50 today, not €3, doesn't it?"
    pieces, _ = spoken(text)
    words = [word for piece in pieces for word in piece.words]
    assert [index for index, _ in words] == sorted({index for index, _ in words})
    assert [ms for _, ms in words] == sorted(ms for _, ms in words)
    starts = {text[index:].split()[0] for index, _ in words}
    assert {"It", "costs", "today,", "not", "it?"} <= starts
    assert words[-1][1] < 1000 * len(sound_of(pieces)) / SPEECH_RATE


def test_a_long_text_is_spoken_in_several_pieces_whose_words_keep_their_places():
    text = " ".join([SENTENCE] * 6)
    pieces, _ = spoken(text)
    words = [word for piece in pieces for word in piece.words]
    foxes = [ms for index, ms in words if text[index:].startswith("fox")]
    assert len(foxes) == 6
    gaps = np.diff(foxes)
    assert gaps.max() < 1.2 * gaps.min()


@pytest.mark.parametrize(("speed", "times"), [(0.25, 4.0), (0.5, 2.0), (1.5, 1 / 1.5)])
def test_speed_changes_the_length_and_not_the_voice_after_it(speed, times):
    text = "one two three four five six seven eight nine ten"
    before = len(sound_of(spoken(text)[0]))
    changed = len(sound_of(spoken(text, speed=speed)[0]))
    after = len(sound_of(spoken(text)[0]))
    assert changed / before == pytest.approx(times, rel=0.25)
    assert after / before == pytest.approx(1, rel=0.02)


def test_cancel_stops_at_once():
    pieces, first = [], threading.Event()

    def deliver(piece):
        pieces.append(piece)
        first.set()
        job_known.wait(5)
        job.cancel()

    job_known = threading.Event()
    job = default_synthesiser().speak(SENTENCE * 20, "alloy", 1.0, deliver)
    job_known.set()
    assert first.wait(5)
    assert len(sound_of(spoken("Next.")[0])) > 0  # the thread is free again
    assert len(pieces) == 1
    assert job.cancelled


def test_a_listener_that_fails_is_told_and_leaves_the_voice_to_the_others():
    told, over = [], threading.Event()

    def listen(piece):
        told.append(piece)
        if len(told) > 1:
            over.set()
        raise OSError("no room")

    default_synthesiser().speak("Hello there.", "alloy", 1.0, listen)
    assert over.wait(5)
    assert (type(told[-1]), len(told)) == (OSError, 2)
    assert len(sound_of(spoken("Next.")[0])) > 0


def test_speaking_leaves_no_types_behind():
    def types():
        gc.collect()
        return sum(isinstance(one, type(ctypes.c_int16 * 1)) for one in gc.get_objects())

    say("Warm.")
    before = types()
    for number in range(12):
        say(f"This is number {number}, and {'so ' * number}on.")
    assert types() == before


def test_half_a_character_is_not_spoken():
    assert cleaned("Well \ud83d done") == "Well   done"
    assert len(sound_of(spoken("Well \ud83d done")[0])) > 0


def test_four_threads_speak_at_the_same_time():
    whole = len(sound_of(spoken(SENTENCE)[0]))
    lengths = []

    def work():
        for _ in range(5):
            lengths.append(len(sound_of(spoken(SENTENCE)[0])))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(lengths) == 20
    assert lengths == pytest.approx([whole] * 20, rel=0.02)


def test_emoji_and_control_characters_are_not_spoken():
    text = "Well 😀\u200b done\x00!"
    assert cleaned(text) == "Well    done !"
    with_emoji = len(sound_of(spoken("hello 😀 there")[0]))
    without = len(sound_of(spoken("hello there")[0]))
    assert with_emoji == pytest.approx(without, rel=0.25)


@pytest.mark.parametrize("text", ["", "   ", "😀", "...", "\x00"])
def test_a_text_without_words_is_refused_by_say_and_silent_otherwise(text):
    with pytest.raises(ConfigError, match="nothing to say"):
        say(text)
    assert spoken(text)[0] == []


def test_an_unknown_voice_is_refused_with_the_ten_names():
    with pytest.raises(ConfigError, match=r"'nova'.*alloy, ash, ballad.*Choose one"):
        say("hello", voice="nova")


@pytest.mark.parametrize("speed", [0.2, 1.6, float("nan")])
def test_a_speed_that_cannot_be_spoken_is_refused(speed):
    with pytest.raises(ConfigError, match=r"0\.25 to 1\.5"):
        say("hello", speed=speed)


def test_the_interpreter_ends_cleanly_while_something_is_spoken():
    code = (
        "from rtkit.speech.synthesis import default_synthesiser\n"
        "default_synthesiser().speak('one two three. ' * 2000, 'alloy', 1.0, lambda piece: None)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_has_a_voice_of_its_own():
    code = (
        "import os, rtkit.speech.synthesis as s\n"
        "s.say('hello')\n"
        "child = os.fork()\n"
        "length = s.say('hello').duration\n"
        "if child:\n"
        "    assert os.waitpid(child, 0)[1] == 0\n"
        "assert 0.2 < length < 2\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=20)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_first_words_may_come_from_several_threads_at_once():
    script = (
        "import rtkit; from concurrent.futures import ThreadPoolExecutor as Pool\n"
        "with Pool(4) as pool: clips = list(pool.map(rtkit.say, ['one', 'two', 'three', 'four']))\n"
        "print(sum(clip.duration > 0.1 for clip in clips))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "4\n")
