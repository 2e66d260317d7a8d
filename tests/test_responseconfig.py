import pytest

from rtkit.errors import ConfigError
from rtkit.responseconfig import ResponseConfig


def test_only_what_is_given_is_sent():
    assert ResponseConfig().to_response() == {}
    config = ResponseConfig(
        voice="sage",
        output_audio_format="g711_ulaw",
        max_response_tokens="inf",
        reasoning_effort="low",
        metadata={"turn": "1"},
        input=[],
    )
    assert config.to_response() == {
        "metadata": {"turn": "1"},
        "input": [],
        "max_output_tokens": "inf",
        "reasoning": {"effort": "low"},
        "audio": {"output": {"format": {"type": "audio/pcmu"}, "voice": "sage"}},
    }


def test_what_no_response_has_is_refused():
    with pytest.raises(ConfigError, match="conversation: found 'aside'"):
        ResponseConfig(conversation="aside")
    with pytest.raises(ConfigError, match=r"response\.metadata: .*name too long"):
        ResponseConfig(metadata={"k" * 65: "v"})
    with pytest.raises(ConfigError, match=r"response\.modalities: Unknown parameter"):
        ResponseConfig.from_response({"modalities": ["text"]})


def test_a_copy_is_changed_and_the_first_is_not():
    config = ResponseConfig(instructions="Be brief.")
    assert config.replace(output_modalities="text").to_response() == {
        "instructions": "Be brief.",
        "output_modalities": ["text"],
    }
    assert config.output_modalities is None
