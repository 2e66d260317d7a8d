"""Free dictation with pocketsphinx, in a process of its own.

A decoder with the full language model holds the interpreter's lock for seconds, so it must not
run in the kernel's process. `Dictation` starts `python -m rtkit.speech.dictation` and talks to it
over its pipes: a request is a 4-byte little-endian length and that many bytes of 16 kHz PCM16, the
answer is one line of JSON. The worker ends when its input does, hence with its parent.

Settings of lowest word error, measured on 2026-11-22 on eight human recordings (76 words), each
followed by 0.5 s of silence: the whole utterance at once with the mean of the utterance ("batch"
cepstral mean) 0.22, brought to -20 dBFS first 0.18; in 20 ms chunks 0.29; with the second and
third pass as well 0.34. `benchmarks/recognition.py` repeats it.
"""

from __future__ import annotations

import atexit
import json
import math
import os
import re
import signal
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from rtkit.errors import MissingExtra, RtkitError
from rtkit.speech.loudness import levelled, loudness_gain

RATE = 16_000
SETTINGS: dict[str, Any] = {"fwdflat": False, "bestpath": False, "maxhmmpf": 3000}
FRAME_MS = 10  # of the decoder
SHORTEST_S = 0.1
LONGEST_DECODING_S = 120.0
_HEADER = struct.Struct("<I")
_NOT_A_WORD = re.compile(r"^(<.*>|\[.*\]|\(.*\)|\+\+.*\+\+)$")
_ALTERNATIVE = re.compile(r"\(\d+\)$")


@dataclass(frozen=True, slots=True)
class Dictated:
    """What dictation made of a sound: words as (text, start_ms, end_ms), and the score.

    The score is the natural logarithm of the best path's score.
    """

    words: tuple[tuple[str, float, float], ...]
    score: float

    @property
    def text(self) -> str:
        """The words, joined by spaces."""
        return " ".join(word for word, _, _ in self.words)


class Dictation:
    """The worker process, seen from its parent. Safe to use from several threads."""

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()
        atexit.register(self.close)

    @property
    def pid(self) -> int | None:
        """The worker's process id while it runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start the worker and return at once; it takes about half a second to be ready."""
        with self._busy:
            self._running()

    def transcribe(self, samples: NDArray[np.int16]) -> Dictated:
        """The words in a sound of int16[n] at 16 kHz; blocks for about 0.15 s per second of it.

        A worker that died is replaced, once.
        """
        with self._busy:
            for _ in range(2):
                try:
                    return self._ask(self._running(), np.ascontiguousarray(samples, "<i2"))
                except (OSError, EOFError):
                    self._stop()
        raise RtkitError(
            "the dictation process ended twice while it was asked for words. "
            f"Do: {sys.executable} -m rtkit.speech.dictation < /dev/null, to see its error."
        )

    def close(self) -> None:
        """End the worker."""
        if self._owner == os.getpid():
            self._stop()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "rtkit.speech.dictation"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=worker_environment(),
            )
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], samples: NDArray[np.int16]) -> Dictated:
        assert process.stdin is not None
        assert process.stdout is not None
        watchdog = threading.Timer(LONGEST_DECODING_S, process.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            process.stdin.write(_HEADER.pack(samples.nbytes) + samples.tobytes())
            process.stdin.flush()
            line = process.stdout.readline()
        finally:
            watchdog.cancel()
        if not line.endswith(b"\n"):
            raise EOFError("the dictation process ended")
        answer = json.loads(line)
        if "error" in answer:
            raise MissingExtra(answer["error"], "local")
        words = tuple((word, start, end) for word, start, end in answer["words"])
        return Dictated(words, answer["score"])

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was still to be sent to a dead process
                    continue
        process.terminate()
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def words_in(segments: Any) -> tuple[tuple[str, float, float], ...]:
    """(text, start_ms, end_ms) of a decoder's segments, silences and noises left out."""
    return tuple(
        (
            _ALTERNATIVE.sub("", s.word),
            float(s.start_frame * FRAME_MS),
            float((s.end_frame + 1) * FRAME_MS),
        )
        for s in segments or ()
        if not _NOT_A_WORD.match(s.word)
    )


def dictate(decoder: Any, samples: NDArray[np.int16]) -> Dictated:
    """Decode one utterance as a whole."""
    if len(samples) < SHORTEST_S * RATE:
        return Dictated((), 0.0)
    decoder.reinit_feat()  # forgets the noise of the utterance before
    decoder.start_utt()
    decoder.process_raw(levelled(samples, loudness_gain(samples)).tobytes(), False, True)
    decoder.end_utt()
    best = decoder.hyp()
    if best is None:
        return Dictated((), 0.0)
    return Dictated(words_in(decoder.seg()), math.log(max(best.score, 1e-300)))


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer requests until the source ends: the worker's life."""
    try:
        import pocketsphinx
    except ImportError:
        while _request(source) is not None:
            _answer(sink, {"error": "pocketsphinx (the recogniser)"})
        return
    decoder = pocketsphinx.Decoder(samprate=RATE, loglevel="FATAL", **SETTINGS)
    dictate(decoder, np.zeros(RATE, np.int16))  # the first decoding reads the models from the disc
    while (samples := _request(source)) is not None:
        dictated = dictate(decoder, samples)
        _answer(sink, {"words": dictated.words, "score": dictated.score})


def _request(source: BinaryIO) -> NDArray[np.int16] | None:
    header = source.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    size = _HEADER.unpack(header)[0]
    data = source.read(size)
    if len(data) < size:
        return None
    samples: NDArray[np.int16] = np.frombuffer(data, "<i2").astype(np.int16)
    return samples


def _answer(sink: BinaryIO, answer: dict[str, Any]) -> None:
    sink.write(json.dumps(answer).encode() + b"\n")
    sink.flush()


def worker_environment() -> dict[str, str]:
    """The environment in which a worker finds the same rtkit, wherever it was imported from."""
    home = str(Path(__file__).resolve().parents[2])
    paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # interrupting a cell must not end the worker
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:  # the parent is gone
        os._exit(0)
