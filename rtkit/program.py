"""`rtkit serve`: makes a server of the arguments, says where it is, and ends it at a signal."""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag

from rtkit.errors import ConfigError, RtkitError
from rtkit.server.journal import write_to

if TYPE_CHECKING:
    from rtkit.server.brain import Brain
    from rtkit.server.local import ServerOptions

KEY_VARIABLE = "RTKIT_API_KEY"
CHAT_KEY_VARIABLE = "RTKIT_CHAT_API_KEY"
BRAINS = "tutor, script:FILE or chat:URL"
GRACE_S = 8.0
"""How long a server may take to say goodbye before the process ends all the same."""
CANNOT_LISTEN = {
    errno.EADDRINUSE: "the port is taken. Stop what uses it, or choose another with --port (0 "
    "takes a free one)",
    errno.EACCES: "this port is reserved for the system. Choose one above 1023 with --port",
    errno.EADDRNOTAVAIL: "no network of this machine has that address. Leave --host out for this "
    "machine only, or give 0.0.0.0 and a key for every network it is on",
}


def options_of(given: argparse.Namespace, env: Mapping[str, str]) -> ServerOptions:
    """The server that the arguments ask for; RtkitError for what cannot be."""
    from rtkit.server.local import ServerOptions

    fields: dict[str, Any] = {
        "brain": brain_of(given.brain, given.model, env),
        "recogniser": given.asr,
        "api_key": key_of(given.api_key, env),
        "max_session_s": given.max_session_s,
        "max_sessions": given.max_sessions,
        "default_voice": given.voice,
        "origins": tuple(given.origin),
        **_trouble(given),
    }
    options = ServerOptions(**fields)
    options.require_parts()
    return options


def key_of(given: str | None, env: Mapping[str, str]) -> str | None:
    """The key to demand: the argument, else that of the environment unless it is empty."""
    return given if given is not None else env.get(KEY_VARIABLE) or None


def brain_of(text: str, model: str | None, env: Mapping[str, str]) -> Brain | None:
    """The brain that is named so, None for the usual one; ConfigError for none."""
    kind, _, rest = text.partition(":")
    if kind == "chat" and rest:
        return _chat(rest, model, env)
    if model is not None:
        raise ConfigError(
            f"--model names the model of chat:URL, but the brain is {text!r}. Leave --model out, "
            "or give --brain chat:URL."
        )
    if kind == "script" and rest:
        return _script(Path(rest))
    if text == "tutor":
        return None
    raise ConfigError(f"{text!r} is no brain. Allowed: {BRAINS}.")


def _script(path: Path) -> Brain:
    from rtkit.server.scripts import parse

    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"the script {str(path)!r} cannot be read: {error.strerror}. Give the path of a text "
            "file with replies: --brain script:FILE."
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(
            f"{path}, line {line}: this is no UTF-8 text. Save the file as UTF-8."
        ) from None
    return parse(text, str(path))


def _chat(address: str, model: str | None, env: Mapping[str, str]) -> Brain:
    try:
        from rtkit.server.chat import ChatCompletions
    except ImportError as error:
        raise ConfigError(
            f"the brain chat:URL cannot be loaded ({error}). Allowed without it: tutor, "
            "script:FILE. Do: pip install --upgrade 'rtkit[local]'"
        ) from None
    url, named = urldefrag(address)
    if model is not None and named and model != named:
        raise ConfigError(
            f"two models are named, {named!r} behind the # and {model!r} by --model. Name one."
        )
    if not (model or named):
        raise ConfigError(
            "chat:URL needs the name of a model. Give --model NAME, or write chat:URL#NAME."
        )
    key = env.get(CHAT_KEY_VARIABLE) or None
    brain: Brain = ChatCompletions(url, model or named, api_key=key)
    return brain


def _trouble(given: argparse.Namespace) -> dict[str, Any]:
    """The options for delays and faults; they are loaded only when they are asked for."""
    fields: dict[str, Any] = {}
    if given.delay_ms or given.jitter_ms:
        from rtkit.server.delays import Delays

        fields["delays"] = Delays(think_ms=given.delay_ms, jitter_ms=given.jitter_ms)
    if given.fault:
        from rtkit.server.faults import parse

        fields["faults"] = tuple(fault for text in given.fault for fault in parse(text))
    return fields


async def serve(host: str, port: int, options: ServerOptions) -> None:
    """Serve until SIGTERM or SIGINT; says where when the first client may come.

    ConfigError for an address that cannot be had.
    """
    from rtkit.server.serve import start

    stopped = stop_event()
    try:
        running = await start(host, port, options)
    except OSError as error:
        raise cannot_listen(host, port, error) from None
    try:
        print(f"rtkit serves {running.url}  (Ctrl-C stops it)", flush=True)
        await stopped.wait()
    finally:
        await running.close()


def stop_event() -> asyncio.Event:
    """An event of the running loop that is set by SIGTERM or SIGINT; a second one ends at once."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()

    def stop(number: int) -> None:
        if stopped.is_set():
            _exit_now(128 + number)
        stopped.set()
        last = threading.Timer(GRACE_S, _exit_now, (0,))  # a download in a thread may go on
        last.daemon = True
        last.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop, int(number))
        except NotImplementedError:  # Windows
            signal.signal(number, lambda n, _: loop.call_soon_threadsafe(stop, n))
    return stopped


def _exit_now(status: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)


def run(given: argparse.Namespace) -> int:
    """Exit status of `rtkit serve`."""
    try:
        options = options_of(given, os.environ)
        keys = [key for key in (options.api_key, os.environ.get(CHAT_KEY_VARIABLE)) if key]
        write_to(None, given.log_level, as_json=given.log_json, secrets=keys)
        asyncio.run(serve(given.host, given.port, options))
    except KeyboardInterrupt:
        pass  # before it was ready
    except RtkitError as error:
        print(f"rtkit serve: {error}", file=sys.stderr)
        return 1
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever is impatient now needs no traceback
    return 0


def cannot_listen(host: str, port: int, error: OSError) -> ConfigError:
    """The error for an address that cannot be had; it says why, and what to do."""
    why = CANNOT_LISTEN.get(error.errno or 0) or error.strerror or str(error)
    if isinstance(error, socket.gaierror):
        why = "nobody here knows that name. Give an address, or leave --host out"
    return ConfigError(f"cannot listen at {host}:{port}: {why}.")
