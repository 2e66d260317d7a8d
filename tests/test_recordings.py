"""The recordings of people: one turn each, and few enough wrong words."""

import sys

import jiwer
import pytest

pytestmark = pytest.mark.speech


@pytest.fixture(scope="module")
def benchmark(repo_root):
    sys.path.insert(0, str(repo_root / "benchmarks"))
    import recognition

    yield recognition
    sys.path.remove(str(repo_root / "benchmarks"))


def test_each_recording_is_one_turn_and_a_third_of_the_words_at_most_are_wrong(
    benchmark, speech_folder
):
    recogniser = benchmark.make_recogniser("pocketsphinx", benchmark.Tutor().grammar)
    said, heard = [], {}
    for name, clip, words in benchmark.recordings(speech_folder):
        if clip.duration > 10:
            continue
        (turn,) = benchmark.turns_of(clip)
        if words:
            heard[name] = benchmark.hear(recogniser, turn)[0].text
            said.append(words)
    recogniser.close()
    assert len(said) == 8
    assert heard["weather-like"] == "what's the weather like"
    assert jiwer.wer(said, list(heard.values())) <= 0.35
