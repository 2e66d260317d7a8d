"""What a caller does, step by step.

Steps that are heard, and `Silent`, are turns, numbered from 1; a `Wait` belongs to the turn before
it. A question is asked when the last answer was heard to its end, unless a `Wait` stands before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import ConfigDict, model_validator

from rtkit.clip import Clip
from rtkit.errors import ConfigError
from rtkit.evals.expectation import LONGEST_S, NOTHING, Expect
from rtkit.settings import Settings, refuse
from rtkit.speech.voices import voice_named

Kind = Literal["question", "barge_in", "backchannel", "noise"]
NoiseName = Literal["white", "pink", "hum", "hum60", "babble"]
WAITS = ("answer", "first_sound")


def check_voice(name: str | None) -> None:
    """Refuse a voice that there is not."""
    try:
        voice_named(name or "alloy")
    except ConfigError as error:
        refuse(f"voice: {error}")


class Step(Settings):
    """One thing that a caller does."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    @property
    def turn(self) -> bool:
        """Whether it begins a turn of its own."""
        return True

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        return iter(self.given().items())

    @property
    def expected(self) -> Expect:
        """What is expected of it."""
        return getattr(self, "expect", NOTHING)

    def told(self) -> str:
        """What it is, in a few words."""
        raise NotImplementedError

    def _check(self, name: str, low: float, high: float) -> None:
        value = getattr(self, name)
        if value is not None and not low <= value <= high:
            refuse(f"{name}: found {value!r}; allowed: {low:g} to {high:g}.")


class Heard(Step):
    """A step that makes a sound; it says of which kind that is."""

    @property
    def kind(self) -> Kind:
        """Of which kind it is."""
        return "question"

    @property
    def words(self) -> str:
        """What is said, in words; "" if that is not known."""
        return str(getattr(self, "text", ""))

    @property
    def begins_ms(self) -> float | None:
        """Milliseconds after the first sound of the answer; None: when it is the caller's turn."""
        return getattr(self, "at_ms", None)


VERBS = {"question": "says", "barge_in": "speaks over it:", "backchannel": "hums"}


class Said(Heard):
    """What is said by synthesis: in a voice (None: the caller's), at a speed, so much louder."""

    text: str
    voice: str | None = None
    speed: float = 1.0
    gain_db: float = 0.0
    expect: Expect = NOTHING

    @model_validator(mode="after")
    def _can_be_said(self) -> Said:
        if not self.text.strip():
            refuse("the text is empty. Give some words to be said.")
        check_voice(self.voice)
        self._check("speed", 0.25, 1.5)
        self._check("gain_db", -60, 20)
        return self

    def told(self) -> str:
        """What is said, when, and in which voice."""
        begins = "" if self.begins_ms is None else f", {self.begins_ms:g} ms into the answer"
        return (
            f'{VERBS[self.kind]} "{self.text}"' + begins + (f" ({self.voice})" * bool(self.voice))
        )


class Say(Said):
    """Say something, and mean it as a question: it is waited for an answer."""


class BargeIn(Said):
    """Speak over the answer, `at_ms` milliseconds after its first sound; an answer is awaited."""

    at_ms: float = 500.0

    @model_validator(mode="after")
    def _in_time(self) -> BargeIn:
        self._check("at_ms", 0, 1000 * LONGEST_S)
        return self

    @property
    def kind(self) -> Kind:
        """Of which kind it is."""
        return "barge_in"


class Backchannel(Said):
    """A sign of listening, `at_ms` after the answer's first sound, that wants no answer."""

    text: str = "mm-hmm"
    at_ms: float = 500.0
    gain_db: float = -6.0
    expect: Expect = Expect(not_interrupted=True)

    @model_validator(mode="after")
    def _in_time(self) -> Backchannel:
        self._check("at_ms", 0, 1000 * LONGEST_S)
        return self

    @property
    def kind(self) -> Kind:
        """Of which kind it is."""
        return "backchannel"


class Play(Heard):
    """Play a recording: a path, in a file beside the file of the caller, or a Clip."""

    clip: str | Clip
    text: str = ""
    gain_db: float = 0.0
    expect: Expect = NOTHING

    @model_validator(mode="after")
    def _can_be_played(self) -> Play:
        if isinstance(self.clip, str) and not self.clip.strip():
            refuse("the path of the recording is empty. Name a WAV file.")
        self._check("gain_db", -60, 20)
        return self

    def told(self) -> str:
        """What is played, and what is said in it."""
        clip = self.clip if isinstance(self.clip, str) else f"{self.clip.duration:.1f} s"
        return f"plays {clip}" + (f': "{self.text}"' if self.text else "")


class Burst(Heard):
    """A noise that is no speech, for so many seconds; at_ms None: in the silence after an answer.

    It is expected to lead to nothing.
    """

    noise: NoiseName = "white"
    seconds: float = 0.5
    level_dbfs: float = -30.0
    at_ms: float | None = None
    expect: Expect = NOTHING

    @model_validator(mode="after")
    def _can_be_made(self) -> Burst:
        self._check("seconds", 0.02, 60)
        self._check("level_dbfs", -90, 0)
        self._check("at_ms", 0, 1000 * LONGEST_S)
        return self

    def told(self) -> str:
        """Which noise, for how long, and when."""
        begins = "" if self.at_ms is None else f", {self.at_ms:g} ms into the answer"
        return f"{self.noise} noise for {self.seconds:g} s at {self.level_dbfs:g} dBFS{begins}"

    @property
    def kind(self) -> Kind:
        """Of which kind it is."""
        return "noise"


class Silent(Step):
    """Say nothing for so many seconds, once the last answer was heard."""

    seconds: float
    expect: Expect = NOTHING

    @model_validator(mode="after")
    def _lasts(self) -> Silent:
        self._check("seconds", 0.02, LONGEST_S)
        return self

    def told(self) -> str:
        """For how long."""
        return f"is silent for {self.seconds:g} s"


class Wait(Step):
    """Wait for the answer's end ("answer"), its first sound ("first_sound"), or milliseconds."""

    until: str | float = "answer"

    @model_validator(mode="after")
    def _is_a_wait(self) -> Wait:
        ms = self.until
        if ms not in WAITS and (isinstance(ms, str) or not 0 < ms <= 1000 * LONGEST_S):
            allowed = f"{', '.join(WAITS)}, or milliseconds up to {1000 * LONGEST_S:,.0f}"
            refuse(f"until: found {ms!r}; allowed: {allowed}.")
        return self

    def told(self) -> str:
        """What for."""
        if isinstance(self.until, str):
            return "waits for the " + ("answer" if self.until == "answer" else "first sound of it")
        return f"waits {self.until:g} ms"

    @property
    def turn(self) -> bool:
        """It belongs to the turn before it."""
        return False


class Background(Settings):
    """Noise behind the caller all the time, `snr_db` below the level of the caller's speech."""

    noise: NoiseName = "babble"
    snr_db: float = 20.0

    @model_validator(mode="after")
    def _audible(self) -> Background:
        if not -20 <= self.snr_db <= 80:
            refuse(f"snr_db: found {self.snr_db!r}; allowed: -20 to 80.")
        return self

    def __str__(self) -> str:
        """In a few words."""
        return f"{self.noise} noise {self.snr_db:g} dB below it"
