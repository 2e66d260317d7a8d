"""Faults that can be switched on in a session: which there are, and the text that names them.

    stall:after=response.created,seconds=2; drop:at=20; cut:chance=0.1,seed=7

One fault is a kind and, after a colon, its parameters; a semicolon stands between faults. All
conditions that are given must hold for it to strike. `python -m rtkit.server.faults` prints the
tables. Shapes of failed responses are those of the official types; their wording is ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rtkit import events
from rtkit.errors import ConfigError
from rtkit.server.delays import LONGEST_MS, STAGES, Delays
from rtkit.server.streams import REORDERABLE, REPEATABLE

Value = float | str
LONGEST_TEXT = 2000
DO = "Say `python -m rtkit.server.faults` for all kinds and parameters."


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter: `type` is int, float, "event", "times" or "word"; the range is inclusive."""

    type: type | str
    means: str
    default: Value = 0
    low: float = 0
    high: float = 1_000_000


PARAMS: Mapping[str, Param] = {
    "at": Param(int, "at the nth event that is sent, or the first possible one after it", 1, low=1),
    "after": Param("event", "behind an event of this type", ""),
    "of": Param("event", "events of this type only", ""),
    "nth": Param(int, "from the nth event of that type on", 1, low=1),
    "time": Param(float, "not before so many seconds of the session", 0.0, high=86_400),
    "chance": Param(float, "with this probability, at each event where it may strike", 1.0, high=1),
    "seed": Param(int, "begins the chance; the same seed strikes alike", 0),
    "times": Param("times", "how often at most, a number or always (once, with chance always)", 1),
    "seconds": Param(float, "how long the stream stops", 2.0, high=3600),
    "code": Param(int, "close code: 1000 to 1014 but 1004 to 1006, or 3000 to 4999", 1011),
    "reason": Param("word", "reason in the close frame, at most 120 bytes", "server_error"),
    "reset": Param(float, "seconds until the limit is lifted, as told", 20.0, high=86_400),
    "places": Param(int, "how many events overtake it at most", 1, low=1, high=100),
    **{name: Param(float, means, 0.0, high=LONGEST_MS) for name, means in STAGES.items()},
}
WHEN = ("at", "nth", "time", "chance", "seed", "times")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault. `strikes`: "behind" any event, at an "event" that it changes, in a
    "response" that runs, or "always". `allowed` are the event types it may change (empty: all).
    """

    does: str
    client: str  # what a client should do
    strikes: str
    own: tuple[str, ...] = ()  # parameters beside those that say when
    usual: Mapping[str, Value] | None = None  # when it strikes if nothing says when
    allowed: tuple[str, ...] = ()

    @property
    def params(self) -> tuple[str, ...]:
        """The names of the parameters it takes."""
        if self.strikes == "always":
            return self.own
        return (*WHEN, *(("of",) if self.strikes == "event" else ("after",)), *self.own)


_CREATED = {"after": events.RESPONSE_CREATED}
_DELTA = {"of": events.AUDIO_DELTA}
_AGAIN = "Ask again later, not at once and not for ever; the session stays usable."
_RECONNECT = "Notice the end, say so, open a new session; the old conversation is gone."
_SKIP = "Log it, leave the frame out, go on: the next one is sound."
KINDS: Mapping[str, Kind] = {
    "delay": Kind(
        "Stages of each turn take longer.",
        "Nothing, but measure it: the figures per stage show where the time went.",
        "always",
        (*STAGES, "seed"),
    ),
    "stall": Kind(
        "The stream stops, then all that waited comes at once.",
        "Play what is there, wait, go on; give up only after a time-out of its own.",
        "behind",
        ("seconds",),
        _CREATED,
    ),
    "drop": Kind(
        "The connection breaks without a close frame (clients tell 1006).",
        _RECONNECT,
        "behind",
        (),
        _CREATED,
    ),
    "close": Kind(
        "The server closes with a code, usually 1011 (a fault of the server).",
        _RECONNECT,
        "behind",
        ("code", "reason"),
        _CREATED,
    ),
    "expire": Kind(
        "The session's time is over: error session_expired, close code 1001.",
        "Open a new session before that, or at once; tell the new one what was said.",
        "behind",
        (),
        _CREATED,
    ),
    "rate_limit": Kind(
        "The response fails with rate_limit_exceeded; rate_limits.updated says 0 remaining.",
        "Read status_details.error in response.done; wait for reset_seconds, then ask again.",
        "response",
        ("reset",),
        _CREATED,
    ),
    "quota": Kind(
        "The response fails with insufficient_quota; rate_limits.updated says 0 remaining.",
        "Read status_details.error in response.done; waiting does not help, tell the person.",
        "response",
        (),
        _CREATED,
    ),
    "fail": Kind(
        "The response fails with server_error, what was begun of it is incomplete.",
        f"Read status_details.error in response.done. {_AGAIN}",
        "response",
        (),
        _CREATED,
    ),
    "again": Kind(
        "The server answers once more, though nobody has asked anything.",
        "Play it; nothing tells it from an answer. Measure it: one question, two answers.",
        "behind",
        (),
        {"after": events.RESPONSE_DONE},
    ),
    "deaf": Kind(
        "The server does not tell that somebody begins to speak.",
        "Nothing tells it either: talking over an answer does not stop it. Measure how long.",
        "event",
        (),
        {"at": 1},
        (events.SPEECH_STARTED,),
    ),
    "no_transcript": Kind(
        "The transcription of the question fails.",
        "Show the question without words; the answer comes all the same.",
        "event",
        (),
        {"at": 1},
        (events.TRANSCRIPTION_COMPLETED,),
    ),
    "cut": Kind("A text frame holds half a JSON object.", _SKIP, "event", (), _DELTA),
    "binary": Kind("An event comes in a binary frame.", _SKIP, "event", (), _DELTA),
    "unknown_type": Kind(
        "An event of a type that nobody knows comes in between.",
        "Pass it over: new types come without warning.",
        "behind",
        (),
        _CREATED,
    ),
    "extra_field": Kind(
        "An event carries a field that nobody knows.",
        "Pass the field over: new fields come without warning.",
        "event",
        (),
        {"of": events.RESPONSE_CREATED},
    ),
    "duplicate": Kind(
        "An event that tells a state comes twice, the second with an id of its own.",
        "Take the state as it is told; count nothing.",
        "event",
        (),
        {"at": 1},
        tuple(REPEATABLE),
    ),
    "reorder": Kind(
        "An event comes later than others of which it is independent.",
        "Sort by item_id, response_id and content_index, never by what came last.",
        "event",
        ("places",),
        {"at": 1},
        tuple(REORDERABLE),
    ),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind and what was said of it; made by `parse`, turned back into text by `str`."""

    kind: str
    given: tuple[tuple[str, Value], ...] = ()

    def number(self, name: str) -> float:
        """A parameter that is a number: as given, else the kind's, else the usual one."""
        return float(self._value(name))

    def word(self, name: str) -> str:
        """A parameter that is a text."""
        return str(self._value(name) or "")

    @property
    def types(self) -> tuple[str, ...]:
        """The event types at which it may strike; none: all."""
        named = self.word("of") or self.word("after")
        return (named,) if named else KINDS[self.kind].allowed

    @property
    def by_the_clock(self) -> bool:
        """Whether it strikes at its time even when nothing is being sent."""
        told = {name for name, _ in self.given}
        behind = KINDS[self.kind].strikes == "behind"
        return behind and "time" in told and not told & {"at", "after", "nth", "chance"}

    def _value(self, name: str) -> Value:
        said = dict(self.given)
        usual = KINDS[self.kind].usual or {}
        if name in said:
            return said[name]
        if name in usual and not said.keys() & {"at", "after", "of", "time", "chance"}:
            return usual[name]
        if name == "times" and "chance" in said:
            return float("inf")
        return PARAMS[name].default

    def __str__(self) -> str:
        told = ",".join(f"{name}={_shown(value)}" for name, value in self.given)
        return f"{self.kind}:{told}" if told else self.kind


def _shown(value: Value) -> str:
    if value == float("inf"):
        return "always"
    return value if isinstance(value, str) else repr(value)


def parse(text: str) -> tuple[Fault, ...]:
    """The faults that a text names; ConfigError says what was found, what is allowed, what to do.

    >>> [str(fault) for fault in parse("stall:seconds=2; drop:at=20")]
    ['stall:seconds=2.0', 'drop:at=20']
    """
    if len(text) > LONGEST_TEXT:
        raise ConfigError(f"faults in {len(text)} characters. Allowed: {LONGEST_TEXT}. {DO}")
    return tuple(_fault(part.strip()) for part in text.split(";") if part.strip())


def faults_of(said: str | Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults of a text, or those that were made before; ConfigError as `parse`."""
    return parse(said if isinstance(said, str) else "; ".join(map(str, said)))


def delays_of(faults: Iterable[Fault]) -> Delays:
    """The sum of all `delay` faults."""
    total = Delays()
    for fault in faults:
        if fault.kind == "delay":
            times = {name: fault.number(name) for name in STAGES}
            total += Delays(**times, seed=int(fault.number("seed")))
    return total


def _fault(text: str) -> Fault:
    name, _, told = text.partition(":")
    name = name.strip()
    if name not in KINDS:
        raise ConfigError(f"no fault is named {name!r}. Allowed: {', '.join(KINDS)}. {DO}")
    given: dict[str, Value] = {}
    for part in told.split(",") if told.strip() else ():
        param, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign or param not in KINDS[name].params or param in given:
            found = "given twice" if param in given else "not known there"
            raise ConfigError(
                f"{part.strip()!r} in the fault {text!r} is {found}. Allowed: "
                f"{', '.join(f'{allowed}=' for allowed in KINDS[name].params)}, each once. {DO}"
            )
        given[param] = _checked(name, param, value, text)
    return Fault(name, tuple(given.items()))


def _checked(kind: str, param: str, value: str, text: str) -> Value:
    row = PARAMS[param]
    if row.type == "event":
        found: Value | None = value if value in _types(kind) else None
        allowed = ", ".join(_types(kind))
    elif row.type == "word":
        found = value if value and len(value.encode()) <= 120 else None
        allowed = "1 to 120 bytes"
    else:
        found = _number(row, value)
        allowed = f"{row.low:.9g} to {row.high:.9g}" + (
            ", or always" if row.type == "times" else ""
        )
    if param == "code" and not _closes(found):
        found, allowed = None, row.means
    if found is None:
        raise ConfigError(
            f"{param}={value} in the fault {text!r}: {row.means}. Allowed: {allowed}. {DO}"
        )
    return found


def _types(kind: str) -> tuple[str, ...]:
    inside = tuple(name for name in events.SERVER_EVENTS if in_response(name))
    everything = inside if KINDS[kind].strikes == "response" else tuple(events.SERVER_EVENTS)
    return KINDS[kind].allowed or everything


def in_response(type_: str) -> bool:
    """Whether an event of this type comes while its response runs."""
    return type_.startswith("response.") and type_ != events.RESPONSE_DONE


def _number(row: Param, text: str) -> Value | None:
    if row.type == "times" and text == "always":
        return float("inf")
    try:
        number = float(text) if row.type is float else int(text)
    except ValueError:
        return None
    return number if row.low <= number <= row.high else None


def _closes(code: Value | None) -> bool:
    """Whether a server may send this close code (RFC 6455, section 7.4)."""
    if not isinstance(code, int):
        return False
    return (1000 <= code <= 1014 and code not in (1004, 1005, 1006)) or 3000 <= code <= 4999


def table() -> str:
    """All kinds and parameters as text, for people."""
    lines = ["KIND           WHAT HAPPENS / what a client should do / parameters"]
    for name, kind in KINDS.items():
        usual = ",".join(f"{k}={v}" for k, v in (kind.usual or {}).items() if v)
        own = ", ".join(kind.own)
        lines.append(f"{name:15}{kind.does}\n{'':15}{kind.client}")
        lines.append(f"{'':15}own: {own or 'none'}" + (f"; usually {usual}" if usual else ""))
        if kind.allowed:
            lines.append(f"{'':15}events: {', '.join(kind.allowed)}")
    lines.append("\nPARAMETER      MEANING (usual value)")
    lines += [
        f"{name:15}{row.means}" + (f" ({row.default})" if row.default != "" else "")
        for name, row in PARAMS.items()
    ]
    lines.append(f"\n{', '.join(WHEN)}: for every kind but delay; after: for what strikes behind")
    lines.append("an event or in a response; of: for what changes an event. Example:")
    lines.append("stall:after=response.created,seconds=2; cut:chance=0.1,seed=7")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
