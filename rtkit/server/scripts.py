"""Replies that somebody wrote down in a text file, for `rtkit serve --brain script:FILE`.

    # The first reply has two sentences.
    Good morning.
    How can I help you?

    One moment, please.
    {"call": "get_weather", "arguments": {"city": "Paris"}}

    It is sunny in Paris.

Replies are set apart by empty lines, and given in this order; after the last, the last again.
Each line of a reply is said, but for one that begins with {: that is a tool call, in JSON.
Lines that begin with # are remarks.
"""

from __future__ import annotations

import json

from rtkit.errors import ConfigError
from rtkit.server.brain import Call, Script

EXAMPLE = '{"call": "get_weather", "arguments": {"city": "Paris"}}'


def parse(text: str, name: str = "the script") -> Script:
    """The brain that gives these replies; ConfigError with the number of a line that is wrong.

    `name` stands in the messages for the file.

    >>> parse("Hello.", "replies.txt").grammar
    ''
    """
    replies: list[list[str | Call]] = [[]]
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line = raw.strip()
        if line.startswith("{"):
            replies[-1].append(_call(line, f"{name}, line {number}"))
        elif line and not line.startswith("#"):
            replies[-1].append(line)
        elif not line and replies[-1]:
            replies.append([])
    replies = [reply for reply in replies if reply]
    if not replies:
        raise ConfigError(
            f"{name} holds no reply. Write what is to be said, one sentence per line, with an "
            "empty line between one reply and the next."
        )
    return Script(*replies)


def _call(line: str, where: str) -> Call:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _wrong(where, f"this is no JSON ({error})") from None
    if unknown := sorted(set(found) - {"call", "arguments"}):
        raise _wrong(where, f"it holds {unknown[0]!r}")
    if not (isinstance(found.get("call"), str) and found["call"]):
        raise _wrong(where, 'its "call" is not the name of a tool')
    if not isinstance(found.get("arguments", {}), dict):
        raise _wrong(where, 'its "arguments" are not an object')
    return Call(found["call"], found.get("arguments", {}))


def _wrong(where: str, why: str) -> ConfigError:
    return ConfigError(
        f"{where}: a line that begins with {{ is a tool call, and {why}. Write it like this: "
        f"{EXAMPLE}"
    )
