"""Ephemeral keys: each opens sessions of its own settings until it expires.

Only digests of the keys are kept, so that looking one up tells nothing by the time it takes.
Sessions that were opened outlive their key.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rtkit.fields import SessionKind, check_update, default_session, merge
from rtkit.refusals import missing, not_supported, unknown, wrong_type
from rtkit.server.context import check_truncation
from rtkit.server.limits import MIB, Limits
from rtkit.server.rejections import Refused, raise_if, refuse
from rtkit.server.terms import check_sizes

PREFIX = "ek_"
SHORTEST_S, LONGEST_S, USUAL_S = 10, 7200, 600
REMEMBERED_S = 3600
"""How long an expired key is told apart from one that never was."""
MOST = 10_000
MOST_CHARS = 64 * MIB
"""Characters of all that was asked for, so that keys with long instructions take no more memory."""


@dataclass(frozen=True, slots=True)
class Secret:
    """What a key stands for: `expires_at` in Unix seconds, and how its sessions begin.

    `session` is a session object with what was asked for; `model` is None when they only write
    down.
    """

    expires_at: int
    session: Mapping[str, Any]
    model: str | None
    size: int = 0  # of the session as JSON, in characters

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

    `new_id` makes their random part. What their sessions ask for takes at most `most_chars`, and
    keeps to the limits of every session.
    """

    def __init__(
        self,
        new_id: Callable[[str], str],
        most: int = MOST,
        most_chars: int = MOST_CHARS,
        limits: Limits | None = None,
    ) -> None:
        self._new_id = new_id
        self._most, self._most_chars = most, most_chars
        self._limits = limits or Limits()
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
        session = _session(wanted, self._limits)
        self._forget_old(now)
        size = len(json.dumps(wanted))
        held = size + sum(one.size for one in self._known.values())
        if len(self._known) >= self._most or held > self._most_chars:
            raise Refused(refuse("too_many_secrets", most=len(self._known)))
        value = self._new_id(PREFIX)
        secret = self._known[_digest(value)] = Secret(
            int(now) + seconds, copy.deepcopy(dict(wanted)), session.get("model"), size
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


def _session(wanted: object, limits: Limits) -> dict[str, Any]:
    """The whole session object that a request asks for."""
    if not isinstance(wanted, Mapping):
        raise Refused(wrong_type("session", ("an object",), wanted))
    if wanted.get("type") is None:
        raise Refused(missing("session.type"))
    kind: SessionKind = "transcription" if wanted["type"] == "transcription" else "realtime"
    model = wanted.get("model")
    current = default_session(kind, model if isinstance(model, str) else None)
    raise_if(check_update(wanted, current=current))
    check_sizes(wanted, "session", limits)
    merged = merge(current, wanted)
    raise_if(check_truncation(merged))
    return merged
