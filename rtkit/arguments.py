"""The arguments of the `rtkit` command, and what `--help` says of them."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from typing import NoReturn

from rtkit import __version__
from rtkit.errors import RtkitError
from rtkit.server.demands import check_origin
from rtkit.server.journal import LEVELS
from rtkit.server.local import RECOGNISERS
from rtkit.speech.voices import VOICES

JOBS = "serve|doctor|lessons"
ABOUT_SERVE = """\
The embedded realtime server, as a program of its own. It speaks the protocol of the OpenAI
Realtime API, so that clients for that API can be pointed at it: it hears when somebody speaks,
writes down what was said, and answers aloud. As it is, everything happens on this machine, with no
account and nothing to download; the words of its answers are made by rules, not by a model. What
you ask for below can change that.
"""
EXAMPLES = """\
examples:
  rtkit serve                                    the tutor, for this machine, at port 8765
  rtkit serve --port 0 --voice coral             a free port; answers in another voice
  rtkit serve --brain script:replies.txt         say what a file says
  rtkit serve --brain chat:http://127.0.0.1:11434/v1 --model llama3.2
                                                 words from a model of Ollama
  rtkit serve --delay-ms 800 --jitter-ms 120     slow and uneven, to see what a client does
  RTKIT_API_KEY=... rtkit serve --host 0.0.0.0   for other machines: they need the key

a file of replies, for script:FILE:
  # Replies are set apart by empty lines. Each line is one sentence.
  Good morning. How can I help you?

  One moment, please.
  {"call": "get_weather", "arguments": {"city": "Paris"}}

  It is sunny in Paris.

  Each session hears them in this order, then the last one again. A line that begins with { is
  a call of the client's tool of that name; one that begins with # is a remark.

a client, with the official Python package (any key will do unless you demand one):
  from openai import OpenAI
  client = OpenAI(api_key="local", websocket_base_url="ws://127.0.0.1:8765/v1")
  with client.realtime.connect(model="gpt-realtime-2.1") as connection: ...
"""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where to read more; the long usage is left to --help."""

    def error(self, message: str) -> NoReturn:
        """Exit with status 2."""
        self.exit(2, f"{self.prog}: {message}\nAll arguments: {self.prog} --help\n")

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As argparse's, but an argument of a job that it does not know is that job's to refuse."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown


def parser() -> argparse.ArgumentParser:
    """The arguments of the command; `rtkit --help` prints them."""
    top = Parser(
        prog="rtkit",
        description="Realtime voice, on this machine.",
        epilog="`rtkit serve --help` tells all about the server.",
    )
    top.add_argument("--version", action="version", version=f"rtkit {__version__}")
    jobs = top.add_subparsers(dest="job", required=True, metavar=JOBS)
    serve = jobs.add_parser(
        "serve",
        help="the embedded realtime server, as a program of its own",
        description=ABOUT_SERVE,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="rtkit serve [arguments]",
        allow_abbrev=False,
    )
    for add in (_add_place, _add_guests, _add_answers, _add_trouble, _add_limits, _add_log):
        add(serve)
    jobs.add_parser("doctor", help="what works here, what is missing, how to get it")
    lessons = jobs.add_parser("lessons", help="the exercises of the course: what was passed")
    _add_report(lessons.add_subparsers(dest="what", required=True, metavar="report"))
    return top


def _add_report(lessons: argparse._SubParsersAction[Parser]) -> None:
    report = lessons.add_parser("report", help="all exercises and questions as CSV, for a teacher")
    report.add_argument("--out", metavar="FILE", help="write it there (default: print it)")
    report.add_argument(
        "--learner",
        metavar="NAME",
        help="whose it is (default: RTKIT_LEARNER, JUPYTERHUB_USER, else the user's name)",
    )


def _add_place(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group("where it listens")
    group.add_argument(
        "--host",
        metavar="HOST",
        default="127.0.0.1",
        help="address or name to listen at (default %(default)s: this machine only)",
    )
    group.add_argument(
        "--port",
        metavar="N",
        type=_number(0, 65535, "a port"),
        default=8765,
        help="TCP port; 0 takes a free one, the ready line says which (default %(default)s)",
    )


def _add_guests(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group("who may come in")
    group.add_argument(
        "--api-key",
        metavar="KEY",
        help="demand this key of every client; needed when other machines can reach HOST. "
        "RTKIT_API_KEY does the same and is not seen in the list of processes (default: any key "
        "or none will do)",
    )
    group.add_argument(
        "--origin",
        metavar="ORIGIN",
        action="append",
        default=[],
        type=_origin,
        help="let web pages of this origin in, such as https://school.example; may be given more "
        "than once (default: pages of this machine only)",
    )


def _add_answers(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group("what hears and answers")
    group.add_argument(
        "--brain",
        metavar="BRAIN",
        default="tutor",
        help="tutor: rules that tell the time, reckon, know capitals, tell stories, call tools; "
        "script:FILE: replies from a text file, see below; chat:URL: an OpenAI-compatible chat "
        "endpoint, such as Ollama's (default %(default)s)",
    )
    group.add_argument(
        "--model",
        metavar="NAME",
        help="the model to ask for at chat:URL; chat:URL#NAME says the same. The endpoint's key, "
        "if it wants one, is taken from RTKIT_CHAT_API_KEY",
    )
    group.add_argument(
        "--asr",
        choices=tuple(RECOGNISERS),
        help="what recognises speech: pocketsphinx knows the tutor's phrases well and other "
        "English roughly; whisper is better, needs the extra rtkit[whisper], and downloads its "
        "weights once (default: RTKIT_RECOGNISER, else pocketsphinx)",
    )
    group.add_argument(
        "--voice",
        metavar="NAME",
        choices=tuple(VOICES),
        help=f"voice of sessions that name none: {', '.join(VOICES)} (default alloy)",
    )


def _add_trouble(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group("slow and broken on purpose")
    group.add_argument(
        "--delay-ms",
        metavar="MS",
        type=_amount(0, 60_000, "milliseconds"),
        default=0.0,
        help="milliseconds to wait before each answer (default 0)",
    )
    group.add_argument(
        "--jitter-ms",
        metavar="MS",
        type=_amount(0, 60_000, "milliseconds"),
        default=0.0,
        help="delay each event by a random time of up to so many milliseconds (default 0)",
    )
    group.add_argument(
        "--fault",
        metavar="FAULT",
        action="append",
        default=[],
        help="break something in every session, such as 'drop:after=response.created'; may be "
        "given more than once. `python -m rtkit.server.faults` lists them. A client may ask for "
        "its own session with ?fault=... in the URL",
    )


def _add_limits(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group("limits")
    group.add_argument(
        "--max-session-s",
        metavar="S",
        type=_amount(0.1, 86_400, "seconds"),
        default=3600.0,
        help="seconds until a session is ended with the error session_expired (default 3600)",
    )
    group.add_argument(
        "--max-sessions",
        metavar="N",
        type=_number(1, 100_000, "a number of sessions"),
        default=64,
        help="sessions at the same time; who comes later gets the error rate_limit_exceeded and "
        "close code 1013 (default %(default)s)",
    )


def _add_log(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group(
        "the log (on stderr; it holds no keys, no sound and nothing that was said)"
    )
    group.add_argument(
        "--log-level",
        metavar="LEVEL",
        choices=LEVELS,
        default="info",
        help=f"{', '.join(LEVELS)}: info has a line for the beginning and the end of each "
        "session, each refusal and each error; debug adds tracebacks, which may quote what was "
        "said (default %(default)s)",
    )
    group.add_argument("--log-json", action="store_true", help="lines of JSON instead of key=value")


def _number(low: int, high: int, what: str) -> Callable[[str], int]:
    """Reads a whole number in a range; argparse turns the error into a message."""

    def read(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() else -1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not {what}: give a number from {low} to {high}"
            )
        return number

    return read


def _amount(low: float, high: float, unit: str) -> Callable[[str], float]:
    """Reads a number with a unit in a range."""

    def read(text: str) -> float:
        try:
            amount = float(text)
        except ValueError:
            amount = math.nan
        if not low <= amount <= high:
            raise argparse.ArgumentTypeError(
                f"{text!r} will not do: give {unit} from {low:g} to {high:,.0f}".replace(",", " ")
            )
        return amount

    return read


def _origin(text: str) -> str:
    try:
        check_origin(text)
    except RtkitError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text
