"""Exercises and questions of notebook 12, on the phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from rtkit.canvas import STYLE
from rtkit.clip import Clip
from rtkit.telephony import Call, PhoneLine

from .exercise import Case, Exercise, function
from .questionnaire import ask, no, yes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WAITS = tuple(range(0, 201, 20))  # ms

PACKETS = (
    Case((20,), 160, "G.711 has 8000 samples a second, of one byte: 8 bytes a millisecond."),
    Case((10,), 80, "Half as long, half as many."),
    Case((60,), 480, "48 bytes a millisecond is PCM16 at 24 kHz."),
    Case((30,), 240, "8 bytes a millisecond.", hidden=True),
)


def _behind() -> Sequence[Case]:
    """What lines without jitter measure."""
    cases = []
    for packet, transit, buffer, why, hidden in (
        (30, 55, 80, "A packet is sent when it is full, travels, and waits in the buffer.", False),
        (20, 0, 0, "Even so its first sample has waited until the packet was full.", False),
        (10, 100, 40, "All three add up: packet, way, buffer.", True),
    ):
        line = PhoneLine(packet_ms=packet, transit_ms=transit, buffer_ms=buffer)
        delay = round(line.carry(Clip.silence(0.1)).delay_ms)
        cases.append(Case((packet, transit, buffer), delay, why, hidden))
    return cases


@cache
def calls(seed: int, waits: tuple[int, ...]) -> Mapping[int, Call]:
    """The same call over buffers that wait for so many ms, in this order."""
    clip = Clip.silence(5)
    return {
        ms: PhoneLine(loss=0.02, jitter_ms=20, buffer_ms=ms, seed=seed).carry(clip) for ms in waits
    }


def _shortest() -> Sequence[Case]:
    cases = []
    for seed, waits, why, hidden in (
        (0, WAITS, "The smallest wait whose call misses less than a tenth.", False),
        (1, (200, 60, 0, 100), "They need not come in order: the *shortest* that will do.", False),
        (2, (0, 5, 90, 40), "`concealed` is a share from 0 to 1: a tenth is 0.1.", True),
    ):
        found = calls(seed, waits)
        best = min(ms for ms, call in found.items() if call.concealed < 0.1)
        what = f"buffers of {', '.join(map(str, waits))} ms"
        cases.append(Case((dict(found),), best, why, hidden, what))
    return cases


def _draw(answer: Any, figure: Figure) -> None:
    found = calls(0, WAITS)
    ax = figure.subplots()
    ax.plot(
        list(found), [100 * call.concealed for call in found.values()], ".-", color=STYLE["user"]
    )
    ax.axhline(10, color=STYLE["faint"], linestyle="--", linewidth=1)
    chosen = answer(dict(found))
    ax.axvline(chosen, color=STYLE["assistant"], linewidth=2)
    ax.text(chosen + 2, 70, "yours", color=STYLE["assistant"])
    ax.set(xlabel="ms that the buffer waits", ylabel="% of packets missing", ylim=(0, 100))
    ax.spines[["top", "right"]].set_visible(False)


EXERCISES = (
    Exercise(
        "12.1",
        "The bytes of a packet",
        function("packet_bytes", PACKETS),
        "How many samples has a millisecond, and how many bytes has each?",
    ),
    Exercise(
        "12.2",
        "From mouth to ear",
        function("behind_ms", _behind),
        "Three waits follow one another. Which are they?",
    ),
    Exercise(
        "12.3",
        "The shortest buffer",
        function("shortest", _shortest),
        "Keep the waits whose call has `concealed < 0.1`, and take the smallest.",
        _draw,
    ),
)

QUESTIONS = (
    ask(
        "A call begins with a blast of noise. What do you look at first?",
        no("The microphone", "It would have to be broken in a very loud way."),
        yes("Which format the bytes are read as", "G.711 read as PCM16 is loud noise."),
        no("The jitter buffer", "A bad buffer makes gaps, no noise."),
    ),
    ask(
        "You double the wait of the jitter buffer. What do you pay?",
        no("Bandwidth", "The same packets travel."),
        no("Sound quality", "It gets better, if anything."),
        yes("Delay, in every turn", "It is added to the wait for every answer."),
    ),
    ask(
        "On a bad line, what is lost first: turns or words?",
        yes("Words", "Energy and rhythm get through; the hisses of s and f do not."),
        no("Turns", "A detector needs energy and rhythm, which get through."),
        no("Neither, G.711 is lossless", "It has 8 bits, 4 kHz, and no lost packet returns."),
    ),
)
