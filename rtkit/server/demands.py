"""What a server demands of its own settings: errors that say what was found and what is allowed."""

from __future__ import annotations

import math
from urllib.parse import urlsplit

from rtkit.errors import ConfigError


def check_limits(max_session_s: float, max_sessions: int) -> None:
    """ConfigError unless sessions may last some time (seconds) and there may be one of them."""
    if not (math.isfinite(max_session_s) and max_session_s > 0):
        raise ConfigError(
            f"max_session_s is {max_session_s}. It is the seconds a session may last: give a "
            "number above 0, such as 3600."
        )
    if max_sessions < 1:
        raise ConfigError(
            f"max_sessions is {max_sessions}. It is how many sessions may be open at once: give 1 "
            "or more."
        )


def check_origin(origin: str) -> None:
    """ConfigError unless it is an origin as browsers send it: scheme, host, perhaps a port."""
    try:
        page = urlsplit(origin)
        plain = f"{page.scheme}://{page.netloc}" == origin and "@" not in page.netloc
        fits = plain and page.scheme in ("http", "https") and bool(page.hostname)
        fits = fits and "*" not in origin and origin == origin.lower() and page.port != 0
    except ValueError:  # a bracket that is not closed, a port that is no number
        fits = False
    if not fits:
        raise ConfigError(
            f"{origin!r} is no origin of web pages. An origin is scheme, host and port, in small "
            "letters and with nothing behind them, as in https://school.example or "
            "http://10.0.0.5:8080; name each one."
        )


def check_own_key(key: str) -> None:
    """ConfigError unless a header can carry the key. The key itself is not shown."""
    if not key:
        raise ConfigError(
            "the server's key is empty. Give a key of letters, digits and signs, or none."
        )
    if not (key.isascii() and key.isprintable()) or any(letter.isspace() for letter in key):
        raise ConfigError(
            "the server's key holds a space, a line break or a letter outside ASCII, which no "
            "header can carry. Give one of ASCII letters, digits and signs."
        )
