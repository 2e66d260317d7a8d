"""Make the pictures of the README out of real sessions with the embedded server.

    python docs/make_pictures.py [folder]

Nothing in them is drawn by hand, so that no two runs give the same waits. Make them on an idle
machine: what else runs is in them as well.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import rtkit

MOST_BYTES = 150_000
DPI = 150
TOOL_S = 0.35


@rtkit.tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    time.sleep(TOOL_S)
    return f"It is sunny in {city}."


def warm():
    """Let the models be loaded, which the first question of a process waits for."""
    with rtkit.connect(record=False) as session:
        session.ask(rtkit.say("What time is it?"))


def talk():
    """A question, a story that is interrupted, and a tool; the timeline and its last turn."""
    weather = rtkit.say("What is the weather in Paris?")
    with rtkit.connect(tools=[get_weather], record=False) as session:
        session.ask(rtkit.say("What is the capital of France?"), wait_for_playback=True)
        session.ask(rtkit.say("Tell me a story."))
        turn = session.ask(weather, barge_in=True, wait_for_playback=True)
        if session.turns[1].question != "tell me a story":
            raise SystemExit("the machine was too busy to hear the question: make them again")
        return session.timeline, turn


def asked(silence_ms):
    """Two questions, with so much silence that ends a turn."""
    config = rtkit.RealtimeConfigBuilder().build().to_session()
    config["audio"]["input"]["turn_detection"]["silence_duration_ms"] = silence_ms
    with rtkit.connect(config, record=False) as session:
        for question in ("What is the capital of France?", "What is seven times eight?"):
            session.ask(rtkit.say(question), wait_for_playback=True)
        return session.timeline


def drawn():
    """(name of the file, axes) of each picture."""
    warm()
    timeline, turn = talk()
    yield "conversation", rtkit.plots.conversation(timeline)
    yield "waterfall", rtkit.plots.waterfall(turn)
    names = ("silence 200 ms", "silence 800 ms")
    yield "overlay", rtkit.plots.overlay(asked(200), asked(800), names=names)


def main():
    folder = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent
    for name, ax in drawn():
        path = folder / f"{name}.png"
        ax.figure.savefig(path, dpi=DPI, metadata={"Software": None})
        size = path.stat().st_size
        print(f"{path}: {size / 1000:.0f} kB")
        if size > MOST_BYTES:
            raise SystemExit(f"{path} is larger than {MOST_BYTES / 1000:.0f} kB: lower DPI")


if __name__ == "__main__":
    main()
