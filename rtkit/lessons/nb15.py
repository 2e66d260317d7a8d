"""Exercises and questions of notebook 15, going live."""

from __future__ import annotations

from .exercise import Case, Exercise, function
from .questionnaire import ask, no, yes

KEY, SHORT_LIVED = "sk-proj-AbcdEfghIjkl", "ek_mnopqrstuvwx"
WORDS = "Pick the task-list, it is risk-free and desk-bound."

MASKED = function(
    "masked",
    (
        Case(
            (f"key {KEY}.",),
            "key ***.",
            "Put three stars in place of all of the key, and leave the rest.",
            what="a key in a sentence",
        ),
        Case(
            (f"wss://host/v1?token={KEY}&model=m",),
            "wss://host/v1?token=***&model=m",
            "A key ends where letters, digits, - and _ end: the & is not of it.",
            what="a key in a URL",
        ),
        Case(
            (f"{KEY} {SHORT_LIVED} {KEY}",),
            "*** *** ***",
            "Every one, and ephemeral keys too: they begin with ek_.",
            what="three keys",
        ),
        Case(
            (WORDS,),
            WORDS,
            "Words may hold sk-: a key begins where no letter stands before it, and is longer.",
            hidden=True,
            what="a text without keys",
        ),
        Case(("",), "", "Nothing in, nothing out.", hidden=True, what="an empty text"),
    ),
)

AFFORDABLE = function(
    "affordable",
    (
        Case(
            ([0.01, 0.01, 0.01, 0.01], 0.025),
            2,
            "Whole turns: the third does not fit any more.",
        ),
        Case(
            ([0.01, 0.02, 0.04, 0.08], 0.08),
            3,
            "Each turn has a price of its own, and they grow: add them up one by one.",
        ),
        Case(([0.5, 0.5], 5.0), 2, "No more turns than there are.", hidden=True),
        Case(([0.5, 0.5], 0.2), 0, "Not even one.", hidden=True),
        Case(([0.25, 0.25, 0.25], 0.5), 2, "What just fits, fits.", hidden=True),
    ),
)

NEXT = function(
    "what_next",
    (
        Case(("rate_limit_exceeded",), "wait", "The limit is lifted by itself after a while."),
        Case(
            ("server_error",),
            "ask again",
            "The session is open and your request was right: ask again.",
        ),
        Case(("insufficient_quota",), "tell", "Waiting buys nothing: a person must see to it."),
        Case(
            ("conversation_already_has_active_response",),
            "wait",
            "An answer is on its way: ask when it is done.",
        ),
        Case(
            ("unknown_parameter",),
            "tell",
            "It will be refused again and again: the code must change.",
            hidden=True,
        ),
        Case(
            ("a_code_of_next_year",),
            "tell",
            "What you do not know you cannot repair: tell a person, do not ask in a loop.",
            hidden=True,
        ),
    ),
)

EXERCISES = (
    Exercise(
        "15.1",
        "No key in a log",
        MASKED,
        r"re.sub(r'(?<![A-Za-z])(sk-|ek_)...', '***', text): what stands for a key's characters "
        "is [A-Za-z0-9_-], and there are at least ten.",
    ),
    Exercise(
        "15.2",
        "Turns for a budget",
        AFFORDABLE,
        "Keep what is left, and stop before it would be less than nothing.",
    ),
    Exercise(
        "15.3",
        "What an error asks of you",
        NEXT,
        "`rtkit.REMEDIES` says it in words for each code. Two are worth waiting for, one is worth "
        "a second try, all others need a person.",
    ),
)

QUESTIONS = (
    ask(
        "Where does the key of a hosted service go?",
        no("Into the first cell", "It is saved with the notebook, and shared with it."),
        no("Into the configuration", "That is recorded, compared and shown."),
        yes("Into the environment", "It is read when a target was named, and shown nowhere."),
    ),
    ask(
        "A web page of yours shall talk to the service. Which key does it get?",
        yes(
            "An ephemeral one, made for it",
            "It opens sessions for minutes, with the configuration that you chose.",
        ),
        no("Yours, as long as it is https", "Whoever opens the page can read it."),
        no("None: the page asks your server", "It may, but then all sound goes through you."),
    ),
    ask(
        "With the hosted service the wait is 1.4 s. What do you look at first?",
        no("The network", "It is tens of milliseconds of it. You measured that, too."),
        yes(
            "The waterfall of the turn",
            "It says whether the silence window, the model or its leading silence took it.",
        ),
        no("The model's name", "Change one thing after you know where the time went."),
    ),
)
