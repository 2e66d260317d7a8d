"""The HTTP side of the hosted service that clients use beside the WebSocket.

    GET  /v1/models                   the names that the catalog knows; any other is taken too
    POST /v1/realtime/client_secrets  an ephemeral key for pages that must not hold the real one

Both want the server's own key when it has one; an ephemeral key is not enough.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from rtkit import catalog
from rtkit.refusals import Refusal
from rtkit.server.door import Visitor, check_key, speaks_beta
from rtkit.server.frames import parse
from rtkit.server.gate import Gate
from rtkit.server.journal import note
from rtkit.server.local import ServerOptions
from rtkit.server.rejections import Refused, error_event, refuse
from rtkit.server.secrets import Secrets

MODELS = "/v1/models"
CLIENT_SECRETS = "/v1/realtime/client_secrets"
STATUS = {"rate_limit_exceeded": 429}


class Rest:
    """Answers to plain HTTP requests. `clock` gives Unix seconds."""

    def __init__(
        self,
        options: ServerOptions,
        secrets: Secrets,
        clock: Callable[[], float] = time.time,
        gate: Gate | None = None,
    ) -> None:
        self.options = options
        self.gate = gate or Gate(options.origins, keyed=options.api_key is not None)
        self.secrets = secrets
        self.clock = clock

    def add_to(self, app: web.Application) -> None:
        """Put the routes into an application."""
        app.router.add_get(MODELS, self.models)
        app.router.add_post(CLIENT_SECRETS, self.client_secrets)

    async def models(self, request: web.Request) -> web.Response:
        """The models of the catalog that sessions may name."""
        if (refused := self._refusal(request)) is not None:
            return refused
        known = (*catalog.models("realtime"), *catalog.models("transcription"))
        data = [_model(one) for one in known]
        return web.json_response({"object": "list", "data": data})

    async def client_secrets(self, request: web.Request) -> web.Response:
        """A new ephemeral key."""
        if (refused := self._refusal(request)) is not None:
            return refused
        try:
            text = await request.text()
            body = parse(text, self.options.limits) if text else {}
            reply = self.secrets.issue(self._opened(body), self.clock())
        except Refused as error:
            return self._refused(request, error.refusal, STATUS.get(error.refusal.code, 400))
        except web.HTTPRequestEntityTooLarge as error:
            sizes = {"most": request.client_max_size, "found": request.content_length or "more"}
            refusal = refuse("string_too_long", param="body", **sizes)
            return self._refused(request, refusal, error.status)
        except (ValueError, LookupError) as error:  # bytes that are no text
            return self._refused(request, refuse("not_json", detail=error), 400)
        note(logging.INFO, "secret.made", expires_at=reply["expires_at"])
        return web.json_response(reply)

    def _refusal(self, request: web.Request) -> web.Response | None:
        """Why this request is not answered: its page, its key, or the beta header."""
        if (foreign := self.gate.refusal(request.headers.get("Origin"), request.host)) is not None:
            return self._refused(request, foreign, 403)
        visitor = Visitor.of(request.headers, {})
        if self.options.api_key is not None:
            away = check_key(visitor.key, self.options.api_key)
            if away is not None:
                return self._refused(request, away.refusal, 401)
        return self._refused(request, refuse("beta"), 400) if speaks_beta(visitor) else None

    def _opened(self, body: dict[str, Any]) -> dict[str, Any]:
        """The request for a key, with what this server's sessions begin with where it is silent."""
        wanted = body.get("session")
        wanted = {"type": "realtime"} if wanted is None else wanted
        opened = self.options.opening(wanted) if isinstance(wanted, dict) else wanted
        return {**body, "session": opened}

    def _refused(self, request: web.Request, refusal: Refusal, status: int) -> web.Response:
        note(
            logging.INFO,
            "http.refused",
            path=request.path,
            status=status,
            code=refusal.code or "no_key",
        )
        return _answer(refusal, status)


def _model(one: catalog.ModelInfo) -> dict[str, object]:
    made = {"id": one.name, "object": "model", "created": 0, "owned_by": "rtkit"}
    return {**made, "shutdown_date": one.shutdown} if one.shutdown else made


def _answer(refusal: Refusal, status: int) -> web.Response:
    error = error_event(refusal)["error"]
    del error["event_id"]
    return web.json_response({"error": error}, status=status)
