"""What rtkit's conversions of sound cost, side by side with what people would use instead.

    python benchmarks/audio.py [--quick]

A minute or more (--quick: half of it), and once the time to install the peers: audioop (of Python
3.12 and before, then the package audioop-lts), scipy, pydub, librosa, soundfile, soxr. They lie in
an environment of their own, from hashed pins (`benchmarks/audio_peers`); all of this runs there,
rtkit too, with the same numpy and soxr.

Times are CPU milliseconds for a minute of sound, the best of several rounds in which all take
turns. The ratio is the best peer's time to rtkit's: 2.0 is twice as fast as it, 0.5 half as fast.
Peers in brackets do less than the same, and do not count; below is what they leave out. The exit
status is 1 when a goal is missed:

  nothing takes more than twice the time of the best peer, but for what has its reason here
  resampling is as clean as soxr alone, within 3 dB: signal to noise, and rejection of aliases
  an hour through chunker, G.711 and base64 takes twice as long as half an hour, within 15 %, and
  memory that does not grow: less than 1 MB
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
import tracemalloc
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "benchmarks" / "audio_peers"
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(PEERS)]

SECONDS = 60
GOAL_RATIO, GOAL_DB, GOAL_LINEAR, GOAL_BYTES = 0.5, 3.0, 0.15, 1_000_000
STREAM_PIECES = (700, 961, 4096, 13, 20_000)  # bytes, again and again
REASONS = {  # of what may be slower, and why
    "mu-law to PCM16": "audioop's C looks up single bytes, numpy widens each of them to an index",
    "A-law to PCM16": "as mu-law",
    "chunks of a stream": "a call and a queue for each piece, some 1.5 us; slices copy all that "
    "waits for each chunk, see the next line",
    "24 to 16 kHz, 20 ms": "it looks for NaN in each frame, which takes about as long as soxr",
    "level": "it looks for NaN and adds in float64, audioop adds integers",
}
LESS = {  # what a peer leaves out
    "librosa.mu_compress": "the formula alone, not G.711",
    "librosa.mu_expand": "the formula alone, not G.711",
    "audioop.ratecv": "a straight line between samples, which lets aliases through",
    "b64decode": "passes over what is not base64",
    "(x * 32767).astype": "no clipping, no rounding: 1.1 becomes -0.9",
    "scipy wavfile.read": "integers, in the file's own memory",
    "pydub from_file": "integers",
    "scipy wavfile.write": "no clipping, no rounding",
}


# ---- the environment of the peers


def run_with_peers(arguments):
    """This program again, where the peers are; its exit status."""
    from clients import environments

    pins = (PEERS / "requirements.txt").read_bytes() + sys.version.encode()
    place = environments.cache() / f"audio_peers-{environments.digest(pins)}"
    if not (place / environments.READY).is_file():
        print("installing the peers, once ...", flush=True)
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        environments.install_python(PEERS, place)
        (place / environments.READY).touch()
    python = environments.python_of(place)
    return subprocess.run([python, "-W", "ignore", __file__, "--here", *arguments]).returncode


# ---- time


def cpu_ms(function, least_s):
    """CPU milliseconds of one call, from as many as take so long."""
    calls, began = 0, time.process_time()
    while not calls or time.process_time() - began < least_s:
        function()
        calls += 1
    return 1000 * (time.process_time() - began) / calls


def measured(table, quick):
    """{what: {who: ms}}, each the best of rounds in which all take turns."""
    rounds, least_s = (3, 0.02) if quick else (7, 0.05)
    found = {}
    for what, functions in table.items():
        found[what] = {who: float("inf") for who in functions}
        for _ in range(rounds):
            for who, function in functions.items():
                found[what][who] = min(found[what][who], cpu_ms(function, least_s))
    return found


def show_times(found):
    """Print the table; the goal, in words and whether it holds."""
    print(f"{'conversion':<20} {'rtkit ms':>9} {'ratio':>6}   others, ms")
    slow = []
    for what, times in found.items():
        ours = times.pop("rtkit")
        ratio = min(ms for who, ms in times.items() if who not in LESS) / ours
        shown = (
            f"({who} {ms:.3g})" if who in LESS else f"{who} {ms:.3g}" for who, ms in times.items()
        )
        print(f"{what:<20} {ours:>9.3g} {ratio:>6.2f}   {', '.join(shown)}")
        if ratio < GOAL_RATIO:
            print(f"    slower because: {REASONS.get(what, '?')}")
            slow += [] if what in REASONS else [what]
    print("\nin brackets, not counted:")
    for who, lacks in LESS.items():
        print(f"  {who}: {lacks}")
    told = f"slower than half of the best peer without a reason: {', '.join(slow) or 'nothing'}"
    return [(told, not slow)]


# ---- quality


def quality():
    """Print how clean each resampler is; the goal."""
    from conversions import RATES, resamplers

    print("\nsignal to noise / rejection of an alias, dB")
    worst = 0.0
    for rates in RATES:
        found = {
            who: (signal_to_noise(convert, *rates), rejection(convert, *rates))
            for who, convert in resamplers(*rates).items()
        }
        shown = ", ".join(f"{who} {snr:.0f}/{gone:.0f}" for who, (snr, gone) in found.items())
        print(f"  {rates[0] / 1000:g} to {rates[1] / 1000:g} kHz: {shown}")
        pairs = zip(found["rtkit"], found["soxr.resample"], strict=True)
        worst = max(worst, *(alone - ours for ours, alone in pairs))
    return [(f"resampling is {worst:.1f} dB below soxr alone at worst", worst < GOAL_DB)]


def tone(hertz, rate):
    import numpy as np

    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(rate) / rate)).astype(np.float32)


def db(ratio):
    import numpy as np

    return 10 * np.log10(ratio)


def signal_to_noise(convert, from_rate, to_rate):
    """Of a tone of 997 Hz, in the middle of a second."""
    wanted = tone(997, to_rate)
    middle = slice(to_rate // 4, 3 * to_rate // 4)
    error = convert(tone(997, from_rate))[middle] - wanted[middle].astype(float)
    return db((wanted[middle] ** 2).mean() / (error**2).mean())


def rejection(convert, from_rate, to_rate):
    """How much is left of a tone at 0.6 of the new rate, which cannot be in it."""
    before = tone(round(0.6 * to_rate), from_rate)
    after = convert(before)[to_rate // 4 : 3 * to_rate // 4].astype(float)
    return db((before**2).mean() / max((after**2).mean(), 1e-20))


# ---- an hour


@cache
def a_minute():
    from conversions import sound

    from rtkit.audio import float_to_pcm16

    return float_to_pcm16(sound(60, 8000))


def pieces(seconds):
    """PCM16 at 8 kHz in pieces of uneven length, as a line brings it."""
    minute = memoryview(a_minute())
    for _ in range(round(seconds / 60)):
        at, turn = 0, 0
        while at < len(minute):
            size = STREAM_PIECES[turn % len(STREAM_PIECES)]
            yield bytes(minute[at : at + size])
            at, turn = at + size, turn + 1


def carry(seconds):
    """Chunk, code, wrap, unwrap and decode so much sound; the samples that came out."""
    from rtkit import audio

    chunker, out = audio.Chunker(320), 0
    for piece in pieces(seconds):
        for chunk in chunker.push(piece):
            text = audio.to_base64(audio.pcm16_to_ulaw(chunk))
            out += len(audio.ulaw_to_pcm16(audio.from_base64(text))) // 2
    return out + len(chunker.flush()) // 2


def hour():
    """Print what an hour of sound takes; the goals."""
    a_minute()
    half, whole = (min(seconds_for(length) for _ in range(3)) for length in (1800, 3600))
    minute, peak = (peak_of(length) for length in (60, 3600))
    print(f"\nan hour through chunker, G.711 and base64: {whole:.2f} s, half an hour {half:.2f} s")
    return [
        (
            f"an hour takes {whole / half:.2f} times as long as half an hour",
            abs(whole / half - 2) < 2 * GOAL_LINEAR,
        ),
        (
            f"an hour takes {(peak - minute) / 1000:.1f} kB more memory than a minute",
            peak - minute < GOAL_BYTES,
        ),
    ]


def seconds_for(length):
    began = time.process_time()
    assert carry(length) == length * 8000
    return time.process_time() - began


def peak_of(length):
    """Bytes that were in use at once."""
    tracemalloc.start()
    carry(length)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.here:
        return run_with_peers(sys.argv[1:])
    from conversions import conversions

    goals = show_times(measured(conversions(SECONDS), options.quick)) + quality() + hour()
    for text, held in goals:
        print(f"{'holds' if held else 'MISSED'}: {text}")
    return 0 if all(held for _, held in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
