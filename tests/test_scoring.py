"""Twenty-odd calls told by hand, and their scores worked out by hand beside them."""

import calltales as tales
import pytest
from calltales import ANSWER_MS, Call

from rtkit import Timeline, events
from rtkit.evals.definitions import DEFINITIONS
from rtkit.evals.scoring import scores

NEAR_MS = 10  # sound is looked at in frames of 10 ms


NONE = {"missed_turns": 0, "false_interruptions": 0, "double_answers": 0}
ONE = {"turns": 1, "response_ms": ANSWER_MS, **NONE, "barge_ins": 0, "yields": None}
ONE |= {"yield_ms": None, "backchannels": 0, "talked_through": None, "tool_calls": None}
GOLDEN = [
    (
        tales.answered,
        ONE | {"wer": None, "noises": 0, "ignored_noises": None, "stray_tool_calls": None},
    ),
    (
        tales.answered_twice_as_asked,
        NONE | {"turns": 2, "response_ms": (ANSWER_MS + ANSWER_MS + 400) / 2},
    ),
    (tales.answered_after_silence_in_the_answer, ONE | {"response_ms": ANSWER_MS + 200}),
    (tales.never_answered, ONE | {"missed_turns": 1, "response_ms": None}),
    (tales.answered_only_when_asked_again, NONE | {"turns": 2, "missed_turns": 1}),
    (tales.answered_into_a_pause, ONE | {"false_interruptions": 1, "wer": 0}),
    (tales.turn_ended_in_a_pause_without_a_word, ONE | {"false_interruptions": 1}),
    (tales.answered_with_the_last_sound, ONE | {"response_ms": 0}),
    (
        tales.interrupted_and_yielding,
        NONE | {"turns": 2, "barge_ins": 1, "yields": 1, "yield_ms": 240},
    ),
    (
        tales.interrupted_and_deaf,
        NONE | {"turns": 2, "barge_ins": 1, "yields": 0, "yield_ms": None, "missed_turns": 1},
    ),
    (tales.interrupted_just_before_its_end, NONE | {"turns": 2, "barge_ins": 0, "yields": None}),
    (
        tales.interrupted_and_yielding_late,
        NONE | {"turns": 2, "barge_ins": 1, "yields": 0, "yield_ms": None},
    ),
    (tales.interrupted_where_nothing_plays, NONE | {"turns": 2, "barge_ins": 0, "yields": None}),
    (tales.mm_hmm_let_pass, ONE | {"backchannels": 1, "talked_through": 1}),
    (tales.mm_hmm_that_stops_the_answer, ONE | {"backchannels": 1, "talked_through": 0}),
    (tales.mm_hmm_that_is_answered_later, ONE | {"backchannels": 1, "talked_through": 0}),
    (
        tales.mm_hmm_then_a_question,
        NONE
        | {"turns": 2, "backchannels": 1, "talked_through": 1, "barge_ins": 1, "yield_ms": 200},
    ),
    (tales.a_cough_let_pass_and_a_cough_answered, ONE | {"noises": 2, "ignored_noises": 1}),
    (tales.answered_twice, ONE | {"double_answers": 1}),
    (tales.greeted_before_asking, ONE),
    (tales.answered_to_nobody, ONE | {"double_answers": 1}),
    (
        tales.tool_called_rightly,
        ONE
        | {"response_ms": ANSWER_MS + 30, "tool_calls": 1, "exact_tool_calls": 1}
        | {"stray_tool_calls": 0},
    ),
    (
        tales.tool_called_wrongly_and_again,
        ONE
        | {"response_ms": ANSWER_MS + 60, "tool_calls": 1, "exact_tool_calls": 0}
        | {"stray_tool_calls": 2},
    ),
    # said "what's the capital of france", heard "what the capitol of france is": two substituted,
    # one inserted, of five words; of 28 characters "'s" deleted, a for o, " is" inserted
    (
        tales.misheard,
        ONE
        | {"wer": 3 / 5, "words": 5, "word_errors": 3, "cer": 6 / 28, "characters": 28}
        | {"character_errors": 6},
    ),
    # five words heard, three not at all
    (tales.unheard, {"turns": 2, "missed_turns": 1, "wer": 3 / 8, "words": 8, "word_errors": 3}),
    (tales.sent_at_once, ONE | {"response_ms": None}),
    (tales.answered_in_text, ONE | {"response_ms": 543 + 20 + 20}),
]


def told(tell):
    call = Call()
    tell(call)
    return scores(call.timeline)


@pytest.mark.parametrize(("tell", "expected"), GOLDEN, ids=[tell.__name__ for tell, _ in GOLDEN])
def test_scores_are_those_worked_out_by_hand(tell, expected):
    found = told(tell)
    near = {"response_ms": NEAR_MS, "yield_ms": NEAR_MS}
    wanted = {
        name: value if value is None else pytest.approx(value, abs=near.get(name, 1e-9))
        for name, value in expected.items()
    }
    assert {name: found[name] for name in expected} == wanted


def test_there_are_twenty_of_them_and_each_score_is_told_of():
    assert len(GOLDEN) >= 20
    said = {name for _, expected in GOLDEN for name, value in expected.items() if value is not None}
    assert {name for name, one in DEFINITIONS.items() if one.headline} - said == {"usd"}


def test_a_timeline_without_a_caller_has_no_score_and_no_turn():
    found = scores(Timeline())
    assert set(found) == set(DEFINITIONS)
    counts = {"turns": 0, "barge_ins": 0, "backchannels": 0, "noises": 0}
    assert {name: value for name, value in found.items() if value is not None} == counts | {
        "usd": 0
    }


def test_a_call_costs_what_its_bill_says():
    from rtkit import read_cost

    call = Call()
    tales.answered(call)
    assert scores(call.timeline)["usd"] == read_cost(call.timeline).usd > 0


def test_a_session_that_writes_nothing_down_is_not_judged_by_its_words():
    assert told(tales.answered)["wer"] is None
    call = Call()
    session = {"audio": {"input": {"transcription": {"model": "gpt-4o-transcribe"}}}}
    call.hear(events.SESSION_UPDATED, session=session)
    call.asks("hello there")
    assert scores(call.timeline)["wer"] == 1.0  # it would have told


def test_scores_are_the_same_when_the_timeline_was_saved_and_loaded(tmp_path):
    call = Call()
    tales.mm_hmm_then_a_question(call)
    again = Timeline.load(call.timeline.save(tmp_path / "call.jsonl"))
    assert scores(again) == scores(call.timeline)


def test_moments_of_a_caller_that_lack_their_place_are_left_out():
    call = Call()
    call.note("caller.speech", turn=1, kind="question", text="hello")
    assert scores(call.timeline)["turns"] == 0
