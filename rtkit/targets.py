"""Which server a session speaks to.

The target is named by the caller, or by RTKIT_TARGET; else it is the embedded server. A key that
lies in the environment is looked at only after its target was named, and is never shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from .errors import TargetError

if TYPE_CHECKING:
    from .server.local import ServerOptions

EMBEDDED, OPENAI, AZURE = "embedded", "openai", "azure"
VARIABLE = "RTKIT_TARGET"
OPENAI_URL = "wss://api.openai.com/v1/realtime"
AZURE_PATH = "/openai/v1/realtime"
SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
ALLOWED = f'"{EMBEDDED}", "{OPENAI}", "{AZURE}", or a URL such as ws://127.0.0.1:8765/v1/realtime'
SHOWN = frozenset({"model", "intent", "api-version", "deployment", "call_id"})
SHORTEST_SECRET = 6  # shorter ones would blot out ordinary text
CHOOSES_MODEL = frozenset({"model", "intent", "call_id", "deployment"})


@dataclass(frozen=True, slots=True)
class Target:
    """A realtime server: its name, its address (None: the embedded server), and how to be let in.

    `key` stays out of the repr; `header` is the header that carries it.
    """

    name: str
    url: str | None = None
    key: str | None = field(default=None, repr=False)
    header: str = "Authorization"

    def __repr__(self) -> str:
        return f"Target({self.name!r}, {self.shown!r})"

    @property
    def shown(self) -> str:
        """The address without user, password or anything in the query that may be a secret."""
        return public_url(self.url) if self.url else EMBEDDED

    @property
    def headers(self) -> dict[str, str]:
        """What lets us in; never to be recorded or shown."""
        if not self.key:
            return {}
        return {self.header: self.key if self.header == "api-key" else f"Bearer {self.key}"}

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that must not reach a record or a message."""
        parts = urlsplit(self.url or "")
        hidden = [value for name, value in parse_qsl(parts.query) if name not in SHOWN]
        told = (self.key, parts.password, *hidden)
        return tuple(text for text in told if text and len(text) >= SHORTEST_SECRET)

    def address(self, model: str) -> str:
        """The URL to open, with the model in it unless it chooses one already."""
        parts = urlsplit(self.url or "")
        query = parse_qsl(parts.query, keep_blank_values=True)
        if not CHOOSES_MODEL & {name for name, _ in query}:
            query.append(("model", model))
        return urlunsplit(parts._replace(query=urlencode(query), fragment=""))


def resolve(
    target: str | Target | None, env: Mapping[str, str], api_key: str | None = None
) -> Target:
    """The target that the caller or RTKIT_TARGET names, else the embedded server.

    TargetError for a name that is none, a URL that is none, a key that is none, or a hosted target
    without its key; TypeError for what is not even a name.
    """
    if isinstance(target, Target):
        return target
    if not isinstance(target, str | None):
        raise TypeError(f"a target is a name or a URL, found {target!r}. Allowed: {ALLOWED}.")
    name = (target or env.get(VARIABLE) or EMBEDDED).strip()
    if "://" in name:
        return Target(_host(name), endpoint(name), _clean(_host(name), api_key) or None)
    maker = MAKERS.get(name.lower())
    if maker is None:
        raise TargetError(f"no target is called {name!r}. Allowed: {ALLOWED}.")
    return maker(env, api_key)


def endpoint(url: str) -> str:
    """A ws(s) URL of a realtime endpoint: http becomes ws, and a bare host gets /v1/realtime."""
    parts = _split(url)
    path = parts.path.rstrip("/")
    if path == "":
        path = "/v1/realtime"
    elif path.endswith("/v1"):
        path += "/realtime"
    return urlunsplit(parts._replace(scheme=SCHEMES[parts.scheme], path=path))


def public_url(url: str) -> str:
    """A URL without user, password and the unknown parts of its query."""
    parts = urlsplit(url)
    query = [(name, value if name in SHOWN else "***") for name, value in parse_qsl(parts.query)]
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=host, query=urlencode(query, safe="*"), fragment=""))


def _split(url: str) -> SplitResult:
    shown = "what was given"
    try:
        parts = urlsplit(url)
        shown = repr(public_url(url))
        if parts.scheme in SCHEMES and parts.hostname and parts.port != 0:
            return parts
    except ValueError:  # a port that is no number, a bracket that is not closed
        pass
    raise TargetError(f"{shown} is not the address of a realtime server. Allowed: {ALLOWED}.")


def _host(url: str) -> str:
    return _split(url).netloc.rpartition("@")[2]


def _embedded(env: Mapping[str, str], api_key: str | None) -> Target:
    if api_key:
        raise TargetError(
            "an api_key was given, but the target is the embedded server, which needs none. "
            f'Name the target the key is for: connect(config, "{OPENAI}", api_key=...).'
        )
    return Target(EMBEDDED)


def _openai(env: Mapping[str, str], api_key: str | None) -> Target:
    return Target(OPENAI, OPENAI_URL, _key(OPENAI, env, api_key))


def _azure(env: Mapping[str, str], api_key: str | None) -> Target:
    place = env.get("AZURE_OPENAI_ENDPOINT", "").strip()
    if not place:
        raise TargetError(
            f'the target "{AZURE}" needs AZURE_OPENAI_ENDPOINT, and it is not set. Set it to your '
            "resource, such as https://NAME.openai.azure.com, or give the whole URL as target."
        )
    parts = _split(place if "://" in place else f"https://{place}")
    path = parts.path.rstrip("/")
    path = path if path.endswith("/realtime") else AZURE_PATH
    url = urlunsplit(parts._replace(scheme=SCHEMES[parts.scheme], path=path))
    return Target(AZURE, url, _key(AZURE, env, api_key), "api-key")


def _key(name: str, env: Mapping[str, str], api_key: str | None) -> str:
    key = _clean(name, api_key or env.get(KEY_VARIABLES[name]))
    if not key:
        raise TargetError(
            f'the target "{name}" needs a key, and none was found. Give api_key=..., or set '
            f"{KEY_VARIABLES[name]}. Without a key the embedded server works: leave the target out."
        )
    return key


def _clean(name: str, key: str | None) -> str:
    """The key as a header may carry it; "" for none."""
    key = (key or "").strip()
    if not key.isascii() or any(letter.isspace() for letter in key):
        raise TargetError(
            f'the key for the target "{name}" holds a space, a line break or a letter outside '
            "ASCII, which no key does. Copy it again."
        )
    return key


KEY_VARIABLES: Mapping[str, str] = {OPENAI: "OPENAI_API_KEY", AZURE: "AZURE_OPENAI_API_KEY"}
MAKERS: Mapping[str, Callable[[Mapping[str, str], str | None], Target]] = {
    EMBEDDED: _embedded,
    OPENAI: _openai,
    AZURE: _azure,
}
"""Name of a target -> what makes it from the environment and the caller's key."""


async def open_embedded(options: ServerOptions | None = None) -> str:
    """The URL of the embedded server, started in the running loop if it is not yet.

    MissingExtra when a part that it needs is not installed; ConfigError for an unknown recogniser.
    """
    from .server.local import ServerOptions, embedded

    options = options or ServerOptions()
    options.require_parts()
    return str((await embedded(options)).url)
