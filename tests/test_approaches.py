import numpy as np
import pytest
from helpers import talk

from rtkit.approaches import (
    REALTIME_CAPABILITIES,
    TRADITIONAL_CAPABILITIES,
    CommunicationMode,
    compare_approaches,
)
from rtkit.timeline import Timeline
from rtkit.turns import read_turns


def test_both_approaches_are_told_by_the_same_lines():
    told = compare_approaches()
    assert list(told) == ["realtime", "traditional"]
    assert list(told["realtime"]) == list(told["traditional"])
    assert all(text for lines in told.values() for text in lines.values())


def test_a_latency_is_a_measurement_with_its_source():
    realtime = compare_approaches()["realtime"]
    assert "aiewf-eval" in realtime["source"]
    assert "to the first sound" in realtime["latency"]


def test_the_latency_of_a_timeline_stands_in_place_of_the_cited_one():
    timeline = talk()
    waits = [t.latency.wait_ms for t in read_turns(timeline) if t.latency.speech_end is not None]
    realtime = compare_approaches(timeline)["realtime"]
    assert f"{np.median(waits):.0f} ms" in realtime["latency"]
    assert f"median of {len(waits)} turns" in realtime["latency"]
    assert realtime["source"] == "measured: this timeline"
    assert compare_approaches(timeline)["traditional"] == compare_approaches()["traditional"]


def test_a_timeline_without_speech_has_no_latency_to_tell():
    with pytest.raises(ValueError, match="no spoken turn was measured"):
        compare_approaches(Timeline())


def test_who_asks_gets_a_table_of_their_own():
    compare_approaches()["realtime"]["latency"] = "no time at all"
    assert compare_approaches()["realtime"]["latency"] != "no time at all"


def test_capabilities():
    assert REALTIME_CAPABILITIES.supports_interruption
    assert REALTIME_CAPABILITIES.max_audio_duration_seconds == 3600  # a session's, not 300
    assert TRADITIONAL_CAPABILITIES.mode is CommunicationMode.TEXT_ONLY
    assert not TRADITIONAL_CAPABILITIES.supports_transcription
