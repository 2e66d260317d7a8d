"""Which server a session speaks to, and what lets it in.

The target is named by the caller, or by RTKIT_TARGET; else it is the embedded server. A key that
lies in the environment is looked at only after its target was named, and is never shown.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from .credentials import AUTHORIZATION, ClientSecret, check_name, checked, cleaned, offered
from .errors import TargetError
from .redaction import MASK, Redactor

if TYPE_CHECKING:
    from .server.local import ServerOptions

__all__ = ["ClientSecret", "Target", "endpoint", "open_embedded", "resolve", "target"]

EMBEDDED, OPENAI, AZURE = "embedded", "openai", "azure"
VARIABLE = "RTKIT_TARGET"
OPENAI_URL = "wss://api.openai.com/v1/realtime"
AZURE_PATH = "/openai/v1/realtime"
HEADER_NAMES = {
    "organization": "OpenAI-Organization",
    "project": "OpenAI-Project",
    "safety_identifier": "OpenAI-Safety-Identifier",
}
"""Argument of `target` -> the header of the hosted service that carries it."""
FROM_ENVIRONMENT = {"organization": "OPENAI_ORG_ID", "project": "OPENAI_PROJECT_ID"}
"""Likewise -> the variable that the official client reads for it."""


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
    whole = {**made.extra, **own, **(headers or {})}
    extra = checked(whole, beta=made.name not in (OPENAI, AZURE))
    return replace(
        made,
        url=with_query(made.url, query) if query else made.url,
        header=_named(header, made) if header else made.header,
        scheme=scheme,
        extra=extra,
        subprotocols=offered(subprotocols),
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
        made = replace(target, key=cleaned(target.name, key)) if key else target
    elif isinstance(target, str | None):
        made = _made(target, env, key, keyed or secret is not None)
    else:
        raise TypeError(f"a target is a name or a URL, found {target!r}. Allowed: {ALLOWED}.")
    return _with_secret(made, secret) if secret else made


def _made(name: str | None, env: Mapping[str, str], key: str | None, keyed: bool) -> Target:
    name = (name or env.get(VARIABLE) or EMBEDDED).strip()
    if "://" in name:
        host = host_of(name)
        return Target(host, endpoint(name), cleaned(host, key) or None)
    if name.lower() == EMBEDDED and keyed:
        return Target(EMBEDDED, key=cleaned(EMBEDDED, key) or None)
    maker = MAKERS.get(name.lower())
    if maker is None:
        shown = MASK if secret_values([("", name)]) else Redactor().text(name)  # a key, perhaps
        raise TargetError(f"no target is called {shown!r}. Allowed: {ALLOWED}.")
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
    given = {name: value.strip() for name, value in told.items() if value.strip()}
    url = under(base) if base else OPENAI_URL
    return Target(OPENAI, url, _key(OPENAI, env, api_key), extra=checked(given, beta=False))


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
    token = cleaned(AZURE, env.get("AZURE_OPENAI_AD_TOKEN"))
    if token and not api_key:
        return Target(AZURE, url, token)
    return Target(AZURE, url, _key(AZURE, env, api_key), "api-key")


def _key(name: str, env: Mapping[str, str], api_key: str | None) -> str:
    key = cleaned(name, api_key or env.get(KEY_VARIABLES[name]))
    if not key:
        raise TargetError(
            f'the target "{name}" needs a key, and none was found. Give api_key=..., or set '
            f"{KEY_VARIABLES[name]}. Without a key the embedded server works: leave the target out."
        )
    return key


def _named(header: str, made: Target) -> str:
    check_name(header)
    if not made.key:
        raise TargetError(
            f"header={header!r} says where the key goes, but no key was given. Give api_key=..., "
            "or the header with its value in headers={...}."
        )
    return header


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
