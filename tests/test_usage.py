import pytest

from rtkit.server.usage import (
    TOKENS_PER_MINUTE,
    Tokens,
    audio_tokens,
    rate_limits,
    response_usage,
    settings_tokens,
    text_tokens,
    transcription_usage,
)


@pytest.mark.parametrize(
    ("ms", "user", "assistant"), [(0, 0, 0), (100, 1, 2), (101, 2, 3), (60_000, 600, 1200)]
)
def test_a_minute_of_speech_costs_what_is_published(ms, user, assistant):
    assert audio_tokens(ms, "user") == user
    assert audio_tokens(ms, "assistant") == assistant


def test_text_is_four_characters_a_token():
    assert [text_tokens("x" * n) for n in (0, 1, 4, 5)] == [0, 1, 1, 2]
    assert settings_tokens("x" * 8, [{"a": 1}]) == Tokens(4)


def test_the_parts_of_usage_add_up():
    usage = response_usage(Tokens(10, 20), Tokens(4, 5), Tokens(1, 2))
    assert usage["total_tokens"] == 33
    assert usage["input_token_details"]["cached_tokens"] == 9


def test_transcription_is_billed_in_tokens_or_seconds():
    assert transcription_usage("gpt-transcribe", "hello you", 1630)["input_tokens"] == 17
    by_second = {"type": "duration", "seconds": 1.63}
    assert transcription_usage("gpt-realtime-whisper", "hello", 1630) == by_second


def test_the_limit_never_falls_below_zero():
    remaining = rate_limits(TOKENS_PER_MINUTE * 2)["rate_limits"][0]["remaining"]
    assert remaining == 0
