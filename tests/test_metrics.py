import numpy as np
import pytest
from helpers import Story

from rtkit.metrics import LatencyMetrics, RealtimeMetricsTracker
from rtkit.timeline import Timeline


def test_what_a_person_feels_is_the_first_byte_and_then_the_sound():
    metrics = LatencyMetrics(300, 1200, audio_processing_ms=150, model_inference_ms=250)
    assert metrics.perceived_latency == 450
    assert metrics.is_conversational()
    assert not LatencyMetrics(400, 900, 100).is_conversational()


@pytest.mark.parametrize("wrong", [(-1, 5), (float("nan"), 5), (5, 4), (1, 5, -2)])
def test_a_duration_that_cannot_be(wrong):
    with pytest.raises(ValueError, match=r"duration|shorter"):
        LatencyMetrics(*wrong)


def test_no_interval_of_a_measured_turn_is_counted_twice():
    story = Story().open()
    story.speak(1.0)
    story.answer("Paris.", 1.0)
    tracker = RealtimeMetricsTracker(story.timeline)
    (metrics,) = tracker
    assert metrics.perceived_latency == pytest.approx(tracker.latencies[0])
    assert metrics.total_response_time_ms > metrics.perceived_latency
    assert metrics.model_inference_ms < metrics.time_to_first_byte_ms


def test_nineteen_turns_have_no_p95():
    tracker = RealtimeMetricsTracker()
    for latency in [100] * 18 + [5000]:
        tracker.record_turn(latency, 1000)
    assert tracker.get_metrics()["p95_latency_ms"] is None
    tracker.record_turn(100, 1000)
    assert tracker.get_metrics()["p95_latency_ms"] == np.percentile([100] * 19 + [5000], 95)


def test_p95_of_twenty_turns_is_not_the_worst():
    tracker = RealtimeMetricsTracker()
    for latency in range(1, 21):
        tracker.record_turn(latency, 0)
    assert tracker.get_metrics()["p95_latency_ms"] == pytest.approx(19.05)


def test_a_summary():
    tracker = RealtimeMetricsTracker()
    assert tracker.get_metrics()["session_duration_s"] is None
    tracker.start_session()
    for latency in (300, 500):
        tracker.record_turn(latency, 1000)
    tracker.record_interruption()
    summary = tracker.get_metrics()
    assert summary.pop("session_duration_s") >= 0
    assert summary == {
        "turn_count": 2,
        "average_latency_ms": 400,
        "p95_latency_ms": None,
        "total_audio_ms": 2000,
        "interruptions": 1,
        "interruption_rate": 0.5,
    }


def test_nothing_has_no_average():
    summary = RealtimeMetricsTracker().get_metrics()
    assert (summary["average_latency_ms"], summary["interruption_rate"]) == (None, 0.0)


def test_the_turns_of_a_session_are_counted_from_its_timeline():
    story = Story().open()
    for _ in range(2):
        story.speak(0.6)
        story.answer("Well.", 1.0)
    tracker = RealtimeMetricsTracker(story.timeline)
    assert (tracker.turn_counts, tracker.interruptions) == (2, 0)
    assert tracker.audio_duration_ms == pytest.approx(2000)
    assert len(tracker.latencies) == 2


def test_what_was_recorded_is_in_the_timeline_and_comes_back_with_it(tmp_path):
    tracker = RealtimeMetricsTracker()
    tracker.start_session()
    tracker.record_turn(250, 800)
    tracker.append(LatencyMetrics(200, 900))
    again = RealtimeMetricsTracker(Timeline.load(tracker.timeline.save(tmp_path / "t.jsonl")))
    assert again.latencies == [250]
    assert again[0] == LatencyMetrics(200, 900)
    assert again.session_start == tracker.session_start


def test_a_turn_cannot_take_less_than_no_time():
    with pytest.raises(ValueError, match="latency_ms is a duration"):
        RealtimeMetricsTracker().record_turn(-1, 0)
