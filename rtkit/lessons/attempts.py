"""What was tried and passed: a file of one line per attempt, on this machine only.

Lines are only ever added, so two notebooks at once lose nothing, and a line that cannot be read is
passed over. RTKIT_LESSONS names another file.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import platformdirs

FILE_VARIABLE = "RTKIT_LESSONS"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One check of an exercise ("02.1") or one answer to a question ("02.q1").

    `when` is an ISO 8601 time with its offset from UTC.
    """

    exercise: str
    passed: bool
    when: str


def progress_file() -> Path:
    """The file of the attempts; it need not exist yet."""
    named = os.environ.get(FILE_VARIABLE)
    if named:
        return Path(named).expanduser()
    return platformdirs.user_data_path("rtkit", appauthor=False) / "lessons.jsonl"


def remember(exercise: str, passed: bool, now: datetime | None = None) -> str:
    """Add an attempt; "" or a sentence that says why it could not be written down."""
    when = (now or datetime.now().astimezone()).isoformat(timespec="seconds")
    path = progress_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(Attempt(exercise, passed, when))) + "\n")
    except OSError as error:
        return (
            f"This was not written down: {path} cannot be written ({error.strerror}). "
            f"{FILE_VARIABLE} may name another file."
        )
    return ""


def attempts() -> list[Attempt]:
    """All attempts in the order in which they were made."""
    path = progress_file()
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [found for line in lines if (found := _read(line))]


def _read(line: str) -> Attempt | None:
    try:
        row = json.loads(line)
        return Attempt(str(row["exercise"]), row["passed"] is True, str(row["when"]))
    except (ValueError, TypeError, KeyError):
        return None
