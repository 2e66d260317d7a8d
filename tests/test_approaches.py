from rtkit.approaches import (
    REALTIME_CAPABILITIES,
    TRADITIONAL_CAPABILITIES,
    CommunicationMode,
    compare_approaches,
)


def test_both_approaches_are_told_by_the_same_lines():
    told = compare_approaches()
    assert list(told) == ["realtime", "traditional"]
    assert list(told["realtime"]) == list(told["traditional"])
    assert all(text for lines in told.values() for text in lines.values())


def test_a_latency_is_a_measurement_with_its_source():
    realtime = compare_approaches()["realtime"]
    assert "aiewf-eval" in realtime["source"]
    assert "to the first sound" in realtime["latency"]


def test_who_asks_gets_a_table_of_their_own():
    compare_approaches()["realtime"]["latency"] = "no time at all"
    assert compare_approaches()["realtime"]["latency"] != "no time at all"


def test_capabilities():
    assert REALTIME_CAPABILITIES.supports_interruption
    assert REALTIME_CAPABILITIES.max_audio_duration_seconds == 3600  # a session's, not 300
    assert TRADITIONAL_CAPABILITIES.mode is CommunicationMode.TEXT_ONLY
    assert not TRADITIONAL_CAPABILITIES.supports_transcription
