import json
import math

import pytest
from serverstory import OFFICIAL, Story, counted_ids, only

from rtkit import events
from rtkit.rules import violations
from rtkit.server.commands import Close, Send
from rtkit.server.faults import parse
from rtkit.server.mischief import Answer, Fail, Frame, HangUp, Mischief, Pause, Struck

CREATED = {
    "type": "response.created",
    "event_id": "event_1",
    "response": {"id": "r1", "status": "in_progress", "conversation_id": "c1"},
}


def made(text, began=0.0):
    return Mischief(parse(text), counted_ids(), began)


def plain(number):
    return {"type": "input_audio_buffer.cleared", "event_id": f"event_{number}"}


def deltas(type_=events.AUDIO_DELTA, count=3):
    place = {"response_id": "r1", "item_id": "i1", "output_index": 0, "content_index": 0}
    return [{"type": type_, "event_id": f"e{n}", **place, "delta": str(n)} for n in range(count)]


def told(mischief, sent, now=0.0):
    return [act for event in sent for act in mischief.event(event, now)]


def effects(acts):
    return [act for act in acts if not isinstance(act, Struck)]


def struck_at(text, sent, **times):
    mischief = made(text)
    return [act.number for act in told(mischief, sent, **times) if isinstance(act, Struck)]


EVENTS = [plain(n) for n in range(1, 11)]


# ---- when


@pytest.mark.parametrize(
    ("when", "numbers"),
    [
        ("at=4", [4]),
        ("at=4,times=3", [4, 5, 6]),
        ("at=9,times=always", [9, 10]),
        ("after=input_audio_buffer.cleared,nth=2", [2]),
        ("after=input_audio_buffer.cleared,nth=2,times=2", [2, 3]),
        ("after=response.created", []),
        ("", []),
        ("time=1", []),
        ("chance=1", list(range(1, 11))),
        ("chance=0", []),
    ],
)
def test_a_fault_strikes_when_its_text_says(when, numbers):
    assert struck_at(f"stall:{when}", EVENTS) == numbers


def test_a_fault_with_a_time_strikes_at_the_first_event_after_it():
    mischief = made("cut:time=5,of=input_audio_buffer.cleared", began=100.0)
    assert told(mischief, EVENTS[:2], now=104.9) == [Send(e) for e in EVENTS[:2]]
    assert isinstance(mischief.event(EVENTS[2], 105.0)[0], Struck)


def test_chance_repeats_with_its_seed_and_comes_about_as_often_as_it_says():
    many = [plain(n) for n in range(1000)]
    first = struck_at("stall:chance=0.1,seed=7", many)
    assert first == struck_at("stall:chance=0.1,seed=7", many)
    assert first != struck_at("stall:chance=0.1,seed=8", many)
    assert 60 < len(first) < 140


def test_a_time_alone_needs_no_event():
    mischief = made("drop:time=5", began=100.0)
    assert mischief.next_wakeup == 105.0
    assert mischief.wake(104.9) == []
    assert effects(mischief.wake(105.0)) == [HangUp()]
    assert mischief.next_wakeup is None
    assert mischief.wake(106.0) == []


# ---- what happens behind an event


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ("stall:seconds=2.5", Pause(2.5)),
        ("drop", HangUp()),
        ("close", Close(1011, "server_error")),
        ("close:code=4321,reason=why not", Close(4321, "why not")),
    ],
)
def test_the_event_is_sent_and_then_it_strikes(text, effect):
    assert effects(made(text).event(CREATED, 0.0)) == [Send(CREATED), effect]


def test_an_expired_session_is_told_and_closed_as_the_service_does():
    sent, error, close = effects(made("expire").event(CREATED, 0.0))
    assert sent == Send(CREATED)
    assert OFFICIAL.validate_python(error.event).error.code == "session_expired"
    assert close == Close(1001, "session_expired")


def test_an_unknown_event_comes_in_between():
    sent, unknown = effects(made("unknown_type").event(CREATED, 0.0))
    assert sent == Send(CREATED)
    assert unknown.event["type"] not in events.SERVER_EVENTS
    assert unknown.event["event_id"].startswith("event_")


# ---- events that are changed


def test_a_cut_frame_is_half_a_json_object():
    (frame,) = effects(made("cut:at=1").event(CREATED, 0.0))
    assert isinstance(frame, Frame)
    assert json.dumps(CREATED).startswith(frame.data)
    with pytest.raises(json.JSONDecodeError):
        json.loads(frame.data)


def test_a_binary_frame_holds_the_event():
    (frame,) = effects(made("binary:at=1").event(CREATED, 0.0))
    assert isinstance(frame.data, bytes)
    assert json.loads(frame.data) == CREATED


def test_an_extra_field_leaves_all_others_as_they_are():
    (sent,) = effects(made("extra_field").event(CREATED, 0.0))
    assert set(sent.event) == {*CREATED, "rtkit_fault"}
    assert {**sent.event, **CREATED} == sent.event


def test_a_duplicate_has_an_id_of_its_own():
    first, second = effects(made("duplicate").event(EVENTS[0], 0.0))
    assert first == Send(EVENTS[0])
    assert second.event["event_id"] != EVENTS[0]["event_id"]
    assert {**second.event, "event_id": "event_1"} == EVENTS[0]


def test_a_failed_transcription_takes_the_place_of_the_words():
    story = Story()
    story.transcribe()
    story.say_and_wait()
    mischief = made("no_transcript")
    (failed,) = effects(told(mischief, story.hear("hello")[-1:]))[-1:]
    assert OFFICIAL.validate_python(failed.event).type == events.TRANSCRIPTION_FAILED


# ---- order


def test_an_event_is_overtaken_by_those_that_may():
    sound, words = deltas(count=1), deltas(events.TRANSCRIPT_DELTA)
    mischief = made("reorder:places=2")
    acts = effects(told(mischief, [*sound, *words]))
    assert acts == [Send(event) for event in (words[0], words[1], *sound, words[2])]
    assert mischief.next_wakeup is None


def test_an_event_is_not_overtaken_by_its_own_stream():
    sound = deltas()
    acts = effects(told(made("reorder:places=9"), sound))
    assert acts == [Send(event) for event in sound]


def test_an_event_that_nobody_overtakes_is_sent_after_a_while():
    (sound,) = deltas(count=1)
    mischief = made("reorder")
    assert effects(mischief.event(sound, 10.0)) == []
    assert mischief.next_wakeup == pytest.approx(10.2)
    assert mischief.wake(10.1) == []
    assert mischief.wake(10.21) == [Send(sound)]


# ---- whole sessions


def session():
    story = Story()
    story.transcribe()
    story.say_and_wait()
    story.guess("what time")
    story.hear("what time is it")
    story.reply("It is noon now.", 900)
    story.done()
    return story.events


@pytest.mark.parametrize("seed", range(8))
def test_reordered_and_repeated_sessions_break_no_rule_and_lose_nothing(seed):
    text = f"reorder:chance=0.5,places=4,seed={seed}; duplicate:chance=0.5,seed={seed}"
    mischief, sent = made(text), session()
    acts = effects(told(mischief, sent)) + mischief.wake(math.inf)
    came = [act.event for act in acts]
    assert [str(v) for v in violations(came)] == []
    ids = [event["event_id"] for event in came]
    assert set(ids) >= {event["event_id"] for event in sent}
    assert ids != [event["event_id"] for event in sent]


def test_without_faults_every_event_is_sent_as_it_is():
    sent = session()
    assert told(made(""), sent) == [Send(event) for event in sent]


# ---- failed responses


def failing(kind):
    """A core whose response fails as the visit lets it: (events that went out, error)."""
    story, mischief = Story(), made(kind)
    story.type("hello")
    story.send("response.create")
    acts = told(mischief, story.events)
    (fail,) = [act for act in acts if isinstance(act, Fail)]
    assert fail.response_id == story.thinking
    acts += told(mischief, story.done(error=fail.message))
    came = [act.event for act in acts if isinstance(act, Send)]
    for event in came:
        OFFICIAL.validate_python(event)
    assert violations(came) == []
    return came


@pytest.mark.parametrize(
    ("kind", "code", "remaining"),
    [
        ("rate_limit:reset=7", "rate_limit_exceeded", 0),
        ("quota", "insufficient_quota", 0),
        ("fail", "server_error", None),
    ],
)
def test_a_response_fails_as_the_service_tells_it(kind, code, remaining):
    came = failing(kind)
    done = only(came, "response.done")["response"]
    assert done["status"] == "failed"
    assert done["status_details"]["type"] == "failed"
    error = done["status_details"]["error"]
    assert (error["type"], error["code"]) == (code, code)
    (row,) = only(came, "rate_limits.updated")["rate_limits"]
    assert row["remaining"] == remaining or (remaining is None and row["remaining"] > 0)
    if code == "rate_limit_exceeded":
        assert row["reset_seconds"] == 7
        assert "7s" in error["message"]


def test_a_response_can_only_fail_while_it_runs():
    story, mischief = Story(), made("fail:at=3")
    told(mischief, story.type("hello"))
    created = told(mischief, story.send("response.create"))
    assert any(isinstance(act, Fail) for act in created)
    story, mischief = Story(), made("fail:time=0")
    story.spoken_answer()
    acts = told(mischief, [e for e in story.events if not e["type"].startswith("response.")])
    assert not any(isinstance(act, Fail) for act in acts)


def test_a_deaf_server_does_not_tell_that_speech_began():
    began = {"type": events.SPEECH_STARTED, "event_id": "e1", "audio_start_ms": 0, "item_id": "i1"}
    assert effects(told(made("deaf"), [began, began])) == [Send(began)]
    assert effects(told(made("deaf:nth=2"), [began, began])) == [Send(began)]
    assert effects(told(made("deaf:times=always"), [began, began])) == []


def test_an_answer_once_more_is_asked_for_behind_a_response():
    done = {"type": "response.done", "event_id": "e2", "response": {"id": "r1", "status": "x"}}
    assert effects(told(made("again"), [CREATED, done, done])) == [
        *(Send(CREATED), Send(done), Answer(), Send(done))
    ]
