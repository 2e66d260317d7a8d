"""Sessions, events and names of the beta as people have shown them in public, values rewritten.

Each case: where the shape was seen, the shape, and values of the GA session that it becomes.
"""

PCM, ULAW = {"type": "audio/pcm", "rate": 24000}, {"type": "audio/pcmu"}
VAD, TR, IN, OUT = (
    "audio.input.turn_detection",
    "audio.input.transcription",
    "audio.input.format",
    "audio.output.format",
)
VOICE = "audio.output.voice"
GH = "github.com/"
BETA = GH + "openai/openai-realtime-api-beta/"
TWILIO = GH + "twilio-samples/speech-assistant-openai-realtime-api-python/"


def update(**session):
    return {"type": "session.update", "session": session}


SESSIONS = {
    BETA + "issues/9": (
        {
            "voice": "echo",
            "input_audio_format": "g711_ulaw",
            "output_audio_format": "g711_ulaw",
            "modalities": ["audio", "text"],
            "temperature": 0.65,
            "turn_detection": {
                "type": "server_vad",
                "prefix_padding_ms": 250,
                "silence_duration_ms": 350,
                "threshold": 0.45,
            },
            "input_audio_transcription": {"enabled": True, "model": "whisper-1"},
            "max_response_output_tokens": "inf",
        },
        {VOICE: "echo", IN: ULAW, OUT: ULAW, TR: {"model": "whisper-1"}},
    ),
    BETA + "issues/18": (
        update(
            turn_detection={"type": "server_vad"},
            input_audio_format="g711_ulaw",
            output_audio_format="g711_ulaw",
            voice="ash",
            instructions="Answer the phone.",
            modalities=["text", "audio"],
            temperature=0.7,
        ),
        {IN: ULAW, VAD + ".type": "server_vad", "output_modalities": ["audio"]},
    ),
    BETA + "issues/59": (
        update(
            modalities=["text", "audio"],
            instructions="",
            voice="sage",
            input_audio_format="pcm16",
            output_audio_format="pcm16",
            input_audio_transcription={"model": "whisper-1"},
            turn_detection={"type": "server_vad", "threshold": 0.6},
            tools=[],
            tool_choice="auto",
            temperature=0.8,
            max_response_output_tokens=2048,
        ),
        {IN: PCM, VAD + ".threshold": 0.6, "max_output_tokens": 2048, "tools": []},
    ),
    BETA + "issues/118": (
        {
            "model": "gpt-4o-realtime-preview-2024-12-17",
            "voice": "ballad",
            "modalities": ["text"],
            "input_audio_transcription": {"model": "whisper-1"},
            "instructions": "Repeat what you hear.",
            "output_audio_format": "g711_ulaw",
        },
        {"output_modalities": ["text"], "model": "gpt-realtime-2.1", OUT: ULAW},
    ),
    TWILIO + "pull/15": (
        update(
            turn_detection={"type": "server_vad"},
            input_audio_format="g711_ulaw",
            output_audio_format="g711_ulaw",
            input_audio_transcription={"model": "whisper-1"},
        ),
        {TR + ".model": "whisper-1"},
    ),
    TWILIO + "issues/21": (
        {
            "id": "sess_AbCdEfGhIjKlMnOpQrStU",
            "object": "realtime.session",
            "model": "gpt-4o-realtime-preview",
            "expires_at": 1735689600,
            "modalities": ["audio", "text"],
            "instructions": "Be kind.",
            "voice": "shimmer",
            "turn_detection": {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300},
            "input_audio_format": "pcm16",
            "output_audio_format": "pcm16",
            "input_audio_transcription": None,
            "tool_choice": "auto",
            "temperature": 0.9,
            "max_response_output_tokens": "inf",
            "tools": [],
        },
        {TR: None, VOICE: "shimmer", "max_output_tokens": "inf"},
    ),
    GH + "davidmigloz/langchain_dart/issues/624": (
        {
            "instructions": "Speak softly.",
            "modalities": ["audio"],
            "voice": "coral",
            "inputAudioFormat": "pcm16",
            "outputAudioFormat": "pcm16",
            "inputAudioTranscription": {"enabled": True, "model": "whisper-1"},
        },
        {"output_modalities": ["audio"], IN: PCM, TR: {"model": "whisper-1"}},
    ),
    GH + "openai/openai-agents-js/issues/158": (
        {
            "model": "gpt-realtime",
            "modalities": ["text", "audio"],
            "voice": "verse",
            "inputAudioFormat": "g711_alaw",
            "outputAudioFormat": "g711_alaw",
            "turnDetection": {"type": "semantic_vad", "eagerness": "low"},
            "toolChoice": "auto",
            "tools": [],
            "tracing": None,
            "providerData": {"any": "thing"},
        },
        {IN: {"type": "audio/pcma"}, VAD + ".eagerness": "low", "tracing": None},
    ),
    GH + "Azure-Samples/aoai-realtime-audio-sdk/issues/132": (
        update(
            tools=[{"type": "function", "name": "look_up", "parameters": {"type": "object"}}],
            tool_choice={"type": "function", "function": {"name": "look_up"}},
        ),
        {"tool_choice": {"type": "function", "name": "look_up"}},
    ),
    GH + "Azure-Samples/aoai-realtime-audio-sdk/issues/137": (
        {"input_audio_noise_reduction": {"type": "far_field"}},
        {"audio.input.noise_reduction": {"type": "far_field"}},
    ),
    GH + "Azure-Samples/aisearch-openai-rag-audio/issues/132": (
        {
            "audio": {
                "input": {
                    "format": "pcm16",
                    "transcription": {"model": "gpt-4o-transcribe"},
                    "turn_detection": {"type": "semantic_vad", "interrupt_response": False},
                },
                "output": {"format": "pcm16", "voice": "cedar"},
            }
        },
        {IN: PCM, OUT: PCM, VAD + ".interrupt_response": False, VOICE: "cedar"},
    ),
    GH + "Azure-Samples/aisearch-openai-rag-audio/issues/64": (
        {
            "modalities": ["text", "audio"],
            "instructions": "Be brief.",
            "voice": "alloy",
            "turn_detection": {
                "threshold": 0.55,
                "prefix_padding_ms": 250,
                "silence_duration_ms": 450,
            },
            "temperature": 0.75,
            "max_output_tokens": 1200,
        },
        {VAD + ".type": "server_vad", "max_output_tokens": 1200},
    ),
    GH + "BerriAI/litellm/pull/40615": (
        {"modalities": ["text"], "instructions": "Write, do not speak."},
        {"output_modalities": ["text"], "instructions": "Write, do not speak."},
    ),
    GH + "mastra-ai/mastra/pull/4219": (
        {
            "model": "gpt-4o-mini-realtime",
            "turn_detection": {
                "type": "server_vad",
                "threshold": 0.65,
                "silence_duration_ms": 1100,
            },
        },
        {"model": "gpt-realtime-2.1-mini", VAD + ".silence_duration_ms": 1100},
    ),
    GH + "mastra-ai/mastra/issues/16940": (
        update(voice="alloy", input_audio_transcription={"model": "whisper-1"}),
        {VOICE: "alloy", TR: {"model": "whisper-1"}},
    ),
    GH + "TheManInTheBox/DirectAI/issues/51": (
        update(
            tools=[
                {
                    "type": "function",
                    "function": {
                        "name": "get_time",
                        "description": "The time of a city.",
                        "parameters": {"type": "object", "properties": {"city": {}}},
                    },
                }
            ]
        ),
        {"tools.name": "get_time", "tools.description": "The time of a city."},
    ),
    GH + "AIProxyTeam/AIProxySwift/pull/120": (
        {"turnDetection": {"type": "semantic_vad", "eagerness": "high"}},
        {VAD: {"type": "semantic_vad", "eagerness": "high"}},
    ),
    GH + "MemberJunction/MJ/issues/3534": (
        {
            "turn_detection": {
                "type": "server_vad",
                "create_response": False,
                "interrupt_response": True,
            }
        },
        {VAD + ".create_response": False},
    ),
    GH + "livekit/agents/pull/2324": (
        {"temperature": 0.6, "model": "gpt-4o-realtime-preview-2025-06-03", "modalities": ["text"]}
        | {"max_response_output_tokens": 9000},
        {"max_output_tokens": 4096, "model": "gpt-realtime-2.1"},
    ),
    GH + "livekit/agents-js/issues/697": (
        {
            "turn_detection": {
                "type": "semantic_vad",
                "eagerness": "medium",
                "threshold": 0.5,
                "create_response": True,
            }
        },
        {VAD: {"type": "semantic_vad", "eagerness": "medium", "create_response": True}},
    ),
    GH + "openai-php/client/pull/591": (
        {
            "client_secret": {"expires_at": 1748690000, "value": "ek_xxx"},
            "input_audio_format": "pcm16",
            "input_audio_transcription": None,
            "instructions": "Be kind.",
            "max_response_output_tokens": "inf",
            "modalities": ["audio", "text"],
            "output_audio_format": "pcm16",
            "temperature": 0.8,
            "tool_choice": "auto",
            "tools": [],
            "turn_detection": {
                "type": "server_vad",
                "prefix_padding_ms": 300,
                "silence_duration_ms": 200,
                "threshold": 0.5,
            },
            "voice": "echo",
        },
        {VOICE: "echo", VAD + ".silence_duration_ms": 200},
    ),
    GH + "vm0-ai/vm0/pull/8644": (
        {"model": "gpt-4o-realtime-preview", "voice": "onyx"},
        {"model": "gpt-realtime-2.1"},
    ),
    GH + "Gitlawb/zero/pull/549": (
        {
            "type": "transcription_session.update",
            "session": {
                "input_audio_format": "pcm16",
                "input_audio_transcription": {"model": "gpt-4o-mini-transcribe"},
            },
        },
        {"type": "transcription", IN: PCM, TR + ".model": "gpt-4o-mini-transcribe"},
    ),
    GH + "Azure-Samples/aoai-realtime-audio-sdk/pull/135": (
        {
            "type": "transcription_session.update",
            "session": {
                "input_audio_format": "pcm16",
                "input_audio_transcription": {
                    "model": "gpt-4o-transcribe",
                    "prompt": "Names of birds.",
                    "language": "en",
                },
                "input_audio_noise_reduction": {"type": "near_field"},
                "turn_detection": {"type": "server_vad", "threshold": 0.5},
                "include": ["item.input_audio_transcription.logprobs"],
            },
        },
        {"type": "transcription", TR + ".prompt": "Names of birds."},
    ),
    GH + "hkjarral/AVA-AI-Voice-Agent-for-Asterisk/pull/192": (
        {
            "type": "realtime",
            "output_modalities": ["audio"],
            "audio": {
                "input": {"format": {"type": "pcm16", "rate": 8000}},
                "output": {"format": {"type": "audio/pcmu", "rate": 8000}, "voice": "alloy"},
            },
        },
        {IN: PCM, OUT: ULAW},
    ),
    GH + "togethercomputer/openapi/pull/243": (
        {"turn_detection": {"type": "none"}, "voice": "sage"},
        {VAD: None},
    ),
}

EVENTS = {
    BETA + "issues/72": (
        {
            "event_id": "event_1",
            "type": "conversation.item.create",
            "previous_item_id": None,
            "item": {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "content": [{"type": "text", "text": "Good morning"}],
            },
        },
        [("conversation.item.create", ["output_text"])],
    ),
    BETA + "issues/58": (
        {
            "type": "conversation.item.create",
            "item": {
                "type": "message",
                "role": "system",
                "content": [{"type": "input_text", "text": "Speak of the weather."}],
            },
        },
        [("conversation.item.create", ["input_text"])],
    ),
    BETA + "issues/47": (
        {
            "type": "conversation.item.created",
            "event_id": "event_2",
            "previous_item_id": None,
            "item": {
                "id": "item_1",
                "type": "message",
                "role": "assistant",
                "content": [{"type": "audio", "transcript": "Hello"}],
            },
        },
        [
            ("conversation.item.added", ["output_audio"]),
            ("conversation.item.done", ["output_audio"]),
        ],
    ),
    GH + "openai/openai-agents-js/issues/963": (
        {
            "type": "conversation.item.create",
            "item": {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "audio", "transcript": "As I said"}, {"type": "audio"}],
            },
        },
        [("conversation.item.create", ["output_text"])],
    ),
    GH + "run-llama/openai_realtime_client/pull/6": (
        {"type": "response.audio_transcript.delta", "delta": "Hel"},
        [("response.output_audio_transcript.delta", None)],
    ),
    GH + "antoinedc/MantaUI/pull/1187": (
        {"type": "response.audio.delta", "delta": "AAAA"},
        [("response.output_audio.delta", None)],
    ),
}
