"""Notebook 15: it spends nothing, and what it says of lines, budgets and refusals is so."""

import pytest
from lessonbook import Lesson

import rtkit

BOOK = Lesson("15_going_live")


def test_no_cell_opens_a_hosted_target_outside_an_expected_refusal():
    opening = [cell.source for cell in BOOK.code if '"openai"' in cell.source]
    told = ("rtkit.target(", "except rtkit.TargetError")
    assert all(any(one in source for one in told) for source in opening)
    assert "os.environ.pop" in BOOK.code[0].source


def test_without_a_key_nothing_is_sent(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(rtkit.TargetError) as refused:
        rtkit.connect(target="openai")
    assert BOOK.printed(f"{refused.value}\n") == 1


def test_the_limit_is_waited_for_and_the_wait_stands_in_the_timeline():
    server = rtkit.ServerOptions(faults="rate_limit:reset=0.2")
    with rtkit.connect(server=server, record=False) as session:
        assert "Paris" in session.ask("What is the capital of France?").answer
    assert "answer.retried" in [moment.type for moment in session.timeline]


def test_an_empty_account_is_an_error_with_its_remedy():
    server = rtkit.ServerOptions(faults="quota")
    broke = rtkit.connect(server=server, record=False)
    with broke as session, pytest.raises(rtkit.SessionError) as refused:
        session.ask("What is the capital of France?")
    assert BOOK.printed(f"{refused.value}\n") == 1


def test_turns_to_come_cost_more_and_more():
    with rtkit.connect(record=False) as session:
        for text in ("What is two plus two?", "What is jitter?", "What is two plus three?"):
            session.ask(text)
    usd = rtkit.forecast(session.cost, 40).usd
    assert list(usd) == sorted(usd)
    assert BOOK.solved("15.2")(usd, sum(usd[:7]) + 1e-6) == 7


@pytest.mark.parametrize("code", rtkit.REMEDIES)
def test_the_solution_has_a_word_for_every_code_that_rtkit_knows(code):
    assert BOOK.solved("15.3")(code) in ("wait", "ask again", "tell")
