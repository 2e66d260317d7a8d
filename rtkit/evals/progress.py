"""How far the runs have come, as one line: in a terminal or a notebook, else nowhere."""

from __future__ import annotations

import sys
from typing import Any

from rtkit.evals.results import Result


class Progress:
    """A line that is written anew with every result; `shown` False: it is only counted."""

    def __init__(self, total: int, shown: bool = True) -> None:
        self.total = total
        self.passed = self.failed = self.broken = 0
        self._page = _page() if shown else None
        self._terminal = shown and self._page is None and sys.stderr.isatty()
        self._show()

    def step(self, result: Result) -> None:
        """One more is there."""
        self.passed += result.passed
        self.broken += result.error is not None
        self.failed += not result.passed and result.error is None
        self._show()

    @property
    def line(self) -> str:
        """The text of the line.

        >>> Progress(3, shown=False).line
        '0 of 3 runs'
        """
        done = self.passed + self.failed + self.broken
        counts = (
            *((self.passed, "passed"), (self.failed, "failed")),
            (self.broken, "did not come to their end"),
        )
        told = ", ".join(f"{count} {what}" for count, what in counts if count)
        return f"{done} of {self.total} runs" + (f": {told}" if told else "")

    def close(self) -> None:
        """The line stays as it is."""
        if self._terminal:
            print(file=sys.stderr)

    def _show(self) -> None:
        if self._page is not None:
            self._page.update({"text/plain": self.line}, raw=True)
        elif self._terminal:
            print(f"\r\033[K{self.line}", end="", file=sys.stderr, flush=True)


def _page() -> Any:
    """A place on the page of a notebook that can be written anew; None outside of one."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None or not hasattr(shell, "kernel"):
        return None
    from IPython.display import display

    show: Any = display
    return show({"text/plain": ""}, raw=True, display_id=True)
