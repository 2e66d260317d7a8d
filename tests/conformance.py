"""What the embedded server says on a real socket, recorded: the ground of docs/protocol.md.

A scene is a coroutine that is given a `Stage`, opens conversations on it and lets them happen.
Every frame that comes is checked at once: by the official types, by the rules of order, by the
tables of fields, and for keys that those do not know. A scene is played once per process.
"""

import asyncio
import json
import re
from contextlib import asynccontextmanager
from functools import cache

import websockets
from serverstory import OFFICIAL
from socketstory import MODEL, Client, serving

from rtkit.events import CLIENT_EVENTS, SERVER_EVENTS, missing_fields
from rtkit.rules import violations

ID = re.compile(r"\b(event|sess|conv|resp|item|call)_[A-Za-z0-9]{21}\b")
WEARING = ("obfuscation",)
"""Keys that events carry beyond the official types."""
PADDED = (
    "response.output_text.delta",
    "response.output_audio_transcript.delta",
    "response.function_call_arguments.delta",
    "conversation.item.input_audio_transcription.delta",
)
WAIT_S = 30


class Talk(Client):
    """A client that keeps a log: (">" or "<", event) of all that went over the wire."""

    def __init__(self, socket):
        super().__init__(socket)
        self.log = []
        self.ids = set()

    async def send(self, type_, **fields):
        self.log.append((">", {"type": type_, **fields}))
        await super().send(type_, **fields)

    async def frame(self, frame):
        await self.socket.send(frame)

    async def update(self, type_="realtime", **session):
        await self.send("session.update", session={"type": type_, **session})
        return (await self.until("session.updated"))[-1]["session"]

    async def until(self, type_):
        events = []
        async with asyncio.timeout(WAIT_S):
            while not events or events[-1]["type"] != type_:
                events.append(self._checked(json.loads(await self.socket.recv())))
        self.events += events
        assert [str(v) for v in violations(self.events)] == []
        return events

    async def closed(self):
        """The server's close frame: code and reason."""
        try:
            async with asyncio.timeout(WAIT_S):
                while True:
                    self._checked(json.loads(await self.socket.recv()))
        except websockets.ConnectionClosed as error:
            return error.rcvd.code, error.rcvd.reason

    def _checked(self, event):
        self.log.append(("<", event))
        OFFICIAL.validate_python(event)
        assert missing_fields(event) == []
        shape = SERVER_EVENTS[event["type"]]
        more = set(event) - {"type", "event_id", *shape.required, *shape.optional}
        assert more == (set(WEARING) if event["type"] in PADDED else set()), event
        assert ID.fullmatch(event["event_id"])
        assert event["event_id"] not in self.ids
        self.ids.add(event["event_id"])
        return event


class Stage:
    """Where scenes are played; keeps the log of every conversation."""

    def __init__(self):
        self.talks = []

    @asynccontextmanager
    async def talk(self, query=MODEL, connect=(), welcome=True, **options):
        async with serving(**options) as running, self.visit(running, query, welcome, connect) as t:
            yield t

    @asynccontextmanager
    async def visit(self, running, query=MODEL, welcome=True, connect=()):
        """A connection to a server that runs already."""
        address = running.url + query
        async with websockets.connect(address, max_size=None, **dict(connect)) as socket:
            self.talks.append(Talk(socket))
            if welcome:
                await self.talks[-1].until("session.created")
            yield self.talks[-1]

    @property
    def log(self):
        return [entry for talk in self.talks for entry in talk.log]


def told(log):
    """A log as lines, `>` from the client and `<` from the server.

    Deltas and appends that follow each other are told once per type, with dots.
    """
    lines, run = [], []
    for side, event in log:
        line = f"{side} {event['type']}"
        if event["type"].endswith((".delta", ".append")):
            run += [f"{line} …"] if f"{line} …" not in run else []
            continue
        lines, run = [*lines, *run, line], []
    return lines + run


def seen(log):
    """The types of the events that the server sent."""
    return {event["type"] for side, event in log if side == "<"}


def nameless(text):
    """A text with ids that chance made replaced by their kind."""
    return ID.sub(r"\1_…", text)


SCENES = {}  # name -> coroutine function, in the order in which they were written
SLOW = []  # scenes that wait for a clock, played beside the others


def scene(play):
    """Register a scene under its name."""
    SCENES[play.__name__] = play
    return play


def slow(play):
    """A scene that waits for seconds."""
    SLOW.append(play.__name__)
    return scene(play)


@cache
def played():
    """Every scene played: name -> its log, or what went wrong."""
    logs = {}

    async def play(name):
        stage = Stage()
        try:
            await SCENES[name](stage)
            logs[name] = stage.log
        except Exception as error:  # told by the test of this scene
            error.add_note("\n".join(told(stage.log)))
            logs[name] = error

    async def play_all():
        waiting = [asyncio.create_task(play(name)) for name in SLOW]
        for name in SCENES:
            if name not in SLOW:
                await play(name)
        await asyncio.gather(*waiting)

    asyncio.run(play_all())
    return {name: logs[name] for name in SCENES}


def log_of(name):
    """The log of a scene; raises what went wrong in it."""
    log = played()[name]
    if isinstance(log, Exception):
        raise log
    return log


def witnesses(type_):
    """The scenes in which the server sent an event of that type."""
    logs = ((name, log) for name, log in played().items() if not isinstance(log, Exception))
    return [name for name, log in logs if type_ in seen(log)]


def askers(type_):
    """The scenes in which a client sent an event of that type."""
    assert type_ in CLIENT_EVENTS
    logs = ((name, log) for name, log in played().items() if not isinstance(log, Exception))
    return [name for name, log in logs if (">", type_) in {(side, e["type"]) for side, e in log}]
