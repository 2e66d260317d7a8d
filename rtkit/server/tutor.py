"""The default brain: a small tutor made of rules, honest about being one.

It greets, tells time and date, reckons, knows capitals, repeats and spells, counts, tells a long
story (so that it can be interrupted), explains the course's terms and calls the tools it is given.
Follow-up questions ("and of Spain?", "times three") are answered from the conversation.
"""

from __future__ import annotations

import operator
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from rtkit.server.brain import Call, Piece, Request, Say, said_by, text_of
from rtkit.server.knowledge import (
    CAPITALS,
    CITIES,
    JOKES,
    NAMES,
    QUOTES,
    SPELLABLE,
    STORIES,
    TERMS,
)
from rtkit.server.phrases import NUMBER, Phrases, Slot, number_to_words, plain, words_to_number
from rtkit.server.toolcalls import fill_arguments, functions, spoken_result, wanted_tool

Reply = Sequence[str]
Answer = Callable[[list[str], Request], Reply]

UNSURE_BELOW = 0.35  # confidence under which the tutor asks back instead of guessing
SURE_FROM = 0.7  # confidence from which it does not say what it understood before it acts on it

SLOTS = (
    NUMBER,
    Slot("country", tuple(CAPITALS)),
    Slot("term", tuple(TERMS)),
    Slot("quote", QUOTES, r".+"),
    Slot("word", tuple(SPELLABLE), r"\w+"),
    Slot("name", tuple(NAMES), r"[\w ]{1,40}"),
    Slot("city", tuple(CITIES), r"[\w ]{1,40}"),
    Slot("operation", ("plus", "minus", "times", "multiplied by", "divided by")),
)

# What may be said, by intent. The first phrase that is the whole sentence wins.
PHRASES: dict[str, tuple[str, ...]] = {
    "greet": ("(hello | hi | hey) [there]", "good (morning | afternoon | evening)"),
    "wellbeing": ("how are you [today | doing]",),
    "self": ("(who | what) are you", "what is your name", "are you (a robot | human | real)"),
    "help": (
        "help [me]",
        "what can (you do | i ask [you] | i say)",
        "what do you know",
    ),
    "time": (
        "what time is it [now]",
        "(what is | what's) the time [now]",
        "(tell me | can you tell me) the time",
    ),
    "date": (
        "what day is it [today]",
        "(what is | what's) (the date | today's date) [today]",
        "what date is it [today]",
    ),
    "reckon": (
        "(what is | what's | how much is | calculate) <number> <operation> <number>",
        "<number> <operation> <number>",
    ),
    "reckon_on": ("[and] <operation> <number>", "[and] (what is that | that) <operation> <number>"),
    "capital": (
        "(what is | what's | tell me | name) the capital [city] of <country>",
        "(what about | how about | and) [of] <country>",
    ),
    "weather": (
        "(what is | what's | how is | how's) the weather [like] [today | now]",
        "(what is | what's | how is | how's) the weather [like] in <city>",
    ),
    "spell": ("(spell | how do you spell) [the word] <word>",),
    "count": ("count [up] to <number>", "count from <number> to <number>"),
    "story": ("tell me (a | another) [long | short] story", "another story [please]"),
    "joke": ("tell me (a | another) joke", "another joke [please]"),
    "explain": (
        "(what is | what's | explain | tell me about) <term>",
        "what does <term> mean",
    ),
    "again": (
        "(say | repeat) that [again]",
        "(can | could) you repeat that",
        "what did you [just] say",
        "pardon",
    ),
    "echo": ("what did i [just] say", "what was my [last] question"),
    "introduce": ("(my name is | call me) <name>",),
    "recall": ("(what is | what's) my name", "do you know my name"),
    "thank": ("(thanks | thank you) [very much]", "great", "well done"),
    "bye": ("goodbye", "bye [bye]", "see you [later]"),
    "yes": (
        "yes [please]",
        "no [thank you]",
        "okay",
        "stop [it | please]",
        "be quiet",
        "never mind",
    ),
    "repeat": ("(repeat after me | repeat | say) <quote>",),
}

OPERATIONS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "plus": operator.add,
    "minus": operator.sub,
    "times": operator.mul,
    "multiplied by": operator.mul,
    "divided by": operator.truediv,
}

_PHRASES = Phrases(PHRASES, SLOTS)

OFFER = "Ask me the time, a capital, or a sum, or say: tell me a story."


def sample_phrases(per_intent: int = 3) -> list[str]:
    """Some of the sentences that the tutor's grammar holds, for measuring and for lessons.

    Deterministic, and without repetitions.
    """
    return _PHRASES.samples(per_intent)


class Tutor:
    """The default `Brain` of the embedded server."""

    about = "a small brain made of rules, not from a language model"
    """Where the answers come from, in words."""

    @cached_property
    def grammar(self) -> str:
        """What may be said to the tutor, as a complete JSGF grammar."""
        return _PHRASES.jsgf("tutor")

    async def reply(self, request: Request) -> AsyncIterator[Piece]:
        for piece in self.answer(request):
            yield piece

    def answer(self, request: Request) -> list[Piece]:
        """The whole reply at once: what `reply` yields one by one."""
        last = request.history[-1] if request.history else {}
        if outputs := _outputs(request):
            return [Say(spoken_result(output)) for output in outputs]
        said = text_of(last) if last.get("role") == "user" else ""
        if calls := self._calls(said, request):
            return [*_understood(calls, request), *calls]
        seen = _about_images(last)
        said_of_it = self._sentences(said, request) if said or not seen else ()
        return [Say(sentence) for sentence in (*seen, *said_of_it)]

    def _calls(self, said: str, request: Request) -> list[Piece]:
        """The calls that a sentence asks for: several when each part of it, at "and", does."""
        parts = [self._call(part, request) for part in said.split(" and ")]
        found = [part for part in parts if isinstance(part, Call)]
        if request.tool_choice == "auto" and len(found) == len(parts) > 1:
            return list(found)
        call = self._call(said, request)
        return [call] if call is not None else []

    def _call(self, said: str, request: Request) -> Piece | None:
        """The tool call that the sentence asks for, or the question for what is missing.

        A call that is required is made with what there is.
        """
        tool = _chosen_tool(said, request)
        if tool is None:
            return None
        arguments, missing = fill_arguments(said, tool.get("parameters") or {})
        if missing is None or request.tool_choice != "auto":
            return Call(str(tool["name"]), arguments)
        return Say(f"Which {missing.replace('_', ' ')}? Say, for example: in Paris.")

    def _sentences(self, said: str, request: Request) -> Reply:
        if not said:
            return _nothing(request)
        if request.confidence is not None and request.confidence < UNSURE_BELOW:
            return (f"I am not sure that I heard you right. I understood: {said}.", OFFER)
        found = _PHRASES.match(said)
        if found is None:
            return (f"I heard: {said.rstrip('.!? ')}.", "I am only a small set of rules.", OFFER)
        intent, slots = found
        return _brief(ANSWERS[intent](slots, request), request)


def _understood(pieces: Sequence[Piece], request: Request) -> list[Piece]:
    """The texts that calls are made with, when they were dictated: so that one may object."""
    if request.confidence is None or request.confidence >= SURE_FROM:
        return []
    calls = (piece for piece in pieces if isinstance(piece, Call))
    texts = [v for call in calls for v in call.arguments.values() if isinstance(v, str)]
    return [Say(f"I understood: {', '.join(texts)}.")] if texts else []


def _about_images(item: Mapping[str, Any]) -> Reply:
    """What can be said of the images in a message: what they are, not what they show."""
    parts = (part.get("description") for part in item.get("content") or ())
    shown = [str(description) for description in parts if description]
    return tuple(f"You sent {one}. What it shows I cannot see." for one in shown)


def _nothing(request: Request) -> Reply:
    if request.history and request.history[-1].get("role") == "user":
        return ("I did not catch any words.", OFFER)
    return ("Hello, I am the tutor of this notebook.", OFFER)


def _brief(sentences: Reply, request: Request) -> Reply:
    """The first sentence of an explanation, when the instructions ask for short answers."""
    wants = plain(request.instructions)
    short = any(word in wants.split() for word in ("brief", "briefly", "short", "concise"))
    return sentences[:1] if short and len(sentences) <= 3 else sentences


def _outputs(request: Request) -> list[str]:
    """What the tools gave that were called last, oldest first."""
    outputs: list[str] = []
    for item in reversed(request.history):
        if item.get("type") != "function_call_output":
            break
        outputs.insert(0, str(item.get("output", "")))
    return outputs


def _chosen_tool(said: str, request: Request) -> Mapping[str, Any] | None:
    choice = request.tool_choice
    tools = list(functions(request.tools))
    if choice == "none" or not tools:
        return None
    if isinstance(choice, Mapping):
        return next((tool for tool in tools if tool["name"] == choice.get("name")), None)
    found = wanted_tool(said, tools) or wanted_tool(_question_asked_for(request), tools)
    return found or (tools[0] if choice == "required" else None)


def _question_asked_for(request: Request) -> str:
    """What the person said before the tutor asked "Which ...?", else nothing."""
    spoken = said_by(request.history, "assistant")
    asked = said_by(request.history, "user")
    return asked[-2] if spoken and spoken[-1].startswith("Which ") and len(asked) > 1 else ""


def _reckon(slots: list[str], request: Request) -> Reply:
    left, operation, right = slots
    return _sum(Fraction(words_to_number(left) or 0), operation, right)


def _reckon_on(slots: list[str], request: Request) -> Reply:
    """Goes on with the result of the last sum, worked out anew from what the person said."""
    value: Fraction | None = None
    for text in said_by(request.history, "user")[:-1]:
        value = _value_after(text, value)
    if value is None:
        return ("I do not know from which number to go on.", "Say, for example: two plus three.")
    return _sum(value, *slots)


def _value_after(text: str, value: Fraction | None) -> Fraction | None:
    intent, slots = _PHRASES.match(text) or ("", [])
    if intent == "reckon":
        value, slots = Fraction(words_to_number(slots[0]) or 0), slots[1:]
    elif intent != "reckon_on" or value is None:
        return value
    right = Fraction(words_to_number(slots[1]) or 0)
    return None if _by_zero(slots[0], right) else OPERATIONS[slots[0]](value, right)


def _sum(left: Fraction, operation: str, right_words: str) -> Reply:
    right = Fraction(words_to_number(right_words) or 0)
    if _by_zero(operation, right):
        return ("Nothing can be divided by zero.",)
    result = OPERATIONS[operation](left, right)
    return (f"{_number(left)} {operation} {_number(right)} is {_number(result)}.".capitalize(),)


def _by_zero(operation: str, right: Fraction) -> bool:
    return operation == "divided by" and right == 0


def _number(value: Fraction) -> str:
    """A number in words, to two decimals."""
    hundredths = round(abs(value) * 100)
    whole, rest = divmod(hundredths, 100)
    digits = f"{rest:02d}".rstrip("0")
    point = f" point {' '.join(number_to_words(int(d)) for d in digits)}" if digits else ""
    return ("minus " if value < 0 and hundredths else "") + number_to_words(whole) + point


def _count(slots: list[str], request: Request) -> Reply:
    numbers = [words_to_number(slot) or 0 for slot in slots]
    first, last = (numbers[0], numbers[1]) if len(numbers) > 1 else (1, numbers[0])
    step = 1 if last >= first else -1
    counted = list(range(first, last + step, step))[:100]
    lines = [counted[i : i + 10] for i in range(0, len(counted), 10)]
    return tuple(", ".join(number_to_words(n) for n in line) + "." for line in lines)


def _nth(kind: str, choices: Sequence[Reply]) -> Answer:
    """The next of several, by how many of the kind were asked for before."""

    def answer(slots: list[str], request: Request) -> Reply:
        asked = sum(kind in plain(text).split() for text in said_by(request.history, "user"))
        return choices[max(asked - 1, 0) % len(choices)]

    return answer


def _again(slots: list[str], request: Request) -> Reply:
    spoken = said_by(request.history, "assistant")
    return (spoken[-1],) if spoken else ("I have not said anything yet.",)


def _echo(slots: list[str], request: Request) -> Reply:
    asked = said_by(request.history, "user")
    return (f"You said: {asked[-2]}",) if len(asked) > 1 else ("This is the first thing you say.",)


def _recall(slots: list[str], request: Request) -> Reply:
    for text in reversed(said_by(request.history, "user")):
        intent, slots = _PHRASES.match(text) or ("", [])
        if intent == "introduce":
            return (f"Your name is {slots[0].title()}.",)
    return ("You have not told me your name.",)


def _time(slots: list[str], request: Request) -> Reply:
    hour = number_to_words(request.now.hour % 12 or 12)
    minute = request.now.minute
    minutes = f"oh {number_to_words(minute)}" if 0 < minute < 10 else number_to_words(minute)
    half = "a m" if request.now.hour < 12 else "p m"
    return (f"It is {hour} {half}." if not minute else f"It is {hour} {minutes} {half}.",)


def _date(slots: list[str], request: Request) -> Reply:
    now = request.now
    return (f"Today is {now:%A}, {now:%B} {now.day}, {now.year}.",)


def _weather(slots: list[str], request: Request) -> Reply:
    where = f" in {slots[0].title()}" if slots else ""
    return (f"I cannot know the weather{where}: I have no window and no network.", OFFER)


def _fixed(*sentences: str) -> Answer:
    return lambda slots, request: sentences


ANSWERS: dict[str, Answer] = {
    "greet": _fixed("Hello!", OFFER),
    "wellbeing": _fixed("All my rules are in order, thank you."),
    "self": _fixed(
        "I am the tutor, the stand-in that is built into this toolkit.",
        "I follow rules, I am not a language model, and nothing that you say leaves this machine.",
    ),
    "help": _fixed(
        "I tell the time and the date, reckon, and name capitals.",
        "I repeat, spell and count, and I explain words such as latency or barge in.",
        "Ask for a story if you want to interrupt me.",
    ),
    "time": _time,
    "date": _date,
    "reckon": _reckon,
    "reckon_on": _reckon_on,
    "capital": lambda slots, _: (f"The capital of {_country(slots[0])} is {CAPITALS[slots[0]]}.",),
    "weather": _weather,
    "spell": lambda slots, _: (f"{slots[0]}: {', '.join(slots[0].upper())}.",),
    "count": _count,
    "story": _nth("story", STORIES),
    "joke": _nth("joke", JOKES),
    "explain": lambda slots, _: TERMS[slots[0]],
    "again": _again,
    "echo": _echo,
    "introduce": lambda slots, _: (f"Nice to meet you, {slots[0].title()}.",),
    "recall": _recall,
    "thank": _fixed("You are welcome."),
    "bye": _fixed("Goodbye!"),
    "yes": _fixed("All right."),
    "repeat": lambda slots, _: (slots[0].capitalize() + ".",),
}


def _country(name: str) -> str:
    return " ".join(w if w == "the" else w.capitalize() for w in name.split())
