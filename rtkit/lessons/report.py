"""`rtkit lessons report`: how far a learner has come, as CSV for a teacher."""

from __future__ import annotations

import sys
from pathlib import Path

from rtkit.errors import LessonError

from .attempts import attempts
from .progress import as_csv, learner_name, standings


def report(out: str | None = None, learner: str | None = None) -> int:
    """Write the CSV to a file, or print it; the status of the command.

    LessonError if the file cannot be written.
    """
    text = as_csv(standings(attempts()), learner or learner_name())
    if out is None:
        sys.stdout.write(text)
        return 0
    try:
        Path(out).write_text(text, encoding="utf-8")
    except OSError as error:
        raise LessonError(
            f"rtkit lessons report: cannot write {out} ({error.strerror}). Give another --out, or "
            "none to print it."
        ) from None
    print(f"{out}: {text.count(chr(10)) - 1} rows")
    return 0
