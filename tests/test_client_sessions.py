"""What clients with environments of their own send as session.update, recorded on the wire.

`tests/clients` runs the clients themselves, which takes longer; here only their sessions are
offered to the rules, so that none is refused unnoticed.
"""

import pytest

from rtkit.fields import check_update, default_session, merge

PCM = {"type": "audio/pcm", "rate": 24_000}
MINI = {"model": "gpt-4o-mini-transcribe"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"type": "function", "name": "get_weather", "description": "The weather of a city."}


def tool(**more):
    return {**WEATHER, "parameters": {**SCHEMA, **more}}


SENT = {
    "pipecat-ai 1.14.0": (
        {
            "model": "gpt-realtime-2.1",
            "instructions": "You are the tutor.",
            "audio": {
                "input": {
                    "transcription": {"model": "gpt-realtime-whisper"},
                    "turn_detection": {"type": "semantic_vad"},
                }
            },
            "tools": [tool()],
        },
    ),
    "livekit-plugins-openai 1.8.9": (
        {
            "audio": {
                "input": {
                    "format": PCM,
                    "noise_reduction": None,
                    "transcription": MINI,
                    "turn_detection": {
                        "type": "semantic_vad",
                        "create_response": True,
                        "eagerness": "medium",
                        "interrupt_response": True,
                    },
                },
                "output": {"format": PCM, "speed": 1.0, "voice": "marin"},
            },
            "max_output_tokens": "inf",
            "model": "gpt-realtime",
            "output_modalities": ["audio"],
            "tool_choice": "auto",
            "tracing": None,
        },
        {"instructions": "You are the tutor."},
        {"model": "gpt-realtime", "tools": [tool(title="GetWeatherArgs")]},
    ),
    "@openai/agents-realtime 0.20.0": (
        {
            "instructions": "You are the tutor.",
            "model": "gpt-realtime-2.1",
            "output_modalities": ["audio"],
            "audio": {
                "input": {
                    "format": PCM,
                    "noise_reduction": None,
                    "transcription": MINI,
                    "turn_detection": {"type": "semantic_vad"},
                },
                "output": {"format": PCM, "speed": 1},
            },
            "tools": [tool(additionalProperties=False)],
        },
        {"tracing": "auto"},
    ),
}


@pytest.mark.parametrize("client", SENT)
def test_every_session_of_a_client_is_taken(client):
    updates = [{"type": "realtime", **update} for update in SENT[client]]
    model = next(update["model"] for update in updates if "model" in update)
    session = default_session(model=model)
    for update in updates:
        assert check_update(update, current=session) is None
        session = merge(session, update)
    assert session["tools"][0]["name"] == "get_weather"
