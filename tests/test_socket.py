"""The audio socket's two locks, with real WebSocket clients."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from rtkit.widgets.socket import REFUSED, AudioSocket
from rtkit.widgets.wire import pack

LOCAL = "http://localhost:8888"


class Room:
    """A guest that writes down what happens to it."""

    def __init__(self):
        self.told = []
        self.link = None

    def arrive(self, link):
        self.link = link
        self.told.append("arrived")
        link.send("welcome")

    def receive(self, link, data):
        self.told.append(data)

    def leave(self, link):
        self.told.append("left")


def visit(act):
    """Run `act(socket, room)` with a started server and one guest."""

    async def run():
        socket, room = await AudioSocket().start(), Room()
        try:
            return await asyncio.wait_for(act(socket, room), 10)
        finally:
            await socket.close()

    return asyncio.run(run())


def page(socket, origin=LOCAL):
    return connect(f"ws://127.0.0.1:{socket.port}/", origin=origin, proxy=None)


def hello(token, path="direct"):
    return json.dumps({"type": "hello", "token": token, "path": path})


def test_a_page_with_the_token_comes_in_and_sound_and_words_go_both_ways():
    async def act(socket, room):
        async with page(socket) as visitor:
            await visitor.send(hello(socket.invite(room)))
            assert await visitor.recv() == "welcome"
            await visitor.send(pack(0, b"ab"))
            room.link.send(pack(1, b"cd"))
            assert await visitor.recv() == pack(1, b"cd")
            assert room.link.path == "direct"
        while room.told[-1] != "left":
            await asyncio.sleep(0.01)
        return room.told

    assert visit(act) == ["arrived", pack(0, b"ab"), "left"]


def test_a_closed_link_sends_what_was_queued_before_it_closes():
    async def act(socket, room):
        async with page(socket) as visitor:
            await visitor.send(hello(socket.invite(room)))
            await visitor.recv()
            room.link.send("last")
            room.link.close()
            assert await visitor.recv() == "last"
            with pytest.raises(ConnectionClosed):
                await visitor.recv()

    visit(act)


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost.evil.example", None])
def test_pages_from_elsewhere_are_refused_before_they_can_say_anything(origin):
    async def act(socket, room):
        with pytest.raises(InvalidStatus, match="403"):
            async with page(socket, origin):
                pass

    visit(act)


def test_an_origin_that_the_kernels_own_channel_named_may_come():
    async def act(socket, room):
        socket.origins.add("https://hub.example")
        async with page(socket, "https://hub.example") as visitor:
            await visitor.send(hello(socket.invite(room)))
            assert await visitor.recv() == "welcome"

    visit(act)


async def refused(socket, text):
    async with page(socket) as visitor:
        await visitor.send(text)
        with pytest.raises(ConnectionClosed) as closed:
            await visitor.recv()
        return closed.value.rcvd.code


@pytest.mark.parametrize("text", ["hello", "[]", hello("guess"), hello(""), hello("é")])
def test_a_page_without_the_token_is_turned_away(text):
    async def act(socket, room):
        socket.invite(room)
        assert await refused(socket, text) == REFUSED
        assert room.told == []

    visit(act)


def test_a_token_works_once_and_a_new_one_replaces_an_unused_one():
    async def act(socket, room):
        old = socket.invite(room)
        token = socket.invite(room)
        assert await refused(socket, hello(old)) == REFUSED
        async with page(socket) as visitor:
            await visitor.send(hello(token))
            await visitor.recv()
            assert await refused(socket, hello(token)) == REFUSED

    visit(act)


def test_a_guest_that_is_forgotten_cannot_be_reached():
    async def act(socket, room):
        token = socket.invite(room)
        socket.forget(room)
        assert await refused(socket, hello(token)) == REFUSED

    visit(act)


def test_a_page_that_says_nothing_is_let_go(monkeypatch):
    monkeypatch.setattr("rtkit.widgets.socket.HELLO_WITHIN", 0.05)

    async def act(socket, room):
        async with page(socket) as visitor:
            with pytest.raises(ConnectionClosed):
                await visitor.recv()

    visit(act)
