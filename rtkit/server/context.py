"""What a response is given to read: instructions, tools, and as much of the conversation as fits.

A model reads so many tokens as its context window holds (catalog) less its longest answer. What is
left of them beside instructions and tools is for the conversation. When that grows beyond it,
`truncation` decides:

    auto              the oldest items are left out until the rest fits
    retention_ratio   the same, but until the rest is no more than that part of what would fit, so
                      that there is room for some turns; `token_limits.post_instructions` is a
                      limit of one's own in place of the model's
    disabled          the response is refused

What was left out stays out for later responses of the conversation, though it can still be
retrieved. Instructions, tools and the newest item are never left out; the output of a call goes
with its call. A response outside the conversation, or with an `input` of its own, leaves out for
itself alone.

A prefix that was given before counts as cached: instructions and tools if they are the same, then
each item up to the first that is another one or another length. So leaving out the oldest items
lets the cache begin anew behind the instructions.

Facts: SDK 3.54.0, RealtimeTruncationRetentionRatio; developers.openai.com, realtime-costs. That
`disabled` refuses by an `error` event follows the SDK, its code is ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from rtkit import catalog
from rtkit.refusals import Refusal
from rtkit.server.conversation import Entry
from rtkit.server.rejections import Refused, refuse
from rtkit.server.usage import Tokens, settings_tokens, total


@dataclass(frozen=True, slots=True)
class Window:
    """How many tokens of conversation may be given: at most `most`; once there are more, `keep`.

    `keep` is None when nothing may be left out.
    """

    most: int
    keep: int | None

    def fit(self, entries: Sequence[Entry]) -> list[Entry]:
        """The newest of the entries that fit; `Refused` when that is none or not allowed."""
        sizes = [entry.tokens().total for entry in entries]
        have = sum(sizes)
        if have <= self.most:
            return list(entries)
        if self.keep is None or sizes[-1] > self.most:
            raise Refused(refuse("context_too_long", have=have, most=max(self.most, 0)))
        first = 0
        while first < len(entries) - 1 and have > self.keep:
            have -= sizes[first]
            first += 1
        return _without_orphans(entries[first:])


def _without_orphans(entries: Sequence[Entry]) -> list[Entry]:
    """Entries without the outputs of calls that are not among them."""
    kept: list[Entry] = []
    calls: set[object] = set()
    for entry in entries:
        item = entry.item
        if item["type"] == "function_call":
            calls.add(item.get("call_id"))
        lost = item["type"] == "function_call_output" and item["call_id"] not in calls
        if not lost or entry is entries[-1]:
            kept.append(entry)
    return kept


def input_limit(model: object) -> int:
    """How many tokens a model reads: its context window less its longest answer.

    A model that is not in the catalog reads as many as the default one.
    """
    info = catalog.model(str(model))
    if info is None or info.context_tokens is None or info.max_output_tokens is None:
        info = catalog.model(catalog.DEFAULT_MODEL)
    assert info is not None
    assert info.context_tokens is not None
    assert info.max_output_tokens is not None
    return info.context_tokens - info.max_output_tokens


def window(settings: Mapping[str, Any], before: Tokens) -> Window:
    """The window of a session object; `before` is what its instructions and tools take."""
    most = input_limit(settings["model"]) - before.total
    truncation = settings["truncation"]
    if isinstance(truncation, Mapping):
        own = (truncation.get("token_limits") or {}).get("post_instructions")
        most = most if own is None else min(most, own)
        return Window(most, int(most * truncation["retention_ratio"]))
    return Window(most, None if truncation == "disabled" else most)


def check_truncation(session: Mapping[str, Any]) -> Refusal | None:
    """What is wrong with a limit of one's own: it may not be above the model's."""
    truncation = session.get("truncation")
    limits = truncation.get("token_limits") if isinstance(truncation, Mapping) else None
    own = (limits or {}).get("post_instructions")
    most = input_limit(session.get("model"))
    if own is None or own <= most:
        return None
    return refuse("post_instructions_above", most=most, found=own)


@dataclass(frozen=True, slots=True)
class Given:
    """What one response was given: the text before the conversation, and each item's tokens."""

    before: str
    before_tokens: Tokens
    items: tuple[tuple[Entry, Tokens], ...] = ()

    @property
    def tokens(self) -> Tokens:
        """All of it."""
        return self.before_tokens + total(tokens for _, tokens in self.items)

    def cached(self, earlier: Given | None) -> Tokens:
        """The part that an earlier response was given as well, from the beginning on."""
        if earlier is None or earlier.before != self.before:
            return Tokens()
        pairs = zip(self.items, earlier.items, strict=False)
        same = takewhile(lambda pair: pair[0][0] is pair[1][0] and pair[0][1] == pair[1][1], pairs)
        return self.before_tokens + total(tokens for (_, tokens), _ in same)


def given(settings: Mapping[str, Any], entries: Sequence[Entry]) -> Given:
    """What a response with these settings is given, when these items fit."""
    before = json.dumps([settings["instructions"], settings["tools"]])
    items = tuple((entry, entry.tokens()) for entry in entries)
    return Given(before, settings_tokens(settings["instructions"], settings["tools"]), items)
