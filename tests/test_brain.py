"""Scripted replies and the words of items."""

import asyncio
from datetime import datetime

import pytest

from rtkit.server.brain import Brain, Call, Request, Say, Script, said_by, text_of

REQUEST = Request([], datetime(2026, 1, 1))


def replies(script, times):
    async def collect():
        return [[piece async for piece in script.reply(REQUEST)] for _ in range(times)]

    return asyncio.run(collect())


def test_a_script_gives_its_replies_in_order_and_then_the_last_one_again():
    call = Call("lookup", {"what": "time"})
    script = Script("One.", ["Two.", call])
    assert replies(script, 3) == [[Say("One.")], [Say("Two."), call], [Say("Two."), call]]
    assert isinstance(script, Brain)


def test_an_empty_script_is_refused():
    with pytest.raises(ValueError, match="at least one reply"):
        Script()


def test_texts_come_from_typed_words_and_transcripts():
    typed = {"role": "user", "content": [{"type": "input_text", "text": "hi"}]}
    spoken = {"role": "user", "content": [{"type": "input_audio", "transcript": None}]}
    call = {"type": "function_call", "name": "x"}
    assert text_of(typed) == "hi"
    assert said_by([typed, spoken, call], "user") == ["hi"]
