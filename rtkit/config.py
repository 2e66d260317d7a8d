"""Configuration: the one place to import it from.

The session's own type lies in `sessionconfig`, its two parts in `parts`, the closed choices in
`choices`, the builder in `builder`, what each use case sets in `usecases`. Ranges and choices are
those of the field table in `schema`; nothing here opens a connection.
"""

from __future__ import annotations

from rtkit.builder import RealtimeConfigBuilder
from rtkit.choices import NoiseReduction, RetiredModelWarning, UseCase, VADMode, Voice
from rtkit.formats import AudioFormat
from rtkit.parts import CustomVoice, TranscriptionConfig, VADConfig
from rtkit.responseconfig import ResponseConfig
from rtkit.sessionconfig import RealtimeConfig, RealtimeSessionConfig
from rtkit.transcriptionconfig import TranscriptionSessionConfig

__all__ = [
    "AudioFormat",
    "CustomVoice",
    "NoiseReduction",
    "RealtimeConfig",
    "RealtimeConfigBuilder",
    "RealtimeSessionConfig",
    "ResponseConfig",
    "RetiredModelWarning",
    "TranscriptionConfig",
    "TranscriptionSessionConfig",
    "UseCase",
    "VADConfig",
    "VADMode",
    "Voice",
]
