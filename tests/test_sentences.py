"""What the console says: what happened, and what to do."""

from rtkit.widgets.sentences import (
    RECONNECTED,
    RECONNECTING,
    complaint,
    connection,
    ended,
    not_opened,
)


def test_an_error_of_the_server_or_of_this_side_is_told_in_its_own_words():
    assert complaint({"type": "error", "error": {"message": "No such voice."}}) == "No such voice."
    assert complaint({"type": "error", "where": "receive", "message": "not JSON"}) == "not JSON"


def test_a_response_that_failed_is_told_and_one_that_did_not_is_not():
    details = {"type": "failed", "error": {"message": "Out of quota."}}
    failed = {"type": "response.done", "response": {"status": "failed", "status_details": details}}
    assert complaint(failed) == "Out of quota."
    done = {"type": "response.done", "response": {"status": "completed", "status_details": None}}
    cut = {
        "status": "cancelled",
        "status_details": {"type": "cancelled", "reason": "turn_detected"},
    }
    assert complaint(done) == complaint({"type": "response.done", "response": cut}) == ""


def test_other_events_are_no_complaint():
    assert complaint({"type": "session.created"}) == ""


def test_an_end_says_why_and_how_to_go_on():
    assert "(60 minutes)" in ended({"reason": "60 minutes"})
    assert "Press the microphone button" in ended({})
    assert "ValueError: odd" in not_opened(ValueError("odd"))


def test_a_break_and_its_end_are_told_a_renewal_is_not():
    broke = {"type": "reconnecting", "attempt": 1}
    assert connection(broke, "") == RECONNECTING
    assert connection({"type": "reconnected"}, RECONNECTING) == RECONNECTED
    assert connection({"type": "reconnecting", "attempt": 0}, "") == ""
    assert connection({"type": "reconnected"}, "") == ""
    assert connection({"type": "session.created"}, RECONNECTING) == ""
