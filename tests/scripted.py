"""What tests of the session's side need beside `rtkit.testing`: other answers, a tone, a key."""

import asyncio

import numpy as np

from rtkit import testing
from rtkit.clip import Clip
from rtkit.session import connect
from rtkit.testing import ANSWERS, hang, stall

__all__ = ["hang", "stall"]

KEY = "sk-proj-0123456789abcdefghijABCDEFGHIJ"
TONE = Clip(0.3 * np.sin(2 * np.pi * 440 * np.arange(7200) / 24000), 24000)  # 0.3 s
LONG = 8000  # ms of an answer that can be interrupted
DICT = {"audio": {"output": {"voice": "coral"}}}


create_response = ANSWERS["response.create"]


class Peer(testing.Peer):
    """A peer without a script."""

    def __init__(self, answers=None, **options):
        super().__init__(answers=answers, **options)


async def leave(voice, event):
    """Break the connection without a word."""
    await asyncio.sleep(0)
    voice.drop()


def types(timeline):
    return [f"{moment.source} {moment.type}" for moment in timeline]


def opened(peer, **options):
    return connect(options.pop("config", DICT), peer.url, record=False, **options)


def speaking(ms=60, **options):
    async def answer(voice, event):
        await voice.speak(seconds=ms / 1000, **options)

    return answer


def refusing(code, message):
    async def answer(voice, event):
        await voice.refuse(code, message, event["event_id"])

    return answer
