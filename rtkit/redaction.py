"""What is taken out of an event before it is recorded: base64 audio, and credentials.

Both work on the event and on the text it came in. All else of the text stays byte for byte.

A credential is known in three ways. By its place: the value of a field such as `authorization`.
By its look, wherever it stands: keys of OpenAI (`sk-`, `ek_`), bearer tokens, JSON web tokens, the
user and password of a URL, and what follows `api-key:` or `?token=`. And by being the session's
own: what let it in, and what stood in such a field, is taken out wherever it turns up again.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from .events import AUDIO_FIELD

MASK = "***"
SECRETS = frozenset(
    "authorization proxy_authorization headers api_key apikey x_api_key client_secret access_token"
    " refresh_token secret password passwd".split()
)
"""Fields whose values are credentials; in lower case, with `_` for `-`."""

SCHEMAS = frozenset({"parameters", "properties", "input_schema"})
"""Fields that hold names of somebody's own choosing, which say nothing of what is in them."""

SHORTEST = 6  # a shorter secret would blot out ordinary text

LOOKS = (
    (re.compile(r"(?<![A-Za-z0-9])sk-(?=[\w-]*\d)[\w-]{12,}"), MASK),
    (re.compile(r"(?<![A-Za-z0-9])ek_(?=[\w-]*\d)[\w-]{8,}"), MASK),
    (re.compile(r"(?i)\b(bearer\s+)(?=\S*\d)[\w.~+/=-]{8,}"), rf"\1{MASK}"),
    (
        re.compile(
            r"(?i)(authorization[\"'\\]*\s*[:=]\s*[\"'\\]*(?:basic|token)\s+)[\w.~+/=-]{6,}"
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?<![\w-])eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?"), MASK),
    (re.compile(r"(?<=://)[^\s/?#@\"'<>]+@"), f"{MASK}@"),
    (
        re.compile(
            r"(?i)((?:[?&]|\b)(?:[\w-]*api[-_]?key|subscription-key|access_token|client_secret|token"
            r"|sig|signature|secret|password|key)=)[^&\s\"'#<>*]{6,}"
        ),
        rf"\1{MASK}",
    ),
    (
        re.compile(r"(?i)((?:api[-_]?|subscription-)key[\"']*\s*:\s*[\"']*)(?=\S*\d)[\w-]{16,}"),
        rf"\1{MASK}",
    ),
)
"""What credentials look like, and what stands in the record in their place."""

_HINTS = ("sk-", "ek_", "earer", "EARER", "eyJ", "://", "=", "key", "Key", "KEY", "asic")
"""Without any of these no text holds what looks like a credential."""

_FIELD_HINTS = ("uthoriz", "eaders", "api", "API", "Api", "ecret", "assw", "_token")
_WORD = re.compile(r"(?i)auth|key|token|secret|cookie|passw|sign")
_PLAIN_FIELDS = frozenset({"type", "event_id", "item_id", "audio", "played_ms"})  # ours
_TAIL = 256  # characters of a text that comes in pieces, in which a secret may have begun


def cut_audio(
    event: Mapping[str, Any], text: str | None, audio: bytes | None = None
) -> tuple[dict[str, Any], str | None, bytes]:
    """The event and its text with "" for the base64 audio, and the bytes of that audio.

    `audio` are those bytes if they are known. What is no base64 is no audio: it stays where it is,
    as evidence.
    """
    field = AUDIO_FIELD.get(event.get("type", ""))
    value = event.get(field) if field else None
    if audio is None:
        audio = _decoded(value) if isinstance(value, str) else b""
    if field is None or not value or not audio:
        return dict(event), text, audio
    return {**event, field: ""}, text and _cut_text(text, field, value), audio


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        return b""


@cache
def _string_of(field: str) -> re.Pattern[str]:
    """Finds `"field": "..."` in JSON text; group 1 is what stands between the quotes."""
    return re.compile(rf'"{field}"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL)


def _cut_text(text: str, field: str, value: str) -> str:
    """The text with "" for this value of a field."""
    key = f'"{field}"'
    at = text.find(key)
    while at >= 0:  # nearly always it stands there as it is; a pattern would look at each letter
        start = text.find('"', at + len(key)) + 1
        end = start + len(value)
        is_value = start and text.startswith(value, start) and text[end : end + 1] == '"'
        if is_value and text[at + len(key) : start - 1].strip() == ":":
            return text[:start] + text[end:]
        at = text.find(key, at + 1)
    return _cut_escaped(text, field, value)


def _cut_escaped(text: str, field: str, value: str) -> str:
    for match in _string_of(field).finditer(text):
        if json.loads(f'"{match[1]}"', strict=False) == value:
            return text[: match.start(1)] + text[match.end(1) :]
    return text


def mask_secrets(
    event: Mapping[str, Any], text: str | None
) -> tuple[Mapping[str, Any], str | None]:
    """The event with credentials masked, as `Redactor.event` does for a session without any."""
    return Redactor().event(event, text)


class Redactor:
    """Takes credentials out of the events of one session, and learns which are its own."""

    def __init__(self) -> None:
        self._known: tuple[str, ...] = ()
        self._tails: dict[tuple[object, ...], str] = {}

    def learn(self, secrets: Iterable[str]) -> None:
        """These are credentials, wherever they stand. Texts below 6 characters are passed over."""
        told = (part for text in secrets for part in (text, text.partition(" ")[2]))
        found = {text for text in told if len(text) >= SHORTEST and text != MASK}
        self._known = tuple(sorted(found.union(self._known), key=lambda text: (-len(text), text)))

    def text(self, text: str) -> str:
        """A text without credentials."""
        for secret in self._known:
            if secret in text:
                text = text.replace(secret, MASK)
        if any(hint in text for hint in _HINTS):
            for pattern, instead in LOOKS:
                text = pattern.sub(instead, text)
        return text

    def event(
        self, event: Mapping[str, Any], text: str | None
    ) -> tuple[Mapping[str, Any], str | None]:
        """The event and its text without credentials; both as they were if there are none."""
        if text is None and event.keys() <= _PLAIN_FIELDS:
            return event, text
        if text is not None and self._innocent(text):
            masked = self._in_pieces(event)
        else:
            self._learn_from(event)
            masked = self._in_pieces(self._value(event, True))
        if masked is event or masked == event:
            return event, text and self.text(text)
        return masked, text and self._retold(masked, text)

    def shown(self, value: Any) -> Any:
        """Any part of an event or of a configuration, without credentials."""
        return self._value(value, True)

    def _innocent(self, text: str) -> bool:
        """Whether a look at the text is enough to see that no credential stands in it."""
        if "\\" in text or any(secret in text for secret in self._known):
            return False
        return not any(hint in text for hint in (*_HINTS, *_FIELD_HINTS))

    def _retold(self, masked: Mapping[str, Any], text: str) -> str:
        """The text in which only the credentials are replaced, or else the event written anew."""
        replaced = self.text(text)
        try:
            if json.loads(replaced) == masked:
                return replaced
        except (ValueError, RecursionError):
            return replaced  # it never was the event
        return json.dumps(masked, ensure_ascii=False)

    def _field(self, name: str, value: Any, by_name: bool) -> Any:
        if by_name and value and _plain(name) in SECRETS and not isinstance(value, bool | int):
            return MASK
        return self._value(value, by_name and name not in SCHEMAS)

    def _value(self, value: Any, by_name: bool) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {
                self.text(str(name)): self._field(str(name), inner, by_name)
                for name, inner in value.items()
            }
        if isinstance(value, list | tuple):
            shown = [self._value(inner, by_name) for inner in value]
            return tuple(shown) if isinstance(value, tuple) else shown
        return value

    def _learn_from(self, value: Any) -> None:
        found = set(_credentials(value))
        if not found <= set(self._known):
            self.learn(found)

    # a text that comes in pieces

    def _in_pieces(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """The event, with the part of its delta masked that goes on with a credential.

        A credential that comes in pieces can be told from its 6th character on at the earliest;
        what came before is on the record.
        """
        delta = event.get("delta")
        if not isinstance(delta, str) or not delta:
            return event
        place = tuple(str(event.get(name)) for name in ("type", "item_id", "content_index"))
        before = self._tails.pop(place, "")
        joined = before + delta
        while len(self._tails) > 8:
            self._tails.pop(next(iter(self._tails)))
        self._tails[place] = joined[-_TAIL:]
        shown, at = [], len(before)
        for first, end in sorted(self._spans(joined)):
            if end > at:
                shown += [joined[at : max(at, first)], MASK]
                at = end
        return {**event, "delta": "".join(shown) + joined[at:]} if shown else event

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        for secret in self._known:
            at = text.find(secret)
            while at >= 0:
                yield at, at + len(secret)
                at = text.find(secret, at + 1)
            at = text.rfind(secret[:SHORTEST])
            if at >= 0 and secret.startswith(text[at:]):
                yield at, len(text)  # the rest is still to come
        if any(hint in text for hint in _HINTS):
            for pattern, _ in LOOKS:
                yield from (match.span() for match in pattern.finditer(text))


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def _credentials(value: Any, by_name: bool = True) -> Iterator[str]:
    """The texts that stand where credentials do, of which it is certain that they are some."""
    if isinstance(value, list | tuple):
        for inner in value:
            yield from _credentials(inner, by_name)
    if not isinstance(value, Mapping):
        return
    for name, inner in value.items():
        plain = _plain(str(name))
        if by_name and plain == "headers" and isinstance(inner, Mapping):
            yield from (
                told
                for key, told in inner.items()
                if isinstance(told, str) and (_WORD.search(str(key)) or _looks_random(told))
            )
        elif by_name and plain in SECRETS and isinstance(inner, str):
            yield inner
        elif by_name and plain == "client_secret" and isinstance(inner, Mapping):
            yield from (told for told in inner.values() if isinstance(told, str))
        else:
            yield from _credentials(inner, by_name and name not in SCHEMAS)


def _looks_random(text: str) -> bool:
    return len(text) >= 16 and bool(re.fullmatch(r"(?=.*\d)[\w.~+=-]+", text))
