"""A configuration that is being made by hand: each step makes a new one, and remembers why.

What a step takes away because it does not go with it comes back with the step that allows it again.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from rtkit.builder import RealtimeConfigBuilder
from rtkit.choices import RetiredModelWarning, UseCase, VADMode
from rtkit.explanation import Explanation
from rtkit.form import Config
from rtkit.sessionconfig import RealtimeSessionConfig
from rtkit.transcriptionconfig import TranscriptionSessionConfig
from rtkit.usecases import preset


def as_config(config: object) -> Config:
    """The configuration itself, or the one that a GA session dict stands for.

    TypeError for what is none; ConfigError for a dict that no session can have.
    """
    if isinstance(config, Mapping):
        only_writes = config.get("type") == "transcription"
        kind = TranscriptionSessionConfig if only_writes else RealtimeSessionConfig
        return kind.from_session({"type": "realtime", **config})
    if not isinstance(config, RealtimeSessionConfig | TranscriptionSessionConfig):
        raise TypeError(
            f"a configuration is a RealtimeSessionConfig, a TranscriptionSessionConfig or a GA "
            f"session dict, found {type(config).__name__}. A builder makes one by .build()."
        )
    return config


class Draft:
    """The configuration as it stands, and the steps that change it."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._builder: RealtimeConfigBuilder | None = None
        if isinstance(config, RealtimeSessionConfig):
            self._builder = RealtimeConfigBuilder()
            self._builder.config = config
        self._use_case: UseCase | None = None
        self._idle_ms = config.idle_timeout_ms  # kept while the mode has no idle timeout

    def set(self, setting: str, value: Any) -> Config:
        """The new configuration; ConfigError for a value that no session can have.

        A model that ends is no warning here: the linter says it beside the field.
        """
        changes = {setting: value}
        idle_ms = self._idle_ms if value == VADMode.SERVER else None  # no other mode has one
        if setting == "vad_mode" and idle_ms != self.config.idle_timeout_ms:
            changes["idle_timeout_ms"] = idle_ms
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RetiredModelWarning)
            if self._builder is None:
                self.config = self.config.replace(**changes)
            else:
                self.config = self._builder.with_settings(**changes).config
        if setting == "idle_timeout_ms":
            self._idle_ms = self.config.idle_timeout_ms
        return self.config

    def load(self, use_case: UseCase | str) -> Config:
        """The new configuration with what a use case sets, reasons included."""
        if self._builder is not None:
            self._use_case = UseCase(use_case)
            self.config = self._builder.for_use_case(self._use_case).config
            self._idle_ms = self.config.idle_timeout_ms or self._idle_ms
        return self.config

    @property
    def use_case(self) -> UseCase | None:
        """The use case that was loaded, as long as all that it set is still so."""
        if self._use_case is None:
            return None
        choices = preset(self._use_case).choices
        same = all(getattr(self.config, name) == made.value for name, made in choices.items())
        return self._use_case if same else None

    @property
    def explanation(self) -> Explanation | None:
        """What differs from the server's defaults and why; None for one that only writes down."""
        return self._builder.explain() if self._builder is not None else None
