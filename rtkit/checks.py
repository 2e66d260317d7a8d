"""Rules that look for themselves: models and their ends, and settings that do not go together.

Each row of `CHECKS` names its function; a function yields where and what, nothing else. None of
them is an error for the embedded server: what that refuses is said by the field table alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rtkit.catalog import DEFAULT_MODEL, DEFAULT_TRANSCRIPTION, milestones, model
from rtkit.rulebook import (
    ADVICE,
    AZURE,
    EMBEDDED,
    ERROR,
    HOSTED,
    OPENAI,
    OTHER,
    SDK,
    TD,
    TR,
    WARNING,
    Asked,
    Hit,
    Rule,
)
from rtkit.schema import MISSING

BY_HAND = "gpt-realtime-whisper"
LIVE = "gpt-live-transcribe"
LISTS = frozenset({"gpt-transcribe", LIVE})
"""The models that take keywords and several languages."""
VOICE = "audio.output.voice"
CODE = re.compile(r"[a-z]{2}")
TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
DEPRECATIONS = "developers.openai.com/api/docs/deprecations, as in rtkit.catalog"


def listens(asked: Asked) -> Mapping[str, Any]:
    """The transcription that the server would do, {} for none."""
    found = asked.value(TR)
    return found if isinstance(found, Mapping) else {}


def detects(asked: Asked) -> Mapping[str, Any]:
    """The turn detection that the server would do, {} for none."""
    found = asked.value(TD)
    return found if isinstance(found, Mapping) else {}


def _listener(asked: Asked) -> str:
    return str(listens(asked).get("model") or "")


def _talks(asked: Asked) -> bool:
    return bool(asked.session.get("type", "realtime") == "realtime")


def _ended(asked: Asked) -> Iterator[Hit]:
    known = model(asked.model)
    if _talks(asked) and known is not None and known.retired:
        yield "model", str(known.farewell())


def _ending(asked: Asked) -> Iterator[Hit]:
    known = model(asked.model)
    if _talks(asked) and known is not None and known.deprecated:
        yield "model", str(known.farewell())


def _strange(asked: Asked) -> Iterator[Hit]:
    if _talks(asked) and model(asked.model) is None:
        yield "model", f"{asked.model!r} is not in the catalog of rtkit."


def _other_kind(asked: Asked) -> Iterator[Hit]:
    known = model(asked.model)
    if _talks(asked) and known is not None and known.kind != "realtime":
        yield "model", f"{asked.model!r} is a model for {known.kind}, not for conversation."


def _listener_ending(asked: Asked) -> Iterator[Hit]:
    known = model(_listener(asked))
    farewell = known.farewell() if known else None
    if farewell:
        yield TR + ".model", farewell


def _listener_strange(asked: Asked) -> Iterator[Hit]:
    name = _listener(asked)
    known = model(name)
    if name and known is None:
        yield TR + ".model", f"{name!r} is not in the catalog of rtkit."
    elif known is not None and known.kind != "transcription":
        yield TR + ".model", f"{name!r} is a model for {known.kind}, not for transcription."


def _listener_unnamed(asked: Asked) -> Iterator[Hit]:
    stated = asked.stated(TR)
    if isinstance(stated, Mapping) and not stated.get("model"):
        yield TR + ".model", "Transcription is on and no model is named."


def _deployment(asked: Asked) -> Iterator[Hit]:
    name = _listener(asked)
    if name and model(name) is not None:
        yield TR + ".model", f"{name!r} is the name of a model."


def _reasons_not(asked: Asked) -> bool:
    known = model(asked.model)
    return known is not None and not known.reasoning


def _reasoning(asked: Asked) -> Iterator[Hit]:
    if asked.stated("reasoning") not in (MISSING, None) and _reasons_not(asked):
        yield "reasoning", f"{asked.model!r} is not a reasoning model."


def _parallel(asked: Asked) -> Iterator[Hit]:
    if asked.stated("parallel_tool_calls") not in (MISSING, None) and _reasons_not(asked):
        yield "parallel_tool_calls", f"{asked.model!r} is not a reasoning model."


def _by_hand(asked: Asked) -> Iterator[Hit]:
    if _talks(asked) and _listener(asked) == BY_HAND and detects(asked):
        yield TD, f"Found {detects(asked).get('type')!r} with {BY_HAND!r}."


def _live(asked: Asked) -> Iterator[Hit]:
    if _listener(asked) == LIVE and detects(asked):
        yield TD, f"Found {detects(asked).get('type')!r} with {LIVE!r}, a streaming model."


def _prompt(asked: Asked) -> Iterator[Hit]:
    if _listener(asked) == BY_HAND and listens(asked).get("prompt"):
        yield TR + ".prompt", f"Found a prompt for {BY_HAND!r}."


def _lists(asked: Asked) -> Iterator[Hit]:
    name = _listener(asked)
    for key in ("keywords", "languages"):
        if listens(asked).get(key) and model(name) is not None and name not in LISTS:
            yield f"{TR}.{key}", f"Found {key} for {name!r}."


def _two_languages(asked: Asked) -> Iterator[Hit]:
    if listens(asked).get("language") and listens(asked).get("languages"):
        yield TR + ".languages", "Found `language` and `languages` together."


def _codes(asked: Asked) -> Iterator[Hit]:
    told = listens(asked)
    named = [(f"{TR}.language", told.get("language"))]
    named += [(f"{TR}.languages[{i}]", code) for i, code in enumerate(told.get("languages") or ())]
    for path, code in named:
        if isinstance(code, str) and not CODE.fullmatch(code):
            yield path, f"Found {code!r}."


def _delay(asked: Asked) -> Iterator[Hit]:
    name = _listener(asked)
    if listens(asked).get("delay") and name not in (BY_HAND, LIVE):
        yield TR + ".delay", f"Found a delay for {name!r}."


def _live_delay(asked: Asked) -> Iterator[Hit]:
    if listens(asked).get("delay") and _listener(asked) == LIVE:
        yield TR + ".delay", f"Found a delay for {LIVE!r}."


def _prompt_object(asked: Asked) -> Iterator[Hit]:
    if asked.stated("prompt") not in (MISSING, None):
        day = milestones()["prompt_objects_off"].day
        yield "prompt", f"Prompt objects are shut down on {day}."


def _tools(asked: Asked) -> Iterator[tuple[str, Mapping[str, Any]]]:
    tools = asked.session.get("tools")
    for index, tool in enumerate(tools if isinstance(tools, list | tuple) else ()):
        if isinstance(tool, Mapping):
            yield f"tools[{index}]", tool


def _connector(asked: Asked) -> Iterator[Hit]:
    for path, tool in _tools(asked):
        if tool.get("connector_id"):
            yield path + ".connector_id", f"Found the connector {tool['connector_id']!r}."


def _twice(asked: Asked) -> Iterator[Hit]:
    seen: set[object] = set()
    for path, tool in _tools(asked):
        name = tool.get("name") or tool.get("server_label")
        if name in seen:
            yield path, f"A second tool is called {name!r}."
        seen.add(name)


def _tool_name(asked: Asked) -> Iterator[Hit]:
    for path, tool in _tools(asked):
        name = tool.get("name")
        if isinstance(name, str) and not TOOL_NAME.fullmatch(name):
            yield path + ".name", f"Found {name!r}."


def _parameters(asked: Asked) -> Iterator[Hit]:
    for path, tool in _tools(asked):
        schema = tool.get("parameters")
        if isinstance(schema, Mapping) and schema and schema.get("type") != "object":
            yield path + ".parameters", f"Found a schema of type {schema.get('type')!r}."


def _chosen(asked: Asked) -> Iterator[Hit]:
    choice = asked.session.get("tool_choice")
    names = {tool.get("name") for _, tool in _tools(asked)}
    if isinstance(choice, Mapping) and choice.get("type") == "function":
        if choice.get("name") not in names:
            yield "tool_choice.name", f"No tool is called {choice.get('name')!r}."
    elif choice == "required" and not any(True for _ in _tools(asked)):
        yield "tool_choice", "A tool call is required and there are no tools."


def _ignored(asked: Asked) -> Iterator[Hit]:
    for name in ("create_response", "interrupt_response"):
        if not _talks(asked) and asked.stated(f"{TD}.{name}") not in (MISSING, None):
            yield f"{TD}.{name}", "Found in a session that only writes down."


def _live_silence(asked: Asked) -> Iterator[Hit]:
    by_silence = detects(asked).get("type") == "server_vad"
    if by_silence and asked.stated(TD + ".silence_duration_ms") in (MISSING, None):
        yield TD + ".silence_duration_ms", "It is not stated."


def _azure_meaning(asked: Asked) -> Iterator[Hit]:
    if detects(asked).get("type") == "semantic_vad":
        yield TD + ".type", "Found `semantic_vad`."


def _strength(asked: Asked) -> Iterator[Hit]:
    path = "audio.input.noise_reduction.strength"
    found = asked.value(path)
    if isinstance(found, int | float) and not 0 <= found <= 1:
        yield path, f"Found {found:g}."


def _retired_settings(asked: Asked) -> Iterator[Hit]:
    for name in ("temperature",):
        if name in asked.settings:
            yield name, f"The setting `{name}` was given, and no GA session has it."


def _logprobs(asked: Asked) -> Iterator[Hit]:
    if asked.value("include") not in (MISSING, None, []) and not listens(asked):
        yield "include", "Transcription details are asked for, and transcription is off."


def _disabled(asked: Asked) -> Iterator[Hit]:
    if asked.session.get("truncation") == "disabled":
        yield "truncation", "Found `disabled`."


# fmt: off
CHECKS: tuple[Rule, ...] = (
    Rule("model-retired", ERROR, "model", "The service has ended this model: the connection is "
         "closed with `invalid_model`.", "Take the successor that is named.", DEPRECATIONS,
         look=_ended, targets=(OPENAI,), session=False),
    Rule("model-retired-elsewhere", WARNING, "model", "OpenAI has ended this model. The embedded "
         "server answers to any name; another may not.", "Take the successor that is named.",
         DEPRECATIONS, look=_ended, targets=(EMBEDDED, AZURE, OTHER), session=False),
    Rule("model-deprecated", WARNING, "model", "The model still answers, but its end is "
         "announced.", "Take the successor before that day.", DEPRECATIONS, look=_ending,
         session=False),
    Rule("model-unknown", WARNING, "model", "The service closes the connection at a name it does "
         "not know. It may be newer than this catalog.", "Compare it with the service's own list.",
         "rtkit.catalog, 2026-11-22", look=_strange, targets=(OPENAI,), session=False,
         verified=False),
    Rule("model-other-kind", ERROR, "model", "The service answers `invalid_model`: only speech to "
         "speech models hold a conversation.", f"Take {DEFAULT_MODEL!r}, or open the other kind "
         "of session.", "recorded trace of the hosted service, 2026-09-18", look=_other_kind,
         targets=HOSTED, session=False),
    Rule("transcription-model-ends", WARNING, TR + ".model", "The end of this model is "
         "announced.", "Take the successor before that day.", DEPRECATIONS,
         look=_listener_ending),
    Rule("transcription-model-unknown", WARNING, TR + ".model", "The types take any name; the "
         "service may not.", "Take one of "
         "`rtkit.catalog.models('transcription')`.", "rtkit.catalog, 2026-11-22",
         look=_listener_strange, targets=(OPENAI,), verified=False),
    Rule("transcription-model-unnamed", WARNING, TR + ".model", "A default of the hosted service "
         "is not documented.", f"Name one, such as {DEFAULT_TRANSCRIPTION!r}.", SDK,
         look=_listener_unnamed, verified=False),
    Rule("azure-transcription-deployment", WARNING, TR + ".model", "On Azure this is the name of "
         "a deployment of yours, not of a model.", "Say the deployment's name, unless it is "
         "called like its model.", "live probe of Azure OpenAI, 2026-09-24 "
         "(github.com/swigerb/SonicAIDriveThru)", look=_deployment, targets=(AZURE,)),
    Rule("reasoning-model", WARNING, "reasoning", "Only reasoning models take it; others may "
         "refuse the whole update.", "Leave it out, or take gpt-realtime-2 or newer.", SDK,
         look=_reasoning, verified=False),
    Rule("parallel-tools-model", WARNING, "parallel_tool_calls", "Only reasoning models take it; "
         "others may refuse the whole update.", "Leave it out, or take gpt-realtime-2 or "
         "newer.", SDK, look=_parallel, verified=False),
    Rule("streaming-with-detection", WARNING, TD, "The types ask for null with this model; they "
         "say it of sessions that only write down, and public clients use both together.",
         "Say null and commit by hand, or take 'gpt-transcribe'.", SDK + "; OpenAI Realtime guide",
         look=_by_hand, verified=False),
    Rule("live-with-detection", WARNING, TD, "Streaming models write while somebody speaks; "
         "this one, too, may need turns that are committed by hand.", "Try it, or take "
         "'gpt-transcribe'.", SDK, look=_live, verified=False),
    Rule("prompt-for-streaming", WARNING, TR + ".prompt", "The model takes no prompt.",
         "Leave it out.", SDK, look=_prompt),
    Rule("lists-for-model", WARNING, TR + ".keywords", "Only gpt-transcribe and "
         "gpt-live-transcribe take keywords and several languages.", "Leave it out, or take one "
         "of the two.", SDK, look=_lists),
    Rule("two-language-fields", WARNING, TR + ".languages", "Which of the two counts is not "
         "documented.", "Say one of them.", SDK, look=_two_languages, verified=False),
    Rule("language-code", WARNING, TR + ".language", "A language is two small letters "
         "(ISO-639-1), without a country.", "Say 'en', not 'en-US' or 'english'.", SDK,
         look=_codes),
    Rule("delay-for-model", WARNING, TR + ".delay", "Only gpt-realtime-whisper takes a delay.",
         "Leave it out.", SDK, look=_delay),
    Rule("delay-for-live", WARNING, TR + ".delay", "The types name gpt-realtime-whisper alone; "
         "public code uses it with this model, too.", "Leave it out when it is refused.", SDK,
         look=_live_delay, verified=False),
    Rule("prompt-object", WARNING, "prompt", "Reusable prompts are shut down.", "Put the text "
         "into `instructions`.", "copy of OpenAI's deprecations page on dev.to/max_bob, "
         "2026-10-28", look=_prompt_object),
    Rule("connector", WARNING, "tools[].connector_id", "Connectors are deprecated for models "
         "released after 2026-09-01.", "Name the server by `server_url`.", SDK, look=_connector),
    Rule("same-tool-name", WARNING, "tools", "A call names its tool, so two of a name cannot be "
         "told apart.", "Rename one.", "plain sense", look=_twice),
    Rule("tool-name", WARNING, "tools[].name", "OpenAI's other interfaces take at most 64 "
         "letters, digits, `_` and `-`; sessions may do so, too.", "Keep to these.",
         "OpenAI function calling guide", look=_tool_name, verified=False),
    Rule("tool-parameters", WARNING, "tools[].parameters", "Arguments come as one JSON object, "
         "so its schema describes an object.", "Say `{'type': 'object', 'properties': {...}}`.",
         "OpenAI function calling guide", look=_parameters),
    Rule("tool-choice-without-tool", WARNING, "tool_choice", "The model is told to call what it "
         "does not have.", "Add the tool, or say 'auto'.", "plain sense", look=_chosen),
    Rule("flags-ignored", WARNING, TD, "There is no assistant here that could answer or be "
         "interrupted; the flags are dropped.", "Leave them out.", "recorded trace of the hosted "
         "service, 2026-09-18", look=_ignored),
    Rule("silence-not-stated", WARNING, TD + ".silence_duration_ms", "Documented is 500 ms; live "
         "sessions show 200, which ends turns at a breath.", "State it.", "SDK docstring against "
         "recorded traces, December 2025 and 2026-09-18", look=_live_silence,
         targets=(OPENAI, AZURE, OTHER)),
    Rule("azure-semantic", WARNING, TD + ".type", "Azure refused it in 2025, and may refuse it "
         "still.", "Try it, or use `server_vad`.",
         "github.com/livekit/agents/pull/2041", look=_azure_meaning, targets=(AZURE,),
         verified=False),
    Rule("noise-strength", WARNING, "audio.input.noise_reduction.strength", "1 is the strength "
         "that it starts with; its range is not documented.", "Stay between 0 and 1.", SDK,
         look=_strength, verified=False),
    Rule("retired-setting", ADVICE, "temperature", "It is kept for the lesson's getters and not "
         "sent.", "Say in the instructions how even or varied to be.", SDK,
         look=_retired_settings),
    Rule("nothing-to-include", WARNING, "include", "How sure the recogniser was is told of what "
         "it wrote, and it writes nothing.", "Turn transcription on, or leave `include` out.", SDK,
         look=_logprobs),
    Rule("truncation-disabled", WARNING, "truncation", "A conversation that outgrows the context "
         "then ends in an error instead of forgetting its beginning.", "Say 'auto', or a "
         "retention ratio.", SDK, look=_disabled),
)
# fmt: on
