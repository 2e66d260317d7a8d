"""What a session is handed: events, sound, changes, watchers."""

import base64

import pytest
from scripted import Peer, opened, refusing

from rtkit.errors import (
    AudioError,
    SessionError,
)


def test_an_update_takes_effect_or_is_refused_as_a_whole():
    with Peer() as peer, opened(peer) as session:
        session.update({"audio": {"output": {"voice": "sage"}}})
        assert session.effective["audio"]["output"]["voice"] == "sage"
        peer.answers["session.update"] = refusing("cannot_update_voice", "Cannot update a voice")
        with pytest.raises(SessionError, match="Cannot update") as caught:
            session.update({"audio": {"output": {"voice": "alloy"}}})
        assert caught.value.code == "cannot_update_voice"
        assert session.effective["audio"]["output"]["voice"] == "sage"


def test_events_can_be_sent_and_waited_for_by_hand(session):
    event_id = session.send({"type": "response.create"})
    done = session.wait_for("response.done")
    assert done.event["response"]["status"] == "completed"
    assert event_id in [m.event.get("event_id") for m in session.timeline]
    with pytest.raises(TimeoutError, match=r"no response\.done came within 0\.01 s"):
        session.wait_for("response.done", timeout=0.01)


def test_subscribers_see_every_moment_until_they_leave_and_cannot_break_the_session(session):
    seen = []

    def watch(moment):
        seen.append(moment)
        raise ZeroDivisionError

    leave = session.subscribe(watch)
    session.ask("hello")
    count = len(seen)
    leave()
    session.ask("hello again")
    assert [m.type for m in seen[:2]] == ["conversation.item.create", "response.create"]
    assert len(seen) <= count + 8  # playback of the first answer may have ended in between


def test_appended_sound_is_checked_at_the_call(session):
    with pytest.raises(AudioError, match="found 3 bytes"):
        session.append(b"abc")
    with pytest.raises(TypeError, match="found str"):
        session.append("abc")
    with pytest.raises(ValueError, match="`type`"):
        session.send({"audio": ""})


def test_what_is_sent_is_base64_of_the_input_format(session, peer):
    session.append(b"\1\0\2\0")
    session.send({"type": "input_audio_buffer.commit"})
    session.wait_for("input_audio_buffer.committed")
    [event] = [e for e in peer.received if e["type"] == "input_audio_buffer.append"]
    assert base64.b64decode(event["audio"]) == b"\1\0\2\0"
