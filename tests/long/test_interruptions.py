"""Two hundred interruptions of the tutor's stories, at instants that differ and are repeatable."""

import os
import time
from collections import Counter

import rtkit
from rtkit import events
from rtkit.rules import violations

BY_CALL = int(os.environ.get("RTKIT_LONG_INTERRUPTIONS", "160"))
BY_SPEECH = BY_CALL // 4
PER_SESSION = 20
NEAR_MS = 20
STORY = "Tell me a story."


def each_session(count):
    """Sessions, and how many interruptions each is for."""
    for first in range(0, count, PER_SESSION):
        with rtkit.connect(target="embedded") as session:
            yield session, min(PER_SESSION, count - first)


def begin_story(session):
    session.send(events.user_text(STORY))
    session.send(events.create_response())
    return session.wait_for("response.created").event["response"]["id"]


def test_an_interrupting_call_truncates_where_playback_was(dice, record_property):
    told = Counter()
    for session, count in each_session(BY_CALL):
        for _ in range(count):
            begin_story(session)
            at_once = dice.random() < 0.15  # before there is anything to hear
            if not at_once:
                session.wait_for("playback.started")
            time.sleep(dice.uniform(0.0, 0.05) if at_once else dice.uniform(0.0, 1.6))
            session.interrupt()
            session.wait_for("response.done") if still_answering(session) else None
        told.update(checked(session))
    for name, number in told.items():
        record_property(name, number)
    assert told["interruptions"] >= 0.8 * BY_CALL


def test_speech_over_a_story_truncates_where_playback_was(dice, record_property):
    told, words = Counter(), rtkit.say("What time is it?")
    for session, count in each_session(BY_SPEECH):
        for _ in range(count):
            begin_story(session)
            session.wait_for("playback.started")
            time.sleep(dice.uniform(0.0, 1.0))
            turn = session.ask(words, pace=2.0, barge_in=True)
            assert turn.answer
        told.update(checked(session))
    for name, number in told.items():
        record_property(name, number)
    assert told["interruptions"] == BY_SPEECH


def still_answering(session):
    """Whether a response was begun that is not done."""
    begun = sum(m.type == "response.created" for m in session.timeline)
    return begun > sum(m.type == "response.done" for m in session.timeline)


def checked(session):
    """Look at the whole session after a last question; how often what was seen."""
    assert "four" in session.ask("what is 2 plus 2").answer
    moments = list(session.timeline)
    assert [m.event for m in moments if m.type == "error"] == []
    server = [m.event for m in moments if m.source == "server"]
    assert [str(violation) for violation in violations(server)] == []
    played = last_played(moments)
    sent = [m.event for m in moments if m.type == "conversation.item.truncate"]
    done = [m.event for m in moments if m.type == "conversation.item.truncated"]
    assert [e["item_id"] for e in done] == [e["item_id"] for e in sent]
    assert len({e["item_id"] for e in sent}) == len(sent)
    for event in sent:
        assert abs(event["audio_end_ms"] - played[event["item_id"]]) <= NEAR_MS
    heard = [ms for ms in played.values() if ms >= 1.0]
    assert len(sent) == len(played)
    cut_short(session, sent)
    return {"interruptions": len(sent), "before any sound": len(played) - len(heard)}


def last_played(moments):
    """Item -> milliseconds that were played when it was flushed."""
    return {
        m.event["item_id"]: m.event["played_ms"] for m in moments if m.type == "playback.flushed"
    }


def cut_short(session, sent):
    """Of every answer that was truncated less was heard than was said, and it says so."""
    cut = {event["item_id"] for event in sent}
    turns = [turn for turn in session.turns if cut & set(turn.assistant_item_ids)]
    assert len(turns) == len(sent)
    for turn in turns:
        assert turn.interrupted
        assert turn.heard is not None
        assert turn.answer.startswith(turn.heard.rstrip(" .…"))
        assert len(turn.heard) < len(turn.answer) or turn.status == "cancelled"
