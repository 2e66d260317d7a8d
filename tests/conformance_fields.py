"""What each field of a session and of `response.create` does here, and the test that shows it.

A field in `EFFECT` changes what the server does; one in `SHOWN` is checked, kept and shown in
`session.updated`, and changes nothing, for the reason given. Elements of lists and maps go with
the field that holds them.
"""

from fieldcases import CASES, at

from rtkit.schema import FIELDS

CORE, OVERRIDES = "test_core", "test_response_overrides"

CUT = (
    "test_context::test_a_full_context_loses_its_oldest_items_and_the_cache_behind_the_instructions"
)

EFFECT = {
    "type": "test_transcription_session::test_the_session_object_is_that_of_a_transcription",
    "model": "test_fields::test_the_model_is_the_one_that_was_named",
    "output_modalities": f"{CORE}::test_a_text_turn_comes_in_the_order_of_the_wire",
    "instructions": (
        f"{OVERRIDES}::test_a_response_has_instructions_tools_words_and_voice_of_its_own"
    ),
    "tools": f"{CORE}::test_the_brain_is_told_the_conversation_and_the_settings",
    "tools[]": f"{OVERRIDES}::test_the_tutor_calls_two_tools_and_reads_both_answers",
    "tools[].type": f"{OVERRIDES}::test_the_tutor_calls_two_tools_and_reads_both_answers",
    "tools[].name": "test_toolcalls::test_the_tool_with_most_of_its_words_said_is_meant",
    "tools[].parameters": "test_toolcalls::test_arguments_by_kind",
    "tool_choice": f"{OVERRIDES}::test_a_named_tool_is_called_and_none_calls_nothing",
    "tool_choice.type": f"{OVERRIDES}::test_a_named_tool_is_called_and_none_calls_nothing",
    "tool_choice.name": f"{OVERRIDES}::test_a_named_tool_is_called_and_none_calls_nothing",
    "parallel_tool_calls": f"{OVERRIDES}::test_parallel_calls_can_be_turned_off",
    "max_output_tokens": "test_max_output_tokens::test_a_written_answer_stops_at_its_last_token",
    "truncation": "test_context::test_auto_leaves_out_only_what_must_be",
    "truncation.type": CUT,
    "truncation.retention_ratio": CUT,
    "truncation.token_limits": "test_context::test_a_limit_of_ones_own_is_not_above_the_models",
    "truncation.token_limits.post_instructions": (
        "test_context::test_a_limit_of_ones_own_is_not_above_the_models"
    ),
    "audio": f"{CORE}::test_a_voice_turn_comes_in_the_order_of_the_wire",
    "audio.input": f"{CORE}::test_a_voice_turn_comes_in_the_order_of_the_wire",
    "audio.input.format": f"{CORE}::test_a_telephone_call_is_heard_and_answered_in_its_own_format",
    "audio.input.format.type": (
        f"{CORE}::test_a_telephone_call_is_heard_and_answered_in_its_own_format"
    ),
    "audio.input.format.rate": "test_fields::test_the_telephone_formats_have_no_rate",
    "audio.input.transcription": f"{CORE}::test_transcription_is_sent_word_by_word_and_then_whole",
    "audio.input.transcription.model": (
        "test_transcription_session::test_a_streaming_model_writes_while_somebody_speaks"
    ),
    "audio.input.turn_detection": f"{CORE}::test_a_manual_turn_is_committed_by_the_client",
    "audio.input.turn_detection.type": "test_sense::test_a_finished_sentence_ends_the_turn_early",
    "audio.input.turn_detection.threshold": (
        "test_vad::test_settings_change_from_the_next_frame_on"
    ),
    "audio.input.turn_detection.prefix_padding_ms": (
        f"{CORE}::test_the_recogniser_gets_the_turn_with_its_padding"
    ),
    "audio.input.turn_detection.silence_duration_ms": (
        "test_hearing::test_settings_change_in_mid_turn"
    ),
    "audio.input.turn_detection.idle_timeout_ms": (
        "test_idle::test_silence_after_an_answer_is_committed_and_answered"
    ),
    "audio.input.turn_detection.eagerness": (
        "test_sense::test_eagerness_waits_at_most_as_long_as_documented"
    ),
    "audio.input.turn_detection.create_response": (
        f"{CORE}::test_without_create_response_the_client_decides"
    ),
    "audio.input.turn_detection.interrupt_response": (
        f"{CORE}::test_without_interrupt_response_the_answer_goes_on"
    ),
    "audio.output": "test_responses::test_sound_leaves_in_the_format_of_the_session",
    "audio.output.format": "test_responses::test_sound_leaves_in_the_format_of_the_session",
    "audio.output.format.type": "test_responses::test_sound_leaves_in_the_format_of_the_session",
    "audio.output.format.rate": "test_fields::test_the_telephone_formats_have_no_rate",
    "audio.output.voice": "test_voices::test_no_two_voices_sound_alike",
    "audio.output.speed": (
        "test_synthesis::test_speed_changes_the_length_and_not_the_voice_after_it"
    ),
    "conversation": f"{CORE}::test_a_response_beside_the_conversation_leaves_no_item_in_it",
    "metadata": (
        f"{OVERRIDES}::test_responses_beside_the_conversation_run_together_and_are_told_apart"
    ),
    "input": f"{CORE}::test_a_response_may_refer_to_items",
    "input[].type": f"{CORE}::test_a_response_may_refer_to_items",
}

NO_MODEL = "There is no language model that could follow it."
NO_TRACES = "There is no dashboard that traces could go to."
NO_MCP = "The server reaches no other server; MCP tools are never called."
ENGLISH = "The recogniser knows English only, and takes no hints."

# path prefix -> why the field is only shown
SHOWN_BECAUSE = {
    "reasoning": NO_MODEL,
    "prompt": "Prompt objects live at the hosted service.",
    "tracing": NO_TRACES,
    "audio.input.noise_reduction": "Sound is judged and recognised as it comes.",
    "audio.input.transcription.language": ENGLISH,
    "audio.input.transcription.languages": ENGLISH,
    "audio.input.transcription.keywords": ENGLISH,
    "audio.input.transcription.prompt": ENGLISH,
    "audio.input.transcription.delay": "Words are sent when the recogniser is sure of them.",
    "audio.output.voice.id": "No voice is made from samples here; answers in it fail.",
    "include": "Log probabilities come with every transcript, asked for or not.",
    "tools[].description": "The brain is told it; the tutor goes by the name.",
    "tools[]": NO_MCP,
    "tool_choice.server_label": NO_MCP,
}


def _why(path):
    """The reason of the longest prefix."""
    found = [p for p in SHOWN_BECAUSE if path == p or path.startswith((f"{p}.", f"{p}["))]
    return SHOWN_BECAUSE[max(found, key=len)] if found else None


WRITABLE = [row for row in FIELDS if not row.read_only]
SHOWN = {row.path: _why(row.path) for row in WRITABLE if row.path not in EFFECT and _why(row.path)}
RESPONSE_PATHS = [row.path for row in WRITABLE if row.scopes == {"response"}]
FIELD_PATHS = [row.path for row in WRITABLE if row.scopes != {"response"}]

REDUCTION = "audio.input.noise_reduction"
LOUD = at(REDUCTION, {"type": "near_field", "strength": "loud"})
GOOD = CASES[f"{REDUCTION}.strength"][0]
ON_THE_WIRE = {**CASES, f"{REDUCTION}.strength": (GOOD, LOUD, "invalid_type", None)}
"""As CASES, but with what JSON can say."""
