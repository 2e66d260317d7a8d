from helpers import Story

from rtkit.agreement import effective_session, sent_session
from rtkit.timeline import Timeline


def test_updates_are_merged_and_refused_ones_left_out():
    story = Story().open()
    audio = {"output": {"voice": "coral"}, "input": {"turn_detection": {"type": "server_vad"}}}
    story.send("session.update", event_id="e1", session={"type": "realtime", "audio": audio})
    story.send("session.update", event_id="e2", session={"instructions": "bad"})
    story.hear("error", error={"event_id": "e2", "message": "no"})
    changed = {"audio": {"input": {"turn_detection": None}}}
    story.send("session.update", event_id="e3", session=changed)
    assert sent_session(story.timeline) == {
        "type": "realtime",
        "audio": {"output": {"voice": "coral"}, "input": {"turn_detection": None}},
    }


def test_the_servers_account_is_the_last_one():
    story = Story().open()
    assert effective_session(story.timeline)["model"] == "gpt-realtime-2.1"
    story.hear("session.updated", session={"model": "other"})
    story.hear("session.updated", session="what is this")
    assert effective_session(story.timeline) == {"model": "other"}


def test_an_empty_timeline_tells_nothing():
    assert (sent_session(Timeline()), effective_session(Timeline())) == ({}, {})
