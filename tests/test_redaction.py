import base64
import json

from rtkit.redaction import cut_audio, mask_secrets

SOUND = bytes(range(256)) * 3
ENCODED = base64.b64encode(SOUND).decode()


def test_the_audio_is_cut_out_of_the_event_and_the_rest_of_the_text_stays_byte_for_byte():
    text = f'{{ "type" : "response.output_audio.delta",  "delta" : "{ENCODED}" , "x":1.50 }}'
    event, rest, data = cut_audio(json.loads(text), text)
    assert event == {"type": "response.output_audio.delta", "delta": "", "x": 1.5}
    assert rest == '{ "type" : "response.output_audio.delta",  "delta" : "" , "x":1.50 }'
    assert data == SOUND


def test_escaped_slashes_in_the_text_are_cut_too():
    text = json.dumps({"type": "response.output_audio.delta", "delta": ENCODED})
    text = text.replace("/", "\\/")
    assert cut_audio(json.loads(text), text)[1] == (
        '{"type": "response.output_audio.delta", "delta": ""}'
    )


def test_the_same_words_elsewhere_in_the_text_are_left_alone():
    text = '{"item_id": "AAAA", "type": "response.output_audio.delta", "delta": "AAAA"}'
    assert '"item_id": "AAAA"' in cut_audio(json.loads(text), text)[1]


def test_what_is_no_base64_stays_as_evidence():
    event = {"type": "input_audio_buffer.append", "audio": "not base64!"}
    assert cut_audio(event, None) == (event, None, b"")


def test_a_delta_of_words_is_not_taken_for_sound():
    event = {"type": "response.output_audio_transcript.delta", "delta": "AAAA"}
    assert cut_audio(event, None) == (event, None, b"")


def test_credentials_of_tools_are_masked_in_the_event_and_in_its_text():
    event = {
        "type": "session.update",
        "session": {
            "type": "realtime",
            "tools": [{"type": "mcp", "authorization": "s3cret", "headers": {"x-key": "s3cret"}}],
        },
    }
    masked, text = mask_secrets(event, json.dumps(event))
    assert "s3cret" not in text + str(masked)
    assert masked["session"]["tools"][0] == {
        "type": "mcp",
        "authorization": "***",
        "headers": "***",
    }
    assert event["session"]["tools"][0]["authorization"] == "s3cret"


def test_an_event_without_credentials_is_handed_back_as_it_is():
    event = {"type": "session.update", "session": {"type": "realtime", "tools": []}}
    assert mask_secrets(event, "as it came") == (event, "as it came")
