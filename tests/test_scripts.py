"""Replies in a text file: what is read from it, and what is said of a line that is wrong."""

import asyncio
from datetime import UTC, datetime

import pytest

from rtkit.errors import ConfigError
from rtkit.server.brain import Call, Request, Say
from rtkit.server.scripts import parse

TEXT = """\ufeff# The first reply.
Good morning.
  How can I help you?

# a remark between two replies

One moment, please.
{"call": "get_weather", "arguments": {"city": "Paris"}}
{"call": "hang_up"}


It is sunny in Paris."""


def replies(script, times):
    async def told():
        request = Request([], datetime.now(UTC))
        return [[piece async for piece in script.reply(request)] for _ in range(times)]

    return asyncio.run(told())


def test_replies_are_set_apart_by_empty_lines_and_given_in_order():
    weather = Call("get_weather", {"city": "Paris"})
    sunny = [Say("It is sunny in Paris.")]
    assert replies(parse(TEXT), 4) == [
        [Say("Good morning."), Say("How can I help you?")],
        [Say("One moment, please."), weather, Call("hang_up", {})],
        sunny,
        sunny,
    ]


def test_each_session_hears_them_from_the_first_on():
    script = parse("One.\n\nTwo.")
    one, two = script.for_session(), script.for_session()
    assert replies(one, 2) == [[Say("One.")], [Say("Two.")]]
    assert replies(two, 1) == [[Say("One.")]]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{call: x}", "no JSON"),
        ("{" * 5000, "no JSON"),
        ("{}", 'its "call" is not the name of a tool'),
        ('{"call": ""}', 'its "call" is not the name of a tool'),
        ('{"call": 5}', 'its "call" is not the name of a tool'),
        ('{"name": "x"}', "it holds 'name'"),
        ('{"call": "x", "arguments": "y"}', 'its "arguments" are not an object'),
    ],
)
def test_a_wrong_line_is_named_with_its_number(line, why):
    with pytest.raises(ConfigError) as caught:
        parse(f"Hello.\n# remark\n\n{line}\n", "replies.txt")
    assert str(caught.value).startswith("replies.txt, line 4: ")
    assert why in str(caught.value)
    assert '{"call": "get_weather"' in str(caught.value)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a remark\n"])
def test_a_file_without_a_reply_is_no_script(text):
    with pytest.raises(ConfigError, match=r"replies\.txt holds no reply"):
        parse(text, "replies.txt")
