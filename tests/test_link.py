"""The live end of a session: how it ends, and what it survives."""

import asyncio
import logging
import threading
import time

import pytest
import scripted
from scripted import DICT, TONE, Peer, opened, refusing

from rtkit import background
from rtkit.errors import (
    SessionClosed,
    TargetError,
)
from rtkit.session import connect
from rtkit.timeline import Timeline
from rtkit.turns import read_turns

pytestmark = pytest.mark.usefixtures("own_recordings")


@pytest.mark.parametrize(("code", "remedy"), [(3000, "api_key"), (4000, "model")])
def test_a_session_that_is_turned_away_tells_the_servers_reason_and_the_remedy(code, remedy):
    async def hello(voice, event):
        await voice.refuse("invalid", "You may not.")
        await voice.close(code, "invalid_request_error")

    with (
        Peer({"hello": hello}) as peer,
        pytest.raises(TargetError, match=rf"You may not\..*{remedy}"),
    ):
        opened(peer)


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(monkeypatch):
    monkeypatch.setattr("rtkit.link.HELLO_SECONDS", 0.05)
    silent = {"hello": scripted.stall}
    with Peer(silent) as peer, pytest.raises(TargetError, match=r"no session\.created"):
        opened(peer)


def test_a_refused_event_that_nobody_waits_for_is_logged(caplog):
    answers = {"conversation.item.delete": refusing("item_delete_invalid_item_id", "No such item")}
    with Peer(answers) as peer, opened(peer) as session, caplog.at_level(logging.WARNING, "rtkit"):
        session.send({"type": "conversation.item.delete", "item_id": "x"})
        session.wait_for("error")
        assert session.ask("hello").answer == "Paris."
    assert "No such item" in caplog.text


def test_what_the_server_says_wrong_is_recorded_and_the_session_goes_on():
    async def mumble(voice, event):
        await voice.socket.send("{not json")
        await voice.socket.send(b"\xff\x00")
        await voice.tell("response.output_audio.delta", delta=3)
        await voice.tell("response.dreamt")
        await voice.speak()

    with Peer({"response.create": mumble}) as peer, opened(peer) as session:
        assert session.ask("hello").answer == "Paris."
        assert [m.type for m in session.timeline].count("error") == 3


def test_a_connection_that_breaks_in_mid_turn_says_where_the_record_is():
    with Peer({"response.create": scripted.leave}) as peer:
        session = connect(DICT, peer.url, reconnect=False)
        with pytest.raises(SessionClosed, match="Its record is in ") as caught:
            session.ask("hello")
        folder = str(caught.value).rpartition("Its record is in ")[2].rstrip(".")
    assert "1006" in str(caught.value)
    assert [turn.question for turn in session.turns] == ["hello"]
    assert [turn.question for turn in read_turns(Timeline.load(folder))] == ["hello"]
    assert session.timeline[-1].type == "session.closed"
    assert repr(session.timeline[-1].event["code"]) == "1006"
    with pytest.raises(SessionClosed):
        session.ask("still there?")


def test_an_expired_session_tells_the_servers_words():
    async def expire(voice, event):
        await voice.refuse(
            "session_expired", "Your session hit the maximum duration of 60 minutes."
        )
        await voice.close(1001)

    words = r"1001 \(Your session hit the maximum.*open a new"
    with (
        Peer({"response.create": expire}) as peer,
        opened(peer, reconnect=False) as session,
        pytest.raises(SessionClosed, match=words),
    ):
        session.ask("hello")


def test_closing_twice_is_closing_once_and_use_after_it_says_so(peer):
    session = opened(peer)
    session.close()
    session.close()
    for use in (
        lambda: session.ask("hello"),
        lambda: session.append(b""),
        lambda: session.send({"type": "response.create"}),
        lambda: session.update({}),
        lambda: session.wait_for("response.done"),
    ):
        with pytest.raises(SessionClosed, match="Open a new one"):
            use()
    assert "closed" in repr(session)
    session.interrupt()
    assert session.turns == []


def test_sessions_leave_no_task_and_no_thread_behind():
    async def tasks():
        return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}

    with Peer() as peer:
        with opened(peer) as session:
            session.ask("warm up")
        before, threads = background.run(tasks()), threading.active_count()
        for _ in range(3):
            with opened(peer) as session:
                session.ask("hello")
                session.ask(TONE, pace=None)
        deadline = time.monotonic() + 5
        while len(background.run(tasks())) > len(before) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(background.run(tasks())) <= len(before)
        assert threading.active_count() == threads
