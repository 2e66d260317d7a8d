"""Items as clients write them: what may be in one, and the entry that is made of it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from rtkit.audio import AudioFormat, from_base64
from rtkit.errors import AudioError
from rtkit.refusals import Refusal, missing, not_supported, unknown, wrong_type
from rtkit.server.conversation import Conversation, Entry, Sound
from rtkit.server.images import NoImage, read_image
from rtkit.server.rejections import Refused, refuse

ABOUT_FORMAT = {
    AudioFormat.PCM16: "mono PCM16 at 24kHz",
    AudioFormat.G711_ULAW: "G.711 mu-law at 8kHz",
    AudioFormat.G711_ALAW: "G.711 A-law at 8kHz",
}

CONTENT = {
    "system": ("input_text",),
    "user": ("input_text", "input_audio", "input_image"),
    "assistant": ("output_text",),
}
"""Role -> the content types that a client may create. Assistant audio is made by the model only."""

REQUIRED = {
    "message": ("role", "content"),
    "function_call": ("name", "arguments"),
    "function_call_output": ("call_id", "output"),
}
"""Item type -> the fields it must have."""

OPTIONAL = {
    "message": (),
    "function_call": ("call_id",),
    "function_call_output": (),
}
EVERY_ITEM = ("type", "id", "object", "status")
"""Fields that any item may have beside those; "object" and "status" are the server's to say."""

PART_FIELD = {
    "input_text": "text",
    "output_text": "text",
    "input_audio": "audio",
    "input_image": "image_url",
}
PART_OPTIONAL = {"input_audio": ("transcript",), "input_image": ("detail",)}
DETAILS = ("auto", "low", "high")
LONGEST_ID = 32


def check_item(item: object, where: str = "item") -> Refusal | None:
    """What is wrong with an item that a client wants to create, or None."""
    if not isinstance(item, Mapping):
        return wrong_type(where, ("an object",), item)
    type_ = item.get("type")
    if type_ is None:
        return missing(f"{where}.type")
    if not isinstance(type_, str) or type_ not in REQUIRED:
        return not_supported(f"{where}.type", type_, tuple(REQUIRED))
    known = (*EVERY_ITEM, *REQUIRED[type_], *OPTIONAL[type_])
    refusal = _check_fields(item, where, REQUIRED[type_], known) or _check_id(item, where)
    if refusal is not None or type_ != "message":
        return refusal
    return _check_message(item, where)


def _check_fields(
    value: Mapping[str, Any], where: str, required: Sequence[str], known: Sequence[str]
) -> Refusal | None:
    """What is wrong with the fields of an item or a part; all but `content` hold strings."""
    for name in required:
        if name not in value:
            return missing(f"{where}.{name}")
    for name, field in value.items():
        if field is None and name not in required:
            continue
        if name not in known:
            return unknown(f"{where}.{name}")
        if name != "content" and not isinstance(field, str):
            return wrong_type(f"{where}.{name}", ("a string",), field)
    return None


def _check_id(item: Mapping[str, Any], where: str) -> Refusal | None:
    length = len(item.get("id") or "")
    if length > LONGEST_ID:
        return refuse("string_too_long", param=f"{where}.id", most=LONGEST_ID, found=length)
    return None


def _check_message(item: Mapping[str, Any], where: str) -> Refusal | None:
    role, content = item["role"], item["content"]
    if not isinstance(role, str) or role not in CONTENT:
        return not_supported(f"{where}.role", role, tuple(CONTENT))
    if not isinstance(content, list):
        return wrong_type(f"{where}.content", ("an array",), content)
    checks = (_check_part(part, role, f"{where}.content[{i}]") for i, part in enumerate(content))
    return next((refusal for refusal in checks if refusal), None)


def _check_part(part: object, role: str, where: str) -> Refusal | None:
    if not isinstance(part, Mapping):
        return wrong_type(where, ("an object",), part)
    type_ = part.get("type")
    if type_ is None:
        return missing(f"{where}.type")
    if type_ not in CONTENT[role]:
        return not_supported(f"{where}.type", type_, CONTENT[role])
    name, more = PART_FIELD[type_], PART_OPTIONAL.get(type_, ())
    refusal = _check_fields(part, where, (name,), ("type", name, *more))
    if refusal is None and type_ == "input_image":
        return _check_image(part, where)
    return refusal


def _check_image(part: Mapping[str, Any], where: str) -> Refusal | None:
    if part.get("detail") not in (None, *DETAILS):
        return not_supported(f"{where}.detail", part["detail"], DETAILS)
    try:
        read_image(part["image_url"])
    except NoImage as error:
        return refuse("bad_image", param=f"{where}.image_url", detail=error)
    return None


def made_item(item: Mapping[str, Any], item_id: str) -> dict[str, Any]:
    """A client's item as the server shows it: with an id, completed, without audio bytes."""
    given = {name: value for name, value in item.items() if value is not None and name != "object"}
    made = {**copy.deepcopy(given), "id": item_id, "status": "completed"}
    for part in made.get("content") or ():
        if part["type"] == "input_audio":
            part.pop("audio", None)
            part.setdefault("transcript", None)
    return made


def spoken_item(item_id: str) -> dict[str, Any]:
    """The item of a committed utterance, before its words are known."""
    return {
        "id": item_id,
        "type": "message",
        "status": "completed",
        "role": "user",
        "content": [{"type": "input_audio", "transcript": None}],
    }


def decoded_audio(audio: object, form: AudioFormat, param: str = "audio") -> bytes:
    """The bytes of a base64 field, whole samples; `Refused` with what was wrong."""
    if not isinstance(audio, str):
        raise Refused(wrong_type(param, ("a string",), audio))
    try:
        data = from_base64(audio)
    except AudioError as error:
        refusal = refuse("bad_audio", param=param, expected=ABOUT_FORMAT[form], detail=error)
        raise Refused(refusal) from error
    if len(data) % form.bytes_per_sample:
        detail = f"{len(data)} bytes are not a whole number of samples."
        expected = ABOUT_FORMAT[form]
        raise Refused(refuse("bad_audio", param=param, expected=expected, detail=detail))
    return data


def _join(entry: Entry, sounds: Sequence[bytes], form: AudioFormat) -> None:
    """Put the sounds of an item's parts into its entry, and what is known of their words."""
    entry.sound = Sound(form, bytearray(b"".join(sounds)))
    if len(sounds) > 1:
        entry.splits = list(accumulate(len(sound) for sound in sounds))
    parts = [part for part in entry.item["content"] if part["type"] == "input_audio"]
    words = [part.get("transcript") for part in parts]
    if None not in words:
        entry.heard = " ".join(words)


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes entries of clients' items. `form` is the session's input format."""

    new_id: Callable[[str], str]
    form: AudioFormat

    def entry(self, item: object, where: str = "item") -> Entry:
        """The entry of an item; `Refused` when it is none."""
        refusal = check_item(item, where)
        if refusal is not None:
            raise Refused(refusal)
        assert isinstance(item, Mapping)
        item_id = item.get("id")
        entry = Entry(made_item(item, item_id or self.new_id("item_")))
        sounds: list[bytes] = []
        for number, part in enumerate(item.get("content") or ()):
            if part["type"] == "input_image":
                entry.images.append(read_image(part["image_url"]))
            if part["type"] == "input_audio":
                param = f"{where}.content[{number}].audio"
                sounds.append(decoded_audio(part["audio"], self.form, param))
        if sounds:
            _join(entry, sounds, self.form)
        return entry

    def context(self, items: object, conversation: Conversation) -> list[Entry]:
        """The entries that `response.input` lists: items, and references to known ones."""
        if not isinstance(items, list):
            raise Refused(wrong_type("response.input", ("an array",), items))
        return [
            self._referred(item, f"response.input[{number}]", conversation)
            if isinstance(item, Mapping) and item.get("type") == "item_reference"
            else self.entry(item, f"response.input[{number}]")
            for number, item in enumerate(items)
        ]

    @staticmethod
    def _referred(item: Mapping[str, Any], where: str, conversation: Conversation) -> Entry:
        item_id = item.get("id")
        if item_id is None:
            raise Refused(missing(f"{where}.id"))
        entry = conversation.get(item_id)
        if entry is None:
            raise Refused(refuse("reference_unknown", item_id=item_id))
        return entry
