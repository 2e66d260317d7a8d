"""How well speech is heard: a table for any folder of recordings, and one for synthesised phrases.

    python benchmarks/recognition.py [FOLDER] [--phrases N] [--no-recordings] [--telephone]
                                     [--voices]

A recording is played whole, followed by 1.5 s of silence, through turn detection at 500 ms; what
turn detection takes for one turn is recognised as one utterance. Columns: turns found, engine,
confidence, real-time factor (processor time of this process and of the dictation worker over the
length of the sound), word error rate, words. With `--telephone` the synthesised phrases come over
a telephone line: 8 kHz, G.711 mu-law. `--voices` prints the F0 of the ten voices instead.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path

import jiwer
import numpy as np
import psutil
from recordings import default_folder, recordings

import rtkit
from rtkit.audio import AudioFormat, decode, encode
from rtkit.clip import Clip
from rtkit.detectors import default_detector
from rtkit.server.tutor import Tutor, sample_phrases
from rtkit.speech.booths import shared_booths
from rtkit.speech.recognition import make_recogniser
from rtkit.speech.scribes import shared_scribes
from rtkit.speech.voices import SAMPLE, VOICES
from rtkit.vad import SpeechStarted, SpeechStopped, TurnDetector, VoiceActivity

RATE = 16_000
OFF = Path(__file__).with_name("off_grammar.txt")


def turns_of(clip):
    """The turns of a clip followed by silence: int16[n] at 16 kHz each, as the server cuts them."""
    sound = (clip.resampled(RATE) + Clip.silence(1.5, RATE)).samples
    ears = VoiceActivity(default_detector(), TurnDetector(silence_duration_ms=500))
    found, start = [], None
    for event in ears.push(sound):
        if isinstance(event, SpeechStarted):
            start = event.audio_start_ms
        elif isinstance(event, SpeechStopped):
            part = sound[int(start * RATE / 1000) : int(event.audio_end_ms * RATE / 1000)]
            found.append(np.clip(np.rint(part * 32768), -32768, 32767).astype(np.int16))
    return found


def worker_seconds():
    """Processor seconds of the worker processes so far."""
    pids = (*shared_booths().pids, *shared_scribes().pids)
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return sum(spent.user + spent.system for spent in times)


def hear(recogniser, sound):
    """What is heard, and the processor seconds it took."""
    before = time.process_time() + worker_seconds()
    recogniser.begin()
    for start in range(0, len(sound), 320):
        recogniser.feed(sound[start : start + 320])
    heard = asyncio.run(recogniser.finish())
    return heard, time.process_time() + worker_seconds() - before


def row(name, clip, words, recogniser):
    """Print one line; returns (words, what was heard) of a clip that has words."""
    turns = turns_of(clip)
    found = [hear(recogniser, turn) for turn in turns]
    text = " ".join(heard.text for heard, _ in found if heard.text)
    engines = "+".join(dict.fromkeys(heard.engine for heard, _ in found)) or "-"
    sure = min((heard.confidence for heard, _ in found), default=0.0)
    factor = sum(seconds for _, seconds in found) / clip.duration
    rate = f"{jiwer.wer(words, text):4.2f}" if words else "   -"
    print(f"{name:18} {len(turns)}  {engines:9}  {sure:.2f}  {factor:4.2f}  {rate}  {text}")
    return (words, text) if words else None


def recorded_table(folder, recogniser):
    """The table of a folder."""
    print(f"\n{folder.name}: recordings of people\n{HEADER}")
    scored = [row(*found, recogniser) for found in recordings(folder)]
    scored = [pair for pair in scored if pair]
    if scored:
        said, heard = zip(*scored, strict=True)
        rate = jiwer.wer(list(said), list(heard))
        print(f"word error rate over the {len(scored)} with words: {rate:.3f}")


HEADER = f"{'name':18} n  engine     conf  RTF   WER   heard"


def telephoned(clip):
    """The clip as it comes out of a telephone line."""
    line = AudioFormat.G711_ULAW
    samples = encode(clip.resampled(line.rate).samples, line)
    return Clip(decode(samples, line), line.rate)


def spoken_table(title, phrases, recogniser, heard_as=lambda clip: clip):
    """One line per voice for synthesised phrases."""
    print(f"\n{title}: {len(phrases)} synthesised phrases in each voice")
    print("voice      exact  grammar  one turn   conf right  conf wrong   WER")
    for voice in VOICES:
        clips = [heard_as(rtkit.say(text, voice=voice)) for text in phrases]
        turns = [turns_of(clip) for clip in clips]
        heard = [hear(recogniser, t[0])[0] if t else None for t in turns]
        texts = [one.text if one else "" for one in heard]
        right = [text == said for text, said in zip(texts, phrases, strict=True)]
        sure = [one.confidence if one else 0.0 for one in heard]
        by_right = [
            [c for c, ok in zip(sure, right, strict=True) if ok is k] for k in (True, False)
        ]
        means = [f"{np.mean(values):10.2f}" if values else f"{'-':>10}" for values in by_right]
        grammar = sum(one is not None and one.engine == "grammar" for one in heard)
        single = sum(len(t) == 1 for t in turns)
        print(
            f"{voice:10} {sum(right):5}  {grammar:7}  {single:8}  {means[0]}  {means[1]}  "
            f"{jiwer.wer(list(phrases), texts):5.2f}"
        )


def voices_table():
    """The fundamental frequency of each voice."""
    for name in VOICES:
        clip = rtkit.say(SAMPLE, voice=name)
        print(f"{name:8} F0 {fundamental(clip):5.0f} Hz   {clip!r}")


def fundamental(clip):
    """Median F0 in Hz of the voiced 40 ms frames, by autocorrelation between 60 and 400 Hz."""
    size, shortest, longest = int(0.04 * clip.rate), clip.rate // 400, clip.rate // 60
    found = []
    for start in range(0, len(clip.samples) - size, size // 2):
        frame = clip.samples[start : start + size] - clip.samples[start : start + size].mean()
        auto = np.correlate(frame, frame, "full")[size - 1 :]
        lag = shortest + int(np.argmax(auto[shortest:longest]))
        if auto[0] > 4e-4 * size and auto[lag] > 0.5 * auto[0]:
            found.append(clip.rate / lag)
    return np.median(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=default_folder())
    parser.add_argument("--phrases", type=int, default=10, help="of each kind (default 10)")
    parser.add_argument("--no-recordings", action="store_true")
    parser.add_argument("--telephone", action="store_true", help="G.711, for the phrases")
    parser.add_argument("--voices", action="store_true", help="only their fundamental frequencies")
    arguments = parser.parse_args()
    if arguments.voices:
        return voices_table()
    recogniser = make_recogniser(None, Tutor().grammar)
    recogniser.ready.result()
    if not arguments.no_recordings and arguments.folder.is_dir():
        recorded_table(arguments.folder, recogniser)
    every = sample_phrases(3)
    if arguments.phrases:
        inside = every[:: max(1, len(every) // arguments.phrases)][: arguments.phrases]
        outside = OFF.read_text().splitlines()[: len(inside)]
        line = (telephoned,) if arguments.telephone else ()
        spoken_table("in the grammar", inside, recogniser, *line)
        spoken_table("off the grammar", outside, recogniser, *line)
    recogniser.close()


if __name__ == "__main__":
    main()
