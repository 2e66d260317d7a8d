import pytest
from socketstory import options

from rtkit.config import RealtimeConfig, RealtimeSessionConfig, VADMode
from rtkit.manager import RealtimeSessionManager
from rtkit.server.brain import Script

SECOND = b"\0\0" * 24_000


def test_three_turns_of_a_second_are_three_seconds():
    manager = RealtimeSessionManager(RealtimeSessionConfig())
    for _ in range(3):
        manager.on_audio_received(SECOND)
        manager.on_response_complete(latency_ms=300)
    assert manager.metrics.get_metrics()["total_audio_ms"] == 3000


def test_a_telephone_counts_its_bytes_by_its_own_format():
    manager = RealtimeSessionManager(RealtimeSessionConfig(output_audio_format="g711_ulaw"))
    assert manager.audio_handler.get_chunk_size() == 160
    manager.on_audio_received(b"\xff" * 8000)
    manager.on_response_complete(100)
    assert manager.metrics.audio_duration_ms == 1000


def test_an_interruption_drops_what_was_not_played():
    manager = RealtimeSessionManager()
    manager.on_audio_received(SECOND)
    manager.on_interruption()
    assert manager.metrics.interruptions == 1
    assert manager.audio_handler.get_output_duration_ms() == 0


def test_a_long_latency_is_told(capsys):
    manager = RealtimeSessionManager(RealtimeConfig())
    assert manager.get_average_latency() is None
    manager.record_metrics(200, 700)
    manager.record_metrics(500, 900, 100)
    assert capsys.readouterr().out == "Warning: High latency detected: 600ms\n"
    assert manager.get_average_latency() == 400
    assert len(manager.metrics) == 2


def test_manual_turns_are_null_and_never_a_type_of_their_own():
    manager = RealtimeSessionManager(RealtimeSessionConfig(vad_mode=VADMode.MANUAL))
    assert manager.get_api_config()["turn_detection"] is None
    assert manager.to_session()["audio"]["input"]["turn_detection"] is None


def test_it_is_disconnected_until_somebody_says_otherwise(capsys):
    manager = RealtimeSessionManager()
    assert (manager.session_id, manager.connection_status) == (None, "disconnected")
    manager.on_connect("sess_1")
    assert (manager.session_id, manager.connection_state) == ("sess_1", "connected")
    assert capsys.readouterr().out == "Connected: sess_1\n"


def test_a_real_session_fills_the_same_summary():
    manager = RealtimeSessionManager(RealtimeSessionConfig())
    with manager.open(server=options(Script("Good day."))) as session:
        assert manager.session_id == session.id
        assert session.ask("hello").answer == "Good day."
        summary = manager.get_session_summary()
        assert summary["state"] == "connected"
        assert summary["metrics"]["turn_count"] == 1
        assert summary["metrics"]["total_audio_ms"] == pytest.approx(120)
        assert summary["transcript"] == "hello"
    assert manager.connection_state == "disconnected"
