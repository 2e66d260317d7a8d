"""A chat endpoint on loopback that streams what a test wrote, byte by byte if asked to."""

import asyncio
import json
from contextlib import asynccontextmanager

from aiohttp import web

DONE = b"data: [DONE]\n\n"


def data(value):
    return f"data: {json.dumps(value)}\n\n".encode()


def delta(finish=None, **fields):
    return data({"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]})


def says(*texts, finish="stop"):
    """A whole stream that says these texts, each in a chunk of its own."""
    return b"".join([*(delta(content=text) for text in texts), delta(finish), DONE])


class Upstream:
    """Answers each request with the next of its scripts, then with the last again.

    A script is bytes, or a list of bytes, seconds to wait, `asyncio.Event`s to wait for, and "drop"
    to break the connection; or (status, body). `step` is how many bytes go out at once.
    """

    def __init__(self, *scripts, step=None, kind="text/event-stream"):
        self.scripts, self.step, self.kind = scripts, step, kind
        self.asked, self.headers, self.paths = [], [], []
        self.finished = 0
        self.gone = asyncio.Event()  # a client went away in mid-answer
        self.url = ""

    async def answer(self, request):
        script = self.scripts[min(len(self.asked), len(self.scripts) - 1)]
        self.asked.append(await request.json())
        self.headers.append(request.headers)
        self.paths.append(request.path_qs)
        if isinstance(script, tuple):
            status, body, *headers = script
            kind = "application/json" if body.startswith("{") else "text/html"
            return web.Response(
                status=status, text=body, content_type=kind, headers=headers[0] if headers else None
            )
        try:
            return await self.stream(request, script if isinstance(script, list) else [script])
        except (ConnectionError, asyncio.CancelledError):
            self.gone.set()
            raise

    async def stream(self, request, script):
        response = web.StreamResponse(headers={"Content-Type": self.kind})
        if script and isinstance(script[0], asyncio.Event):  # not even headers before it
            await script[0].wait()
        await response.prepare(request)
        for step in script:
            if isinstance(step, bytes):
                size = self.step or len(step) or 1
                for at in range(0, len(step), size):
                    await response.write(step[at : at + size])
                    await asyncio.sleep(0)
            elif isinstance(step, asyncio.Event):
                await step.wait()
            elif step == "drop":
                request.transport.abort()
                return response
            else:
                await asyncio.sleep(step)
        self.finished += 1
        await response.write_eof()
        return response


@asynccontextmanager
async def upstream(*scripts, port=0, **options):
    """The endpoint, running; its `url` is what ChatCompletions is given."""
    made = Upstream(*scripts, **options)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", made.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield made
    finally:
        await runner.cleanup()
