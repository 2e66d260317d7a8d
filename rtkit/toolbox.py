"""The tools of a session at work: calls are run beside everything else and answered together.

A call begins as soon as it is complete, while the response may still go on. Its output is sent
when it is there; once the response is over and every call of it is answered, one `response.create`
asks the model to go on. Nothing here keeps the session's ears waiting: a sync function runs in a
thread, an async one on the session's loop. Facts: `tool.called`, `tool.returned`, `tool.failed`.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from . import events
from .errors import ConfigError, RtkitError
from .moments import Moment
from .tools import BadArguments, Tool

if TYPE_CHECKING:
    from .link import Link

Approve = Callable[["ToolCall"], "bool | Awaitable[bool]"]
MOST_TOLD = 500  # characters of an exception


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that a model asks for. `arguments` are of the function's own types."""

    name: str
    arguments: Mapping[str, Any]
    call_id: str


@dataclass(slots=True)
class Batch:
    """The calls of one response."""

    open: int = 0  # not yet answered
    calls: set[str] = field(default_factory=set)
    asked: bool = False  # the response after it was asked for
    over: bool = False  # the response is done
    foreign: bool = False  # the caller has to answer one of them
    spoken_over: bool = False
    following: asyncio.Future[str | None] | None = field(default=None)


class Toolbox:
    """Runs what the model calls, for one link. `approve` is asked about tools that need it."""

    def __init__(self, link: Link, tools: Iterable[Tool], approve: Approve | None) -> None:
        self._link = link
        self._tools = {tool.name: tool for tool in tools}
        self._approve = approve
        self._batches: dict[str, Batch] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        unasked = [tool.name for tool in self._tools.values() if tool.needs_approval]
        if unasked and approve is None:
            raise ConfigError(
                f"the tool {unasked[0]!r} needs approval, and nobody is there to ask. Give "
                "connect approve=function, which gets the ToolCall and returns True or False."
            )

    def complete(self, session: Mapping[str, Any]) -> dict[str, Any]:
        """A session object with these tools beside its own. ConfigError for two of one name."""
        own = list(session.get("tools") or ())
        if clash := {tool.get("name") for tool in own} & self._tools.keys():
            raise ConfigError(
                f"the configuration and tools= both hold a tool {min(clash)!r}. Keep one of them."
            )
        listed = [*own, *(tool.to_wire() for tool in self._tools.values())]
        return {**session, "tools": listed} if listed else dict(session)

    def take(self, moment: Moment) -> None:
        """Learn from one moment of the session."""
        event = moment.event
        if moment.source == "client":
            return
        if moment.type == events.OUTPUT_ITEM_DONE:
            self._item_done(event)
        elif moment.type == events.RESPONSE_DONE:
            self._response_done(event["response"])
        elif moment.type in (events.SPEECH_STARTED, "turn.started"):
            for batch in self._batches.values():
                batch.spoken_over = True

    async def last_of(self, response_id: str, timeout: float) -> str:
        """The response that ends what this one began: the one after its calls, and after theirs.

        TimeoutError after so many seconds.
        """
        async with asyncio.timeout(timeout):
            while (batch := self._batches.get(response_id)) and batch.following:
                followed = await asyncio.shield(batch.following)
                if followed is None:
                    break
                response_id = followed
        return response_id

    async def close(self) -> None:
        """Whatever still runs is cancelled (a thread runs on, its output is not wanted)."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _item_done(self, event: Mapping[str, Any]) -> None:
        item, response_id = event["item"], event["response_id"]
        if item.get("type") != "function_call" or item.get("status") == "incomplete":
            return
        if response_id in self._link.protocol.floor.outside:
            return  # whoever asks beside the conversation deals with the calls
        batch = self._batches.setdefault(response_id, Batch())
        found = self._tools.get(item["name"])
        if item["call_id"] in batch.calls:
            return  # a server may tell it twice
        batch.calls.add(item["call_id"])
        if found is None:
            batch.foreign = True
            return
        batch.open += 1
        if batch.following is None:
            batch.following = self._link.loop.create_future()
        self._start(self._answer(batch, found, item["call_id"], item.get("arguments") or "{}"))

    def _response_done(self, response: Mapping[str, Any]) -> None:
        batch = self._batches.get(response["id"])
        if batch is not None:
            batch.over = True
            batch.spoken_over |= response.get("status") == "cancelled"
            self._go_on(batch)

    @property
    def busy(self) -> bool:
        """Whether a tool is running."""
        return bool(self._tasks)

    def cut(self, response_id: str) -> None:
        """A response broke off with its session: no more calls will come of it."""
        batch = self._batches.get(response_id)
        if batch is not None:
            batch.over = True
            self._go_on(batch)

    def _start(self, job: Any) -> None:
        task = self._link.loop.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, batch: Batch, tool: Tool, call_id: str, arguments: str) -> None:
        began = self._link.now
        told = {"call_id": call_id, "name": tool.name}
        self._link.note({"type": "tool.called", **told, "arguments": arguments})
        try:
            output = await self._run(tool, call_id, arguments)
        except Exception as error:
            output = to_json({"error": explained(tool, error)}).decode()
            self._link.note({"type": "tool.failed", **told, "message": explained(tool, error)})
        else:
            seconds = round(self._link.now - began, 3)
            self._link.note({"type": "tool.returned", **told, "output": output, "seconds": seconds})
        if self._link.ended is None:
            self._link.send(events.tool_output(call_id, output))
            batch.open -= 1
            self._go_on(batch)

    async def _run(self, tool: Tool, call_id: str, arguments: str) -> str:
        values = tool.bind(arguments)
        if tool.needs_approval:
            call = ToolCall(tool.name, values, call_id)
            if not await _called(self._approve, call):
                raise NotAllowed("the user did not allow this call")
        async with asyncio.timeout(tool.timeout_s):
            return text_of(await _called(tool.function, **values))

    def _go_on(self, batch: Batch) -> None:
        """Ask for the next response, once all is answered and nobody else is going to."""
        following = batch.following
        if batch.open or not batch.over or batch.asked or following is None or following.done():
            return
        batch.asked = True
        if batch.foreign or (batch.spoken_over and self._answers_by_itself()):
            following.set_result(None)
            return
        expected = self._link.expect(self._link.send(events.create_response()))
        expected.add_done_callback(lambda done: _hand_over(done, following))

    def _answers_by_itself(self) -> bool:
        """Whether a response begins by itself when somebody has spoken."""
        detection = self._link.talking.detection
        return detection is not None and detection.get("create_response", True) is not False


class NotAllowed(RtkitError):
    """The approval hook said no."""


async def _called(function: Callable[..., Any] | None, *args: Any, **values: Any) -> Any:
    """The result of a sync function, run in a thread, or of an async one."""
    assert function is not None
    if inspect.iscoroutinefunction(function):
        return await function(*args, **values)
    result = await asyncio.to_thread(function, *args, **values)
    return await result if inspect.isawaitable(result) else result


def _hand_over(done: asyncio.Future[str], following: asyncio.Future[str | None]) -> None:
    if following.done():
        return
    if done.cancelled():
        following.cancel()
    elif error := done.exception():
        following.set_exception(error)
        following.exception()  # nobody has to wait for it
    else:
        following.set_result(done.result())


def text_of(value: Any) -> str:
    """What a function returned, as the model reads it: text as it is, all else as JSON."""
    return value if isinstance(value, str) else to_json(value, fallback=str).decode()


def explained(tool: Tool, error: Exception) -> str:
    """An exception of a tool in words that the model can act on."""
    if isinstance(error, BadArguments):
        return f"the arguments do not fit: {error}"
    if isinstance(error, NotAllowed):
        return str(error)
    if isinstance(error, TimeoutError) and not str(error):
        return f"{tool.name} did not return within {tool.timeout_s:g} s"
    return f"{type(error).__name__}: {error}"[:MOST_TOLD]
