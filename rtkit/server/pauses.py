"""How long a session's turn detection waits, and how much sound before the speech it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rtkit.server.sense import Sense

IDLE_SECONDS = 30
"""So much of the newest sound is kept while nobody speaks."""
LONGEST_SILENCE_MS = 3_600_000  # a session is over by then


def silence_ms(turn_detection: Mapping[str, Any]) -> int:
    """How long a pause ends a turn of which no words are known yet."""
    if turn_detection["type"] == "semantic_vad":
        return Sense().window_ms(turn_detection.get("eagerness"))
    return min(int(turn_detection["silence_duration_ms"]), LONGEST_SILENCE_MS)


def detector_settings(turn_detection: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of the turn detector."""
    settings: dict[str, Any] = {"silence_duration_ms": silence_ms(turn_detection)}
    if turn_detection.get("threshold") is not None:
        settings["threshold"] = turn_detection["threshold"]
    if turn_detection.get("prefix_padding_ms") is not None:
        settings["prefix_padding_ms"] = padding_ms(turn_detection)
    return settings


def padding_ms(turn_detection: Mapping[str, Any]) -> int:
    """How much sound belongs to an utterance before its beginning; no more than is kept."""
    return min(turn_detection.get("prefix_padding_ms") or 0, IDLE_SECONDS * 1000)
