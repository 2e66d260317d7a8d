import pytest

from rtkit.windows import LONGEST_PADDING_MS, LONGEST_SILENCE_MS, padding_ms, turn_settings


def test_what_the_wire_says_is_what_the_turn_detector_takes():
    told = {"type": "server_vad", "threshold": 0.7, "prefix_padding_ms": 100}
    assert turn_settings({**told, "silence_duration_ms": 900}) == {
        "threshold": 0.7,
        "prefix_padding_ms": 100,
        "silence_duration_ms": 900,
    }


def test_semantic_vad_begins_with_the_pause_for_no_words():
    assert turn_settings({"type": "semantic_vad", "eagerness": "low"}) == {
        "silence_duration_ms": 1200
    }


@pytest.mark.parametrize("ms", [10**9, 10**400])
def test_beyond_all_measure_is_very_long(ms):
    found = turn_settings({"type": "server_vad", "silence_duration_ms": ms})
    assert found["silence_duration_ms"] == LONGEST_SILENCE_MS
    assert padding_ms({"prefix_padding_ms": ms}) == LONGEST_PADDING_MS
