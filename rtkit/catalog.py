"""What the hosted services offer: models, prices, voices, limits; each with date and source.

The facts lie in `catalog.json`, beside this module, and are read at first use. Everything in rtkit
that needs a model name, a price or a limit looks here; nothing here talks to a network. Prices are
US dollars, dates are ISO days ("2027-01-20"), `date` is the day on which `source` was last seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

DEFAULT_MODEL = "gpt-realtime-2.1"
DEFAULT_TRANSCRIPTION = "gpt-transcribe"

Kind = Literal["realtime", "transcription", "translation", "live"]
Status = Literal["active", "deprecated", "retired"]


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per one million tokens of one modality; None where the service sells none."""

    input: float
    cached: float
    output: float | None = None


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model: what it is for, how long it lives, what it holds and what it costs.

    `shutdown` is the day it ends or ended, None when none is known. `prices` maps "text", "audio"
    and "image" to a `Price`; models sold by the minute have `usd_per_minute` instead.
    """

    name: str
    kind: Kind
    status: Status
    date: str
    source: str
    shutdown: str | None = None
    replacement: str | None = None
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    reasoning: bool = False
    streaming: bool = False
    prices: Mapping[str, Price] = field(default_factory=dict)
    usd_per_minute: float | None = None
    note: str = ""

    @property
    def deprecated(self) -> bool:
        """Whether the service still answers but has announced the end."""
        return self.status == "deprecated"

    @property
    def retired(self) -> bool:
        """Whether the service has ended."""
        return self.status == "retired"

    def farewell(self) -> str | None:
        """One sentence on when the model ends and what to use instead; None for an active one.

        >>> print(model("whisper-1").farewell())
        'whisper-1' is deprecated and shuts down on 2027-02-26; use 'gpt-transcribe' instead.
        """
        if self.status == "active":
            return None
        if self.retired:
            when = f"was shut down on {self.shutdown}" if self.shutdown else "has been shut down"
        else:
            end = f"shuts down on {self.shutdown}" if self.shutdown else "will be shut down"
            when = f"is deprecated and {end}"
        return f"'{self.name}' {when}; use '{self.replacement}' instead."


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """One built-in voice; `recommended` by the service for best quality."""

    name: str
    date: str
    source: str
    recommended: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """One number that the service holds everybody to."""

    name: str
    value: float
    unit: str
    date: str
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A day on which the service changed, or will."""

    name: str
    day: str
    what: str
    date: str
    source: str


def models(kind: Kind | None = None) -> tuple[ModelInfo, ...]:
    """All models, newest first; only those of one kind when it is given."""
    return tuple(m for m in _models().values() if kind is None or m.kind == kind)


def model(name: str) -> ModelInfo | None:
    """What is known about a model; None for a name that is not in the catalog."""
    return _models().get(name)


def voices() -> tuple[VoiceInfo, ...]:
    """The built-in voices, in the order of the API's own list."""
    return tuple(VoiceInfo(**entry) for entry in _data()["voices"])


def limit(name: str) -> float:
    """The value of one limit, in the unit that its name or entry states. Unknown names: KeyError.

    >>> limit("session_seconds")
    3600
    """
    return limits()[name].value


@cache
def limits() -> Mapping[str, Limit]:
    """Every limit by its name."""
    return MappingProxyType({entry["name"]: Limit(**entry) for entry in _data()["limits"]})


@cache
def milestones() -> Mapping[str, Milestone]:
    """Every dated change of the service by its name."""
    return MappingProxyType({entry["name"]: Milestone(**entry) for entry in _data()["milestones"]})


@cache
def _models() -> Mapping[str, ModelInfo]:
    return MappingProxyType({entry["name"]: _model(entry) for entry in _data()["models"]})


def _model(entry: dict[str, Any]) -> ModelInfo:
    facts = dict(entry)
    table = facts.pop("usd_per_million_tokens", {})
    prices = MappingProxyType({modality: Price(**row) for modality, row in table.items()})
    return ModelInfo(**facts, prices=prices)


@cache
def _data() -> dict[str, list[dict[str, Any]]]:
    text = Path(__file__).with_name("catalog.json").read_text(encoding="utf-8")
    data: dict[str, list[dict[str, Any]]] = json.loads(text)
    return data
