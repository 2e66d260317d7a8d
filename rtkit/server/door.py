"""Who may come in, and to what: the checks that the service makes after the WebSocket handshake.

A visitor that is turned away gets one `error` event and a close frame: 3000 for a key, 4000 for
the shape of the request. No key in the options means that any key, or none, will do.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from rtkit import catalog
from rtkit.fields import SessionKind
from rtkit.refusals import Refusal
from rtkit.server.rejections import refuse
from rtkit.server.secrets import Secret

KEY_PROTOCOL = "openai-insecure-api-key."
BETA_PROTOCOL = "openai-beta.realtime-v1"
BAD_KEY, BAD_REQUEST = 3000, 4000
LONGEST_MODEL_NAME = 128
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a connection said of itself. Header names are lower case."""

    headers: Mapping[str, str]
    query: Mapping[str, str]

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
    if visitor.kind == "realtime" and visitor.model is None and secret is None:
        return _bad_request(refuse("no_model"))
    model = visitor.model or ""
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
    if hmac.compare_digest(key.encode(), api_key.encode()):
        return None
    masked = f"{key[:3]}***{key[-4:]}" if len(key) > 10 else "***"
    refusal = refuse("bad_key", masked=masked)
    return TurnedAway(refusal, BAD_KEY, f"invalid_request_error.{refusal.code}")


def _bad_request(refusal: Refusal) -> TurnedAway:
    return TurnedAway(refusal, BAD_REQUEST, f"invalid_request_error.{refusal.code}")


def origin_allowed(origin: str | None, host: str, allowed: Iterable[str]) -> bool:
    """Whether a page may connect: programs send no Origin; a browser's page must be local,
    of the server's own host, or on the list.
    """
    if origin is None or origin in allowed:
        return True
    page = urlsplit(origin)
    return page.hostname in LOCAL_HOSTS or (bool(page.netloc) and page.netloc == host)


def about_model(name: str | None) -> str | None:
    """A word for the log when the hosted service would not know the model."""
    if name is None:
        return None
    known = catalog.model(name)
    if known is None:
        return f"{name!r} is no model that rtkit knows of; the embedded server answers all the same"
    return known.farewell()
