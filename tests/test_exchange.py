"""Questions in words, put to a scripted server on loopback."""

import signal
import threading
import time

import pytest
import scripted
from scripted import Peer, opened, refusing, speaking

from rtkit.clip import Clip
from rtkit.errors import (
    AudioError,
    SessionError,
    TurnTimeout,
)
from rtkit.testing import ANSWERS


def press_control_c():
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def test_a_text_leads_to_a_turn_with_words_and_sound(session, peer):
    turn = session.ask("What is the capital of France?")
    assert (turn.question, turn.answer) == ("What is the capital of France?", "Paris.")
    assert turn.audio.duration == pytest.approx(0.06)
    assert turn.status == "completed"
    assert session.turns == [turn]
    assert peer.types()[-2:] == ["conversation.item.create", "response.create"]


def test_an_error_is_raised_where_the_caller_waits():
    answers = {"conversation.item.create": refusing("invalid_value", "Bad item.")}
    with Peer(answers) as peer, opened(peer) as session:
        with pytest.raises(SessionError, match="Bad item") as caught:
            session.ask("hello")
        assert caught.value.code == "invalid_value"


def test_a_response_that_fails_is_an_error_and_the_session_goes_on():
    error = {"code": "insufficient_quota", "message": "You exceeded your quota"}
    failing = speaking(status="failed", error=error)
    with Peer({"response.create": failing}) as peer, opened(peer) as session:
        with pytest.raises(SessionError, match="exceeded your quota") as caught:
            session.ask("hello")
        assert caught.value.code == "insufficient_quota"
        assert not session.closed


def test_no_answer_in_time_is_a_timeout_and_the_session_stays_usable():
    with Peer({"response.create": scripted.hang}) as peer, opened(peer) as session:
        with pytest.raises(TurnTimeout, match=r"within 0\.05 s"):
            session.ask("hello", timeout=0.05)
        peer.answers["response.create"] = scripted.create_response
        assert session.ask("again").answer == "Paris."
        assert "response.cancel" in peer.types()


def test_an_interrupt_from_the_keyboard_leaves_the_session_usable():
    with Peer({"response.create": scripted.hang}) as peer, opened(peer) as session:
        threading.Timer(0.2, press_control_c).start()
        with pytest.raises(KeyboardInterrupt):
            session.ask("hello")
        peer.answers["response.create"] = scripted.create_response
        assert session.ask("again").answer == "Paris."


@pytest.mark.parametrize(
    ("waiting", "what"), [("update", {"instructions": "Be brief."}), ("wait_for", "response.done")]
)
def test_an_interrupted_update_or_wait_leaves_the_session_usable(waiting, what):
    with Peer({"session.update": first_update(scripted.stall)}) as peer, opened(peer) as session:
        threading.Timer(0.2, press_control_c).start()
        with pytest.raises(KeyboardInterrupt):
            getattr(session, waiting)(what)
        assert session.ask("again").answer == "Paris."


def first_update(then):
    """The configuration is answered, what comes after it is not."""
    updates = []

    async def update(voice, event):
        updates.append(event)
        await (ANSWERS["session.update"] if len(updates) == 1 else then)(voice, event)

    return update


def test_questions_of_several_threads_are_put_one_after_the_other(session):
    answers = []
    threads = [
        threading.Thread(target=lambda n=n: answers.append(session.ask(f"{n}?").question))
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["0?", "1?", "2?", "3?"]
    assert [turn.answer for turn in session.turns] == ["Paris."] * 4


@pytest.mark.parametrize(
    ("question", "error", "words"),
    [
        ("  ", ValueError, "the question is empty"),
        (b"pcm", TypeError, "takes a text .* or a Clip, found bytes"),
        (None, TypeError, "found NoneType"),
        (Clip.silence(0), AudioError, "the clip is empty"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_it_is_sent(session, peer, question, error, words):
    with pytest.raises(error, match=words):
        session.ask(question)
    assert "response.create" not in peer.types()


def test_a_new_question_ends_the_playback_of_the_last_answer_but_does_not_cut_it():
    with Peer({"response.create": speaking(ms=5000)}) as peer, opened(peer) as session:
        session.ask("a long story")
        session.ask("another")
        assert "conversation.item.truncate" not in peer.types()
        assert [turn.interrupted for turn in session.turns] == [False, False]


def test_ask_can_wait_until_the_answer_was_heard(session):
    began = time.monotonic()
    session.ask("hello", wait_for_playback=True)
    assert time.monotonic() - began >= 0.06
    assert session.timeline[-1].type == "playback.finished"
