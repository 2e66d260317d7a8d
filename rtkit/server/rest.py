"""The HTTP side of the hosted service that clients use beside the WebSocket.

    GET  /v1/models                   the names that the catalog knows; any other is taken too
    POST /v1/realtime/client_secrets  an ephemeral key for pages that must not hold the real one

Both want the server's own key when it has one; an ephemeral key is not enough.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable

from aiohttp import web

from rtkit import catalog
from rtkit.refusals import Refusal
from rtkit.server.door import Visitor, check_key, origin_allowed, speaks_beta
from rtkit.server.local import ServerOptions
from rtkit.server.rejections import Refused, error_event, refuse
from rtkit.server.secrets import Secrets

log = logging.getLogger("rtkit.server")

MODELS = "/v1/models"
CLIENT_SECRETS = "/v1/realtime/client_secrets"
STATUS = {"rate_limit_exceeded": 429}


class Rest:
    """Answers to plain HTTP requests. `clock` gives Unix seconds."""

    def __init__(
        self, options: ServerOptions, secrets: Secrets, clock: Callable[[], float] = time.time
    ) -> None:
        self.options = options
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
            reply = self.secrets.issue(json.loads(text) if text else {}, self.clock())
        except Refused as error:
            return _answer(error.refusal, STATUS.get(error.refusal.code, 400))
        except (ValueError, RecursionError) as error:
            return _answer(refuse("not_json", detail=error), 400)
        log.info("an ephemeral key was made; it expires at %s", reply["expires_at"])
        return web.json_response(reply)

    def _refusal(self, request: web.Request) -> web.Response | None:
        """Why this request is not answered: its page, its key, or the beta header."""
        origin = request.headers.get("Origin")
        if not origin_allowed(origin, request.host, self.options.origins):
            return _answer(refuse("bad_origin", origin=origin), 403)
        headers = {name.lower(): value for name, value in request.headers.items()}
        visitor = Visitor(headers, {})
        if self.options.api_key is not None:
            away = check_key(visitor.key, self.options.api_key)
            if away is not None:
                return _answer(away.refusal, 401)
        return _answer(refuse("beta"), 400) if speaks_beta(visitor) else None


def _model(one: catalog.ModelInfo) -> dict[str, object]:
    made = {"id": one.name, "object": "model", "created": 0, "owned_by": "rtkit"}
    return {**made, "shutdown_date": one.shutdown} if one.shutdown else made


def _answer(refusal: Refusal, status: int) -> web.Response:
    error = error_event(refusal)["error"]
    del error["event_id"]
    return web.json_response({"error": error}, status=status)
