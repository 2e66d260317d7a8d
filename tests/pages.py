"""The page of a widget, without a browser: it speaks to the kernel's side as the engine does."""

import asyncio

from rtkit import background
from rtkit.widgets.wire import message, pack, parse


class Page:
    """A page that is connected to a guest without a browser."""

    path = "direct"

    def __init__(self, guest):
        self.guest = guest
        self.sent = []
        self.run(lambda: self.guest.arrive(self))

    def send(self, data):
        self.sent.append(data)

    def close(self):
        self.sent.append("closed")

    def tell(self, type, **fields):
        self.run(lambda: self.guest.receive(self, message(type, **fields)))

    def hear(self, number, pcm):
        self.run(lambda: self.guest.receive(self, pack(number, pcm)))

    def leave(self):
        self.run(lambda: self.guest.leave(self))

    def texts(self, type):
        texts = [parse(data) for data in list(self.sent) if isinstance(data, str)]
        return [text for text in texts if text.get("type") == type]

    def run(self, act):
        """Have this done on rtkit's loop."""

        async def on_loop():
            act()

        background.run(on_loop(), 5)

    def until(self, true, seconds=10):
        async def wait():
            while not true():
                await asyncio.sleep(0.01)

        background.run(asyncio.wait_for(wait(), seconds))
