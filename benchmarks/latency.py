"""How long the embedded server makes a speaker wait, in real time, beyond the silence it waits for.

    python benchmarks/latency.py [--quick] [--phrases 50] [--off 5] [--silence-ms 500]

The exit status is 1 when the goal is missed.

Synthesised questions are spoken into sessions with the embedded server, one session after the
other, ten questions each. End of speech is `Clip.speech_end` (the last 10 ms frame within 30 dB of
the p95 level) at the instant at which that sample was sent. Printed are median and 95th percentile
of: first byte of the reply's sound after the end of speech, less the configured silence; its parts
as the wire shows them (turn detected; committed; response created; first sound); and recognition
and synthesis measured alone. Phrases that are no sentence of the grammar have a row of their own:
they go through dictation. So does the first question of the process, which may wait for the models.
"""

from __future__ import annotations

import argparse
import asyncio
import queue
import sys
import time
from pathlib import Path

import numpy as np

import rtkit
from rtkit.errors import TurnTimeout
from rtkit.server.tutor import Tutor, sample_phrases
from rtkit.speech.grammar import Grammar
from rtkit.speech.recognition import make_recogniser
from rtkit.speech.synthesis import default_synthesiser

OFF = Path(__file__).with_name("off_grammar.txt")
VOICES = ("alloy", "coral", "echo", "marin", "verse")
PER_SESSION = 10
GOAL_MS = {"median": 150, "p95": 250}
PARTS = ("turn detected less silence", "committed", "response created", "first sound")


def questions(count, grammar):
    """Sentences of the grammar: the tutor's samples first, then random ones."""
    texts = [text for text in sample_phrases(3) if len(text.split()) > 1]
    texts += [text for text in grammar.samples(2 * count) if len(text.split()) > 2]
    return list(dict.fromkeys(texts))[:count]


def asked(texts, silence_ms):
    """(text, Turn or None) for each text, spoken in real time, some sessions in a row."""
    for first in range(0, len(texts), PER_SESSION):
        with rtkit.connect(session_with(silence_ms), record=False) as session:
            for i, text in enumerate(texts[first : first + PER_SESSION], first):
                clip = rtkit.say(text, voice=VOICES[i % len(VOICES)])
                try:
                    yield text, session.ask(clip, timeout=20)
                except TurnTimeout:
                    yield text, None


def session_with(silence_ms):
    """The default session, with that silence window."""
    session = rtkit.RealtimeConfigBuilder().build().to_session()
    session["audio"]["input"]["turn_detection"]["silence_duration_ms"] = silence_ms
    return session


def parts_ms(latency, silence_ms):
    """Milliseconds of each of PARTS, and their sum first; None when an instant is not known."""
    instants = (
        *(latency.speech_end, latency.turn_detected, latency.committed),
        *(latency.response_created, latency.first_audio),
    )
    if None in instants:
        return None
    steps = 1000 * np.diff(instants)
    steps[0] -= silence_ms
    return [float(steps.sum()), *map(float, steps)]


def spread(values):
    """Median and 95th percentile as text."""
    if not len(values):
        return f"{'-':>8} {'-':>8}"
    return f"{np.median(values):8.1f} {np.percentile(values, 95):8.1f}"


def report(title, turns, silence_ms):
    """Print the rows of some turns; returns the sums."""
    measured = [(turn, parts_ms(turn.latency, silence_ms)) for _, turn in turns if turn]
    rows = np.array([parts for _, parts in measured if parts]).reshape(-1, 1 + len(PARTS))
    other = [(text, turn.question) for text, turn in turns if turn and turn.question != text]
    same = sum(turn is not None for _, turn in turns) - len(other)
    print(f"\n{title}: {len(turns)} spoken, {len(rows)} answered, {same} heard exactly")
    for text, question in other:
        print(f"  {text!r} was heard as {question!r}")
    print(f"{'ms':38} {'median':>8} {'p95':>8}")
    print(f"{'first sound after silence':38} {spread(rows[:, 0])}")
    for i, name in enumerate(PARTS, 1):
        print(f"{'  ' + name:38} {spread(rows[:, i])}")
    return rows[:, 0]


def recognition_ms(texts, grammar):
    """Milliseconds from the end of each utterance to its text, fed at the pace of speech."""
    recogniser = make_recogniser("pocketsphinx", grammar)
    recogniser.ready.result()
    found = []
    for text in texts:
        sound = rtkit.Clip.silence(0.3) + rtkit.say(text) + rtkit.Clip.silence(0.5)
        samples = np.frombuffer(sound.resampled(16_000).to_pcm16(), "<i2")
        recogniser.begin()
        for start in range(0, len(samples), 320):
            recogniser.feed(samples[start : start + 320])
            time.sleep(0.01)  # twice the pace of speech
        before = time.perf_counter()
        asyncio.run(recogniser.finish())
        found.append(1000 * (time.perf_counter() - before))
    recogniser.close()
    return found


def synthesis_ms(texts):
    """Milliseconds from asking for a sentence to its first sound."""
    found = []
    for text in texts:
        pieces, before = queue.SimpleQueue(), time.perf_counter()
        job = default_synthesiser().speak(text, "alloy", 1.0, pieces.put)
        pieces.get()
        found.append(1000 * (time.perf_counter() - before))
        job.cancel()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--phrases", type=int, default=50)
    parser.add_argument("--off", type=int, default=5, help="phrases off the grammar (default 5)")
    parser.add_argument("--silence-ms", type=int, default=500)
    parser.add_argument("--quick", action="store_true", help="5 phrases, 1 off the grammar")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.phrases, arguments.off = 5, 1
    source, wait = Tutor().grammar, arguments.silence_ms
    inside = questions(arguments.phrases, Grammar(source))
    report("the first question of the process", list(asked(["what time is it"], wait)), wait)
    sums = report("in the grammar", list(asked(inside, wait)), wait)
    if arguments.off:
        texts = OFF.read_text().splitlines()[: arguments.off]
        report("off the grammar", list(asked(texts, wait)), wait)
    print("\nalone (ms)" + " " * 29 + f"{'median':>8} {'p95':>8}")
    some = inside[: min(10, len(inside))]
    print(f"{'recognition, end to text':38} {spread(recognition_ms(some, source))}")
    print(f"{'synthesis, asked to first sound':38} {spread(synthesis_ms(inside))}")
    held = np.median(sums) < GOAL_MS["median"] and np.percentile(sums, 95) < GOAL_MS["p95"]
    print(f"\ngoal: median below {GOAL_MS['median']}, p95 below {GOAL_MS['p95']} ms:", end=" ")
    print("held" if held else "missed")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
