"""The echo test without a browser: a room that plays what it is sent and hears it again."""

import re

import numpy as np
import pytest

from rtkit.clip import Clip
from rtkit.echo import Echo, sweep_clip
from rtkit.widgets.echotest import EchoTest, echo_words
from rtkit.widgets.wire import parse, unpack

FRAME = 480


class Room:
    """A page with a loudspeaker and a microphone, `gain` (0 to 1) and `delay_ms` apart."""

    path = "direct"

    def __init__(self, gain, delay_ms):
        self.sent, self.found = [], []
        self.test = EchoTest(self, self.found.append)
        played = b"".join(unpack(data)[1] for data in self.sent if isinstance(data, bytes))
        sound = Clip.from_pcm16(played).gained(gain).padded(delay_ms / 1000, 2.0)
        self.pcm = sound.to_pcm16()

    def send(self, data):
        self.sent.append(data)

    def listen(self, quiet_frames=7):
        """Frames of before the sound begins, then those with its echo."""
        frames = [bytes(2 * FRAME)] * quiet_frames
        frames += [self.pcm[at : at + 2 * FRAME] for at in range(0, len(self.pcm), 2 * FRAME)]
        for number, frame in enumerate(frames):
            if number == quiet_frames:
                self.test.told({"type": "started", "item": 0})
            self.test.hear(number, frame)


def test_the_sound_goes_out_as_an_item_that_ends():
    room = Room(-10, 80)
    played = b"".join(unpack(data)[1] for data in room.sent if isinstance(data, bytes))
    assert np.array_equal(Clip.from_pcm16(played).to_pcm16(), sweep_clip().to_pcm16())
    assert {unpack(data)[0] for data in room.sent if isinstance(data, bytes)} == {0}
    assert parse(room.sent[-1]) == {"type": "finish", "item": 0}


def test_what_comes_back_is_measured_from_where_the_sound_began():
    room = Room(-10, 80)
    room.listen()
    [echo] = room.found
    assert echo.level_db == pytest.approx(-10, abs=0.5)
    assert echo.delay_ms == pytest.approx(80, abs=0.2)
    assert room.test.done


def test_nothing_is_told_before_the_sound_begins_and_only_once_afterwards():
    room = Room(-10, 80)
    for number in range(200):
        room.test.hear(number, bytes(960))
    assert room.found == []
    room.test.told({"type": "started", "item": 3})
    assert not room.test.done


@pytest.mark.parametrize(
    ("echo", "words"),
    [
        (Echo(None, None, -80.0), "No echo: headphones, or good echo cancellation"),
        (Echo(-60.0, 20.0, -80.0), r"Hardly any echo \(-60 dB, 20 ms later"),
        (Echo(-12.4, 140.2, -80.0), r"would hear itself.*\(-12 dB, 140 ms later\)\. Use"),
        (Echo(None, None, -30.0), "too loud here to tell: only an echo above -30 dB"),
    ],
)
def test_each_finding_is_said_with_what_to_do(echo, words):
    assert re.search(words, echo_words(echo))
