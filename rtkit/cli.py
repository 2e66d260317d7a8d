"""The `rtkit` command: `rtkit serve` and `rtkit doctor`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence

from rtkit import __version__
from rtkit.errors import RtkitError


def parser() -> argparse.ArgumentParser:
    """The arguments of the command; `rtkit --help` prints them."""
    top = argparse.ArgumentParser(prog="rtkit", description="Realtime voice, on this machine.")
    top.add_argument("--version", action="version", version=f"rtkit {__version__}")
    jobs = top.add_subparsers(dest="job", required=True, metavar="serve|doctor")
    serve = jobs.add_parser("serve", help="the embedded realtime server, as a process of its own")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen at (%(default)s)")
    serve.add_argument("--port", type=port, default=8765, help="0: a free one (%(default)s)")
    serve.add_argument("--api-key", metavar="KEY", help="demand this key of every client")
    jobs.add_parser("doctor", help="what works here, what is missing, how to get it")
    return top


def port(text: str) -> int:
    """The number of a port, 0 to 65535; argparse turns the error into a message."""
    number = int(text) if text.isdigit() else -1
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 0 to 65535")
    return number


async def serve(host: str, port: int, api_key: str | None) -> None:
    """Serve until SIGTERM or SIGINT; says where when the first client may come."""
    from rtkit.server.local import ServerOptions

    options = ServerOptions(api_key=api_key)
    options.require_parts()
    from rtkit.server.serve import start

    stopped = stop_event()
    running = await start(host, port, options)
    try:
        print(f"rtkit serves {running.url}  (Ctrl-C stops it)", flush=True)
        await stopped.wait()
    finally:
        await running.close()


def stop_event() -> asyncio.Event:
    """An event of the running loop that is set by SIGTERM or SIGINT."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stopped.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
    return stopped


def run_server(host: str, port: int, api_key: str | None) -> int:
    """Exit status of `rtkit serve`."""
    try:
        asyncio.run(serve(host, port, api_key))
    except OSError as error:
        text = error.strerror or error
        print(
            f"rtkit cannot listen at {host}:{port}: {text}. Stop what uses that port, or choose "
            "another with --port (0 takes a free one).",
            file=sys.stderr,
        )
        return 1
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    given = parser().parse_args(arguments)
    try:
        if given.job == "serve":
            return run_server(given.host, given.port, given.api_key)
        from rtkit.checkup import doctor

        return doctor()
    except RtkitError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
