import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from socketstory import Tones

from rtkit.server.portions import LONGEST_PIECE, cuts
from rtkit.server.speaker import speak


def spoken(text, voice=None, at_once=True, lead_ms=0.0):
    async def story():
        voice_ = voice or Tones()
        return [portion async for portion in speak(voice_, text, "alloy", 1.0, at_once, lead_ms)]

    return asyncio.run(story())


@given(st.text(alphabet="abc .!\n", max_size=400), st.integers(1, 60))
def test_a_text_is_cut_without_loss(text, longest):
    pieces = list(cuts(text, longest))
    assert "".join(piece for _, piece in pieces) == text
    assert all(text.startswith(piece, at) for at, piece in pieces)
    assert all(0 < len(piece) <= longest for _, piece in pieces) or not text


def test_a_text_is_cut_behind_a_sentence_if_there_is_one():
    assert [piece for _, piece in cuts("One two. Three four five", 15)] == [
        "One two. ",
        "Three four five",
    ]
    assert [piece for _, piece in cuts("abcdefghij", 4)] == ["abcd", "efgh", "ij"]


def test_the_words_of_a_long_text_lie_where_they_are_said():
    text = "word " * (LONGEST_PIECE // 5 * 3) + "end"
    voice = Tones()
    portions = spoken(text, voice)
    assert len(voice.asked) > 3
    words = [word for portion in portions for word in portion.words]
    kept = [(at, ms) for at, ms in words if at < len(text) and text[at] != " "]
    assert [at for at, _ in kept] == [5 * n for n in range(text.count(" ") + 1)]
    assert [ms for _, ms in words] == sorted(ms for _, ms in words)
    seconds = sum(portion.seconds for portion in portions)
    assert words[-1][1] / 1000 <= seconds


def test_a_voice_that_fails_says_so():
    class Hoarse(Tones):
        def speak(self, text, voice, speed, deliver):
            job = super().speak(text, voice, speed, lambda piece: piece and deliver(piece))
            deliver(OSError("no breath"))
            return job

    with pytest.raises(OSError, match="no breath"):
        spoken("One two.", Hoarse())


def test_portions_of_a_long_text_are_as_even_as_those_of_a_short_one():
    sizes = [len(portion.samples) for portion in spoken("word " * 900)]
    assert sizes[0] == 1440
    assert len(set(sizes[1:-1])) == 1


def test_no_more_than_one_piece_is_asked_for_until_it_has_been_taken():
    async def story():
        voice = Tones()
        portions = speak(voice, "word " * LONGEST_PIECE, "alloy", 1.0, at_once=True)
        for _ in range(10):
            await anext(portions)
        assert len(voice.asked) == 1
        await portions.aclose()
        assert all(job.cancelled for job in voice.jobs)

    asyncio.run(story())


def test_a_voice_is_stopped_at_once_when_nobody_listens_any_more():
    class Slow(Tones):
        def speak(self, text, voice, speed, deliver):
            job = super().speak(text, voice, speed, lambda piece: None)
            return job

    async def story():
        voice = Slow()
        portions = speak(voice, "one", "alloy", 1.0, at_once=True)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(portions), 0.05)
        assert voice.jobs[0].cancelled

    asyncio.run(story())


def test_a_short_text_is_spoken_as_it_was():
    (first, *_) = spoken("Hello there.")
    assert np.array_equal(first.samples, np.full(1440, 1000, np.int16))
    assert first.words == ((0, 0),)


def test_a_text_may_be_led_by_silence_and_its_words_then_lie_later():
    plain, led = spoken("One two three."), spoken("One two three.", lead_ms=100)
    silence, first = np.split(led[0].samples, [2400])
    assert not silence.any()
    assert np.array_equal(first, plain[0].samples)
    words = [[word for portion in portions for word in portion.words] for portions in (plain, led)]
    assert words[1] == [(at, ms + 100) for at, ms in words[0]]
    assert sum(p.seconds for p in led) == pytest.approx(sum(p.seconds for p in plain) + 0.1)
