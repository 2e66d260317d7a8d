"""The recogniser: grammar first, dictation when the grammar is rejected."""

import asyncio
import sys
import time
import wave

import numpy as np
import pytest

from rtkit.errors import ConfigError, MissingExtra
from rtkit.server.tutor import Tutor
from rtkit.speech.booths import shared_booths
from rtkit.speech.recognition import Heard, PocketRecogniser, make_recogniser
from rtkit.speech.scribes import shared_scribes
from rtkit.speech.synthesis import say


def pcm16k(text, voice="alloy"):
    """int16[n] at 16 kHz as a turn has it: 0.3 s before the words, 0.5 s after, faint noise."""
    clip = say(text, voice=voice).resampled(16_000)
    said = np.frombuffer(clip.to_pcm16(), "<i2")
    sound = np.concatenate([np.zeros(4800), said, np.zeros(8000)])
    noise = np.random.default_rng(0).normal(0, 4, len(sound))
    return np.clip(sound + noise, -32768, 32767).astype(np.int16)


def hear(recogniser, sound, step=320):
    """What is heard when the sound is fed in steps."""
    recogniser.begin()
    for start in range(0, len(sound), step):
        recogniser.feed(sound[start : start + step])
    return asyncio.run(recogniser.finish())


@pytest.fixture(scope="module")
def recogniser():
    made = make_recogniser(None, Tutor().grammar)
    made.ready.result(30)
    yield made
    made.close()
    shared_scribes().close()
    shared_booths().close()


@pytest.mark.parametrize(
    ("text", "voice"),
    [
        ("what is the capital of france", "coral"),
        ("what time is it", "alloy"),
        ("tell me a story", "verse"),
        ("what is the capital of brazil", "marin"),
    ],
)
def test_a_phrase_of_the_brain_is_heard_exactly(recogniser, text, voice):
    heard = hear(recogniser, pcm16k(text, voice))
    assert (heard.text, heard.engine) == (text, "grammar")
    assert 0.5 < heard.confidence < 1
    assert " ".join(word.text for word in heard.words) == text
    edges = [edge for word in heard.words for edge in (word.start_ms, word.end_ms)]
    assert edges == sorted(edges)
    assert 200 < edges[0] < 500


def test_what_is_no_phrase_is_left_to_dictation_and_is_less_sure(recogniser):
    inside = hear(recogniser, pcm16k("what is the capital of france", "coral"))
    outside = hear(recogniser, pcm16k("my brother lives in a small village near the sea", "coral"))
    assert outside.engine == "dictation"
    assert outside.text
    assert 0 < outside.confidence < inside.confidence
    assert all(0 < word.confidence < 1 for word in outside.words)


def test_a_greeting_does_not_swallow_the_question_behind_it(recogniser):
    heard = hear(recogniser, pcm16k("Hello there, what is seven plus five?"))
    assert heard.engine == "dictation"
    assert len(heard.words) > 4


def test_a_tone_that_was_an_utterance_changes_nothing_in_the_next_one(recogniser):
    tone = (9000 * np.sin(2 * np.pi * 220 * np.arange(4800) / 16_000)).astype(np.int16)
    words = pcm16k("What is the capital of France?")
    alone = hear(recogniser, words)
    assert hear(recogniser, tone).text == ""
    assert hear(recogniser, words) == alone
    assert alone.text == "what is the capital of france"


def test_the_answer_of_the_grammar_is_there_at_once(recogniser):
    sound = pcm16k("what is the capital of france", "coral")
    recogniser.begin()
    longest = 0.0
    for start in range(0, len(sound), 320):
        before = time.thread_time()
        recogniser.feed(sound[start : start + 320])
        longest = max(longest, time.thread_time() - before)
    time.sleep(1.0)  # a speaker leaves it the time to catch up
    before = time.perf_counter()
    heard = asyncio.run(recogniser.finish())
    assert heard.engine == "grammar"
    assert time.perf_counter() - before < 0.15
    assert longest < 0.005


def test_steps_of_any_size_give_the_same(recogniser):
    sound = pcm16k("what time is it")
    for step in (320, 333, len(sound)):
        heard = hear(recogniser, sound, step)
        assert (heard.text, heard.engine) == ("what time is it", "grammar")


@pytest.mark.parametrize("gain", [0.1, 0.4, 1.5])
def test_loudness_does_not_matter(recogniser, gain):
    sound = np.clip(gain * pcm16k("tell me a story"), -32768, 32767).astype(np.int16)
    assert hear(recogniser, sound).text == "tell me a story"


def test_a_long_silence_before_the_words_does_not_matter(recogniser):
    quiet = np.random.default_rng(2).normal(0, 4, 48_000).astype(np.int16)
    sound = np.concatenate([quiet, pcm16k("tell me a story")])
    assert hear(recogniser, sound).text == "tell me a story"


def test_there_is_a_guess_before_the_end(recogniser):
    sound = pcm16k("what is the capital of france", "coral")
    recogniser.begin()
    recogniser.feed(sound[: int(0.8 * len(sound))])
    deadline = time.monotonic() + 10
    while not recogniser.partial() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert recogniser.partial().startswith("what")
    recogniser.cancel()
    assert recogniser.partial() == ""


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0, np.int16),
        np.zeros(100, np.int16),
        np.zeros(16_000, np.int16),
        np.random.default_rng(1).normal(0, 4, 24_000).astype(np.int16),
    ],
)
def test_without_speech_nothing_is_heard(recogniser, sound):
    assert hear(recogniser, sound) == Heard("", (), 0.0, "grammar")


def test_an_utterance_that_was_cancelled_is_forgotten(recogniser):
    recogniser.begin()
    recogniser.feed(pcm16k("tell me a story"))
    recogniser.cancel()
    assert asyncio.run(recogniser.finish()) == Heard("", (), 0.0, "grammar")
    assert hear(recogniser, pcm16k("what time is it")).text == "what time is it"


def test_an_utterance_whose_end_is_not_waited_for_is_not_heard_on(recogniser):
    long = np.tile(pcm16k("tell me a story"), 100)  # some minutes, of which seconds are heard

    async def story():
        recogniser.begin()
        recogniser.feed(long)
        finishing = asyncio.create_task(recogniser.finish())
        await asyncio.sleep(0.05)
        finishing.cancel()
        await asyncio.gather(finishing, return_exceptions=True)

    asyncio.run(story())
    assert shared_booths().utterances == 0
    began = time.monotonic()
    assert hear(recogniser, pcm16k("what time is it")).text == "what time is it"
    assert time.monotonic() - began < 5


def test_two_sessions_hear_at_the_same_time(recogniser):
    other = PocketRecogniser(Tutor().grammar)
    sounds = pcm16k("tell me a story"), pcm16k("what time is it")
    for ears, sound in zip((recogniser, other), sounds, strict=True):
        ears.begin()
        ears.feed(sound)

    async def both():
        return await asyncio.gather(recogniser.finish(), other.finish())

    assert [heard.text for heard in asyncio.run(both())] == ["tell me a story", "what time is it"]
    other.close()


def test_a_word_outside_the_dictionary_is_heard():
    grammar = "#JSGF V1.0;\ngrammar g;\npublic <g> = what is a (chatbot | websocket | river);\n"
    ears = PocketRecogniser(grammar)
    assert hear(ears, pcm16k("what is a chatbot")).text == "what is a chatbot"
    ears.close()


def test_an_unknown_recogniser_and_a_missing_one_say_what_to_do(monkeypatch):
    with pytest.raises(ConfigError, match=r"'vosk'.*pocketsphinx and whisper"):
        make_recogniser("vosk", "")
    monkeypatch.setenv("RTKIT_RECOGNISER", "kaldi")
    with pytest.raises(ConfigError, match="kaldi"):
        make_recogniser(None, "")
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    whisper = make_recogniser("whisper", "")
    with pytest.raises(MissingExtra, match=r"pip install 'rtkit\[whisper\]'"):
        whisper.ready.result(10)
    whisper.close()


@pytest.mark.speech
def test_a_person_who_asks_for_the_weather_is_heard_exactly(recogniser, speech_folder):
    with wave.open(str(speech_folder / "weather-like.wav")) as file:
        assert file.getframerate() == 16_000
        said = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    sound = np.concatenate([np.zeros(4800, np.int16), said, np.zeros(8000, np.int16)])
    heard = hear(recogniser, sound)
    assert (heard.text, heard.engine) == ("what's the weather like", "grammar")


def test_without_a_grammar_everything_is_dictation_and_nothing_is_guessed():
    free = make_recogniser("pocketsphinx", "")
    free.ready.result(30)
    sound = pcm16k("nothing")  # the one word that it listens for is not taken for an answer
    free.begin()
    free.feed(sound)
    assert free.partial() == ""
    heard = asyncio.run(free.finish())
    assert heard.engine == "dictation"
    heard = hear(free, pcm16k("please open the window", "coral"))
    assert heard.engine == "dictation"
    assert heard.text
    assert 0 < heard.confidence < 1
    assert hear(free, np.zeros(16_000, np.int16)).text == ""
    free.close()
