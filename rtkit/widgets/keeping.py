"""What a person keeps of a conversation: its timeline and its sound, as files beside the notebook.

A file that is there already is never written over. Everything here runs on rtkit's loop.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtkit.errors import RtkitError
from rtkit.stereo import export_wav
from rtkit.timeline import Timeline

from .sentences import NOTHING_SAID, kept, not_fetched, not_kept
from .wire import Link, message

if TYPE_CHECKING:
    from .host import Host

PIECE = 384 * 1024  # bytes of a file in one message; a multiple of 3
WRITERS: Mapping[str, Callable[[Timeline, Path], Path]] = {
    "jsonl": Timeline.save,
    "wav": export_wav,
}
Told = Mapping[str, Any]


def free_path(folder: Path, kind: str, now: datetime) -> Path:
    """A name in this folder that nothing has yet."""
    stem = f"conversation-{now:%Y-%m-%d_%H-%M-%S}"
    path, number = folder / f"{stem}.{kind}", 2
    while path.exists():
        path, number = folder / f"{stem}-{number}.{kind}", number + 1
    return path


class Keeping:
    """The files of one console; the page may fetch the newest."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._newest: Path | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def acts(self) -> dict[str, Callable[[Told], None]]:
        """What is done about which message of the page."""
        return {"keep": self._keep, "fetch": self._fetch}

    def _keep(self, told: Told) -> None:
        kind, timeline = str(told.get("kind")), self._host.whole()
        if timeline is None:
            self._host.board.say(NOTHING_SAID, "hint")
        elif kind in WRITERS:
            self._start(self._write(kind, timeline))

    async def _write(self, kind: str, timeline: Timeline) -> None:
        try:
            path = free_path(Path.cwd(), kind, datetime.now())
            await asyncio.to_thread(WRITERS[kind], timeline, path)
        except (RtkitError, OSError) as error:
            self._host.board.say(not_kept(error))
            return
        self._newest = path
        self._host.board.show(kept={"name": path.name, "bytes": path.stat().st_size})
        self._host.board.say(kept(path), "hint")

    def _fetch(self, told: Told) -> None:
        """The page offers the newest file as a download."""
        if self._newest is not None and self._host.link is not None:
            self._start(self._send(self._newest, self._host.link))

    async def _send(self, path: Path, link: Link) -> None:
        try:
            data = await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            self._host.board.say(not_fetched(path, error))
            return
        for start in range(0, len(data), PIECE):
            piece = base64.b64encode(data[start : start + PIECE]).decode()
            last = start + PIECE >= len(data)
            link.send(message("file", name=path.name, data=piece, last=last))

    def _start(self, job: Any) -> None:
        task = asyncio.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
