"""Many turns against an embedded server that is at fault, one kind after the other."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

import rtkit
from rtkit import ServerOptions, events
from rtkit.latency import measure
from rtkit.sounds import read_sounds

FAULTS = {
    "drop": "drop:after=response.created,nth=2",
    "drop in mid-speech": "drop:after=input_audio_buffer.speech_started,nth=2",
    "drop in mid-answer": "drop:after=response.output_audio.delta,nth=15",
    "1011": "close:after=input_audio_buffer.committed,nth=2",
    "expiry": "expire:after=response.created,nth=2",
    "stall": "stall:seconds=0.3,times=3",
    "slow": "delay:think_ms=150",
    "duplicate": "duplicate:chance=0.5,seed=3",
    "reorder": "reorder:chance=0.5,seed=3",
    "failed response": "fail:nth=2",
    "rate limit": "rate_limit:nth=2,reset=0.2",
}
BREAKS = ("drop", "drop in mid-speech", "drop in mid-answer", "1011", "expiry")
RETRIED = ("failed response", "rate limit")
CONFIG = {
    "audio": {
        "input": {
            "transcription": {"model": "whisper-1"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 300},
        }
    }
}


@dataclass
class Outcome:
    """What came of the turns of one session."""

    completed: int = 0
    asked: int = 0
    errors: list = field(default_factory=list)
    facts: Counter = field(default_factory=Counter)
    timeline: rtkit.Timeline | None = None


def talk(kind, turns, clip, voice_every=2):
    """Ask so many questions, every second one spoken, of a server with this fault; Outcome."""
    outcome = Outcome()
    server = ServerOptions(faults=FAULTS[kind])
    config = CONFIG if kind != "text" else {}
    with rtkit.connect(config, server=server, record=False) as session:
        for number in range(turns):
            spoken = number % voice_every == 1 or kind in ("drop in mid-speech", "1011")
            question = clip if spoken else f"What is {number % 20} plus 2?"
            outcome.asked += 1
            try:
                turn = session.ask(question, pace=None, timeout=20)
                outcome.completed += turn.status == "completed" and bool(turn.answer)
            except rtkit.RtkitError as error:
                outcome.errors.append((number, error))
        outcome.timeline = session.timeline
        outcome.facts = Counter(moment.type for moment in session.timeline)
        check_turns(session, outcome, clip)
    return outcome


def check_turns(session, outcome, clip):
    """Each question stands once, with one answer, and each spoken one with its sound."""
    if outcome.errors:
        return
    turns = session.turns
    assert len(turns) == outcome.asked, [(turn.question, turn.answer) for turn in turns]
    assert all(turn.answer and turn.user_item_id for turn in turns)
    lines = session.transcript
    assert [line.speaker for line in lines] == ["user", "assistant"] * outcome.asked
    assert len({line.item_id for line in lines}) == len(lines)
    assert outcome.facts["input.lost"] == 0
    heard = [s for s in read_sounds(session.timeline) if s.speaker == "user"]
    assert all(sound.clip.duration >= clip.speech_end - 0.25 for sound in heard)
    assert len(heard) == sum(line.item_id in spoken_items(session) for line in lines)


def spoken_items(session):
    committed = (m for m in session.timeline if m.type == events.COMMITTED)
    return {moment.event["item_id"] for moment in committed}


def stands_on_the_timeline(kind, outcome):
    """Whether the timeline tells of the fault."""
    facts = outcome.facts
    if kind in BREAKS:
        return facts["reconnecting"] >= facts["reconnected"] >= 1
    if kind in RETRIED:
        return facts["answer.retried"] >= 1
    if kind == "stall":
        return max(gaps(outcome.timeline)) >= 0.25
    if kind == "slow":
        return all(latency.response_ms >= 150 for latency in measure(outcome.timeline))
    if kind == "duplicate":
        return len(repeated(outcome.timeline)) >= 1
    return facts["reconnecting"] == 0  # what comes in another order is recorded as it came


def gaps(timeline):
    """Seconds between two events of the server while it answers."""
    times = [m.t for m in timeline if m.source == "server" and m.type.startswith("response.")]
    return [after - before for before, after in pairwise(times)]


def repeated(timeline):
    """Events of the server that are as another one, but for their id."""
    told = [m for m in timeline if m.source == "server" and m.type != events.AUDIO_DELTA]
    bare = [str({k: v for k, v in m.event.items() if k != "event_id"}) for m in told]
    return [text for text, count in Counter(bare).items() if count > 1]
