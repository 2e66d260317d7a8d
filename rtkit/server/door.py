"""Who may come in, and to what: the checks that the service makes after the WebSocket handshake.

A visitor that is turned away gets one `error` event and a close frame: 3000 for a key, 4000 for
the shape of the request, 1013 when there is no room. No key in the options means that any key, or
none, will do.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from rtkit import catalog
from rtkit.fields import SessionKind
from rtkit.refusals import Refusal
from rtkit.server.rejections import refuse
from rtkit.server.secrets import Secret

KEY_PROTOCOL = "openai-insecure-api-key."
BETA_PROTOCOL = "openai-beta.realtime-v1"
BAD_KEY, BAD_REQUEST, TRY_AGAIN_LATER = 3000, 4000, 1013
LONGEST_MODEL_NAME = 128


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a connection said of itself. Header names are lower case."""

    headers: Mapping[str, str]
    query: Mapping[str, str]

    @classmethod
    def of(cls, headers: Mapping[str, str], query: Mapping[str, str]) -> Visitor:
        """The visitor of a request, whose headers may hold bytes that are no text."""
        plain = {name.lower(): _text(value) for name, value in headers.items()}
        return cls(plain, dict(query))

    @property
    def protocols(self) -> list[str]:
        """The WebSocket subprotocols that it offered."""
        offered = self.headers.get("sec-websocket-protocol", "")
        return [name.strip() for name in offered.split(",") if name.strip()]

    @property
    def key(self) -> str | None:
        """Its key: a bearer token, Azure's `api-key`, or the browser's subprotocol."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() in ("bearer", "basic") and token.strip():
            return token.strip()
        if self.headers.get("api-key"):
            return self.headers["api-key"]
        found = (name for name in self.protocols if name.startswith(KEY_PROTOCOL))
        key = next(found, None)
        return key.removeprefix(KEY_PROTOCOL) if key else None

    @property
    def kind(self) -> SessionKind:
        """What it wants: a conversation, or only a transcript."""
        return "transcription" if self.query.get("intent") == "transcription" else "realtime"

    @property
    def model(self) -> str | None:
        """The model it named in the URL."""
        return self.query.get("model") or None

    @property
    def word_times(self) -> bool:
        """Whether the session is told where each word lies: `word_times=true` in the URL."""
        return self.query.get("word_times") == "true"


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Why a visitor may not come in, and the close frame that says so."""

    refusal: Refusal
    code: int
    reason: str


def admit(
    visitor: Visitor, api_key: str | None, secret: Secret | None = None, now: float = 0.0
) -> TurnedAway | None:
    """None when the visitor may come in.

    `secret` is what its key stands for if that is an ephemeral one, which is as good as the
    server's own until it expires; `now` in Unix seconds. It names the model, too.
    """
    if api_key is not None:
        away = _check_secret(secret, now) if secret else check_key(visitor.key, api_key)
        if away is not None:
            return away
    if speaks_beta(visitor):
        return _bad_request(refuse("beta"))
    if secret is not None and not secret.valid(now):
        secret = None  # as good as any other key where none is demanded
    if visitor.kind == "realtime" and visitor.model is None and secret is None:
        return _bad_request(refuse("no_model"))
    model = (secret.model if secret else visitor.model) or ""
    if len(model) > LONGEST_MODEL_NAME or not model.isprintable():
        return _bad_request(refuse("bad_model", model=model[:LONGEST_MODEL_NAME]))
    return None


def speaks_beta(visitor: Visitor) -> bool:
    """Whether it asks for the beta shape, which is gone."""
    return "openai-beta" in visitor.headers or BETA_PROTOCOL in visitor.protocols


def _check_secret(secret: Secret, now: float) -> TurnedAway | None:
    if secret.valid(now):
        return None
    refusal = refuse("expired_key")
    return TurnedAway(refusal, BAD_KEY, f"invalid_request_error.{refusal.code}")


def check_key(key: str | None, api_key: str) -> TurnedAway | None:
    """Why a key is not the server's own; None when it is."""
    if key is None:
        return TurnedAway(refuse("no_key"), BAD_KEY, "invalid_request_error")
    if hmac.compare_digest(_digest(key), _digest(api_key)):  # equal lengths: not even that shows
        return None
    masked = f"{key[:3]}***{key[-4:]}" if len(key) > 10 else "***"
    refusal = refuse("bad_key", masked=masked)
    return TurnedAway(refusal, BAD_KEY, f"invalid_request_error.{refusal.code}")


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _text(value: str) -> str:
    return value.encode(errors="surrogateescape").decode(errors="replace")


def no_room(most: int) -> TurnedAway:
    """There are `most` sessions already.

    It is said as the service says everything at its door, by an event after the handshake: a
    browser shows no page the status of a refused handshake, nor do most clients its words. 1013
    is the registered code for "try again later".
    """
    refusal = refuse("too_many_sessions", most=most)
    return TurnedAway(refusal, TRY_AGAIN_LATER, f"invalid_request_error.{refusal.code}")


def _bad_request(refusal: Refusal) -> TurnedAway:
    return TurnedAway(refusal, BAD_REQUEST, f"invalid_request_error.{refusal.code}")


def about_model(name: str | None) -> str | None:
    """A word for the log when the hosted service would not know the model."""
    if name is None:
        return None
    known = catalog.model(name)
    if known is None:
        return f"{name!r} is no model that rtkit knows of; the embedded server answers all the same"
    return known.farewell()
