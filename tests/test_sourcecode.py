import rtkit
from rtkit.config import CustomVoice, RealtimeSessionConfig, TranscriptionSessionConfig
from rtkit.sourcecode import as_python


def test_the_python_makes_the_same_configuration():
    tool = {"type": "function", "name": "look_up"}
    for config in (
        RealtimeSessionConfig(),
        RealtimeSessionConfig(voice=CustomVoice(id="voice_1"), vad_mode="manual", tools=[tool]),
        RealtimeSessionConfig(input_audio_format="g711_ulaw", instructions='Say "hello".'),
        TranscriptionSessionConfig(noise_reduction="far_field"),
    ):
        made = {"rtkit": rtkit}
        exec(as_python(config, "made"), made)
        assert made["made"] == config
        assert made["made"].to_session() == config.to_session()


def test_a_configuration_of_defaults_is_one_line():
    assert as_python(RealtimeSessionConfig()) == "config = rtkit.RealtimeSessionConfig()"
