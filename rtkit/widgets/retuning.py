"""A tuner's setting on its way: from the sliders into a VADConfig, from there to a session."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Mapping
from typing import Any

from rtkit.choices import VADMode
from rtkit.errors import ConfigError, RtkitError
from rtkit.fields import merge
from rtkit.inputside import VAD_NAMES
from rtkit.parts import VADConfig
from rtkit.segments import described, in_force

KNOBS = ("threshold", "prefix_padding_ms", "silence_duration_ms", "eagerness")
FLAGS = ("create_response", "interrupt_response")
USED = {
    VADMode.SERVER: ("threshold", "prefix_padding_ms", "silence_duration_ms"),
    VADMode.CLIENT: ("threshold", "prefix_padding_ms", "silence_duration_ms"),
    VADMode.SEMANTIC: ("eagerness",),
}
"""What a mode goes by."""


def tunable(vad: object) -> VADConfig:
    """The turn detection of a VADConfig or of a configuration; ConfigError if it finds no turns."""
    found = getattr(vad, "vad", vad)
    if not isinstance(found, VADConfig):
        raise ConfigError(
            f"a tuner takes a VADConfig, or a configuration that holds one, found {vad!r}. "
            "VADConfig() is the default."
        )
    if found.mode not in USED:
        allowed = ", ".join(str(mode) for mode in USED)
        raise ConfigError(
            f"a tuner shows turns that are found in the sound: mode is one of {allowed}, found "
            f"{found.mode!s}. Choose another mode."
        )
    return found


def retuned(base: VADConfig, told: Mapping[str, Any]) -> VADConfig:
    """A setting with the values of the sliders; what they do not show stays."""
    mode = VADMode(told["mode"])
    if base.mode is VADMode.CLIENT and mode is VADMode.SERVER:
        mode = VADMode.CLIENT  # the same sliders
    kept = base.given()
    if mode is not VADMode.SERVER:
        kept.pop("idle_timeout_ms", None)
    moved = {name: told[name] for name in KNOBS if told[name] != getattr(base, name)}
    return VADConfig(**{**kept, **moved, "mode": mode})


def with_turns(config: Any, vad: VADConfig) -> Any:
    """A copy of a configuration (or GA session dict) with this turn detection."""
    if isinstance(config, Mapping):
        wire = {"audio": {"input": {"turn_detection": vad.to_turn_detection()}}}
        return merge(config, wire)
    wanted = {*USED[vad.mode], *(vad.model_fields_set & {*FLAGS, "idle_timeout_ms"})}
    changes = {
        setting: getattr(vad, name)
        for setting, name in VAD_NAMES.items()
        if name in wanted and setting in type(config).model_fields
    }
    if vad.mode is not VADMode.SERVER:
        changes["idle_timeout_ms"] = None
    return config.replace(vad_mode=vad.mode, **changes)


def session_in(target: Any) -> Any:
    """The session of a console; anything else as it is."""
    if not hasattr(target, "effective") and hasattr(target, "session"):
        if target.session is None:
            raise ConfigError(
                "this console has no session yet. Show it in a cell, or speak to it, first."
            )
        return target.session
    return target


def of_session(session: Any) -> VADConfig:
    """The turn detection that a live session has now; the default where it has none."""
    current = _current(session_in(session))
    names = {name: current[name] for name in KNOBS if name in current}
    return VADConfig(mode=current["type"], **names) if current else VADConfig()


def update_of(session: Any, vad: VADConfig) -> dict[str, Any]:
    """The session dict that gives a live session this turn detection, and leaves all else."""
    if vad.mode is VADMode.CLIENT:
        raise ConfigError(
            "a session that is open cannot begin to find turns on this side. Choose "
            f"{VADMode.SERVER!s}, or open another one: rtkit.connect(tuner.apply_to(config))."
        )
    wire = vad.to_turn_detection() or {}
    current = _current(session)
    kept = {name: current[name] for name in wire if name in current and name not in KNOBS}
    given = {name: wire[name] for name in vad.model_fields_set if name in wire}
    turns = {**wire, **kept, **given, "type": wire["type"]}
    return {
        "type": session.effective.get("type", "realtime"),
        "audio": {"input": {"turn_detection": turns}},
    }


def applied_to(target: Any, vad: VADConfig) -> Any:
    """A copy of a configuration with this turn detection; or what updating a session gives."""
    target = session_in(target)
    if hasattr(target, "effective"):
        return target.update(update_of(target, vad))
    return with_turns(target, vad)


def carried_over(session: Any, vad: VADConfig) -> tuple[bool, str]:
    """Update a live session and wait; whether it was done, and a sentence about it."""
    try:
        answer = applied_to(session, vad)
        if inspect.isawaitable(answer):
            asyncio.run(_wait(answer))
    except (RtkitError, OSError) as error:
        return False, str(error)
    return True, f"The session has it now: {described(in_force(vad))}."


async def _wait(answer: Awaitable[Any]) -> None:
    await answer


def _current(session: Any) -> Mapping[str, Any]:
    heard = session.effective.get("audio", {}).get("input", {})
    found: Mapping[str, Any] = heard.get("turn_detection") or {}
    return found
