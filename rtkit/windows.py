"""How long before a turn and after it: a wire `turn_detection` object in the turn detector's terms.

The embedded server and `rtkit.segment` both read it here, so that they agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rtkit.sense import Sense

LONGEST_SILENCE_MS = 3_600_000  # a session is over by then
LONGEST_PADDING_MS = 30_000
"""So much sound the server keeps while nobody speaks."""


def turn_settings(turn_detection: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a TurnDetector; what the object does not say is left to its defaults."""
    settings: dict[str, Any] = {"silence_duration_ms": silence_ms(turn_detection)}
    if turn_detection.get("threshold") is not None:
        settings["threshold"] = turn_detection["threshold"]
    if turn_detection.get("prefix_padding_ms") is not None:
        settings["prefix_padding_ms"] = padding_ms(turn_detection)
    return settings


def silence_ms(turn_detection: Mapping[str, Any]) -> int:
    """How long a pause ends a turn of which no words are known yet."""
    if turn_detection["type"] == "semantic_vad":
        return Sense().window_ms(turn_detection.get("eagerness"))
    return min(int(turn_detection["silence_duration_ms"]), LONGEST_SILENCE_MS)


def padding_ms(turn_detection: Mapping[str, Any]) -> int:
    """How much sound belongs to a turn before its beginning; no more than is kept."""
    return min(turn_detection.get("prefix_padding_ms") or 0, LONGEST_PADDING_MS)
