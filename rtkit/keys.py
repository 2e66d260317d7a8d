"""Ephemeral keys: made by the server from the real key, so that nobody else has to hold that one.

    secret = rtkit.client_secret(config, "openai", seconds=60)
    with rtkit.connect(target="openai", api_key=secret) as session: ...

The key stands for a configuration: sessions that are opened with it begin with that, and with its
model. It expires; sessions that are open by then go on. Facts: openai 3.54.0 and the OpenAPI file
of the service (f85dbe2, 2026-08-21).
"""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Mapping
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from . import __version__, background
from .addresses import is_local, over_http
from .errors import TargetError
from .opening import ConfigLike, session_of
from .targets import EMBEDDED, ClientSecret, Target, open_embedded, resolve
from .troubles import explain, redirected, refused, remedies

if TYPE_CHECKING:
    from .server.local import ServerOptions

PATH = "/client_secrets"
SHORTEST_S, LONGEST_S, USUAL_S = 10, 7200, 600
ANSWER_SECONDS = 15.0
MOST_BYTES = 1_000_000


def client_secret(
    config: ConfigLike | None = None,
    target: str | Target | None = None,
    *,
    seconds: int = USUAL_S,
    api_key: str | None = None,
    server: ServerOptions | None = None,
    timeout: float = ANSWER_SECONDS,
) -> ClientSecret:
    """A key that opens sessions of this configuration for so many seconds (10 to 7200).

    `config`, `target`, `api_key` and `server` as for `rtkit.connect`; give what comes back as its
    `api_key`, or `.value` to a page. It waits for the server: in async code call it by
    `asyncio.to_thread`. The embedded server asks for a key only if it has one
    (`ServerOptions(api_key=...)`); without, every key opens it, expired or not.

    TargetError if the server cannot be reached, refuses, or makes no such keys; ValueError for a
    time that no key may have.
    """
    if isinstance(seconds, bool) or not SHORTEST_S <= seconds <= LONGEST_S:
        raise ValueError(
            f"an ephemeral key lives {SHORTEST_S} to {LONGEST_S} seconds, found {seconds!r}."
        )
    own_key = getattr(server, "api_key", None)
    made = resolve(target, os.environ, api_key or own_key, keyed=own_key is not None)
    if server is not None and made.name != EMBEDDED:
        raise TargetError(
            f"server= holds settings of the embedded server, but the target is {made!r}. "
            "Leave one of the two out."
        )
    url = made.url or background.run(open_embedded(server))
    session, model = session_of(config)
    body = {
        "expires_after": {"anchor": "created_at", "seconds": int(seconds)},
        "session": session if session["type"] != "realtime" else {**session, "model": model},
    }
    return _secret(made, _post(made, over_http(url, PATH), body, timeout))


class _NotLedOn(HTTPRedirectHandler):
    """A redirect is an error: the key would go along."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _opener(url: str) -> OpenerDirector:
    own = [ProxyHandler({})] if is_local(url) else []
    return build_opener(_NotLedOn, *own)


def _post(target: Target, url: str, body: Mapping[str, Any], timeout: float) -> Any:
    """The JSON that the server answers."""
    headers = {
        **target.headers,
        "Content-Type": "application/json",
        "Accept": "application/json",
        "User-Agent": f"rtkit/{__version__}",
    }
    request = Request(url, json.dumps(body).encode(), headers, method="POST")
    try:
        with _opener(url).open(request, timeout=timeout) as answer:
            return json.loads(answer.read(MOST_BYTES))
    except HTTPError as exc:
        why = _refusal(target, exc)
    except URLError as exc:
        reason = exc.reason if isinstance(exc.reason, BaseException) else OSError(str(exc.reason))
        why = explain(target, reason, timeout)
    except (TimeoutError, ssl.SSLError, OSError) as exc:
        why = explain(target, exc, timeout)
    except (HTTPException, ValueError, RecursionError):
        why = f"{target.shown} makes no ephemeral keys: its answer is no JSON. {_WITHOUT}"
    raise TargetError(target.scrub(why))


_WITHOUT = "Connect with the key itself, api_key=..."


def _refusal(target: Target, exc: HTTPError) -> str:
    with exc:
        body = exc.read(MOST_BYTES)
    if 300 <= exc.code < 400:
        return redirected(target.shown, exc.headers.get("Location", ""))
    if exc.code in (404, 405, 501):
        known = remedies(target)[404] if target.name == "azure" else _WITHOUT
        return f"{target.shown} makes no ephemeral keys (HTTP status {exc.code}). {known}"
    return refused(target.shown, exc.code, body, remedies(target))


def _secret(target: Target, told: Any) -> ClientSecret:
    """What the answer holds; the beta's shape has the key one level deeper."""
    found = told.get("client_secret") if isinstance(told, dict) else None
    holder = found if isinstance(found, dict) else told
    try:
        value, expires_at = str(holder["value"]), float(holder["expires_at"])
    except (KeyError, TypeError, ValueError):
        raise TargetError(
            f"{target.shown} answered, but with no ephemeral key in it. {_WITHOUT}"
        ) from None
    session = told.get("session")
    return ClientSecret(value, expires_at, session if isinstance(session, Mapping) else {})
