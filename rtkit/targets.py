"""Which server a session speaks to, and what lets it in.

The target is named by the caller, or by RTKIT_TARGET; else it is the embedded server. A key that
lies in the environment is looked at only after its target was named, and is never shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlunsplit

from .addresses import (
    ALLOWED,
    SHORTEST_SECRET,
    chosen,
    endpoint,
    host_of,
    is_local,
    public_url,
    secret_values,
    secrets_in,
    split,
    under,
    with_query,
)
from .errors import TargetError

if TYPE_CHECKING:
    from .server.local import ServerOptions

__all__ = ["ClientSecret", "Target", "endpoint", "open_embedded", "resolve", "target"]

EMBEDDED, OPENAI, AZURE = "embedded", "openai", "azure"
VARIABLE = "RTKIT_TARGET"
OPENAI_URL = "wss://api.openai.com/v1/realtime"
AZURE_PATH = "/openai/v1/realtime"
AUTHORIZATION = "Authorization"
HEADER_NAMES = {
    "organization": "OpenAI-Organization",
    "project": "OpenAI-Project",
    "safety_identifier": "OpenAI-Safety-Identifier",
}
"""Argument of `target` -> the header of the hosted service that carries it."""
FROM_ENVIRONMENT = {"organization": "OPENAI_ORG_ID", "project": "OPENAI_PROJECT_ID"}
"""Likewise -> the variable that the official client reads for it."""
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


@dataclass(frozen=True, slots=True)
class Target:
    """A realtime server: its name, its address (None: the embedded server), and how to be let in.

    `key` stays out of the repr, and so do `extra` headers; `header` is the header that carries the
    key, after the word `scheme` if that is `Authorization`. With `subprotocols` the key is offered
    as a browser does, in place of "{key}". `secret` is the ephemeral key if `key` is one. `rtkit.
    target` makes one.
    """

    name: str
    url: str | None = None
    key: str | None = field(default=None, repr=False)
    header: str = AUTHORIZATION
    scheme: str = "Bearer"
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)
    subprotocols: tuple[str, ...] = ()
    secret: ClientSecret | None = None

    def __repr__(self) -> str:
        return f"Target({self.name!r}, {self.shown!r})"

    @property
    def shown(self) -> str:
        """The address without user, password or anything in the query that may be a secret."""
        return public_url(self.url) if self.url else EMBEDDED

    @property
    def hosted(self) -> bool:
        """Whether it is on another machine, where what is asked may cost money."""
        return self.url is not None and not is_local(self.url)

    @property
    def headers(self) -> dict[str, str]:
        """What lets us in; never to be recorded or shown."""
        if not self.key or self.subprotocols:
            return dict(self.extra)
        plain = self.header.lower() != AUTHORIZATION.lower()
        return {**self.extra, self.header: self.key if plain else f"{self.scheme} {self.key}"}

    @property
    def offers(self) -> tuple[str, ...]:
        """The WebSocket subprotocols to offer, which may hold the key."""
        return tuple(name.replace("{key}", self.key or "") for name in self.subprotocols)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that must not reach a record or a message."""
        told = (self.key or "", *secrets_in(self.url or ""), *secret_values(self.extra.items()))
        parts = (part for text in told for part in (text, text.partition(" ")[2]))
        found = {text for text in parts if len(text) >= SHORTEST_SECRET}
        return tuple(sorted(found, key=lambda text: (-len(text), text)))  # one may hold another

    def scrub(self, text: str) -> str:
        """Text without anything that lets us in."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text

    def address(self, model: str) -> str:
        """The URL to open, with the model in it unless it chooses one already.

        An empty model stands for a session that only writes down: it has none.
        """
        url = self.url or ""
        return with_query(url, {} if chosen(url) else self._choice(model))

    def _choice(self, model: str) -> dict[str, str]:
        if self.secret is None:
            return {"model": model} if model else {"intent": "transcription"}
        if self.secret.kind == "transcription":
            return {"intent": "transcription"}
        return {"model": self.secret.model or model}

    def fits(self, session: Mapping[str, Any]) -> dict[str, Any]:
        """A session object without the model, where the address or the key has chosen it."""
        fixed = self.secret is not None or bool(chosen(self.url or ""))
        return {k: v for k, v in session.items() if not (fixed and k == "model")}


def target(
    name: str | None = None,
    *,
    api_key: str | ClientSecret | None = None,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    header: str | None = None,
    scheme: str = "Bearer",
    subprotocols: Sequence[str] = (),
    organization: str | None = None,
    project: str | None = None,
    safety_identifier: str | None = None,
    env: Mapping[str, str] = os.environ,
) -> Target:
    """A server to connect to, where its name or URL alone does not say enough.

    `headers` and `query` are sent beside the key, or instead of one. `header` is the header for
    the key (usually Authorization, then after the word `scheme`; "api-key" for Azure).
    `subprotocols` offers the key as browsers do: `("realtime", "openai-insecure-api-key.{key}")`.
    `organization`, `project` and `safety_identifier` become the headers of the hosted service that
    are called so; for "openai" the first two are looked for in OPENAI_ORG_ID and OPENAI_PROJECT_ID.

    >>> target("wss://voice.example/v1", headers={"X-Tenant": "blue"}, query={"model": "m"})
    Target('voice.example', 'wss://voice.example/v1/realtime?model=m')

    Nothing of it is shown, logged or recorded but the name and the harmless part of the URL.
    TargetError for what cannot be sent.
    """
    made = resolve(name, env, api_key)
    if made.url is None:
        if any((headers, query, header, subprotocols, organization, project, safety_identifier)):
            raise TargetError(
                "the embedded server takes no headers, query or subprotocols. Name a target: "
                f"{ALLOWED}."
            )
        return made
    told = {"organization": organization, "project": project}
    named = {**told, "safety_identifier": safety_identifier}
    own = {HEADER_NAMES[key]: value for key, value in named.items() if value}
    extra = _checked({**made.extra, **own, **(headers or {})}, made.name)
    return replace(
        made,
        url=with_query(made.url, query) if query else made.url,
        header=_named(header, made) if header else made.header,
        scheme=scheme,
        extra=extra,
        subprotocols=_offered(subprotocols),
    )


def resolve(
    target: str | Target | None,
    env: Mapping[str, str],
    api_key: str | ClientSecret | None = None,
    *,
    keyed: bool = False,
) -> Target:
    """The target that the caller or RTKIT_TARGET names, else the embedded server.

    With `keyed` the embedded server wants a key. TargetError for a name that is none, a URL that
    is none, a key that is none, or a hosted target without its key; TypeError for what is not even
    a name.
    """
    secret = api_key if isinstance(api_key, ClientSecret) else None
    key = secret.value if secret else api_key
    if not isinstance(key, str | None):
        raise TypeError(f"api_key is a text or a ClientSecret, found a {type(key).__name__}.")
    if isinstance(target, Target):
        made = replace(target, key=_clean(target.name, key)) if key else target
    elif isinstance(target, str | None):
        made = _made(target, env, key, keyed or secret is not None)
    else:
        raise TypeError(f"a target is a name or a URL, found {target!r}. Allowed: {ALLOWED}.")
    return _with_secret(made, secret) if secret else made


def _made(name: str | None, env: Mapping[str, str], key: str | None, keyed: bool) -> Target:
    name = (name or env.get(VARIABLE) or EMBEDDED).strip()
    if "://" in name:
        host = host_of(name)
        return Target(host, endpoint(name), _clean(host, key) or None)
    if name.lower() == EMBEDDED and keyed:
        return Target(EMBEDDED, key=_clean(EMBEDDED, key) or None)
    maker = MAKERS.get(name.lower())
    if maker is None:
        raise TargetError(f"no target is called {name!r}. Allowed: {ALLOWED}.")
    return maker(env, key)


def _with_secret(made: Target, secret: ClientSecret) -> Target:
    """An ephemeral key is a bearer token everywhere, on Azure, too."""
    return replace(made, key=secret.value, secret=secret, header=AUTHORIZATION, scheme="Bearer")


def _embedded(env: Mapping[str, str], api_key: str | None) -> Target:
    if api_key:
        raise TargetError(
            "an api_key was given, but the target is the embedded server, which needs none. "
            f'Name the target the key is for: connect(config, "{OPENAI}", api_key=...).'
        )
    return Target(EMBEDDED)


def _openai(env: Mapping[str, str], api_key: str | None) -> Target:
    """As the official client: OPENAI_BASE_URL, OPENAI_ORG_ID and OPENAI_PROJECT_ID count."""
    base = env.get("OPENAI_BASE_URL", "").strip()
    told = {HEADER_NAMES[name]: env.get(key, "") for name, key in FROM_ENVIRONMENT.items()}
    extra = _checked({name: value.strip() for name, value in told.items() if value.strip()}, OPENAI)
    url = under(base) if base else OPENAI_URL
    return Target(OPENAI, url, _key(OPENAI, env, api_key), extra=extra)


def _azure(env: Mapping[str, str], api_key: str | None) -> Target:
    """A key in `api-key`, or the token of AZURE_OPENAI_AD_TOKEN as bearer, as the SDK has it."""
    place = env.get("AZURE_OPENAI_ENDPOINT", "").strip()
    if not place:
        raise TargetError(
            f'the target "{AZURE}" needs AZURE_OPENAI_ENDPOINT, and it is not set. Set it to your '
            "resource, such as https://NAME.openai.azure.com, or give the whole URL as target."
        )
    parts = split(place if "://" in place else f"https://{place}")
    path = parts.path.rstrip("/")
    path = path if path.endswith("/realtime") else AZURE_PATH
    url = under(urlunsplit(parts._replace(path=path)), "")
    token = _clean(AZURE, env.get("AZURE_OPENAI_AD_TOKEN"))
    if token and not api_key:
        return Target(AZURE, url, token)
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


def _checked(headers: Mapping[str, str], name: str) -> dict[str, str]:
    """Headers that may be sent to this target."""
    for header, value in headers.items():
        _check_name(header)
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            raise TargetError(
                f"the header {header} holds what no header may: a line break, a control character "
                "or a letter outside ASCII. Give plain text."
            )
        if header.lower() == BETA_HEADER and name in (OPENAI, AZURE):
            raise TargetError(
                f"the header {header} ends the session at once: the service has no beta any more. "
                "Leave it out."
            )
    return dict(headers)


def _check_name(header: str) -> None:
    if not _TOKEN.fullmatch(header) or OF_THE_HANDSHAKE.fullmatch(header):
        raise TargetError(
            f"{header!r} is no header to give: it is not the name of one, or belongs to the "
            "handshake. Allowed are letters, digits and hyphens, such as X-Api-Key."
        )


def _named(header: str, made: Target) -> str:
    _check_name(header)
    if not made.key:
        raise TargetError(
            f"header={header!r} says where the key goes, but no key was given. Give api_key=..., "
            "or the header with its value in headers={...}."
        )
    return header


def _offered(subprotocols: Sequence[str]) -> tuple[str, ...]:
    for name in subprotocols:
        if not _TOKEN.fullmatch(name.replace("{key}", "k")):
            raise TargetError(
                "a subprotocol is a word without spaces, in which {key} stands for the key; found "
                f"one of {len(name)} characters that is none."
            )
    return tuple(subprotocols)


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
