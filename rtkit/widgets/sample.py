"""How a voice sounds: a sentence in it, spoken by the embedded server's own synthesiser."""

from __future__ import annotations

from rtkit.choices import Voice
from rtkit.parts import CustomVoice
from rtkit.sessionconfig import RealtimeSessionConfig
from rtkit.wav import write_wav

SENTENCE = "Hello, this is how I sound."
STAND_IN = "You heard the embedded server's voice for {}; a hosted one sounds otherwise."


def sample(config: RealtimeSessionConfig) -> tuple[bytes, str]:
    """A WAV file of the voice at its speed, and whose voice it is, in words.

    RtkitError where nothing can be spoken here.
    """
    from rtkit.speech.synthesis import say

    own = isinstance(config.voice, CustomVoice)
    clip = say(SENTENCE, Voice.ALLOY if own else str(config.voice.value), speed=config.speed)
    voice = "alloy, in place of your own" if own else config.voice.value
    return write_wav(clip.samples, clip.rate), STAND_IN.format(voice)
