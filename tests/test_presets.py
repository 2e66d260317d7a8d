"""Every configuration of the lesson and every preset goes to the embedded server and comes back."""

import pytest

import rtkit
from rtkit.config import RealtimeConfigBuilder, UseCase, VADMode, Voice
from rtkit.fields import default_session, merge
from rtkit.migrator import migrate

LESSON = {
    "the first class": rtkit.RealtimeConfig(
        voice="alloy",
        instructions="You are a helpful voice assistant.",
        turn_detection="server_vad",
    ),
    "the builder's chain": (
        RealtimeConfigBuilder()
        .for_use_case(UseCase.CUSTOMER_SERVICE)
        .with_voice(Voice.CORAL)
        .with_instructions("You are a helpful customer service agent.")
        .with_transcription(enabled=True, language="en")
        .with_vad(VADMode.SERVER, threshold=0.5, silence_ms=700)
        .build()
    ),
    "all at its defaults": rtkit.RealtimeSessionConfig(),
    "words only": rtkit.TranscriptionSessionConfig(transcription_language="en"),
}
PRESETS = {case.name: RealtimeConfigBuilder().for_use_case(case).build() for case in UseCase}
WRITTEN = RealtimeConfigBuilder().for_use_case(UseCase.TRANSCRIPTION).build_transcription()

RETURNS = {kind: set(default_session(kind)) for kind in ("realtime", "transcription")}


@pytest.mark.usefixtures("own_recordings")
def test_every_configuration_comes_back_from_the_embedded_server_unchanged():
    everything = LESSON | PRESETS | {"transcription, written down": WRITTEN}
    for name, config in everything.items():
        with rtkit.connect(config, record=False) as session:
            created = next(m.event for m in session.timeline if m.type == "session.created")
            sent = config.to_session()
            assert session.effective == merge(created["session"], sent), name
            assert RETURNS[sent["type"]] <= set(session.effective), name
            assert not session.differences, (name, session.differences)
            assert rtkit.applied(config, session.effective) == session.differences


@pytest.mark.usefixtures("own_recordings")
def test_a_change_that_is_taken_or_refused_leaves_no_difference():
    with rtkit.connect(PRESETS["NOISY_ROOM"], record=False) as session:
        session.update(PRESETS["PHONE_LINE"].replace(instructions="Take orders."))
        assert session.effective["instructions"] == "Take orders."
        with pytest.raises(rtkit.SessionError, match="Unknown parameter"):
            session.update({"voice": "sage"})
        assert not session.differences
        session.update(migrate({"voice": "echo", "temperature": 0.5}).session)
        assert session.effective["audio"]["output"]["voice"] == "echo"
        assert not session.differences
