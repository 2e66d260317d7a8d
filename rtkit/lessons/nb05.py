"""Exercises and questions of notebook 05, connecting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rtkit.retries import AGAIN

from .exercise import Case, Exercise, Trial, function, short
from .questionnaire import ask, no, yes

CODES = {
    1000: "1000 says that somebody wanted the end: who tries again starts what was finished.",
    1001: "1001 is a server that goes away, or an hour that is over: the next one will do.",
    1006: "1006 is a line that broke, without a word: it may well be whole again.",
    1011: "1011 is a fault of the server, which may have passed.",
    3000: "3000 is about the key: the same key is refused again.",
    4000: "4000 is about the request: the same request is refused again.",
}


def _codes(answer: Any) -> Iterable[Trial]:
    if not isinstance(answer, dict) or answer.keys() != CODES.keys():
        why = "Keep the dict, and write True or False beside each code."
        yield Trial("retry", f"a dict of {', '.join(map(str, CODES))}", short(answer), False, why)
        return
    for code, why in CODES.items():
        again = code in AGAIN
        right = answer[code] is again
        yield Trial(str(code), short(again), short(answer[code]), right, why, hidden=not right)


def _done(status: str) -> dict[str, Any]:
    return {"type": "response.done", "response": {"status": status}}


DELTA = {"type": "response.output_text.delta", "delta": "Paris"}
WHOLE = (
    Case(
        ([DELTA, _done("completed")],),
        True,
        "This one is whole. Its `status` lies a level deeper: `message['response']['status']`.",
        what="words, then response.done, completed",
    ),
    Case(
        ([DELTA, DELTA],),
        False,
        "The line ended without a `response.done`: it is half an answer.",
        what="words only",
    ),
    Case(
        ([DELTA, _done("cancelled")],),
        False,
        "`response.done` comes for every ending: look at its `status`.",
        what="words, then response.done, cancelled",
    ),
    Case(
        ([_done("completed")],),
        True,
        "An answer may be whole without a word of text.",
        hidden=True,
        what="response.done alone, completed",
    ),
    Case(
        ([DELTA, _done("incomplete")],),
        False,
        "Only `completed` is whole; `incomplete` and `failed` are not.",
        hidden=True,
        what="words, then response.done, incomplete",
    ),
    Case(
        ([],),
        False,
        "The line may end before anything came: there is no last message then.",
        hidden=True,
        what="no message at all",
    ),
)

SECRETS = (
    Case(({"expires_at": 1000}, 900), True, "100 seconds are left: enough."),
    Case(({"expires_at": 1000}, 969), True, "31 seconds are left: enough."),
    Case(({"expires_at": 1000}, 971), False, "29 seconds are left, and the page may need 30."),
    Case(({"expires_at": 1000}, 2000), False, "It expired long ago."),
    Case(({"expires_at": 5600}, 5570), True, "30 seconds are just enough.", hidden=True),
    Case(
        ({"expires_at": 5600}, 5599),
        False,
        "It is valid for a second still, but not when the page gets there.",
        hidden=True,
    ),
)

EXERCISES = (
    Exercise(
        "05.1",
        "Worth trying again",
        _codes,
        "Whose decision was the end? A decision stays; a broken line or a fault may pass.",
    ),
    Exercise(
        "05.2",
        "A whole answer",
        function("whole", WHOLE),
        "The last message, if there is one: its type, and the status in its response.",
    ),
    Exercise(
        "05.3",
        "A key in store",
        function("good_enough", SECRETS),
        "How many seconds are left of it? Compare with 30.",
    ),
)

QUESTIONS = (
    ask(
        "A wrong key: what does your WebSocket client see first?",
        no("HTTP status 401", "The handshake succeeds; so a refusal cannot be a status."),
        yes("An open connection", "Then one `error`, and the close code 3000."),
        no("Nothing, until it asks something", "It is told at once, and then closed."),
    ),
    ask(
        "A page in a browser needs to connect. What key does it get?",
        no("Yours, in the source of the page", "Everybody who opens the page has it then."),
        no("Yours, from your server", "It is in the page all the same."),
        yes("An ephemeral one, from your server", "It lives for minutes and opens one thing."),
    ),
    ask(
        "`async for` over the socket ended without an exception. Was the answer whole?",
        yes("Look for `response.done`", "1000 and 1001 end the loop quietly, also half-way."),
        no("Yes, otherwise it would have raised", "Only 1006 and 1011 and their like raise."),
        no("No, it would go on for ever", "It ends when the server closes properly."),
    ),
)
