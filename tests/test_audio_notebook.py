"""Notebook 02 by what can be said of it without running it: its measure, and its solutions.

That it runs, and prints what it prints, is seen by nbval.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lessonbook import Lesson

from rtkit.audio import AudioConfig, AudioFormat, AudioStreamHandler, Chunker

LESSON = Lesson("02_audio")


def test_it_keeps_the_measure_of_a_lesson():
    LESSON.check_measure()


def test_it_shows_pictures_and_sound():
    LESSON.check_outputs(pictures=10)


def test_headless_it_says_that_a_phrase_stands_in_for_the_voice():
    assert LESSON.printed(
        "Nothing was recorded, so a spoken phrase stands in: 'What is the capital of France?'\n"
    )


@pytest.mark.parametrize("audio_format", AudioFormat)
@pytest.mark.parametrize("ms", [10, 20, 100])
def test_the_first_solution_counts_as_the_handler_counts(audio_format, ms):
    handler = AudioStreamHandler(AudioConfig(audio_format))
    handler.chunk_duration_ms = ms
    size_of = LESSON.solutions[0]["size_of"]
    size = size_of(ms, audio_format.rate, audio_format.bytes_per_sample)
    assert size == handler.get_chunk_size()


@given(st.lists(st.binary(max_size=9)), st.integers(1, 5))
def test_the_second_solution_cuts_as_the_chunker_cuts(pieces, size):
    chunker = Chunker(size)
    expected = [chunk for piece in pieces for chunk in chunker.push(piece)]
    expected += [rest] if (rest := chunker.flush()) else []
    assert LESSON.solutions[1]["chunked"](pieces, size) == expected


def test_the_third_solution_brings_the_peak_to_minus_1_dbfs_and_leaves_silence_alone():
    loudest = LESSON.solution(3, {"np": np})["loudest"]
    assert np.abs(loudest(np.array([0.2, -0.7]))).max() == pytest.approx(10 ** (-1 / 20))
    assert not loudest(np.zeros(3)).any()
