"""The kernel's side of one recorder: between the page, the microphone's sound and the takes.

Everything here runs on rtkit's loop, except `wait_for`. The page opens the microphone, on an
ipywebrtc stream that is made here for every take and closed after it, and sends its sound in
frames; so whatever ends a recording, what arrived is kept.
"""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from rtkit.clip import Clip
from rtkit.clipview import envelope
from rtkit.errors import AudioError, MissingExtra, RtkitError
from rtkit.wav import write_wav

from . import interpreter
from .recording import LONGEST, Recording, camera_stream
from .sentences import LOST_SOUND, RECORDED_ELSEWHERE, RECORDER_CLOSED
from .takes import Take, Takes, verdict
from .wire import Link, message, pack, parse

if TYPE_CHECKING:
    from ipywebrtc import CameraStream

Told = Mapping[str, Any]


class Studio:
    """One recorder. Its state may be read, and waited for, from any thread."""

    def __init__(self) -> None:
        self.takes = Takes()
        self.link: Link | None = None
        self.notice, self._kind = "", "hint"
        self.recording: Recording | None = None
        self.refusals = 0  # how often a microphone could not be opened
        self.finished = 0  # recordings that came to their end
        self.recorded: Clip | None = None  # the sound of the last of these; None when none arrived
        self._limit = LONGEST
        self._shown: tuple[Link | None, int | None] = (None, None)  # a page, and its take
        self._stream: CameraStream | None = None
        self._pieces: dict[str, dict[int, bytes]] = {}  # of files that are being sent
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = threading.Condition()

    def wait_for(self, true: Callable[[], object], seconds: float) -> bool:
        """Wait in another thread until this is true; whether it came to be in time."""
        with self._changed:
            return bool(self._changed.wait_for(true, seconds))

    # the page

    def arrive(self, link: Link) -> None:
        """A page has come; one that was here before is sent away."""
        old, self.link = self.link, link
        if old is not None:
            self._finish("the recorder was opened in another page")
            old.send(message("bye", text=RECORDED_ELSEWHERE))
            old.close()
        link.send(message("welcome"))
        self._show()
        if self.notice:
            self.say(self.notice, self._kind)

    def leave(self, link: Link) -> None:
        """The connection of a page is gone: what was recorded is kept."""
        if link is not self.link:
            return
        self.link = None
        self._finish("the page was closed or its connection lost")
        self._tell_waiting()

    def receive(self, link: Link, data: str | bytes) -> None:
        """A message of the page: sound, or what the person does."""
        if link is not self.link:
            return
        if isinstance(data, bytes):
            self._hear(data)
            return
        told = parse(data)
        act = ACTS.get(str(told.get("type")))
        if act is not None:
            act(self, told)
            self._tell_waiting()

    def close(self) -> None:
        """Let the page and the microphone go. The takes stay."""
        self._finish("the recorder was closed")
        link, self.link = self.link, None
        if link is not None:
            link.send(message("bye", text=RECORDER_CLOSED))
            link.close()

    def send(self, type: str, **fields: Any) -> None:
        """Tell the page, if there is one."""
        if self.link is not None:
            self.link.send(message(type, **fields))

    def say(self, text: str, kind: str = "problem") -> None:
        """Show a plain sentence; "" takes it away."""
        self.notice, self._kind = text, kind
        self.send("notice", text=text, kind=kind)

    # recording

    def record(self, seconds: float = LONGEST) -> None:
        """Let the page begin a take that ends by itself after these seconds."""
        self._limit = seconds
        self.send("record")

    def _open(self, told: Told) -> None:
        """Make the stream that the page takes the microphone from."""
        self.say("")
        self._close_stream()
        try:
            self._stream = camera_stream(told.get("device"), bool(told.get("processing")))
        except MissingExtra as problem:
            self.send("refused", text=str(problem))
            return
        self.send("stream", id=self._stream.model_id)

    def _microphone(self, told: Told) -> None:
        """Turned on, turned off or lost: the page says which, and what it shows."""
        if told.get("on"):
            self.recording = Recording(str(told.get("label") or ""), self._limit)
            interpreter.hold(self)
            return
        self._finish(str(told.get("reason") or ""))
        if sentence := told.get("sentence"):
            self.say(str(sentence))

    def _refused(self, told: Told) -> None:
        """The microphone could not be opened; the page shows why."""
        self.refusals += 1
        self.notice, self._kind = str(told.get("sentence") or ""), "problem"
        self._limit = LONGEST
        self._close_stream()

    def _hear(self, data: bytes) -> None:
        recording = self.recording
        if recording is None or recording.full:
            return
        recording.hear(data)
        if recording.full:
            self.send("stop")

    def _finish(self, note: str) -> None:
        """Keep what was recorded, and let the microphone go."""
        recording, self.recording = self.recording, None
        self._close_stream()
        if recording is None:
            return
        interpreter.release(self)
        self._limit = LONGEST
        clip = recording.clip()
        self.recorded = clip if clip.duration else None
        if recording.lost_ms:
            note = "; ".join(filter(None, [note, f"{recording.lost_ms} ms were lost on the way"]))
        if clip.duration:
            self.add(Take(clip, "microphone", recording.title, note))
        else:
            self.say(LOST_SOUND)
        self.finished += 1
        self._tell_waiting()

    def _close_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.layout.close()
            stream.close()

    # takes

    def add(self, take: Take) -> None:
        """Keep a take and show it."""
        self.takes.add(take)
        self._judge()

    def choose(self, number: int) -> None:
        """Choose a take and show it."""
        self.takes.choose(number)
        self._judge()

    def delete(self, number: int) -> None:
        """Let a take go."""
        self.takes.delete(number)
        self._judge()

    def _choose(self, told: Told) -> None:
        self._number(self.choose, told)

    def _delete(self, told: Told) -> None:
        self._number(self.delete, told)

    def _number(self, act: Callable[[int], None], told: Told) -> None:
        try:
            act(int(told.get("number", 0)))
        except AudioError as problem:
            self.say(str(problem))

    def _judge(self) -> None:
        """Show the takes, and what is wrong with the chosen one."""
        self._show()
        clip = self.takes.clip
        self.say(verdict(clip) if clip is not None else "", "hint")

    def _show(self) -> None:
        """The list, and the sound of the chosen take with its picture."""
        chosen, clip = self.takes.chosen, self.takes.clip
        self.send("takes", rows=self.takes.rows(), chosen=chosen)
        if self._shown == (self.link, chosen):
            return  # the page has its sound
        self._shown = (self.link, chosen)
        if chosen is not None and clip is not None and self.link is not None:
            _, low, high = envelope(clip)
            columns = [[round(float(x), 3) for x in edge] for edge in (low, high)]
            self.send("picture", number=chosen, low=columns[0], high=columns[1])
            self.link.send(pack(chosen, write_wav(clip.samples, clip.rate)))

    # instead of a microphone

    def _say(self, told: Told) -> None:
        text = str(told.get("text", "")).strip()
        if text:
            self._start(self._keep(lambda: spoken(text)))

    def _file(self, told: Told) -> None:
        """One piece of a file, in base64; the last one completes it."""
        name, count = str(told.get("name", "")), int(told.get("count", 1))
        pieces = self._pieces.setdefault(name, {})
        pieces[int(told.get("piece", 0))] = base64.b64decode(str(told.get("data", "")))
        if len(pieces) == count:
            data = b"".join(pieces[i] for i in sorted(self._pieces.pop(name)))
            self._start(self._keep(lambda: Take(Clip.load(data), "file", name)))

    async def _keep(self, make: Callable[[], Take]) -> None:
        try:
            take = await asyncio.to_thread(make)
        except RtkitError as problem:
            self.say(str(problem))
            return
        self.add(take)
        self._tell_waiting()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _bye(self, told: Told) -> None:
        self._finish(str(told.get("reason", "")))

    def _tell_waiting(self) -> None:
        with self._changed:
            self._changed.notify_all()


def spoken(text: str, voice: str = "alloy") -> Take:
    """A phrase, said by rtkit's own voice."""
    from rtkit.speech.synthesis import say

    return Take(say(text, voice), "phrase", text)


ACTS: Mapping[str, Callable[[Studio, Told], None]] = {
    "open": Studio._open,
    "microphone": Studio._microphone,
    "refused": Studio._refused,
    "choose": Studio._choose,
    "delete": Studio._delete,
    "say": Studio._say,
    "file": Studio._file,
    "bye": Studio._bye,
}
"""Type of a page's message -> what is done about it."""
