"""The `rtkit` command: `rtkit serve` and `rtkit doctor`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rtkit.arguments import parser as parser
from rtkit.errors import RtkitError


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    given = parser().parse_args(arguments)
    try:
        if given.job == "serve":
            from rtkit.program import run

            return run(given)
        from rtkit.checkup import doctor

        return doctor()
    except RtkitError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
