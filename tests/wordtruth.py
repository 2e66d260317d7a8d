"""Sentences spoken by espeak-ng, which itself tells where each of their words begins."""

import difflib
import queue
import re

import numpy as np

from rtkit.clip import Clip
from rtkit.speech.synthesis import SPEECH_RATE, default_synthesiser


def spoken_words(text, voice="alloy"):
    """A clip of the text at 24 kHz, and its words as (word in lower case, seconds of its onset)."""
    parts = queue.SimpleQueue()
    default_synthesiser().speak(text, voice, 1.0, parts.put)
    pieces = list(iter(parts.get, None))
    sound = np.concatenate([piece.samples for piece in pieces])
    begins = [begin for piece in pieces for begin in piece.words]
    words = [(_word_at(text, character), ms / 1000) for character, ms in begins]
    return Clip.from_pcm16(sound.astype("<i2").tobytes(), rate=SPEECH_RATE), words


def _word_at(text, character):
    return re.match(r"[\w']+", text[character:]).group().lower()


def onset_errors(truth, heard):
    """Seconds by which the words begin late that were heard right.

    `truth` are (word, onset), `heard` SpokenWords.
    """
    spoken = [word for word, _ in truth]
    pairs = difflib.SequenceMatcher(None, spoken, [word.text for word in heard], autojunk=False)
    return [
        heard[block.b + at].start - truth[block.a + at][1]
        for block in pairs.get_matching_blocks()
        for at in range(block.size)
    ]
