"""A question to a brain as the body of `POST /chat/completions`.

https://platform.openai.com/docs/api-reference/chat/create. What that API asks for beyond what a
conversation of the realtime API has: each call of a tool has its result right behind it, and tools
lie in an object of their own. Beyond it, messages of one role in a row are made one, because the
templates of many open models demand that roles alternate. Of an answer that was interrupted the
history holds what was heard. An image is an `image_url` part if the endpoint is said to take them,
else the words that describe it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rtkit.server.brain import Request
from rtkit.server.toolcalls import functions

NOT_UNDERSTOOD = "(The person said something that could not be understood.)"
NO_RESULT = "(no result yet)"
Message = dict[str, Any]


def body_of(request: Request, model: str, *, images: bool, limit_field: str) -> Message:
    """The request's body; `limit_field` is what the endpoint calls the limit of tokens."""
    body: Message = {"model": model, "stream": True, "messages": messages(request, images)}
    if tools := [_nested(tool) for tool in functions(request.tools)]:
        body["tools"] = tools
        if (choice := _choice(request.tool_choice)) != "auto":
            body["tool_choice"] = choice
    if request.max_output_tokens is not None:
        body[limit_field] = request.max_output_tokens
    return body


def messages(request: Request, images: bool = False) -> list[Message]:
    """Instructions and history as chat messages."""
    found: list[Message] = []
    results = {
        item["call_id"]: item["output"]
        for item in request.history
        if item["type"] == "function_call_output"
    }
    if request.instructions.strip():
        found.append({"role": "system", "content": request.instructions})
    for item in request.history:
        for message in _messages_of(item, results, images):
            _add(found, message)
    answered = {call["id"] for message in found for call in message.get("tool_calls", ())}
    return list(_in_order(found, answered, results))


def _messages_of(
    item: Mapping[str, Any], results: Mapping[str, str], images: bool
) -> Iterator[Message]:
    if item["type"] == "message":
        content = _content(item, images)
        if content or item["role"] == "user":
            yield {"role": item["role"], "content": content or NOT_UNDERSTOOD}
    elif item["type"] == "function_call":
        function = {"name": item["name"], "arguments": _whole(item["arguments"])}
        call = {"id": item["call_id"], "type": "function", "function": function}
        yield {"role": "assistant", "content": None, "tool_calls": [call]}
    elif item["type"] == "function_call_output":
        yield {"role": "tool", "tool_call_id": item["call_id"], "content": item["output"]}


def _whole(arguments: str) -> str:
    """A call's arguments; none of those that were cut off, which endpoints refuse to read."""
    try:
        json.loads(arguments)
    except ValueError:
        return "{}"
    return arguments


def _content(item: Mapping[str, Any], images: bool) -> str | list[Message]:
    """The item's words; a list of parts when there are images to be sent."""
    parts: list[Message] = []
    for part in item.get("content") or ():
        if part["type"] != "input_image":
            parts.append({"type": "text", "text": part.get("text") or part.get("transcript") or ""})
        elif images:
            parts.append({"type": "image_url", "image_url": {"url": part["image_url"]}})
        else:
            parts.append({"type": "text", "text": f"[{part['description']}, which cannot be seen]"})
    parts = [part for part in parts if part.get("text") != ""]
    if any(part["type"] == "image_url" for part in parts):
        return parts
    return " ".join(part["text"].strip() for part in parts).strip()


def _add(found: list[Message], message: Message) -> None:
    """Append a message, or make one of it and the last, if both are of one role."""
    last = found[-1] if found else None
    if last is None or last["role"] != message["role"] or message["role"] == "tool":
        found.append(message)
        return
    last["content"] = _joined(last["content"], message["content"])
    if calls := message.get("tool_calls"):
        last["tool_calls"] = [*last.get("tool_calls", ()), *calls]


def _joined(first: Any, second: Any) -> Any:
    if not first or not second:
        return first or second
    if isinstance(first, str) and isinstance(second, str):
        return f"{first}\n{second}"
    return [*_as_parts(first), *_as_parts(second)]


def _as_parts(content: str | list[Message]) -> list[Message]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _in_order(
    found: Sequence[Message], answered: set[str], results: Mapping[str, str]
) -> Iterator[Message]:
    """Results right behind their calls; one whose call is gone is told in words."""
    for message in found:
        if message["role"] != "tool":
            yield message
        elif message["tool_call_id"] not in answered:
            yield {"role": "user", "content": f"(A tool gave this: {message['content']})"}
        for call in message.get("tool_calls", ()):
            content = results.get(call["id"], NO_RESULT)
            yield {"role": "tool", "tool_call_id": call["id"], "content": content}


def _nested(tool: Mapping[str, Any]) -> Message:
    names = ("name", "description", "parameters")
    return {"type": "function", "function": {n: tool[n] for n in names if tool.get(n) is not None}}


def _choice(choice: Any) -> Any:
    if not isinstance(choice, Mapping):
        return choice or "auto"
    if choice.get("type") != "function":
        return "auto"  # a tool of an MCP server, which is not called from here
    return {"type": "function", "function": {"name": choice.get("name")}}
