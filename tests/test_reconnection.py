"""A session whose connection breaks goes on in a new one."""

import asyncio
import base64
import logging
import os
import threading
import time
from contextlib import contextmanager
from itertools import groupby

import pytest
import scripted
from scripted import DICT, LONG, TONE, Peer, opened, speaking

import rtkit
from rtkit import background
from rtkit.audio import AudioFormat, encode
from rtkit.errors import RateLimited, SessionClosed, SessionError
from rtkit.exchange import Manner
from rtkit.retries import Reconnect
from rtkit.testing import ANSWERS

pytestmark = pytest.mark.usefixtures("own_recordings")
SOON = Reconnect(tries=3, first_wait_s=0.01, longest_wait_s=0.02)


def first(act, then):
    """Do `act` the first time, and `then` whenever it is asked again."""
    times = []

    async def answer(voice, event):
        times.append(event)
        await (act if len(times) == 1 else then)(voice, event)

    answer.times = times
    return answer


def closing(code, reason=""):
    async def close(voice, event):
        await voice.close(code, reason)

    return close


def facts(session, *types):
    return [moment.event for moment in session.timeline if moment.type in types]


def broken(code=None, **options):
    """A peer whose connection breaks at the first response.create."""
    act = closing(code) if code else scripted.leave
    return Peer({"response.create": first(act, speaking(**options))})


def test_a_question_survives_the_break_and_is_answered_once():
    with broken() as peer, opened(peer, reconnect=SOON) as session:
        turn = session.ask("hello")
        assert (turn.question, turn.answer, turn.status) == ("hello", "Paris.", "completed")
        assert session.ask("again").answer == "Paris."
        assert [turn.question for turn in session.turns] == ["hello", "again"]
        [trying] = facts(session, "reconnecting")
        assert "1006" in trying["reason"]
        assert 0 < trying["wait_s"] <= 0.01
        [back] = facts(session, "reconnected")
        assert (back["items"], back["attempt"]) == (1, 1)
    assert peer.types().count("response.create") == 3
    assert len(peer.paths) == 2
    assert peer.paths[0] == peer.paths[1]


def test_the_new_session_is_configured_as_was_asked_last():
    with broken() as peer, opened(peer, reconnect=SOON) as session:
        session.update({"instructions": "Be brief."})
        session.update({"instructions": "Be kind."})
        session.ask("hello")
        told = [event["session"] for event in peer.received if event["type"] == "session.update"]
        assert session.effective["instructions"] == "Be kind."
        assert session.effective["audio"]["output"]["voice"] == "coral"
    assert [session.get("instructions") for session in told] == [
        None,
        "Be brief.",
        "Be kind.",
        None,
        "Be kind.",  # what was overruled is not told again
    ]


def test_the_history_is_told_with_the_ids_that_it_had():
    answers = {"response.create": scripted.create_response}
    with Peer(answers) as peer, opened(peer, reconnect=SOON) as session:
        session.ask("one")
        answers_before = [line.item_id for line in session.transcript]
        peer.answers["response.create"] = first(scripted.leave, speaking(words="Rome."))
        assert session.ask("two").answer == "Rome."
        assert [line.text for line in session.transcript] == ["one", "Paris.", "two", "Rome."]
        told = [e["item"] for e in peer.received if e["type"] == "conversation.item.create"][2:]
    assert [item["id"] for item in told][:2] == answers_before
    assert [(item["role"], item["content"][0]["text"]) for item in told] == [
        ("user", "one"),
        ("assistant", "Paris."),
        ("user", "two"),
    ]


def test_a_server_that_gives_other_ids_is_understood():
    async def rename(voice, event):
        item = {**event["item"], "id": f"item_{next(voice.numbers)}_other"}
        await voice.tell("conversation.item.added", item=item, previous_item_id=None)

    with (
        Peer({"conversation.item.create": rename}) as peer,
        opened(peer, reconnect=SOON) as session,
    ):
        session.ask("one")
        peer.answers["response.create"] = first(scripted.leave, speaking(words="Rome."))
        session.ask("two")
        assert [line.text for line in session.transcript] == ["one", "Paris.", "two", "Rome."]
        [back] = facts(session, "reconnected")
        assert len(back["renamed"]) == back["items"] == 3


@pytest.mark.parametrize("code", [3000, 4000, 1000, 1008])
def test_ends_that_would_come_again_are_told_at_once(code):
    with broken(code) as peer, opened(peer, reconnect=SOON) as session:
        with pytest.raises(SessionClosed, match=str(code)):
            session.ask("hello")
        assert session.closed
        assert facts(session, "reconnecting") == []


def test_without_reconnect_a_break_is_the_end():
    with (
        broken() as peer,
        opened(peer, reconnect=False) as session,
        pytest.raises(SessionClosed, match="1006"),
    ):
        session.ask("hello")


def test_after_the_last_try_whoever_waits_is_told():
    with Peer({"response.create": scripted.leave}) as peer:
        session = opened(peer, reconnect=SOON)
        with pytest.raises(SessionClosed, match=r"1006; 3 tries to open it again failed"):
            session.ask("hello")
        assert [fact["attempt"] for fact in facts(session, "reconnecting")] == [1, 2, 3]
        assert session.timeline[-1].type == "session.closed"
        assert session.timeline[-1].event["code"] == 1006
        with pytest.raises(SessionClosed):
            session.ask("still there?")


def test_a_server_that_is_gone_is_tried_for_and_told():
    with broken() as peer:
        session = opened(peer, reconnect=SOON)
        peer.answers["response.create"] = gone(peer)
        with pytest.raises(SessionClosed, match="no server answers"):
            session.ask("hello")


def gone(peer):
    async def leave(voice, event):
        peer._server.close(close_connections=False)
        voice.drop()

    return leave


def test_a_key_that_is_refused_meanwhile_is_final():
    refused = {}

    async def hello(voice, event):
        if refused:
            await voice.close(3000, "invalid_api_key")
        else:
            await ANSWERS["hello"](voice, event)

    async def leave(voice, event):
        refused["now"] = True
        await scripted.leave(voice, event)

    with Peer({"hello": hello, "response.create": leave}) as peer:
        session = opened(peer, reconnect=SOON)
        with pytest.raises(SessionClosed, match="3000"):
            session.ask("hello")
        assert len(facts(session, "reconnecting")) == 1
        assert session.timeline[-1].event["code"] == 3000


# what was said


def test_a_clip_that_is_cut_in_the_middle_is_heard_whole_in_the_new_session():
    cut = first(scripted.leave, ANSWERS["input_audio_buffer.append"])

    async def append(voice, event):
        voice.frames = getattr(voice, "frames", 0) + 1
        if voice.frames < 10 or len(cut.times):
            await ANSWERS["input_audio_buffer.append"](voice, event)
        else:
            await cut(voice, event)

    with (
        Peer({"input_audio_buffer.append": append}) as peer,
        opened(peer, reconnect=SOON) as session,
    ):
        turn = session.ask(TONE, pace=4.0)
        assert (turn.answer, turn.status) == ("Paris.", "completed")
        assert [line.speaker for line in session.transcript] == ["user", "assistant"]
        assert len(session.timeline.tracks) == 2
    heard = peer.sound()
    assert encode(TONE.samples, AudioFormat.PCM16) in heard  # whole, in the new session
    assert facts(session, "input.lost") == []


def test_what_is_said_without_a_connection_is_held_and_sent_in_order():
    gate = threading.Event()

    async def late(voice, event):
        while not gate.is_set():
            await asyncio.sleep(0.005)
        await ANSWERS["hello"](voice, event)

    with (
        Peer({"response.create": first(scripted.leave, scripted.create_response)}) as peer,
        opened(peer, reconnect=SOON) as session,
    ):
        session.update({"audio": {"input": {"turn_detection": None}}})
        peer.answers["hello"] = late
        session.send({"type": "response.create"})
        session.wait_for("reconnecting")
        session.append(b"\1\0" * 4800)
        session.send({"type": "input_audio_buffer.commit"})
        session.append(b"\2\0" * 4800)
        assert session.reconnecting
        gate.set()
        session.wait_for("reconnected")
        session.wait_for("response.done")
        session.wait_for("input_audio_buffer.committed")
        assert not session.reconnecting
    order = [event["type"].rpartition(".")[2] for event in peer.received]
    assert [kind for kind, _ in groupby(order)][-4:] == ["create", "append", "commit", "append"]
    assert peer.sound() == b"\1\0" * 4800 + b"\2\0" * 4800
    assert len(facts(session, "input.held")) == 2


def test_an_answer_that_somebody_has_begun_to_hear_is_not_said_again():
    async def half(voice, event):
        await voice.begin("resp_half")
        ids = {"response_id": "resp_half", "item_id": "item_half", "output_index": 0}
        message = {"id": "item_half", "type": "message", "role": "assistant", "content": []}
        where = {"response_id": "resp_half", "output_index": 0}
        await voice.tell("response.output_item.added", item=message, **where)
        delta = {"delta": base64.b64encode(b"\1\0" * 24_000).decode(), "content_index": 0}
        await voice.tell("response.output_audio.delta", **ids, **delta)
        words = {"delta": "Once upon a time", "content_index": 0}
        await voice.tell("response.output_audio_transcript.delta", **ids, **words)
        await asyncio.sleep(0.4)
        await scripted.leave(voice, event)

    with (
        Peer({"response.create": first(half, speaking())}) as peer,
        opened(peer, reconnect=SOON) as session,
    ):
        session.send(scripted_text("a story"))
        session.send({"type": "response.create"})
        session.wait_for("reconnected")
        session.wait_for("playback.finished")  # what had come is played to its end
        [turn] = session.turns
        assert (turn.answer, turn.status) == ("Once upon a time", "incomplete")
        session.ask("go on")
        assert [turn.question for turn in session.turns] == ["a story", "go on"]
    told = [e["item"] for e in peer.received if e["type"] == "conversation.item.create"]
    assert [item["content"][0]["text"] for item in told[1:3]] == ["a story", "Once upon a time"]
    assert peer.types().count("response.create") == 2


def scripted_text(text):
    content = [{"type": "input_text", "text": text}]
    item = {"type": "message", "role": "user", "content": content}
    return {"type": "conversation.item.create", "item": item}


def test_a_tool_that_was_called_is_not_called_again():
    calls = []

    @rtkit.tool
    def weather(town: str) -> str:
        """The weather of a town."""
        calls.append(town)
        return "sunny"

    async def call(voice, event):
        await voice.begin("resp_call")
        item = {"id": "fc_1", "type": "function_call", "name": "weather", "call_id": "call_1"}
        item |= {"arguments": '{"town": "Rome"}', "status": "completed"}
        where = {"response_id": "resp_call", "output_index": 0}
        await voice.tell("response.output_item.added", item={**item, "arguments": ""}, **where)
        await voice.tell("response.output_item.done", item=item, **where)
        await scripted.leave(voice, event)

    with (
        Peer({"response.create": first(call, speaking(words="It is sunny."))}) as peer,
        opened(peer, reconnect=SOON, tools=[weather]) as session,
    ):
        assert session.ask("the weather in Rome?").answer == "It is sunny."
    assert calls == ["Rome"]
    assert peer.types().count("response.create") == 2
    told = [e["item"]["type"] for e in peer.received if e["type"] == "conversation.item.create"]
    assert told[1:] == ["message", "function_call", "function_call_output"]


# the end that is known beforehand


def test_a_session_is_renewed_in_a_quiet_moment_before_its_end(monkeypatch):
    monkeypatch.setattr("rtkit.lifetime.LEAST_S", 0.0)
    monkeypatch.setattr("rtkit.lifetime.LOOK_S", 0.02)

    async def hello(voice, event):
        voice.session["expires_at"] = time.time() + 1.0
        await ANSWERS["hello"](voice, event)

    with Peer({"hello": hello}) as peer, opened(peer, reconnect=SOON) as session:
        assert 0.5 < session.expires_in <= 1.0
        session.ask("hello")
        session.wait_for("reconnected")
        [trying] = facts(session, "reconnecting")
        assert (trying["reason"], trying["wait_s"]) == ("renewed before its end", 0.0)
        assert session.expires_in > 0.7
        assert session.ask("again").answer == "Paris."
        assert [turn.question for turn in session.turns] == ["hello", "again"]


def test_the_end_is_told_a_while_before():
    async def hello(voice, event):
        voice.session["expires_at"] = time.time() + 1.0
        await ANSWERS["hello"](voice, event)

    with Peer({"hello": hello}) as peer, opened(peer, reconnect=False) as session:
        warning = session.wait_for("session.expiring")
        assert 0 <= warning.event["expires_in"] <= 0.2  # 0: a busy machine woke late


# errors


def test_errors_that_nobody_waits_for_reach_the_handler_and_else_the_log(caplog):
    answers = {"conversation.item.delete": scripted.refusing("item_delete_invalid_item_id", "No.")}
    got = []
    with Peer(answers) as peer, opened(peer) as session, caplog.at_level(logging.WARNING, "rtkit"):
        undo = session.on_error(got.append)
        session.send({"type": "conversation.item.delete", "item_id": "x"})
        session.wait_for("error")
        session.ask("hello")
        undo()
        assert caplog.text == ""
        session.send({"type": "conversation.item.delete", "item_id": "y"})
        session.wait_for("error")
        session.ask("hello")
        assert "No." in caplog.text
    [error] = got
    assert isinstance(error, SessionError)
    assert error.code == "item_delete_invalid_item_id"
    assert "session.transcript" in str(error)


def failing(code, message):
    return speaking(ms=0, words="", status="failed", error={"code": code, "message": message})


def test_a_limit_is_waited_for_and_a_fault_tried_once_more():
    for code, message in (("rate_limit_exceeded", "try again in 10ms"), ("server_error", "Oh.")):
        answers = {"response.create": first(failing(code, message), speaking())}
        with Peer(answers) as peer, opened(peer) as session:
            turn = session.ask("hello")
            assert (turn.question, turn.answer, turn.status) == ("hello", "Paris.", "completed")
            assert len(session.turns) == 1
            assert facts(session, "answer.retried")[0]["code"] == code


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("rate_limit_exceeded", "Slow down", RateLimited),
        ("rate_limit_exceeded", "try again in 9m", RateLimited),
        ("insufficient_quota", "Pay first", SessionError),
    ],
)
def test_what_waiting_does_not_mend_is_raised_with_its_remedy(code, message, kind):
    with (
        Peer({"response.create": failing(code, message)}) as peer,
        opened(peer) as session,
        pytest.raises(kind, match=rf"the answer failed: {message}\. \w+"),
    ):
        session.ask("hello")


# nothing is left behind


def test_closing_while_reconnecting_ends_it_and_leaves_nothing_behind():
    slow = Reconnect(tries=5, first_wait_s=30.0, longest_wait_s=30.0)

    async def tasks():
        return len(asyncio.all_tasks())

    with Peer({"response.create": scripted.leave}) as peer:
        with opened(peer) as session:
            session.update({})
        before = background.run(tasks()), threading.active_count(), len(os.listdir("/proc/self/fd"))
        session = opened(peer, reconnect=slow)
        session.send({"type": "response.create"})
        session.wait_for("reconnecting")
        session.close()
        session.close()
        assert session.closed
        assert not session.reconnecting
        with pytest.raises(SessionClosed, match="closed here"):
            session.ask("hello")
        deadline = time.monotonic() + 3
        while left() > before[2] and time.monotonic() < deadline:
            time.sleep(0.02)
        assert (background.run(tasks()), threading.active_count()) <= before[:2]
        assert left() <= before[2]


def left():
    return len(os.listdir("/proc/self/fd"))


def test_an_interrupted_ask_leaves_the_session_usable_even_while_reconnecting():
    with Peer({"response.create": first(scripted.leave, speaking())}) as peer:
        patient = Reconnect(tries=3, first_wait_s=0.3, longest_wait_s=0.3)
        with opened(peer, reconnect=patient) as session:
            asking = background.spawn(session._asking("one", Manner()))
            session.wait_for("reconnecting")
            asking.cancel()
            assert session.ask("two").answer == "Paris."
            assert [line.text for line in session.transcript] == ["one", "two", "Paris."]
    assert peer.types().count("response.create") == 2  # nobody waited for the first any more


def test_async_sessions_go_on_as_well():
    async def talk(url):
        async with rtkit.connect_async(DICT, url, record=False, reconnect=SOON) as session:
            return await session.ask("hello")

    with broken() as peer:
        assert asyncio.run(talk(peer.url)).answer == "Paris."


# an answer that goes on sounding


def told_of(peer, item_id):
    """What the last session was told of an item: (words, the item before it), or "deleted"."""
    told = []
    for event in peer.received:
        if event["type"] == "session.update":
            told = []
        elif event["type"] == "conversation.item.delete" and event["item_id"] == item_id:
            told.append("deleted")
        elif event["type"] == "conversation.item.create" and event["item"].get("id") == item_id:
            words = event["item"]["content"][0]["text"]
            told.append((words, event.get("previous_item_id")))
    return told


STORY = "Once upon a time there was a king who had three daughters and no sons at all."


@contextmanager
def story_that_outlives_its_session(**answers):
    """A peer and a session in which an answer of 8 s plays on after the connection broke."""
    answer = speaking(LONG, words=STORY)

    async def answer_and_leave(voice, event):
        await answer(voice, event)
        await asyncio.sleep(0.05)
        voice.drop()

    answers |= {"response.create": first(answer_and_leave, speaking())}
    with Peer(answers) as peer, opened(peer, reconnect=SOON) as session:
        session.ask("a story")
        session.wait_for("reconnected")
        yield peer, session


def test_a_new_session_is_told_what_was_heard_of_an_answer_that_was_cut_off_later():
    with story_that_outlives_its_session() as (peer, session):
        question, answer = (line.item_id for line in session.transcript)
        time.sleep(0.7)
        session.interrupt()
        session.ask("and then?")
        heard = session.turns[0].heard
        assert 0 < len(heard) < len(STORY)
        assert told_of(peer, answer) == [(STORY, None), "deleted", (heard, question)]
        assert [line.text for line in session.transcript] == [
            "a story",
            STORY,
            "and then?",
            "Paris.",
        ]
        assert [event["type"] for event in peer.received[-4:]] == [
            "conversation.item.delete",
            "conversation.item.create",
            "conversation.item.create",
            "response.create",
        ]


def test_the_session_after_that_is_told_what_was_heard_once():
    with story_that_outlives_its_session() as (peer, session):
        answer = session.transcript[1].item_id
        time.sleep(0.7)
        session.interrupt()
        session.wait_for("conversation.item.deleted")
        peer.answers["response.create"] = first(scripted.leave, speaking(words="Rome."))
        assert session.ask("and then?").answer == "Rome."
        assert told_of(peer, answer) == [(session.turns[0].heard, None)]
        assert [turn.answer for turn in session.turns] == [STORY, "Rome."]


def test_of_an_answer_of_which_no_word_was_heard_nothing_stays_in_the_new_session():
    with story_that_outlives_its_session() as (peer, session):
        answer = session.transcript[1].item_id
        session.note({"type": "playback.flushed", "item_id": answer, "played_ms": 1})
        session.wait_for("conversation.item.deleted")
        assert told_of(peer, answer) == [(STORY, None), "deleted"]


def test_an_answer_that_is_cut_off_while_the_history_is_told_is_corrected():
    gate = threading.Event()

    async def slow(voice, event):
        while event["item"]["role"] == "assistant" and not gate.is_set():
            await asyncio.sleep(0.005)
        await ANSWERS["conversation.item.create"](voice, event)

    answer = speaking(LONG, words=STORY)

    async def answer_and_leave(voice, event):
        await answer(voice, event)
        await asyncio.sleep(0.4)
        voice.drop()

    answers = {"response.create": answer_and_leave, "conversation.item.create": slow}
    with Peer(answers) as peer, opened(peer, reconnect=SOON) as session:
        session.ask("a story")
        session.wait_for("reconnecting")
        while told_of(peer, session.transcript[1].item_id) == []:
            time.sleep(0.01)
        session.interrupt()
        session.send(scripted_text("and then?"))
        gate.set()
        session.wait_for("conversation.item.deleted")
        line = session.transcript[1]
        assert told_of(peer, line.item_id)[-1] == (line.heard, session.transcript[0].item_id)
        session.wait_for("conversation.item.added")
        texts = [e["item"]["content"][0]["text"] for e in peer.received if "item" in e]
        assert texts[-2:] == [line.heard, "and then?"]


def test_an_answer_that_plays_to_its_end_stays_as_it_was_told():
    with story_that_outlives_its_session() as (peer, session):
        answer = session.transcript[1].item_id
        session.note({"type": "playback.finished", "item_id": answer, "played_ms": LONG})
        session.interrupt()
        session.ask("and then?")
        assert told_of(peer, answer) == [(STORY, None)]


def test_the_embedded_server_knows_afterwards_what_was_heard():
    server = rtkit.ServerOptions(brain=rtkit.Script(STORY), faults="drop:after=response.done")
    with rtkit.connect(DICT, server=server, record=False, reconnect=SOON) as session:
        session.send(scripted_text("a story"))
        session.send({"type": "response.create"})
        session.wait_for("reconnected")
        answer = session.transcript[1].item_id
        time.sleep(1.0)
        session.interrupt()
        session.send({"type": "conversation.item.retrieve", "item_id": answer})
        kept = session.wait_for("conversation.item.retrieved").event["item"]
        assert kept["content"][0]["text"] == session.transcript[1].heard
        assert facts(session, "error") == []
