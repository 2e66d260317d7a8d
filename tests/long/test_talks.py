"""Ten minutes of talk in one session: a minute of a person's, ten times, faster than real time."""

import os
import time

import pytest
from socketstory import Parrot

import rtkit
from rtkit.clip import Clip
from rtkit.latency import measure
from rtkit.rules import violations
from rtkit.server.local import ServerOptions
from rtkit.timeline import Timeline
from rtkit.transcript import read_transcript
from rtkit.turns import read_turns

from .census import rss_mb

PASSES = int(os.environ.get("RTKIT_LONG_PASSES", "10"))
PACE = 8.0
CHUNK = 4800  # bytes: 100 ms
PASS_S = 62.08  # a whole number of the detector's frames of 32 ms
NEAR_MS = 100
MOST_MB = 12.0  # per minute; the sound alone, kept once, is 2.9
FOLD_S = 1.0
SENTENCES = (
    *("What is the capital of France?", "Tell me a story.", "The weather was fine all day."),
    *("Nobody knew what to say.", "What time is it?", "And then we went home again."),
)


@pytest.fixture(scope="module")
def minute(request):
    """One minute of talk with pauses: a person's if there is one, else a synthesised one."""
    talk = Clip.silence(1.0) + (recorded(request) or synthesised())
    return (talk + Clip.silence(PASS_S - talk.duration)).to_pcm16()


def recorded(request):
    try:
        path = request.getfixturevalue("speech_folder") / "long-talk.wav"
    except pytest.skip.Exception:
        return None
    return Clip.load(path).resampled(24_000) if path.is_file() else None


def synthesised():
    talk, number = Clip.silence(0.5), 0
    while talk.duration < 55.0:
        talk += rtkit.say(SENTENCES[number % len(SENTENCES)])
        talk += Clip.silence((0.3, 0.8, 1.4)[number % 3])
        number += 1
    return talk


def talk_config(**detection):
    session = rtkit.RealtimeConfigBuilder().build().to_session()
    session["audio"]["input"]["turn_detection"].update(detection)
    return session


def send_at_pace(session, pcm):
    began = time.monotonic()
    for number, at in enumerate(range(0, len(pcm), CHUNK)):
        session.append(pcm[at : at + CHUNK])
        time.sleep(max(0.0, began + number * 0.1 / PACE - time.monotonic()))


def send_in_bursts(session, pcm):
    """Five seconds at once, and the next when the server has taken them."""
    for at in range(0, len(pcm), 50 * CHUNK):
        session.append(pcm[at : at + 50 * CHUNK])
        taken(session)


def taken(session):
    """Wait until the server has taken all that was sent: it answers in order."""
    session.update({"instructions": "Be brief."})


def talk(session, minute, send):
    """Every pass; the resident memory after each (MB)."""
    memory = []
    for _ in range(PASSES):
        send(session, minute)
        taken(session)
        memory.append(rss_mb())
    return memory


def positions(timeline, type_, key):
    """Per pass, where in the pass (ms) the server saw this."""
    found = [[] for _ in range(PASSES)]
    for moment in timeline:
        if moment.type == type_:
            number, ms = divmod(moment.event[key], round(PASS_S * 1000))
            found[int(number)].append(ms)
    return found


def check_turns(timeline, record_property):
    """Each pass has the same turns at the same places."""
    started = positions(timeline, "input_audio_buffer.speech_started", "audio_start_ms")
    stopped = positions(timeline, "input_audio_buffer.speech_stopped", "audio_end_ms")
    record_property("turns of each pass", " ".join(str(len(places)) for places in started))
    assert len(started[0]) > 3
    for places in (started, stopped):
        assert {len(row) for row in places} == {len(started[0])}
        drift = max(
            abs(a - b) for row in places for a, b in zip(row, places[1 % PASSES], strict=True)
        )
        assert drift <= NEAR_MS, places
    record_property("largest shift, ms", round(drift))


def check_record(timeline, tmp_path, record_property):
    """What was saved is what happened, and it can be read at once."""
    assert [m.event for m in timeline if m.type == "error"] == []
    server = [m.event for m in timeline if m.source == "server"]
    views = {
        "rules": lambda: violations(server),
        "turns": lambda: read_turns(timeline),
        "transcript": lambda: read_transcript(timeline),
        "latency": lambda: measure(timeline),
    }
    for name, view in views.items():
        began = time.perf_counter()
        told = view()
        seconds = time.perf_counter() - began
        record_property(f"{name}, s", round(seconds, 3))
        assert seconds < FOLD_S, name
        assert name != "rules" or [str(violation) for violation in told] == []
    first = timeline.save(tmp_path / "first.jsonl")
    loaded = Timeline.load(first)
    assert list(loaded) == list(timeline)
    assert loaded.save(tmp_path / "second.jsonl").read_bytes() == first.read_bytes()
    assert list(Timeline.load(timeline.journal.folder)) == list(timeline)


def check_memory(memory, record_property):
    if None in memory or PASSES < 4:
        return
    growth = (memory[-1] - memory[1]) / (len(memory) - 2)
    record_property("memory, MB per minute", round(growth, 1))
    assert growth < MOST_MB, memory


@pytest.mark.parametrize("send", [send_at_pace, send_in_bursts], ids=["at pace", "in bursts"])
def test_ten_minutes_that_nobody_answers(minute, send, tmp_path, record_property):
    with rtkit.connect(talk_config(create_response=False), "embedded") as session:
        memory = talk(session, minute, send)
    assert not any(m.type == "response.created" for m in session.timeline)
    check_turns(session.timeline, record_property)
    check_memory(memory, record_property)
    check_record(session.timeline, tmp_path, record_property)


def test_ten_minutes_of_talking_over_the_answers(minute, tmp_path, record_property):
    """Every turn is heard at once as the wish for a story, which the next turn talks over.

    Dictation of such talk takes a third of real time: it cannot keep up with this pace.
    """
    server = ServerOptions(recogniser=lambda grammar: Parrot("tell me a story"))
    with rtkit.connect(talk_config(), "embedded", server=server) as session:
        memory = talk(session, minute, send_at_pace)
        session.interrupt()
        assert "four" in session.ask("what is 2 plus 2").answer
    interrupted = sum(turn.interrupted for turn in session.turns)
    record_property("answers talked over", interrupted)
    assert interrupted >= 4 * PASSES
    check_turns(session.timeline, record_property)
    check_memory(memory, record_property)
    check_record(session.timeline, tmp_path, record_property)
