"""Ephemeral keys: each opens sessions of its own settings until it expires.

Only digests of the keys are kept, so that looking one up tells nothing by the time it takes.
Sessions that were opened outlive their key.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rtkit.fields import SessionKind, check_update, default_session, merge
from rtkit.refusals import Refusal, missing, not_supported, unknown, wrong_type
from rtkit.server.rejections import Refused, refuse

PREFIX = "ek_"
SHORTEST_S, LONGEST_S, USUAL_S = 10, 7200, 600
REMEMBERED_S = 3600
"""How long an expired key is told apart from one that never was."""
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Secret:
    """What a key stands for: `expires_at` in Unix seconds, and how its sessions begin.

    `session` is a session object with what was asked for; `model` is None when they only write
    down.
    """

    expires_at: int
    session: Mapping[str, Any]
    model: str | None

    @property
    def kind(self) -> SessionKind:
        """realtime or transcription."""
        kind: SessionKind = self.session["type"]
        return kind

    def valid(self, now: float) -> bool:
        """Whether it opens sessions still; `now` in Unix seconds."""
        return now < self.expires_at


class Secrets:
    """The keys that one server has handed out, at most `most` at a time.

    `new_id` makes their random part.
    """

    def __init__(self, new_id: Callable[[str], str], most: int = MOST) -> None:
        self._new_id = new_id
        self._most = most
        self._known: dict[str, Secret] = {}

    def issue(self, body: object, now: float) -> dict[str, Any]:
        """The reply to `POST /v1/realtime/client_secrets`; `Refused` for a bad request."""
        if not isinstance(body, Mapping):
            raise Refused(refuse("not_an_object", found=type(body).__name__))
        for name in body:
            if name not in ("expires_after", "session"):
                raise Refused(unknown(name))
        seconds = _lifetime(body.get("expires_after"))
        wanted = {"type": "realtime"} if body.get("session") is None else body["session"]
        session = _session(wanted)
        self._forget_old(now)
        if len(self._known) >= self._most:
            raise Refused(refuse("too_many_secrets", most=self._most))
        value = self._new_id(PREFIX)
        secret = self._known[_digest(value)] = Secret(
            int(now) + seconds, copy.deepcopy(dict(wanted)), session.get("model")
        )
        kind = "session" if secret.kind == "realtime" else "transcription_session"
        shown = {"object": f"realtime.{kind}", "id": self._new_id("sess_"), "expires_at": 0}
        reply = {"value": value, "expires_at": secret.expires_at}
        return {**reply, "session": {**session, **shown}}

    def find(self, key: str | None) -> Secret | None:
        """What a key stands for, expired or not."""
        if key is None or not key.startswith(PREFIX):
            return None
        return self._known.get(_digest(key))

    def _forget_old(self, now: float) -> None:
        old = [key for key, one in self._known.items() if one.expires_at + REMEMBERED_S < now]
        for key in old:
            del self._known[key]


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _lifetime(expires_after: object) -> int:
    """Seconds from now, 600 when nothing is said."""
    if expires_after is None:
        return USUAL_S
    where = "expires_after"
    if not isinstance(expires_after, Mapping):
        raise Refused(wrong_type(where, ("an object",), expires_after))
    for name in expires_after:
        if name not in ("anchor", "seconds"):
            raise Refused(unknown(f"{where}.{name}"))
    anchor, seconds = expires_after.get("anchor"), expires_after.get("seconds", USUAL_S)
    if anchor is not None and anchor != "created_at":
        raise Refused(not_supported(f"{where}.anchor", anchor, ("created_at",)))
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise Refused(wrong_type(f"{where}.seconds", ("an integer",), seconds))
    if not SHORTEST_S <= seconds <= LONGEST_S:
        bounds = {"low": SHORTEST_S, "high": LONGEST_S}
        below = seconds < SHORTEST_S
        raise Refused(refuse(f"secret_{'below' if below else 'above'}", found=seconds, **bounds))
    return seconds


def _session(wanted: object) -> dict[str, Any]:
    """The whole session object that a request asks for."""
    if not isinstance(wanted, Mapping):
        raise Refused(wrong_type("session", ("an object",), wanted))
    if wanted.get("type") is None:
        raise Refused(missing("session.type"))
    kind: SessionKind = "transcription" if wanted["type"] == "transcription" else "realtime"
    model = wanted.get("model")
    current = default_session(kind, model if isinstance(model, str) else None)
    refusal: Refusal | None = check_update(wanted, current=current)
    if refusal is not None:
        raise Refused(refusal)
    return merge(current, wanted)
