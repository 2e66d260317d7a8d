"""What a configuration does otherwise than the server by itself, and why, as a table.

The reasons are those of the use case, of rtkit's own defaults, or "you said so".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from rtkit.comparison import applied
from rtkit.fields import default_session, merge
from rtkit.schema import LOGPROBS
from rtkit.sessionconfig import RealtimeSessionConfig
from rtkit.settings import plain_value
from rtkit.sheets import Sheet, Shown

YOURS = "You said so."
OURS: Mapping[str, str] = {
    "max_response_tokens": "The lesson's default: an answer that goes astray ends by itself.",
    "transcription_enabled": "So that what the user said can be read; the server's default is off.",
    "transcription_model": "The current model for turns that are committed.",
    "transcription_logprobs": f"`{LOGPROBS}`: how sure the recogniser was of each word.",
}
"""Setting -> why rtkit's own default differs from the server's."""
BESIDE: Mapping[str, str] = {
    "model": "model",
    "include": "transcription_logprobs",
    "audio.input.format": "input_audio_format",
    "audio.output.format": "output_audio_format",
    "audio.input.turn_detection": "vad_mode",
    "audio.input.turn_detection.type": "vad_mode",
    "audio.input.transcription": "transcription_enabled",
    "audio.input.noise_reduction": "noise_reduction",
    "reasoning": "reasoning_effort",
}
"""Paths whose setting does not stand in the configuration's own table."""
SETTINGS: Mapping[str, str] = {
    **{path: name for name, path in RealtimeSessionConfig.PATHS.items()},
    **BESIDE,
}
"""Path -> the setting that it is made of."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One setting: where it goes ("" for nowhere), its value, the server's default, and why."""

    setting: str
    path: str
    value: Any
    default: Any
    why: str


class Explanation(Sequence[Reason], Shown):
    """Every setting that differs from the server's default, in the configuration's order."""

    __slots__ = ("_all",)

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self._all = tuple(reasons)

    @overload
    def __getitem__(self, index: int) -> Reason: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Reason]: ...
    def __getitem__(self, index: int | slice) -> Reason | Sequence[Reason]:
        return self._all[index]

    def __len__(self) -> int:
        return len(self._all)

    def sheet(self) -> Sheet:
        """Setting, field, value, what the server would do, and why."""
        head = ("Setting", "Field", "Value", "Server's default", "Why")
        rows = [
            (
                f"`{r.setting}`",
                f"`{r.path}`" if r.path else "not sent",
                f"`{r.value!r}`",
                f"`{r.default!r}`" if r.path else "-",
                r.why,
            )
            for r in self._all
        ]
        return Sheet(head, rows, "", "All is as the server does by itself.")

    def __repr__(self) -> str:
        return f"Explanation({', '.join(reason.setting for reason in self._all)})"


def explained(config: RealtimeSessionConfig, reasons: Mapping[str, str]) -> Explanation:
    """What a configuration does otherwise than the server; `reasons` by the names of settings."""
    order = list(type(config).model_fields)
    found = [*_sent(config, reasons), *_not_sent(config, reasons)]
    return Explanation(sorted(found, key=lambda reason: order.index(reason.setting)))


def _sent(config: RealtimeSessionConfig, reasons: Mapping[str, str]) -> Iterator[Reason]:
    usual = default_session()
    ours = merge(default_session(model=config.model), config.to_session())
    for difference in applied(ours, usual):
        setting = SETTINGS.get(difference.path) or SETTINGS[difference.path.rpartition(".")[0]]
        why = reasons.get(setting) or _ours(config, setting)
        value = plain_value(getattr(config, setting))
        yield Reason(setting, difference.path, value, difference.effective, why)


def _ours(config: RealtimeSessionConfig, setting: str) -> str:
    return YOURS if setting in config.model_fields_set else OURS.get(setting, YOURS)


def _not_sent(config: RealtimeSessionConfig, reasons: Mapping[str, str]) -> Iterator[Reason]:
    for setting, why in config.retired_fields().items():
        told = f"{reasons[setting]} {why}" if setting in reasons else why
        yield Reason(setting, "", getattr(config, setting), None, told)
