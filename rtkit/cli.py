"""The `rtkit` command: `rtkit serve`, `rtkit doctor` and `rtkit lessons report`.

Whoever stops it, at whatever moment, gets no traceback: all else is imported with that prepared.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

STOPPED = 130  # what shells show for Ctrl-C


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _do(arguments)
    except KeyboardInterrupt:
        return STOPPED
    finally:
        signal.signal(signal.SIGTERM, before)


def _do(arguments: Sequence[str] | None) -> int:
    from rtkit.arguments import parser
    from rtkit.errors import RtkitError

    given = parser().parse_args(arguments)
    try:
        if given.job == "serve":
            from rtkit.program import run

            return run(given)
        if given.job == "lessons":
            from rtkit.lessons.report import report

            return report(given.out, given.learner)
        from rtkit.checkup import doctor

        return doctor()
    except RtkitError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
