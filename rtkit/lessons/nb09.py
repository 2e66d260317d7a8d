"""Exercises and questions of notebook 09, tools."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from rtkit import events
from rtkit.errors import RtkitError
from rtkit.timeline import Timeline

from .exercise import Case, Exercise, Trial, function, short
from .questionnaire import ask, no, yes

CALLS = (
    ("call_1", {"sky": "grey"}, False),
    ("call_2", {"sky": 'a "low" sky'}, True),
    ("call_3", [1, 2], True),
)


def _reply(answer: Any) -> Iterable[Trial]:
    if not callable(answer):
        yield Trial("reply", "a function", short(answer), False, "Hand over `reply` itself.")
        return
    for call_id, output, hidden in CALLS:
        call = {"type": "function_call", "name": "look", "call_id": call_id, "arguments": "{}"}
        try:
            told = list(answer(call, output))
            yield from _events(told, call_id, output, hidden)
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            what = f"reply(call, {output})"
            yield Trial(what, "two events", text, False, "Two events, in a list.", hidden)


def _events(told: list[Any], call_id: str, output: Any, hidden: bool) -> Iterable[Trial]:
    types = [event.get("type") for event in told]
    asked = "conversation.item.create, response.create"
    why = "The output is an item; then the wish for an answer, or there is silence. In this order."
    right = types == ["conversation.item.create", "response.create"]
    yield Trial(
        f"types, for {output}", asked, ", ".join(map(str, types)) or "nothing", right, why, hidden
    )
    item = told[0].get("item", {}) if told else {}
    why = "The item is a `function_call_output`, and names the `call_id` of the call."
    right = (item.get("type"), item.get("call_id")) == ("function_call_output", call_id)
    yours = f"{item.get('type')}, {item.get('call_id')}"
    yield Trial(
        f"item, for {call_id}", f"function_call_output, {call_id}", yours, right, why, hidden
    )
    why = "`output` is a string that holds JSON: json.dumps, not str."
    yield Trial(
        "output", json.dumps(output), short(item.get("output")), _is(item, output), why, hidden
    )


def _is(item: Any, output: Any) -> bool:
    try:
        return isinstance(item["output"], str) and bool(json.loads(item["output"]) == output)
    except (KeyError, ValueError):
        return False


ORDERS = (("Book a table for four", 4, False), ("Book a table for nine", 9, True))


def _table(answer: Any) -> Iterable[Trial]:
    import rtkit

    try:
        session = rtkit.connect(
            {"output_modalities": ["text"]}, "embedded", tools=[answer], record=False
        )
    except (RtkitError, TypeError, ValueError) as error:
        why = "Hand over the tool: a function under `@rtkit.tool`."
        yield Trial("book_table", "a tool", str(error), False, why)
        return
    with session:
        for words, guests, hidden in ORDERS:
            session.ask(words)
            called = session.timeline.select("tool.called")
            given = json.loads(called[-1].event["arguments"]) if called else None
            why = (
                "The parameter has to be called `guests`, and its type says that it is a number: "
                "what the model is told is the signature."
            )
            right = given == {"guests": guests} and isinstance(given["guests"], int)
            yield Trial(words, short({"guests": guests}), short(given), right, why, hidden)


def _calls(*made: str, answered: Sequence[str] = (), talk: bool = False) -> Timeline:
    """A session with these calls, some of which got an output."""
    from rtkit.testing.story import Story

    story = Story()
    if talk:
        story.begin("r0")
        message = {"id": "i0", "type": "message", "role": "assistant", "content": []}
        story.hear("response.output_item.done", response_id="r0", output_index=0, item=message)
        story.end("r0")
        story.send("conversation.item.create", item=events.user_text("And Rome?")["item"])
    for number, call_id in enumerate(made):
        story.begin(f"r{number + 1}")
        item = {"id": f"i_{call_id}", "type": "function_call", "status": "completed"}
        item |= {"name": "look", "call_id": call_id, "arguments": "{}"}
        where: dict[str, Any] = {"response_id": f"r{number + 1}", "output_index": 0}
        story.hear("response.output_item.added", item={**item, "status": "in_progress"}, **where)
        story.hear("response.output_item.done", item=item, **where)
        story.end(f"r{number + 1}")
        if call_id in answered:
            story.send("conversation.item.create", item=events.tool_output(call_id, "1")["item"])
    return story.timeline


def _unanswered() -> Sequence[Case]:
    return (
        Case(
            (_calls("call_1"),),
            ["call_1"],
            "A call is an item of the type `function_call` in `response.output_item.done`.",
            what="one call, no output",
        ),
        Case(
            (_calls("call_1", "call_2", answered=["call_1"]),),
            ["call_2"],
            "An output is an item that *you* sent, and it names the `call_id`.",
            what="two calls, the first answered",
        ),
        Case(
            (_calls("call_1", answered=["call_1"], talk=True),),
            [],
            "Messages are items, too, and have no `call_id`.",
            what="a message, and a call that was answered",
        ),
        Case(
            (_calls("b", "a", "c", answered=["a"], talk=True),),
            ["b", "c"],
            "In the order in which they were made, each once.",
            hidden=True,
            what="three calls, the middle one answered",
        ),
    )


EXERCISES = (
    Exercise(
        "09.1",
        "The answer to a call",
        _reply,
        "`events.tool_output(call_id, text)` and `events.create_response()` build the two.",
    ),
    Exercise(
        "09.2",
        "A number of guests",
        _table,
        "Rename the parameter, and give it the type `int`.",
    ),
    Exercise(
        "09.3",
        "Calls without an output",
        function("unanswered", _unanswered),
        "Collect the `call_id`s that you sent; keep those that were made and are not among them.",
    ),
)

QUESTIONS = (
    ask(
        "By what does a model decide to call your function?",
        yes("By its name, description and parameters", "They are all that it is ever told."),
        no("By its source", "That never leaves your process."),
        no("By trying it", "It can only ask; your side runs it, or does not."),
    ),
    ask(
        "A question needs two tools. How many `response.create` do you send after the outputs?",
        no("None", "Then there is silence: the server never goes on by itself."),
        yes("One, after both", "The answer can then use both."),
        no("Two", "One too many: two answers, or a refusal while the first is made."),
    ),
    ask(
        "Your tool raises `KeyError: 'atlantis'`. What should the model be told?",
        no("Nothing", "Then it waits, and so does whoever asked."),
        no("The traceback", "It can act on words only, and the key may be a secret."),
        yes("A sentence with what is possible", "It can then say so, or call again."),
    ),
)
