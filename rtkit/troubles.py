"""What goes wrong on the way to a server, in words: what was found, and what to do.

For the WebSocket and for plain HTTP alike. Nothing here opens a connection.
"""

from __future__ import annotations

import json
import logging
import socket
import ssl
from collections.abc import Mapping

from websockets.exceptions import (
    InvalidProxy,
    InvalidProxyStatus,
    InvalidStatus,
    ProxyError,
)

from .addresses import public_url
from .errors import SessionError
from .events import TRANSCRIPTION_FAILED
from .moments import Moment
from .retries import HTTP_AGAIN
from .targets import AZURE, Target

log = logging.getLogger("rtkit")
START = "Start one with `rtkit serve`, or leave the target out for the embedded server."
STATUS = {
    400: "Look at the model and at the configuration.",
    401: "The key is missing or wrong: give api_key=..., or set the target's variable.",
    403: "The key has no right to this: give another api_key=..., or ask its owner.",
    404: "There is no realtime endpoint at this path; most servers have it at /v1/realtime.",
    407: "The proxy of your network wants a name and a password: http://NAME:PASSWORD@HOST:PORT in "
    "HTTPS_PROXY.",
    429: "Too many requests: wait, or look at the limits of the account.",
}
"""HTTP status of a refusal -> what to do."""
AZURE_STATUS = {
    400: "On Azure the model is the name of a deployment that you made, of a realtime model.",
    404: "On Azure the model is the name of a deployment that you made: look for it at your "
    "resource, and look at AZURE_OPENAI_ENDPOINT.",
}
SERVER_FAULT = "The server has a fault of its own: try again later."
PROXY = "Look at HTTPS_PROXY, HTTP_PROXY and NO_PROXY in the environment."
DEPLOYMENT = (
    "On Azure the transcription model is the name of a deployment of your own: "
    'with_transcription(model="YOUR-DEPLOYMENT"), or with_transcription(enabled=False).'
)
MOST_TOLD = 300  # characters of what a server says


def explain(target: Target, exc: BaseException, seconds: float) -> str:
    """Why no connection came about, and the remedy; `seconds` is how long was waited."""
    shown = target.shown
    match exc:
        case InvalidProxyStatus():
            return refused("the proxy of your network", exc.response.status_code, b"", {407: PROXY})
        case InvalidStatus() if 300 <= exc.response.status_code < 400:
            return redirected(shown, exc.response.headers.get("Location", ""))
        case InvalidStatus():
            response = exc.response
            body = bytes(response.body or b"")
            return refused(shown, response.status_code, body, remedies(target))
        case InvalidProxy() | ProxyError():
            return f"the proxy on the way to {shown} cannot be used ({_first(exc)}). {PROXY}"
        case TimeoutError():
            return f"{shown} did not answer within {seconds:.0f} s. {START}"
        case ssl.SSLCertVerificationError():
            return (
                f"the certificate of {shown} is not trusted ({exc.verify_message}). Behind a proxy "
                "that opens TLS, or with a certificate of your own, name its authority in "
                "SSL_CERT_FILE."
            )
        case ssl.SSLError():
            return (
                f"{shown} speaks no valid TLS ({exc.reason}). A plain server is reached by ws://."
            )
        case socket.gaierror():
            return f"the host of {shown} was not found. Look at the spelling and the network."
        case ImportError():  # told by the WebSocket library, for a SOCKS proxy
            return f"the way to {shown} leads over a SOCKS proxy. Do: pip install python-socks"
        case OSError():
            return f"no server answers at {shown} ({exc.strerror or 'no connection'}). {START}"
    return f"{shown} is not a WebSocket server. {START}"


def is_passing(exc: BaseException) -> bool:
    """Whether a new try may well succeed."""
    if isinstance(exc, InvalidStatus):
        return exc.response.status_code in HTTP_AGAIN
    return isinstance(exc, OSError | EOFError) and not isinstance(exc, ssl.SSLError)


def refused(shown: str, status: int, body: bytes, remedies: Mapping[int, str]) -> str:
    """An HTTP status, what the server says of it, and the remedy."""
    said = message_in(body)
    otherwise = SERVER_FAULT if status >= 500 else "Is this the address of a realtime server?"
    remedy = remedies.get(status, otherwise)
    told = f" ({said})" if said else ""
    return f"{shown} refused the connection with HTTP status {status}{told}. {remedy}"


def redirected(shown: str, place: str) -> str:
    """A server that sends us on: what lets us in here is not shown to anybody else."""
    where = f" to {public_url(place)}" if place else " to another address"
    return f"{shown} sends us on{where}, which is not followed. If you trust it, give its URL."


def remedies(target: Target) -> Mapping[int, str]:
    """What to do about a status, for this target."""
    return {**STATUS, **AZURE_STATUS} if target.name == AZURE else STATUS


def message_in(body: bytes) -> str:
    """The message of an error object, as the services send it; "" for anything else."""
    try:
        error = json.loads(body)["error"]
        message = error["message"] if isinstance(error, dict) else error
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return " ".join(str(message).split())[:MOST_TOLD].rstrip(".")


def advised(target: Target, error: SessionError) -> SessionError:
    """An error of the server, whose message now holds what is peculiar to the target."""
    about = f"{error.param or ''} {error}".lower()
    if target.name != AZURE or "transcription" not in about or DEPLOYMENT in str(error):
        return error
    error.args = (f"{str(error).rstrip('.')}. {DEPLOYMENT}",)
    return error


def warn_of_transcription(target: Target, moment: Moment) -> None:
    """Log what to do about a transcription that failed, where the target has its own reason."""
    if moment.type == TRANSCRIPTION_FAILED and target.name == AZURE:
        error = moment.event.get("error")
        said = error.get("message") if isinstance(error, Mapping) else None
        why = " ".join(str(said or "no reason given").split())[:MOST_TOLD].rstrip(".")
        log.warning("the transcription failed (%s). %s", why, DEPLOYMENT)


def _first(exc: BaseException) -> str:
    return str(exc).partition("\n")[0][:MOST_TOLD]
