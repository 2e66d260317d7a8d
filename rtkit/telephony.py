"""A phone line: what it does to a voice, from the band limit to lost and late packets.

The same seed gives the same call, packet for packet. The chain is that of a call over IP: 8 kHz
and about 300 to 3400 Hz (the telephone band of ITU-T P.310), G.711, packets of 20 ms, a network
that loses and delays them, a jitter buffer that waits a while, and something in place of the gaps.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from rtkit.audio import Chunker, decode
from rtkit.clip import Clip
from rtkit.concealment import Concealment
from rtkit.errors import AudioError
from rtkit.formats import G711_RATE, AudioFormat, bytes_for_ms
from rtkit.jitter import JitterBuffer
from rtkit.pcm import Samples

Fate = Literal["played", "late", "lost"]
Concealing = Literal["repeat", "silence"]

LOW_HZ, HIGH_HZ = 300.0, 3400.0
TAPS, KAISER_BETA = 257, 5.65  # 60 dB, over 113 Hz


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet of a call: when it was sent and came, in seconds, and what became of it."""

    number: int
    sent_s: float
    arrived_s: float | None
    fate: Fate


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """What came of a clip that was carried over a phone line.

    `sent` is the clip as the line codes it (8 kHz, band-limited, G.711), `heard` what comes out at
    the other end. Both begin at the clip's beginning; `delay_ms` is by how much `heard` is later.
    """

    sent: Clip
    heard: Clip
    packets: tuple[Packet, ...]
    delay_ms: float

    @property
    def fates(self) -> dict[Fate, int]:
        """How many packets were played, late (they came after they were due) and lost."""
        count = Counter(packet.fate for packet in self.packets)
        return {fate: count[fate] for fate in get_args(Fate)}

    @property
    def concealed(self) -> float:
        """The share of packets that were not there when they were due, 0 to 1."""
        return 1 - self.fates["played"] / len(self.packets) if self.packets else 0.0

    def __repr__(self) -> str:
        told = ", ".join(f"{count} {fate}" for fate, count in self.fates.items())
        return f"Call({len(self.packets)} packets: {told}; {self.delay_ms:.0f} ms behind)"


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """A line between two phones, one way.

    coding        G711_ULAW (North America, Japan) or G711_ALAW (elsewhere)
    loss          share of packets that the network loses, 0 to below 1
    burst         mean length of a run of lost packets, in packets; 0: each is lost by itself
    jitter_ms     mean difference between the delays of two packets (exponential queues)
    packet_ms     sound in a packet
    transit_ms    the delay that every packet has
    buffer_ms     how long the jitter buffer waits
    concealment   "repeat" the last period of the voice, fading over 60 ms, or "silence"
    seed          of the network's lots

    AudioError for a line that cannot be.
    """

    coding: AudioFormat = AudioFormat.G711_ULAW
    loss: float = 0.0
    burst: float = 0.0
    jitter_ms: float = 0.0
    packet_ms: float = 20.0
    transit_ms: float = 40.0
    buffer_ms: float = 60.0
    concealment: Concealing = "repeat"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.coding is AudioFormat.PCM16:
            raise AudioError("a phone line is coded in G711_ULAW or G711_ALAW, found PCM16.")
        if not 0 <= self.loss < 1:
            raise AudioError(f"loss is a share from 0 to below 1, found {self.loss!r}.")
        least = max(1.0, self.loss / (1 - self.loss))
        if self.burst and not least <= self.burst < math.inf:
            raise AudioError(
                f"a loss of {self.loss} in bursts needs a mean burst of {least:.2f} packets or "
                f"more, found {self.burst!r}. Leave burst out to lose each packet by itself."
            )
        delays = (self.jitter_ms, self.transit_ms, self.buffer_ms)
        if not all(0 <= delay < math.inf for delay in delays):
            raise AudioError(
                f"jitter_ms, transit_ms and buffer_ms are 0 ms or more, found {delays}."
            )
        if not 1 <= self.packet_ms < math.inf or self.packet_ms * G711_RATE / 1000 % 1:
            raise AudioError(
                "a packet lasts 1 ms or more and holds whole samples of 0.125 ms, "
                f"found packet_ms={self.packet_ms!r}. Usual are 10, 20 and 30."
            )
        if self.concealment not in get_args(Concealing):
            raise AudioError(f"concealment is 'repeat' or 'silence', found {self.concealment!r}.")

    def carry(self, clip: Clip) -> Call:
        """Say the clip into one end and listen at the other."""
        voice = band_limited(clip)
        frames = self._frames(voice)
        sent = [self.packet_ms / 1000 * n for n in range(1, len(frames) + 1)]  # when it is full
        arrived = self._arrivals(sent)
        buffer = self._received(frames, arrived)
        played = dict(buffer.advance(math.inf))
        packets = (Packet(n, sent[n], at, _fate(at, played.get(n))) for n, at in enumerate(arrived))
        heard = np.concatenate([np.zeros(0, np.float32), *self._heard(frames, played)])
        return Call(
            Clip.from_bytes(b"".join(frames)[: len(voice.samples)], self.coding),
            Clip(heard[: len(voice.samples)], G711_RATE),
            tuple(packets),
            1000 * buffer.due(0),
        )

    def _frames(self, voice: Clip) -> list[bytes]:
        """The bytes of the packets; the last one is filled up with silence."""
        chunker = Chunker(bytes_for_ms(self.packet_ms, self.coding))
        missing = -len(voice.samples) % chunker.size_bytes
        return chunker.push(voice.padded(after_s=missing / G711_RATE).to_bytes(self.coding))

    def _arrivals(self, sent: list[float]) -> list[float | None]:
        """When each packet arrives, None for one that is lost."""
        waits, losses = (np.random.default_rng([self.seed, n]) for n in range(2))
        late = waits.exponential(self.jitter_ms / 1000, len(sent))
        arrived = np.array(sent) + self.transit_ms / 1000 + late
        lost = _losses(self.loss, self.burst, len(sent), losses)
        return [None if gone else float(at) for at, gone in zip(arrived, lost, strict=True)]

    def _received(self, frames: list[bytes], arrived: list[float | None]) -> JitterBuffer[bytes]:
        buffer: JitterBuffer[bytes] = JitterBuffer(self.buffer_ms, self.packet_ms)
        for at, number in sorted((at, n) for n, at in enumerate(arrived) if at is not None):
            buffer.push(number, frames[number], at)
        buffer.finish(len(frames) - 1)
        return buffer

    def _heard(self, frames: list[bytes], played: Mapping[int, bytes | None]) -> Iterator[Samples]:
        conceal = Concealment(G711_RATE)
        for number, frame in enumerate(frames):
            came = played.get(number)
            if came is not None:
                yield conceal.frame(decode(came, self.coding))
            elif self.concealment == "repeat":
                yield conceal.gap(len(frame))
            else:
                yield np.zeros(len(frame), np.float32)


def band_limited(clip: Clip) -> Clip:
    """The clip at 8 kHz as a phone passes it on: 6 dB down at 300 and at 3400 Hz.

    A linear-phase filter of 257 taps (Kaiser window): within 1 dB from 330 to 3370 Hz, 60 dB down
    below 230 and above 3470 Hz. Nothing is delayed.
    """
    sound = clip.resampled(G711_RATE).samples
    passed = np.convolve(sound, _taps()) if sound.size else np.zeros(TAPS - 1)
    return Clip(passed[TAPS // 2 :][: len(sound)], G711_RATE)


@cache
def _taps() -> NDArray[np.float64]:
    """The difference of two ideal low-passes, in a Kaiser window."""
    at = np.arange(TAPS) - TAPS // 2
    high, low = (2 * hertz / G711_RATE for hertz in (HIGH_HZ, LOW_HZ))
    ideal = high * np.sinc(high * at) - low * np.sinc(low * at)
    return np.asarray(ideal * np.kaiser(TAPS, KAISER_BETA), np.float64)


def _fate(arrived: float | None, played: bytes | None) -> Fate:
    if arrived is None:
        return "lost"
    return "late" if played is None else "played"


def _losses(loss: float, burst: float, count: int, chance: np.random.Generator) -> list[bool]:
    """Which packets are lost: a Gilbert model, two states of which one loses every packet.

    It leaves the bad state with chance 1 / burst, so that runs of losses have that mean length.
    """
    stay = 1 - 1 / burst if burst else loss
    begin = loss * (1 - stay) / (1 - loss)
    lost, bad = [], chance.uniform() < loss
    for draw in chance.uniform(size=count):
        lost.append(bad)
        bad = draw < (stay if bad else begin)
    return lost
