"""A brain behind any OpenAI-compatible chat endpoint: Ollama, llama.cpp, vLLM, LM Studio, OpenAI.

The answer is streamed and cut into sentences, so that the first is spoken while the next is still
being written. One connection per answer, closed at once when the answer is no longer wanted.
Thoughts and Markdown are left out, tools are passed through; the endpoint's own temperature stays.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from rtkit.errors import BrainError, ConfigError, MissingExtra
from rtkit.server.brain import Piece, Request, Say
from rtkit.server.cutter import Cutter
from rtkit.server.deltas import Answer, message_of
from rtkit.server.dialogue import body_of
from rtkit.server.sse import EventStream

if TYPE_CHECKING:
    import aiohttp

ENDPOINT = "/chat/completions"
EXAMPLES = "http://127.0.0.1:11434/v1 (Ollama), https://api.openai.com/v1"
DONE = "[DONE]"
GRACE_S = 1.0
"""How long `[DONE]`, or the end, is waited for once the model has said that it has finished."""
MOST_AT_ONCE = 1 << 20  # bytes of an answer that is no stream
SHOWN = 300  # characters of what an endpoint says
OLLAMA_PORT = 11434
SHORTEST_SECRET = 6  # shorter ones would blot out ordinary text
REMEDIES: Mapping[int, str] = {
    400: "It does not take what it was sent: not every model takes tools, or images.",
    401: "Give the endpoint's key: ChatCompletions(..., api_key=...).",
    403: "This key may not use this model here: give another, or name another model.",
    404: "Is the model there, and spelled so? Is base_url right? It mostly ends in /v1.",
    429: "Too many requests, or no credit is left: wait a little, or look at the account.",
}
"""Status -> what to do."""
SPOKEN = (
    "You talk with a person. What you write is read aloud by a synthetic voice, and what you read "
    "was recognised from speech, with mistakes. Answer in one to three short plain sentences, "
    "without Markdown, lists, tables, code or emojis."
)
BROKEN = "The fault is the endpoint's: look into its log, and try again."
MOVED = "It sends us elsewhere: give the address itself as base_url."


@dataclass(frozen=True, slots=True, init=False)
class ChatCompletions:
    """Answers come from `POST {base_url}/chat/completions`, by the model named `model`.

    `grammar` are phrases that a person is going to say, or a whole JSGF grammar; without it
    everything is dictated, which pocketsphinx does roughly. `images` sends images as `image_url`
    parts, to models that see; others are told format and size. `headers` and `body` are added to
    each request. `connect_s` and `silence_s` are the seconds that a connection may take, and that
    the endpoint may be silent, the time in which it loads the model included.

    No key is looked for in the environment. ConfigError for an address, key or grammar that is
    none. What goes wrong later is a BrainError: it ends that response as failed, and the session
    goes on.

    >>> ChatCompletions("http://127.0.0.1:11434", "llama3.2").url
    'http://127.0.0.1:11434/v1/chat/completions'
    """

    base_url: str
    model: str
    api_key: str | None = field(repr=False)
    grammar: str
    images: bool
    headers: Mapping[str, str] = field(repr=False, hash=False)
    body: Mapping[str, Any] = field(repr=False, hash=False)
    connect_s: float
    silence_s: float

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str | None = None,
        grammar: str | Sequence[str] = "",
        images: bool = False,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        connect_s: float = 5.0,
        silence_s: float = 60.0,
    ) -> None:
        if not isinstance(model, str) or not model.strip():
            raise ConfigError(f"the model is {model!r}. Name one that the endpoint has.")
        values = {
            "base_url": _address(base_url),
            "model": model.strip(),
            "api_key": _key(api_key),
            "grammar": grammar if isinstance(grammar, str) else grammar_of(grammar),
            "images": images,
            "headers": dict(headers or {}),
            "body": dict(body or {}),
            "connect_s": connect_s,
            "silence_s": silence_s,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"ChatCompletions({self.shown!r}, {self.model!r})"

    @property
    def instructions(self) -> str:
        """What the model is told in sessions that give no instructions."""
        return SPOKEN

    @property
    def about(self) -> str:
        """Where the answers come from, in words."""
        return f"the model {self.model} at {self.shown}"

    @property
    def url(self) -> str:
        """Where the requests go."""
        parts = urlsplit(self.base_url)
        return urlunsplit(parts._replace(path=parts.path + ENDPOINT))

    @property
    def shown(self) -> str:
        """The address without what may be secret in it."""
        return _public(self.base_url)

    async def reply(self, request: Request) -> AsyncIterator[Piece]:
        """Sentences as they become whole, then the calls. Closing it ends the request at once."""
        answer, cutter = Answer(), Cutter()
        try:
            async with aclosing(self._chunks(self._body(request), answer)) as chunks:
                async for chunk in chunks:
                    for sentence in cutter.push(answer.take(chunk)):
                        yield Say(sentence)
            if not answer.begun:
                raise BrainError("it ended without an answer")
            for sentence in [*cutter.push(answer.rest()), *cutter.finish()]:
                yield Say(sentence)
            for call in answer.calls() if request.tool_choice != "none" else ():
                yield call
        except BrainError as error:
            where = f"{self.model} at {self.shown}"
            said = self._masked(str(error))
            raise BrainError(f"{where}: {said}", f"{where}: {error.outline}") from None
        if answer.cut is not None:
            yield answer.cut

    def _body(self, request: Request) -> dict[str, Any]:
        host = urlsplit(self.base_url).hostname or ""
        own = host == "openai.com" or host.endswith((".openai.com", ".openai.azure.com"))
        limit_field = "max_completion_tokens" if own else "max_tokens"
        made = body_of(request, self.model, images=self.images, limit_field=limit_field)
        return {**made, **self.body}

    async def _chunks(self, body: Mapping[str, Any], answer: Answer) -> AsyncGenerator[str, None]:
        """The data of each event of the stream, up to `[DONE]` or its end."""
        aiohttp = _aiohttp()
        timeout = aiohttp.ClientTimeout(
            total=None, connect=self.connect_s, sock_read=self.silence_s
        )
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(
                    self.url, json=body, headers=self._headers(), allow_redirects=False
                ) as response,
            ):
                await self._require_stream(response)
                async with aclosing(_events(response, answer)) as events:
                    async for name, data in events:
                        data = self._masked(data)
                        yield f'{{"error": {data}}}' if name == "error" else data
        except aiohttp.ConnectionTimeoutError:
            raise BrainError(f"no connection within {self.connect_s:g} s. {self._hint}") from None
        except TimeoutError:
            raise BrainError(
                f"silent for {self.silence_s:g} s. It may still be loading the model: ask again, "
                "or give it more time with silence_s."
            ) from None
        except aiohttp.ClientConnectorError:
            raise BrainError(f"nothing answers there. {self._hint}") from None
        except aiohttp.ClientError as error:
            raise BrainError(f"the connection broke off ({type(error).__name__})") from None

    def _headers(self) -> dict[str, str]:
        key = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        return {"Accept": "text/event-stream", **key, **self.headers}

    @property
    def _hint(self) -> str:
        if urlsplit(self.base_url).port == OLLAMA_PORT:
            return f"Is Ollama running? Do: ollama serve, and: ollama pull {self.model}."
        return "Is the server running, and is base_url its address?"

    async def _require_stream(self, response: aiohttp.ClientResponse) -> None:
        """BrainError unless this is an answer that can be read."""
        kind = response.content_type
        if response.status == 200 and kind != "text/html":
            return
        said = _said(self._masked(await _whole(response.content)))
        if response.status == 200:
            raise BrainError(f"it answered with a web page, not a stream. {REMEDIES[404]}")
        remedy = MOVED if 300 <= response.status < 400 else REMEDIES.get(response.status, BROKEN)
        if response.status == 404 and urlsplit(self.base_url).port == OLLAMA_PORT:
            remedy = f"Is the model there? Do: ollama pull {self.model}."
        status = f"it answered {response.status}"
        raise BrainError(f"{status}{f': {said}' if said else ''}. {remedy}", f"{status}. {remedy}")

    def _masked(self, text: str) -> str:
        """The text without keys, which some endpoints repeat."""
        parts = urlsplit(self.base_url)
        queries = (pair.partition("=")[2] for pair in parts.query.split("&"))
        for secret in (self.api_key, *self.headers.values(), parts.password, *queries):
            if secret and len(secret) >= SHORTEST_SECRET:
                text = text.replace(secret, "***")
        return text


async def _events(
    response: aiohttp.ClientResponse, answer: Answer
) -> AsyncGenerator[tuple[str, str], None]:
    """The events of the answer; one that is no stream is one event."""
    if response.content_type == "application/json":
        yield "data", await _whole(response.content)
        return
    stream = EventStream()
    while data := await _more(response.content, answer):
        for event in stream.push(data):
            if event[1].strip() == DONE:
                return
            yield event
    for event in stream.finish():
        if event[1].strip() != DONE:
            yield event


async def _whole(content: aiohttp.StreamReader) -> str:
    """All that comes; BrainError for more than an answer can be."""
    data = b""
    while piece := await content.readany():
        data += piece
        if len(data) > MOST_AT_ONCE:
            raise BrainError(f"it answered with more than {MOST_AT_ONCE} bytes at once")
    return data.decode("utf-8", "replace")


async def _more(content: aiohttp.StreamReader, answer: Answer) -> bytes:
    """The next bytes; none at the end, and none if a finished answer is followed by nothing."""
    if answer.finished is None:
        return await content.readany()
    try:
        async with asyncio.timeout(GRACE_S):
            return await content.readany()
    except TimeoutError:
        return b""


def grammar_of(phrases: Sequence[str]) -> str:
    """A JSGF grammar of whole phrases. ConfigError for one that holds no words, or figures.

    >>> print(grammar_of(["Turn on the light.", "What's next?"]).splitlines()[2])
    public <phrase> = turn on the light | what's next ;
    """
    return f"#JSGF V1.0;\ngrammar phrases;\npublic <phrase> = {' | '.join(_plain(phrases))} ;\n"


def _plain(phrases: Sequence[str]) -> Iterator[str]:
    for phrase in phrases:
        words = re.findall(r"[a-z']+", phrase.lower().replace("’", "'"))
        if not words or re.search(r"\d", phrase):
            raise ConfigError(
                f"the phrase {phrase!r} cannot be listened for. Write it in words, numbers too."
            )
        yield " ".join(words)


def _said(body: str) -> str:
    """What the body of a refusal says, as one short line."""
    try:
        answer = json.loads(body)
    except ValueError:
        return " ".join(re.sub(r"<[^>]*>", " ", body).split())[:SHOWN]
    return message_of(answer)[:SHOWN] if isinstance(answer, dict) else str(answer)[:SHOWN]


def _address(url: str) -> str:
    """The URL without a slash at its end; a bare host gets /v1. ConfigError for none."""
    try:
        parts = urlsplit(url.strip())
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except (ValueError, AttributeError):
        good = False
    if not good:
        shown = _public(url) if isinstance(url, str) else repr(url)
        raise ConfigError(f"{shown} is not the address of a chat endpoint. Such are {EXAMPLES}.")
    path = parts.path.rstrip("/").removesuffix(ENDPOINT) or "/v1"
    return urlunsplit(parts._replace(path=path, fragment=""))


def _public(url: str) -> str:
    """A URL without user, password and query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "what was given"
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=host, query="", fragment=""))


def _key(key: str | None) -> str | None:
    """The key as a header may carry it; None for none."""
    key = (key or "").strip()
    if not key.isascii() or any(letter.isspace() for letter in key):
        raise ConfigError(
            "the api_key holds a space, a line break or a letter outside ASCII, which no key "
            "does. Copy it again."
        )
    return key or None


def _aiohttp() -> Any:
    try:
        import aiohttp
    except ImportError as missing:
        raise MissingExtra("aiohttp (the way to the chat endpoint)", "local") from missing
    return aiohttp
