"""Addresses of realtime servers: how they are completed, what of them may be shown, what is secret.

Text in, text out; nothing here opens a connection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from .errors import TargetError

SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
OVER_HTTP = {"ws": "http", "wss": "https"}
ALLOWED = '"embedded", "openai", "azure", or a URL such as ws://127.0.0.1:8765/v1/realtime'
SHOWN = frozenset({"model", "intent", "api-version", "deployment", "call_id"})
"""Names in a query whose values may be shown."""
CHOOSES_MODEL = frozenset({"model", "intent", "call_id", "deployment"})
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
SHORTEST_SECRET = 6  # shorter ones would blot out ordinary text
SHORTEST_RANDOM = 12
_SECRET_NAME = re.compile(
    r"auth|key|token|secret|cookie|pass|credential|sig(nature)?$", re.IGNORECASE
)


def endpoint(url: str) -> str:
    """A ws(s) URL of a realtime endpoint: http becomes ws, and a bare host gets /v1/realtime."""
    parts = split(url)
    path = parts.path.rstrip("/")
    if path == "":
        path = "/v1/realtime"
    elif path.endswith("/v1"):
        path += "/realtime"
    return urlunsplit(parts._replace(scheme=SCHEMES[parts.scheme], path=path))


def under(base: str, path: str = "/realtime") -> str:
    """The ws(s) URL of a path below a base URL, as the official client joins them."""
    parts = split(base)
    whole = parts.path.rstrip("/") + path
    return urlunsplit(parts._replace(scheme=SCHEMES[parts.scheme], path=whole, fragment=""))


def over_http(url: str, path: str) -> str:
    """The http(s) URL of a path below a realtime endpoint, without what chooses a session."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in CHOOSES_MODEL]
    return urlunsplit(
        (
            OVER_HTTP[parts.scheme],
            parts.netloc.rpartition("@")[2],
            parts.path.rstrip("/") + path,
            urlencode(kept),
            "",
        )
    )


def with_query(url: str, more: Mapping[str, str]) -> str:
    """A URL with these in its query; what is there already under a name is replaced."""
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in more]
    query = urlencode([*kept, *((name, str(value)) for name, value in more.items())])
    return urlunsplit(parts._replace(query=query, fragment=""))


def chosen(url: str) -> frozenset[str]:
    """Which of the names that choose a session stand in the query."""
    return CHOOSES_MODEL & {name for name, _ in parse_qsl(urlsplit(url).query)}


def public_url(url: str) -> str:
    """A URL without user, password and the unknown parts of its query."""
    parts = urlsplit(url)
    query = [(name, value if name in SHOWN else "***") for name, value in parse_qsl(parts.query)]
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=host, query=urlencode(query, safe="*"), fragment=""))


def host_of(url: str) -> str:
    """Host and port, without user and password."""
    return split(url).netloc.rpartition("@")[2]


def is_local(url: str) -> bool:
    """Whether the address is this machine."""
    return urlsplit(url).hostname in LOCAL


def split(url: str) -> SplitResult:
    """The parts of an address; TargetError, which shows no secret, for what is none."""
    shown = "what was given"
    try:
        parts = urlsplit(url)
        shown = repr(public_url(url))
        if parts.scheme in SCHEMES and parts.hostname and parts.port != 0:
            return parts
    except ValueError:  # a port that is no number, a bracket that is not closed
        pass
    raise TargetError(f"{shown} is not the address of a realtime server. Allowed: {ALLOWED}.")


def secrets_in(url: str) -> list[str]:
    """What of an address must not be shown or recorded, wherever and however it is spelled."""
    parts = urlsplit(url)
    hidden = secret_values(pair for pair in parse_qsl(parts.query) if pair[0] not in SHOWN)
    hidden += [parts.password] if parts.password else []
    return list(dict.fromkeys(f(text) for text in hidden for f in (str, unquote, quote, _quoted)))


def _quoted(text: str) -> str:
    return quote(text, safe="")


def secret_values(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """The values, of headers or of a query, that are credentials by their name or their look.

    An ordinary word is none: what is secret is blotted out of every message of the server.
    """
    return [value for name, value in pairs if _SECRET_NAME.search(name) or _looks_random(value)]


def _looks_random(value: str) -> bool:
    return (
        len(value) >= SHORTEST_RANDOM
        and any(letter.isdigit() for letter in value)
        and not any(letter in "/; ," for letter in value)
    )
