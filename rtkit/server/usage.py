"""Tokens, counted by the published rules.

User audio is 1 token per 100 ms, assistant audio 1 per 50 ms. Text goes by a tokenizer that we do
not have; it is reckoned as 1 token per 4 characters, rounded up. How a realtime model counts an
image is not published; it is reckoned by the rule that OpenAI's image guide gives for gpt-4o, see
`image_tokens`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rtkit.audio import AudioFormat, bytes_for_ms, duration_ms

USER_AUDIO_MS = 100
ASSISTANT_AUDIO_MS = 50
CHARACTERS_PER_TOKEN = 4
IMAGE_TOKENS, TILE_TOKENS, TILE = 85, 170, 512
LONGER_SIDE, SHORTER_SIDE = 2048, 768
TOKENS_PER_MINUTE = 250_000  # what `rate_limits.updated` calls the limit; nothing is enforced


@dataclass(frozen=True, slots=True)
class Tokens:
    """A number of text, of audio and of image tokens."""

    text: int = 0
    audio: int = 0
    image: int = 0

    def __add__(self, other: Tokens) -> Tokens:
        text, audio = self.text + other.text, self.audio + other.audio
        return Tokens(text, audio, self.image + other.image)

    @property
    def total(self) -> int:
        return self.text + self.audio + self.image


def total(parts: Iterable[Tokens]) -> Tokens:
    """All of them together."""
    text = audio = image = 0
    for part in parts:
        text, audio, image = text + part.text, audio + part.audio, image + part.image
    return Tokens(text, audio, image)


def text_tokens(text: str) -> int:
    """Tokens of a text, approximately.

    >>> text_tokens("what is the weather like?")
    7
    """
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


def audio_tokens(ms: float, role: str) -> int:
    """Tokens of so many milliseconds of speech by "user" or "assistant"."""
    return math.ceil(ms / (ASSISTANT_AUDIO_MS if role == "assistant" else USER_AUDIO_MS))


def image_tokens(width: int, height: int, detail: str | None = None) -> int:
    """Tokens of an image, approximately: 85, and 170 for each tile of 512 by 512 pixels.

    Before that it is made smaller, to 2048 in its longer and 768 in its shorter side. With detail
    "low" there are no tiles; None and "auto" are "high".

    >>> image_tokens(640, 480)  # two tiles side by side: 85 + 2 * 170
    425
    >>> image_tokens(2048, 4096)  # as 768 by 1536, two by three tiles: 85 + 6 * 170
    1105
    """
    if detail == "low":
        return IMAGE_TOKENS
    scale = min(1.0, LONGER_SIDE / max(width, height), SHORTER_SIDE / min(width, height))
    sides = (max(round(side * scale, 6), 1) for side in (width, height))
    tiles = math.prod(math.ceil(side / TILE) for side in sides)
    return IMAGE_TOKENS + TILE_TOKENS * tiles


@dataclass(slots=True)
class Output:
    """Counts what a response makes, and lets through no more than `limit` tokens (None: any).

    `full` once something had to be left out. The words of speech and its sound both count, and so
    does a tool call.
    """

    limit: int | None = None
    full: bool = False
    _bytes: int = 0  # of sound, so that the count does not depend on its pieces
    _form: AudioFormat = AudioFormat.PCM16
    _characters: int = 0

    @property
    def sound_ms(self) -> float:
        """How long the sound is."""
        return duration_ms(self._bytes, self._form)

    @property
    def tokens(self) -> Tokens:
        """What was made so far."""
        text = math.ceil(self._characters / CHARACTERS_PER_TOKEN)
        return Tokens(text, audio_tokens(self.sound_ms, "assistant"))

    def text(self, text: str) -> str:
        """The part of a text that there is room for; it is counted."""
        fits = text
        if self.limit is not None:
            room = (self.limit - self.tokens.audio) * CHARACTERS_PER_TOKEN - self._characters
            fits = "" if self.full else text[: max(room, 0)]
        self._characters += len(fits)
        self.full = self.full or len(fits) < len(text)
        return fits

    def sound(self, data: bytes, form: AudioFormat) -> bytes:
        """The part of wire audio that there is room for; it is counted."""
        fits = data
        if self.limit is not None:
            room_ms = max((self.limit - self.tokens.text) * ASSISTANT_AUDIO_MS, 0)
            room = max(bytes_for_ms(room_ms, form) - self._bytes, 0)
            fits = b"" if self.full else data[:room]
        self._bytes, self._form = self._bytes + len(fits), form
        self.full = self.full or len(fits) < len(data)
        return fits


def settings_tokens(instructions: str, tools: Iterable[Any]) -> Tokens:
    """Tokens of what precedes the conversation in every request."""
    return Tokens(text_tokens(instructions) + sum(text_tokens(json.dumps(t)) for t in tools))


def response_usage(given: Tokens, cached: Tokens, made: Tokens) -> dict[str, Any]:
    """The `usage` object of `response.done`."""
    return {
        "total_tokens": given.total + made.total,
        "input_tokens": given.total,
        "output_tokens": made.total,
        "input_token_details": {
            "text_tokens": given.text,
            "audio_tokens": given.audio,
            "image_tokens": given.image,
            "cached_tokens": cached.total,
            "cached_tokens_details": {
                "text_tokens": cached.text,
                "audio_tokens": cached.audio,
                "image_tokens": cached.image,
            },
        },
        "output_token_details": {"text_tokens": made.text, "audio_tokens": made.audio},
    }


def transcription_usage(model: str, text: str, ms: float) -> dict[str, Any]:
    """The `usage` object of a transcription: by the second for whisper models, else in tokens."""
    if "whisper" in model:
        return {"type": "duration", "seconds": round(ms / 1000, 3)}
    given, made = audio_tokens(ms, "user"), text_tokens(text)
    return {
        "type": "tokens",
        "total_tokens": given + made,
        "input_tokens": given,
        "output_tokens": made,
        "input_token_details": {"text_tokens": 0, "audio_tokens": given},
    }


def rate_limits(used: int) -> dict[str, Any]:
    """`rate_limits.updated` after `used` tokens in this session; nothing is ever refused."""
    remaining = max(TOKENS_PER_MINUTE - used, 0)
    row = {"name": "tokens", "limit": TOKENS_PER_MINUTE, "remaining": remaining}
    return {"type": "rate_limits.updated", "rate_limits": [{**row, "reset_seconds": 0.0}]}
