"""The embedded server with parts that take no time, as a process: its address, then serving.

It ends when its input does.
"""

import asyncio
import sys
from pathlib import Path

ITEMS = 10_000  # in the conversation: two a turn
TESTS = Path(__file__).resolve().parent.parent


async def serve():
    sys.path.insert(0, str(TESTS))
    from socketstory import serving

    from rtkit.server.limits import Limits

    async with serving(limits=Limits(items=ITEMS)) as running:
        print(running.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
