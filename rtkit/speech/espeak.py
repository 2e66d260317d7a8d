"""espeak-ng through ctypes: one sentence to sound in pieces, one word to phonemes.

The library is not thread-safe (concurrent calls end in a double free), so one thread must own an
`Espeak`; `rtkit.speech.synthesis` has that thread. Everything is set anew for every sentence,
since espeak-ng keeps a rate across a change of voice. Constants are those of
`espeak-ng/speak_lib.h`, version 1.52.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtkit.errors import MissingExtra, RtkitError
from rtkit.speech.voices import SpeakingVoice

NATIVE_RATE = 22_050
SAMPLE_BYTES = 2
BUFFER_MS = 60
SYNCHRONOUS, NO_EXIT = 2, 0x8000
RATE, VOLUME, PITCH, RANGE, WORD_GAP = 1, 2, 3, 4, 7
UTF8, WORD_EVENT, END_OF_EVENTS = 1, 1, 0
PHONEME_SEPARATOR = ord("_") << 8
SLOWEST_RATE = 80
"""Words per minute below which espeak-ng goes no slower; longer gaps between words do it then."""

GAP_UNIT_S = 0.0285
"""Length of one unit of the word gap at the slowest rate (measured: 10 ms at the default rate)."""

OnSound = Callable[[NDArray[np.int16], list[tuple[int, int]]], bool]


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True, slots=True)
class Prosody:
    """What is set before a sentence: a voice and how many times its own speed."""

    voice: SpeakingVoice
    speed: float = 1.0

    def parameters(self) -> dict[int, int]:
        """espeak-ng's parameter numbers and values."""
        wanted = self.voice.rate * self.speed
        gap_s = max(0.0, 60 / wanted - 60 / SLOWEST_RATE)
        return {
            RATE: max(SLOWEST_RATE, round(wanted)),
            VOLUME: self.voice.volume,
            PITCH: self.voice.pitch,
            RANGE: self.voice.range,
            WORD_GAP: round(gap_s / GAP_UNIT_S),
        }


class Espeak:
    """The library, loaded and initialised; to be used by one thread only."""

    def __init__(self) -> None:
        self._lib = _load()
        self._on_sound: OnSound | None = None
        self._error: BaseException | None = None
        self._callback = _Callback(self._receive)  # kept: the library holds only its address
        self._lib.espeak_SetSynthCallback(self._callback)

    def synthesise(self, text: str, prosody: Prosody, on_sound: OnSound) -> None:
        """Speak `text`: `on_sound(int16[n] at 22 050 Hz, [(character index, ms)])` as it is made.

        The milliseconds count from the start of the text. `on_sound` returns True to stop.
        """
        self._set(prosody)
        data = text.encode("utf-8") + b"\0"
        self._on_sound, self._error = on_sound, None
        result = self._lib.espeak_Synth(data, len(data), 0, 1, 0, UTF8, None, None)
        self._on_sound = None
        if self._error is not None:
            raise self._error
        if result != 0:
            raise RtkitError(f"espeak-ng could not speak {text!r} (its error number is {result}).")

    def phonemes(self, text: str, voice: str = "en-us") -> list[str]:
        """espeak-ng's own phoneme mnemonics of a text, stress marks (' and ,) included."""
        self._lib.espeak_SetVoiceByName(voice.encode())
        kept = ctypes.create_string_buffer(text.encode("utf-8"))
        place = ctypes.c_void_p(ctypes.addressof(kept))
        parts: list[str] = []
        while place.value:
            found = self._lib.espeak_TextToPhonemes(ctypes.byref(place), UTF8, PHONEME_SEPARATOR)
            parts += (found or b"").decode("utf-8").replace(" ", "_").split("_")
        return [part for part in parts if part]

    def _set(self, prosody: Prosody) -> None:
        name = prosody.voice.espeak
        if self._lib.espeak_SetVoiceByName(name.encode()) != 0:
            raise RtkitError(
                f"espeak-ng has no voice {name!r}. Its data folder is incomplete: "
                "do pip install --force-reinstall espeakng-loader"
            )
        for parameter, value in prosody.parameters().items():
            self._lib.espeak_SetParameter(parameter, value, 0)

    def _receive(self, sound: Any, count: int, events: Any) -> int:
        """Called by the library; an exception must not cross it, so it is kept and raised later."""
        try:
            samples = _copied(sound, count)
            words = _words(events)
            if self._on_sound is None or not (len(samples) or words):
                return 0
            return int(self._on_sound(samples, words))
        except BaseException as error:
            self._error = error
            return 1


def _load() -> Any:
    try:
        import espeakng_loader
    except ImportError as missing:
        raise MissingExtra("espeakng-loader (the voice)", "local") from missing
    lib = ctypes.CDLL(espeakng_loader.get_library_path())
    lib.espeak_Synth.argtypes = [
        *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int),
        *(ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p),
    ]
    lib.espeak_TextToPhonemes.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
    data = str(espeakng_loader.get_data_path()).encode()
    rate = lib.espeak_Initialize(SYNCHRONOUS, BUFFER_MS, data, NO_EXIT)
    if rate != NATIVE_RATE:
        raise RtkitError(
            f"espeak-ng could not start: it answered {rate}, its rate should be {NATIVE_RATE}. "
            "Do: pip install --force-reinstall espeakng-loader"
        )
    return lib


def _copied(sound: Any, count: int) -> NDArray[np.int16]:
    if not sound or count <= 0:
        return np.zeros(0, np.int16)
    # np.ctypeslib.as_array would make a type for each length, which ctypes keeps for ever
    data = ctypes.string_at(sound, count * SAMPLE_BYTES)
    return np.frombuffer(data, np.int16).astype(np.int16, copy=True)


def _words(events: Any) -> list[tuple[int, int]]:
    """Word events as (character index from 0, milliseconds)."""
    found = []
    i = 0
    while events[i].type != END_OF_EVENTS:
        if events[i].type == WORD_EVENT:
            found.append((events[i].text_position - 1, events[i].audio_position))
        i += 1
    return found
