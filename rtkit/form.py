"""The form of a configuration: which settings a person sees, as what control, and when.

Ranges, choices and words are those of the field table, of the settings' own types and of
`plainwords`; this table adds what only a form has. Nothing here draws anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import EnumType
from typing import Any, Literal, TypeAlias

from rtkit import catalog
from rtkit.choices import VADMode
from rtkit.explanation import BESIDE, SETTINGS
from rtkit.linter import Finding
from rtkit.plainwords import MEANINGS, meaning_of
from rtkit.rulebook import pattern
from rtkit.schema import Field
from rtkit.schema import field as row_of
from rtkit.sessionconfig import RealtimeSessionConfig
from rtkit.settings import plain_value
from rtkit.transcriptionconfig import TranscriptionSessionConfig

Config: TypeAlias = RealtimeSessionConfig | TranscriptionSessionConfig
Kind = Literal["choice", "suggestion", "slider", "number", "switch", "line", "text", "tools"]

PATHS: Mapping[str, str] = {
    **{name: path for path, name in BESIDE.items()},
    **RealtimeSessionConfig.PATHS,
}
"""Setting -> the field of the table that tells its range, its choices and its meaning."""
SUGGESTED: Mapping[str, catalog.Kind] = {
    "model": "realtime",
    "transcription_model": "transcription",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One control of the form.

    `needs` names the settings that must have one of these values, else it means nothing. `step` is
    a slider's; `end` is where it ends when the table knows no upper bound.
    """

    setting: str
    label: str
    kind: Kind
    needs: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    step: float = 1
    end: float = 0

    @property
    def row(self) -> Field:
        """Its row in the field table."""
        return row_of(PATHS[self.setting])

    @property
    def off(self) -> Any:
        """What a number is when it is none: "inf" or None."""
        return self.row.allowed[0] if self.row.allowed else None

    @property
    def can_be_off(self) -> bool:
        """Whether a number may be none."""
        return bool(self.row.allowed) or self.row.nullable

    def applies(self, config: Config) -> bool:
        """Whether it means anything in this configuration."""
        has = self.setting in type(config).model_fields
        return has and all(getattr(config, name) in ok for name, ok in self.needs.items())


SPOKEN = {"output_modalities": (("audio",),)}
BY_PAUSE = {"vad_mode": (VADMode.SERVER, VADMode.CLIENT)}
FOUND = {"vad_mode": (VADMode.SERVER, VADMode.CLIENT, VADMode.SEMANTIC)}
WRITTEN = {"transcription_enabled": (True,)}

FORM: Mapping[str, tuple[Entry, ...]] = {
    "Answers": (
        Entry("model", "Model", "suggestion"),
        Entry("output_modalities", "Answers are", "choice"),
        Entry("voice", "Voice", "choice", SPOKEN),
        Entry("speed", "Speed", "slider", SPOKEN, step=0.05),
        Entry("instructions", "Instructions", "text"),
        Entry("max_response_tokens", "Tokens per answer", "number"),
    ),
    "Turns": (
        Entry("vad_mode", "Turn detection", "choice"),
        Entry("vad_threshold", "Threshold", "slider", BY_PAUSE, step=0.05),
        Entry("prefix_padding_ms", "Prefix padding (ms)", "slider", BY_PAUSE, step=20, end=1000),
        Entry("silence_duration_ms", "Silence (ms)", "slider", BY_PAUSE, step=50, end=2000),
        Entry(
            "idle_timeout_ms",
            "Idle timeout (ms)",
            "slider",
            {"vad_mode": (VADMode.SERVER,)},
            step=500,
        ),
        Entry("eagerness", "Eagerness", "choice", {"vad_mode": (VADMode.SEMANTIC,)}),
        Entry("create_response", "Answer at the end of a turn", "switch", FOUND),
        Entry("interrupt_response", "Stop when spoken to", "switch", FOUND),
    ),
    "Transcription": (
        Entry("transcription_enabled", "Write down what is said", "switch"),
        Entry("transcription_model", "Model", "suggestion", WRITTEN),
        Entry("transcription_language", "Language", "line", WRITTEN),
        Entry("transcription_prompt", "Prompt", "line", WRITTEN),
    ),
    "Sound": (
        Entry("input_audio_format", "Input format", "choice"),
        Entry("noise_reduction", "Noise reduction", "choice"),
        Entry("output_audio_format", "Output format", "choice", SPOKEN),
    ),
    "Tools": (
        Entry("tool_choice", "Tool choice", "choice"),
        Entry("tools", "Tools (JSON)", "tools"),
    ),
}
ENTRIES: Mapping[str, Entry] = {entry.setting: entry for page in FORM.values() for entry in page}


def visible(config: Config) -> list[str]:
    """The settings of the form that mean anything in a configuration."""
    return [setting for setting, entry in ENTRIES.items() if entry.applies(config)]


def choices(setting: str, config: Config) -> list[Any]:
    """What a choice offers, as plain values; one of your own that is set comes last.

    >>> choices("noise_reduction", RealtimeSessionConfig())
    [None, 'near_field', 'far_field']
    """
    info, row = type(config).model_fields[setting], ENTRIES[setting].row
    if isinstance(info.annotation, EnumType):
        offered = [plain_value(member) for member in info.annotation]
    else:
        offered = list(row_of(row.path + "[]").allowed if "array" in row.kinds else row.allowed)
    if info.default is None:
        offered.insert(0, None)
    value = chosen(setting, config)
    return offered if value in offered else [*offered, value]


def chosen(setting: str, config: Config) -> Any:
    """The plain value of a choice; of a list that holds one, that one."""
    value = plain_value(getattr(config, setting))
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def suggestions(setting: str) -> list[str]:
    """The models that can be named and have not ended."""
    return [model.name for model in catalog.models(SUGGESTED[setting]) if not model.retired]


def meaning(setting: str, config: Config) -> str:
    """What the setting means as it is set, in plain words; else what it is about.

    >>> meaning("silence_duration_ms", RealtimeSessionConfig(silence_duration_ms=200))
    'a breath ends the turn'
    """
    value, path = plain_value(getattr(config, setting)), PATHS[setting]
    return meaning_of(path, None if value is False else value) or MEANINGS[path]


def setting_at(path: str | None) -> str | None:
    """The setting that a path of the wire belongs to, None for none.

    >>> setting_at("session.tools[0].parameters"), setting_at("session.voice")
    ('tools', None)
    """
    place = pattern(path)
    while place:
        if place in SETTINGS:
            return SETTINGS[place]
        place = place.removesuffix("[]") if place.endswith("[]") else place.rpartition(".")[0]
    return None


def by_setting(
    findings: Iterable[Finding], shown: Iterable[str]
) -> tuple[dict[str, list[Finding]], list[Finding]]:
    """The findings at each setting that is shown, and those that stand at none of them."""
    placed: dict[str, list[Finding]] = {setting: [] for setting in shown}
    others: list[Finding] = []
    for found in findings:
        placed.get(setting_at(found.path) or "", others).append(found)
    return placed, others
