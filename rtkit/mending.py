"""Values of the beta as the GA shape has them: one function per field, each a value to a value.

A function gives the new value and why it is another, or "" for a value that may stay. `GONE` as
the value means that nothing can stand for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, Final

from rtkit.betashape import FORMATS, NO_DETECTION
from rtkit.catalog import DEFAULT_MODEL, DEFAULT_TRANSCRIPTION, model
from rtkit.schema import VOICES, field

GONE: Final = object()
Mended = tuple[Any, str]

OLD_MINI, OLD = ("gpt-4o-mini-realtime",), ("gpt-4o-realtime",)
"""How the names of models begin that ended with the beta."""
MINI = "gpt-realtime-2.1-mini"


def mend_modalities(value: Any) -> Mended:
    """Audio brings its transcript along, so both are audio."""
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not words:
        return GONE, "No modality is named."
    new = ["audio"] if any("audio" in str(word) for word in words) else ["text"]
    if value == new:
        return new, ""
    return new, "One of the two is said; a spoken answer brings its transcript along."


def mend_format(value: Any) -> Mended:
    """A format as an object with the name of a media type, and its only rate."""
    name = value.get("type") if isinstance(value, Mapping) else value
    if not isinstance(name, str):
        return GONE, "No format is named."
    new = FORMATS.get(name.lower(), name.lower())
    if new not in FORMATS.values():
        return GONE, f"No realtime session speaks {name!r}: convert the sound to PCM at 24 kHz."
    wire: dict[str, Any] = {"type": new} | ({"rate": 24000} if new == "audio/pcm" else {})
    if value == wire or (isinstance(value, Mapping) and value == {"type": new}):
        return deepcopy(value), ""
    rate = value.get("rate") if isinstance(value, Mapping) else None
    if rate not in (None, wire.get("rate")):
        return wire, f"There is one rate for {new}; resample sound that has {rate}."
    return wire, "A format is an object with the name of a media type."


def mend_transcription(value: Any) -> Mended:
    """An object that turns transcription on, or null."""
    if isinstance(value, bool):
        new = {"model": DEFAULT_TRANSCRIPTION} if value else None
        return new, "An object turns transcription on and null off; it names its model."
    if isinstance(value, str):
        return {"model": value}, "Transcription is an object that names its model."
    if not isinstance(value, Mapping):
        return value, ""
    if value.get("enabled") is False:
        return None, "There is no switch: null turns transcription off."
    new = {name: deepcopy(inner) for name, inner in value.items() if name != "enabled"}
    if not new.get("model"):
        new["model"] = DEFAULT_TRANSCRIPTION
        return new, "The model has to be named; a default is not documented."
    return new, "There is no switch: the object turns it on." if "enabled" in value else ""


def mend_detection(value: Any) -> Mended:
    """Turn detection of one of the two types, or null."""
    name = value.get("type") if isinstance(value, Mapping) else value
    if value is False or (isinstance(name, str) and name.lower() in NO_DETECTION):
        return None, "Off is null: `none`, `manual` and `client_vad` never were types of the API."
    if isinstance(value, str):
        return {"type": value}, "Turn detection is an object."
    if isinstance(value, Mapping) and name is None:
        kind = "semantic_vad" if "eagerness" in value else "server_vad"
        return {"type": kind, **deepcopy(dict(value))}, "The type has to be said."
    return deepcopy(value), ""


def mend_noise(value: Any) -> Mended:
    """Noise reduction as an object."""
    if isinstance(value, str):
        return {"type": value}, "Noise reduction is an object."
    return deepcopy(value), ""


def mend_voice(value: Any) -> Mended:
    """A voice that realtime models have."""
    if not isinstance(value, str) or value in VOICES:
        return deepcopy(value), ""
    if value.lower() in VOICES:
        return value.lower(), "The names of voices are written small."
    return GONE, f"Realtime models have no voice {value!r}; they have {', '.join(VOICES)}."


def mend_tokens(value: Any) -> Mended:
    """A number that the service takes, or "inf"."""
    most = int(field("max_output_tokens").high or 0)
    if value is None:
        return GONE, "Nothing is said by it."
    if isinstance(value, int) and not isinstance(value, bool) and value > most:
        return most, f"A number is at most {most}; 'inf' lifts the bound."
    return value, ""


def mend_speed(value: Any) -> Mended:
    """A speed between the bounds."""
    row = field("audio.output.speed")
    if not isinstance(value, int | float) or isinstance(value, bool):
        return GONE, "A speed is a number."
    low, high = row.low or 0, row.high or value
    new = min(max(value, low), high)
    return new, "" if new == value else f"The speed lies between {low:g} and {high:g}."


def mend_model(value: Any) -> Mended:
    """A model that lives: those that have ended are replaced, those that will end are kept."""
    known = model(value) if isinstance(value, str) else None
    if known is not None and known.retired:
        return known.replacement or DEFAULT_MODEL, str(known.farewell())
    if known is None and isinstance(value, str):
        for start, new in ((OLD_MINI, MINI), (OLD, DEFAULT_MODEL)):
            if value.startswith(start):
                return new, f"The previews have ended; {new!r} is the current model."
    return value, ""


def mend_tools(value: Any) -> Mended:
    """Flat tools."""
    if not isinstance(value, list | tuple):
        return value, ""
    new = [_flat(tool) for tool in value]
    why = "Tools are flat: name, description and parameters lie beside the type."
    return new, "" if new == list(value) else why


def mend_choice(value: Any) -> Mended:
    """A flat choice of a tool."""
    if value == "any":
        return "required", "It is called `required`."
    if isinstance(value, Mapping) and isinstance(value.get("function"), Mapping):
        return {"type": "function", "name": value["function"].get("name")}, "The choice is flat."
    return deepcopy(value), ""


def _flat(tool: Any) -> Any:
    if not isinstance(tool, Mapping):
        return tool
    inner = tool.get("function")
    outer = {name: deepcopy(each) for name, each in tool.items() if name not in ("function",)}
    if isinstance(inner, Mapping):
        outer |= {name: deepcopy(each) for name, each in inner.items() if name != "strict"}
    if "type" not in outer and "name" in outer:
        outer = {"type": "function", **outer}
    return outer


MENDERS: Mapping[str, Callable[[Any], Mended]] = {
    "model": mend_model,
    "output_modalities": mend_modalities,
    "max_output_tokens": mend_tokens,
    "tools": mend_tools,
    "tool_choice": mend_choice,
    "audio.input.format": mend_format,
    "audio.input.transcription": mend_transcription,
    "audio.input.noise_reduction": mend_noise,
    "audio.input.turn_detection": mend_detection,
    "audio.output.format": mend_format,
    "audio.output.voice": mend_voice,
    "audio.output.speed": mend_speed,
}
"""Path in the GA shape -> what makes its value of the one that was found."""
