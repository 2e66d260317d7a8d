"""What one response was asked for: the session's settings with the fields of `response.create`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rtkit.audio import AudioFormat
from rtkit.fields import check_response, merge
from rtkit.server.conversation import Conversation, Entry
from rtkit.server.items import Maker
from rtkit.server.rejections import raise_if
from rtkit.server.terms import Terms, check_sizes

APART = ("metadata", "conversation", "input")
"""The fields of `response.create` that do not stand for session fields."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The session's settings with a response's own overrides."""

    settings: Mapping[str, Any]  # a realtime session object
    metadata: Mapping[str, str] | None = None
    context: list[Entry] | None = None  # in place of the conversation
    in_conversation: bool = True

    @property
    def spoken(self) -> bool:
        return "audio" in self.settings["output_modalities"]

    @property
    def format(self) -> AudioFormat:
        return AudioFormat.from_wire(self.settings["audio"]["output"]["format"])

    @property
    def limit(self) -> int | None:
        """How many tokens may be made; None for any number."""
        limit = self.settings["max_output_tokens"]
        return None if limit == "inf" else int(limit)

    @property
    def voice(self) -> str:
        """The voice's name; a custom voice is its id."""
        voice = self.settings["audio"]["output"]["voice"]
        return str(voice["id"] if isinstance(voice, Mapping) else voice)


def plan_of(params: object, terms: Terms, conversation: Conversation, maker: Maker) -> Plan:
    """The plan of a `response.create`; `Refused` for what is wrong in its `response`.

    A field that is null is as good as left out: the session's holds.
    """
    params = {} if params is None else params
    raise_if(check_response(params))
    assert isinstance(params, Mapping)
    check_sizes(params, "response", terms.limits)
    items = params.get("input")
    return Plan(
        settings=merge(terms.session, _overrides(params)),
        metadata=params.get("metadata"),
        context=None if items is None else maker.context(items, conversation),
        in_conversation=params.get("conversation") != "none",
    )


def plan_for_turn(terms: Terms) -> Plan:
    """The plan of the answer to a turn that the server ended."""
    return Plan(merge(terms.session, {}))


def _overrides(params: Mapping[str, Any]) -> dict[str, Any]:
    stated = {name: value for name, value in params.items() if value is not None}
    if "audio" in stated:
        output = stated["audio"].get("output") or {}
        output = {name: value for name, value in output.items() if value is not None}
        stated["audio"] = {"output": output}
    return {name: value for name, value in stated.items() if name not in APART}
