"""Each conversion as rtkit does it, and as others do; run in the environment of the peers.

A table is {what is converted: {who: function without arguments}}; "rtkit" comes first.
"""

import base64
import io
import warnings
import wave

import librosa
import numpy as np
import scipy.io.wavfile
import scipy.signal
import soundfile
import soxr
from pydub import AudioSegment
from pydub.utils import make_chunks

from rtkit import audio
from rtkit.clip import Clip
from rtkit.wav import read_wav, write_wav

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

RATE = 24_000
PIECE = 700  # bytes in which a stream comes
RATES = ((48_000, 24_000), (44_100, 24_000), (24_000, 16_000), (24_000, 8000))


def sound(seconds, rate=RATE):
    """A voice of sorts, float32[n]: harmonics that glide, in syllables, in a little noise."""
    t = np.arange(round(seconds * rate)) / rate
    glide = sum(np.sin(2 * np.pi * k * (200 * t + 20 * np.sin(3 * t))) / k for k in range(1, 12))
    noise = np.random.default_rng(0).normal(0, 0.01, len(t))
    return (0.3 * glide * np.clip(np.sin(20 * t), 0, None) + noise).astype(np.float32)


def conversions(seconds):
    """The whole table, for so many seconds of sound."""
    x = sound(seconds)
    return {**codings(x), **levels(x), **files(x), **streams(x), **rates(seconds)}


def codings(x):
    pcm = audio.float_to_pcm16(x)
    ulaw, alaw, text = audio.pcm16_to_ulaw(pcm), audio.pcm16_to_alaw(pcm), audio.to_base64(pcm)
    segment, codes = pydub(pcm), np.frombuffer(ulaw, np.int8)
    return {
        "PCM16 to float": {
            "rtkit": lambda: audio.pcm16_to_float(pcm),
            "librosa.buf_to_float": lambda: librosa.util.buf_to_float(pcm),
            "pydub + numpy": lambda: np.array(segment.get_array_of_samples()) / np.float32(32768),
        },
        "float to PCM16": {
            "rtkit": lambda: audio.float_to_pcm16(x),
            "soundfile.write": lambda: written(soundfile.write, x, RATE, "PCM_16", format="RAW"),
            "(x * 32767).astype": lambda: (x * 32767).astype("<i2").tobytes(),
        },
        "PCM16 to mu-law": {
            "rtkit": lambda: audio.pcm16_to_ulaw(pcm),
            "audioop.lin2ulaw": lambda: audioop.lin2ulaw(pcm, 2),
            "librosa.mu_compress": lambda: librosa.mu_compress(x),
        },
        "mu-law to PCM16": {
            "rtkit": lambda: audio.ulaw_to_pcm16(ulaw),
            "audioop.ulaw2lin": lambda: audioop.ulaw2lin(ulaw, 2),
            "librosa.mu_expand": lambda: librosa.mu_expand(codes),
        },
        "PCM16 to A-law": {
            "rtkit": lambda: audio.pcm16_to_alaw(pcm),
            "audioop.lin2alaw": lambda: audioop.lin2alaw(pcm, 2),
        },
        "A-law to PCM16": {
            "rtkit": lambda: audio.alaw_to_pcm16(alaw),
            "audioop.alaw2lin": lambda: audioop.alaw2lin(alaw, 2),
        },
        "to base64": {
            "rtkit": lambda: audio.to_base64(pcm),
            "base64.b64encode": lambda: base64.b64encode(pcm).decode("ascii"),
        },
        "from base64": {
            "rtkit": lambda: audio.from_base64(text),
            "b64decode, validate": lambda: base64.b64decode(text, validate=True),
            "b64decode": lambda: base64.b64decode(text),
        },
    }


def levels(x):
    pcm, clip = audio.float_to_pcm16(x), Clip(x, RATE)
    segment = pydub(pcm)
    return {
        "level": {
            "rtkit": lambda: audio.level_dbfs(x),
            "audioop.rms": lambda: audioop.rms(pcm, 2),
            "pydub dBFS": lambda: segment.dBFS,
            "librosa rms": lambda: librosa.feature.rms(y=x),
        },
        "gain": {
            "rtkit": lambda: clip.gained(-6),
            "audioop.mul": lambda: audioop.mul(pcm, 2, 0.5),
            "pydub -": lambda: segment - 6,
        },
        "mix": {
            "rtkit": lambda: clip.mixed(clip),
            "audioop.add": lambda: audioop.add(pcm, pcm, 2),
            "pydub overlay": lambda: segment.overlay(segment),
        },
    }


def files(x):
    file = write_wav(x, RATE)

    def by_wave():
        with wave.open(io.BytesIO(file)) as reader:
            return np.frombuffer(reader.readframes(reader.getnframes()), "<i2") / np.float32(32768)

    return {
        "read WAV": {
            "rtkit": lambda: read_wav(file),
            "soundfile.read": lambda: soundfile.read(io.BytesIO(file), dtype="float32"),
            "wave + numpy": by_wave,
            "scipy wavfile.read": lambda: scipy.io.wavfile.read(io.BytesIO(file)),
            "pydub from_file": lambda: AudioSegment.from_file(io.BytesIO(file), "wav"),
        },
        "write WAV": {
            "rtkit": lambda: write_wav(x, RATE),
            "soundfile.write": lambda: written(soundfile.write, x, RATE, "PCM_16", format="WAV"),
            "scipy wavfile.write": lambda: written(
                lambda out: scipy.io.wavfile.write(out, RATE, (x * 32767).astype("<i2"))
            ),
        },
    }


def streams(x):
    pcm, frames = audio.float_to_pcm16(x), np.split(x, range(480, len(x), 480))
    pieces = [pcm[start : start + PIECE] for start in range(0, len(pcm), PIECE)]

    def by_slices(pieces):
        waiting, chunks = b"", []
        for piece in pieces:
            waiting += piece
            while len(waiting) >= 960:
                chunks.append(waiting[:960])
                waiting = waiting[960:]
        return chunks

    def by_rtkit(pieces):
        chunker = audio.Chunker(960)
        return [chunk for piece in pieces for chunk in chunker.push(piece)]

    def resampled(push):
        return [push(frame) for frame in frames]

    return {
        "chunks of a stream": {
            "rtkit": lambda: by_rtkit(pieces),
            "slices of bytes": lambda: by_slices(pieces),
        },
        "chunks of a minute": {
            "rtkit": lambda: by_rtkit([pcm]),
            "slices of bytes": lambda: by_slices([pcm]),
            "pydub make_chunks": lambda: make_chunks(pydub(pcm), 20),
        },
        "24 to 16 kHz, 20 ms": {
            "rtkit": lambda: resampled(audio.StreamResampler(RATE, 16_000).push),
            "soxr.ResampleStream": lambda: resampled(
                soxr.ResampleStream(RATE, 16_000, 1, quality="LQ").resample_chunk
            ),
        },
    }


def rates(seconds):
    table = {}
    for from_rate, to_rate in RATES:
        x = sound(seconds, from_rate)
        table[f"{from_rate / 1000:g} to {to_rate / 1000:g} kHz"] = {
            who: lambda convert=convert, x=x: convert(x)
            for who, convert in resamplers(from_rate, to_rate).items()
        }
    return table


def resamplers(from_rate, to_rate):
    """Who resamples, and how: float32[n] to float32[m]."""
    shared = np.gcd(from_rate, to_rate)

    def by_audioop(x):
        data = audio.float_to_pcm16(x)
        return audio.pcm16_to_float(audioop.ratecv(data, 2, 1, from_rate, to_rate, None)[0])

    def by_librosa(x):
        return librosa.resample(x, orig_sr=from_rate, target_sr=to_rate)

    return {
        "rtkit": lambda x: audio.resample(x, from_rate, to_rate),
        "soxr.resample": lambda x: soxr.resample(x, from_rate, to_rate),
        "librosa.resample": by_librosa,
        "scipy resample_poly": lambda x: scipy.signal.resample_poly(
            x, to_rate // shared, from_rate // shared
        ),
        "audioop.ratecv": by_audioop,
    }


def pydub(pcm):
    return AudioSegment(pcm, frame_rate=RATE, sample_width=2, channels=1)


def written(write, *arguments, **options):
    """The bytes that a function writes into a file."""
    out = io.BytesIO()
    write(out, *arguments, **options)
    return out.getvalue()
