"""The closed choices of a configuration, and the warning about models that end.

The members are the wire's own strings; a test holds them against the field table.
"""

from __future__ import annotations

import sys
import warnings
from enum import StrEnum

from rtkit.catalog import model


class Voice(StrEnum):
    """The built-in voices; the service recommends MARIN and CEDAR for best quality."""

    ALLOY = "alloy"
    ASH = "ash"
    BALLAD = "ballad"
    CORAL = "coral"
    ECHO = "echo"
    SAGE = "sage"
    SHIMMER = "shimmer"
    VERSE = "verse"
    MARIN = "marin"
    CEDAR = "cedar"


class VADMode(StrEnum):
    """Who decides that a turn is over.

    SERVER: the server, by silence. SEMANTIC: the server, by whether the sentence sounds finished.
    CLIENT: a detector on this machine, which then commits the turn. MANUAL: you, by committing it.
    The last two are both `turn_detection: null` on the wire.
    """

    SERVER = "server_vad"
    SEMANTIC = "semantic_vad"
    CLIENT = "client_vad"
    MANUAL = "manual"


class NoiseReduction(StrEnum):
    """NEAR_FIELD for a headset, FAR_FIELD for a laptop or a room microphone."""

    NEAR_FIELD = "near_field"
    FAR_FIELD = "far_field"


class UseCase(StrEnum):
    """What a session is for; `rtkit.preset` shows what each one sets, and why.

    The first four are the lesson's.
    """

    VOICE_ASSISTANT = "voice_assistant"
    CUSTOMER_SERVICE = "customer_service"
    TELEPHONY = "telephony"
    INTERACTIVE_DEMO = "demo"
    PUSH_TO_TALK = "push_to_talk"
    TRANSCRIPTION = "transcription"
    NOISY_ROOM = "noisy_room"
    LANGUAGE_TUTOR = "language_tutor"
    PHONE_LINE = "phone_line"


class RetiredModelWarning(UserWarning):
    """A model that the hosted service has ended or will end; the message names its successor."""


def warn_of_the_end(name: str, told: str | None = None) -> None:
    """Warn when a model is deprecated or gone; not again for the one that was `told` already."""
    known = model(name)
    farewell = known and known.farewell()
    if farewell and name != told:
        text = f"{farewell} The embedded server answers to any name."
        warnings.warn(text, RetiredModelWarning, stacklevel=_callers_level())


def _callers_level() -> int:
    """The `stacklevel` of the nearest frame outside rtkit and pydantic."""
    level, frame = 2, sys._getframe(2)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith(("rtkit.", "pydantic")):
        level, frame = level + 1, frame.f_back
    return level
