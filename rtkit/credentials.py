"""What lets somebody in: keys, headers, subprotocols; checked before any of it is sent.

Nothing here is ever shown: a message says what is wrong with a text, not what stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .errors import TargetError

AUTHORIZATION = "Authorization"
OF_THE_HANDSHAKE = re.compile(r"host|connection|upgrade|content-length|sec-websocket-.*", re.I)
BETA_HEADER = "openai-beta"
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """An ephemeral key: opens sessions of one configuration until it expires.

    `value` is what a page or a colleague is given; it stays out of the repr. `expires_at` is in
    Unix seconds. `session` is the session object that the server made of the configuration.
    """

    value: str = field(repr=False)
    expires_at: float
    session: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def expires(self) -> datetime:
        """When it expires, in UTC."""
        return datetime.fromtimestamp(self.expires_at, UTC)

    @property
    def model(self) -> str | None:
        """The model of its sessions; None if the server does not say."""
        told = self.session.get("model")
        return told if isinstance(told, str) else None

    @property
    def kind(self) -> str:
        """realtime or transcription."""
        return str(self.session.get("type") or "realtime")

    def __repr__(self) -> str:
        about = self.model or self.kind
        return f"ClientSecret(***, {about}, until {self.expires:%Y-%m-%d %H:%M:%S} UTC)"


def cleaned(name: str, key: str | None) -> str:
    """The key as a header may carry it; "" for none."""
    key = (key or "").strip()
    if not key.isascii() or any(letter.isspace() for letter in key):
        raise TargetError(
            f'the key for the target "{name}" holds a space, a line break or a letter outside '
            "ASCII, which no key does. Copy it again."
        )
    return key


def checked(headers: Mapping[str, str], *, beta: bool) -> dict[str, str]:
    """Headers that may be sent; that of the beta only where there is one."""
    for header, value in headers.items():
        check_name(header)
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            raise TargetError(
                f"the header {header} holds what no header may: a line break, a control character "
                "or a letter outside ASCII. Give plain text."
            )
        if header.lower() == BETA_HEADER and not beta:
            raise TargetError(
                f"the header {header} ends the session at once: the service has no beta any more. "
                "Leave it out."
            )
    return dict(headers)


def check_name(header: str) -> None:
    """TargetError for what is no name of a header, or not ours to give."""
    if not _TOKEN.fullmatch(header) or OF_THE_HANDSHAKE.fullmatch(header):
        raise TargetError(
            f"{header!r} is no header to give: it is not the name of one, or belongs to the "
            "handshake. Allowed are letters, digits and hyphens, such as X-Api-Key."
        )


def offered(subprotocols: Sequence[str]) -> tuple[str, ...]:
    """Subprotocols that may be offered; "{key}" in one stands for the key."""
    for name in subprotocols:
        if not _TOKEN.fullmatch(name.replace("{key}", "k")):
            raise TargetError(
                "a subprotocol is a word without spaces, in which {key} stands for the key; found "
                f"one of {len(name)} characters that is none."
            )
    return tuple(subprotocols)
