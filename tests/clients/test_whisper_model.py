"""faster-whisper as the recogniser, in an environment of its own, with a model made on the spot.

The model knows nothing and says always the same, so this shows that loading, features, tokens, time
stamps, words, confidence and errors go together, not how well whisper hears. Models of many
languages, and real weights, were not tried.
"""

import json
import os

import pytest

from clients.environments import HERE, Program, Unavailable


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whisper")
    try:
        return json.loads(Program("whisper").run(str(HERE.parent.parent), str(folder)))
    except Unavailable as lack:
        if os.environ.get("RTKIT_REQUIRE_CLIENTS") == "1":
            pytest.fail(str(lack))
        pytest.skip(str(lack))


def test_what_the_model_says_is_heard_with_words_times_and_confidence(found):
    heard = found["heard"]
    assert (heard["text"], heard["engine"]) == ("hello there.", "whisper")
    assert [word["text"] for word in heard["words"]] == ["hello", "there."]
    edges = [edge for word in heard["words"] for edge in (word["start_ms"], word["end_ms"])]
    assert edges == sorted(edges)
    assert 0 <= edges[0] < edges[-1] <= 2000
    assert 0.99 < heard["confidence"] <= 1
    assert found["again"] == heard


def test_silence_is_nothing(found):
    assert found["silence"]["text"] == ""


def test_a_model_is_loaded_once_and_run_as_it_is_asked(found):
    assert found["shared"]
    assert found["device"] == "cpu"
    assert [kind.split("_")[0] for kind in found["compute"]] == ["int8", "float32"]
    assert found["float32"] == "hello there."


@pytest.mark.parametrize(
    ("case", "kind", "says"),
    [
        ("unfetched", "RtkitError", "fetched from huggingface.co once"),
        ("unnamed", "ConfigError", "expected one of: tiny.en"),
        ("untyped", "ConfigError", "Invalid compute type: int3"),
        ("empty", "RtkitError", "Unable to open file 'model.bin'"),
    ],
)
def test_what_cannot_be_loaded_says_why_and_what_to_do(found, case, kind, says):
    name, message = found[case]
    assert name == kind
    assert says in message
    assert "RTKIT_WHISPER_MODEL" in message
