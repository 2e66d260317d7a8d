"""For every field of a session: an update that is taken, one that is refused, and why."""

from rtkit.catalog import DEFAULT_MODEL


def at(path, value, **beside):
    """An update that holds one value at a dotted path."""
    update = {"type": "realtime", **beside}
    inner = update
    *parents, last = path.split(".")
    for name in parents:
        inner = inner.setdefault(name, {})
    inner[last] = value
    return update


FUNCTION = {"type": "function", "name": "look_up"}
MCP = {"type": "mcp", "server_label": "docs", "server_url": "https://example.org"}
RETAIN = {"type": "retention_ratio", "retention_ratio": 0.8}
PCM, SEMANTIC = {"type": "audio/pcm", "rate": 24000}, {"type": "semantic_vad"}
VAD = {"type": "server_vad"}
IN, OUT, TD = "audio.input.", "audio.output.", "audio.input.turn_detection"
TR, NR = "audio.input.transcription", "audio.input.noise_reduction"


def tool(base, **more):
    return at("tools", [{**base, **more}])


# path: (an update that is taken, an update that is refused, the code, the param)
CASES = {
    "type": (at("instructions", "x"), {"type": "talk"}, "invalid_value", "type"),
    "model": (at("model", DEFAULT_MODEL), at("model", "other"), "invalid_value", "model"),
    "output_modalities": (
        at("output_modalities", ["text"]),
        at("output_modalities", ["audio", "text"]),
        "invalid_value",
        "output_modalities",
    ),
    "output_modalities[]": (
        at("output_modalities", ["audio"]),
        at("output_modalities", ["speech"]),
        "invalid_value",
        "output_modalities[0]",
    ),
    "instructions": (at("instructions", ""), at("instructions", 5), "invalid_type", None),
    "tools": (at("tools", []), at("tools", FUNCTION), "invalid_type", None),
    "tool_choice": (at("tool_choice", "none"), at("tool_choice", "any"), "invalid_value", None),
    "max_output_tokens": (
        at("max_output_tokens", "inf"),
        at("max_output_tokens", 4097),
        "integer_above_max_value",
        None,
    ),
    "parallel_tool_calls": (
        at("parallel_tool_calls", False),
        at("parallel_tool_calls", "no"),
        "invalid_type",
        None,
    ),
    "reasoning": (at("reasoning", {"effort": "low"}), at("reasoning", "low"), "invalid_type", None),
    "reasoning.effort": (
        at("reasoning.effort", "xhigh"),
        at("reasoning.effort", "max"),
        "invalid_value",
        None,
    ),
    "tracing": (at("tracing", "auto"), at("tracing", "on"), "invalid_value", None),
    "tracing.workflow_name": (
        at("tracing.workflow_name", "talk"),
        at("tracing.workflow_name", 1),
        "invalid_type",
        None,
    ),
    "tracing.group_id": (
        at("tracing.group_id", "g"),
        at("tracing.group_id", []),
        "invalid_type",
        None,
    ),
    "tracing.metadata": (
        at("tracing.metadata", {"any": {"thing": 1}}),
        at("tracing.metadata", "any"),
        "invalid_type",
        None,
    ),
    "truncation": (at("truncation", "disabled"), at("truncation", "on"), "invalid_value", None),
    "truncation.type": (
        at("truncation", RETAIN),
        at("truncation.retention_ratio", 0.8),
        "missing_required_parameter",
        "truncation.type",
    ),
    "truncation.retention_ratio": (
        at("truncation", RETAIN | {"retention_ratio": 1}),
        at("truncation", RETAIN | {"retention_ratio": 1.1}),
        "decimal_above_max_value",
        None,
    ),
    "truncation.token_limits": (
        at("truncation", RETAIN | {"token_limits": {}}),
        at("truncation", RETAIN | {"token_limits": 5000}),
        "invalid_type",
        None,
    ),
    "truncation.token_limits.post_instructions": (
        at("truncation", RETAIN | {"token_limits": {"post_instructions": 5000}}),
        at("truncation", RETAIN | {"token_limits": {"post_instructions": -1}}),
        "integer_below_min_value",
        None,
    ),
    "prompt": (at("prompt", {"id": "pmpt_1"}), at("prompt", "pmpt_1"), "invalid_type", None),
    "prompt.id": (
        at("prompt.id", "pmpt_1"),
        at("prompt.version", "2"),
        "missing_required_parameter",
        "prompt.id",
    ),
    "prompt.version": (
        at("prompt", {"id": "p", "version": "2"}),
        at("prompt", {"id": "p", "version": 2}),
        "invalid_type",
        None,
    ),
    "prompt.variables": (
        at("prompt", {"id": "p", "variables": {"city": "Rome"}}),
        at("prompt", {"id": "p", "variables": ["Rome"]}),
        "invalid_type",
        None,
    ),
    "include": (
        at("include", ["item.input_audio_transcription.logprobs"]),
        at("include", "logprobs"),
        "invalid_type",
        None,
    ),
    "include[]": (at("include", []), at("include", ["all"]), "invalid_value", "include[0]"),
    "audio": (at("audio", {}), at("audio", "pcm16"), "invalid_type", None),
    "audio.input": (at("audio.input", {}), at("audio.input", []), "invalid_type", None),
    "audio.input.format": (
        at(IN + "format", PCM),
        at(IN + "format", "pcm16"),
        "invalid_type",
        None,
    ),
    "audio.input.format.type": (
        at(IN + "format.type", "audio/pcmu"),
        at(IN + "format.type", "pcm16"),
        "invalid_value",
        None,
    ),
    "audio.input.format.rate": (
        at(IN + "format", PCM),
        at(IN + "format", PCM | {"rate": 16000}),
        "integer_below_min_value",
        None,
    ),
    TR: (at(TR, None), at(TR, True), "invalid_type", None),
    TR + ".model": (at(TR + ".model", "my-deployment"), at(TR + ".model", 1), "invalid_type", None),
    TR + ".language": (at(TR + ".language", "de"), at(TR + ".language", 49), "invalid_type", None),
    TR + ".languages": (
        at(TR + ".languages", ["de"]),
        at(TR + ".languages", []),
        "empty_array",
        None,
    ),
    TR + ".languages[]": (
        at(TR + ".languages", ["de", "en"]),
        at(TR + ".languages", ["de", None]),
        "invalid_type",
        TR + ".languages[1]",
    ),
    TR + ".keywords": (at(TR + ".keywords", []), at(TR + ".keywords", "a"), "invalid_type", None),
    TR + ".keywords[]": (
        at(TR + ".keywords", ["rtkit"]),
        at(TR + ".keywords", [1]),
        "invalid_type",
        TR + ".keywords[0]",
    ),
    TR + ".prompt": (at(TR + ".prompt", "names"), at(TR + ".prompt", {}), "invalid_type", None),
    TR + ".delay": (at(TR + ".delay", "low"), at(TR + ".delay", "none"), "invalid_value", None),
    NR: (at(NR, None), at(NR, "near_field"), "invalid_type", None),
    NR + ".type": (
        at(NR + ".type", "far_field"),
        at(NR + ".strength", 0.5),
        "missing_required_parameter",
        NR + ".type",
    ),
    NR + ".strength": (
        at(NR, {"type": "near_field", "strength": 0.5}),
        at(NR, {"type": "near_field", "strength": float("nan")}),
        "invalid_type",
        NR + ".strength",
    ),
    TD: (at(TD, None), at(TD, "server_vad"), "invalid_type", None),
    TD + ".type": (at(TD, SEMANTIC), at(TD + ".type", "client_vad"), "invalid_value", None),
    TD + ".threshold": (
        at(TD, VAD | {"threshold": 0}),
        at(TD, VAD | {"threshold": 1.5}),
        "decimal_above_max_value",
        TD + ".threshold",
    ),
    TD + ".prefix_padding_ms": (
        at(TD, VAD | {"prefix_padding_ms": 0}),
        at(TD, VAD | {"prefix_padding_ms": 0.5}),
        "invalid_type",
        TD + ".prefix_padding_ms",
    ),
    TD + ".silence_duration_ms": (
        at(TD, VAD | {"silence_duration_ms": 900}),
        at(TD, VAD | {"silence_duration_ms": -1}),
        "integer_below_min_value",
        TD + ".silence_duration_ms",
    ),
    TD + ".idle_timeout_ms": (
        at(TD, VAD | {"idle_timeout_ms": 5000}),
        at(TD, SEMANTIC | {"idle_timeout_ms": 5000}),
        "unknown_parameter",
        TD + ".idle_timeout_ms",
    ),
    TD + ".eagerness": (
        at(TD, SEMANTIC | {"eagerness": "high"}),
        at(TD, VAD | {"eagerness": "high"}),
        "unknown_parameter",
        TD + ".eagerness",
    ),
    TD + ".create_response": (
        at(TD, VAD | {"create_response": False}),
        at(TD, VAD | {"create_response": 0}),
        "invalid_type",
        TD + ".create_response",
    ),
    TD + ".interrupt_response": (
        at(TD, SEMANTIC | {"interrupt_response": False}),
        at(TD, SEMANTIC | {"interrupt_response": "false"}),
        "invalid_type",
        TD + ".interrupt_response",
    ),
    "audio.output": (at("audio.output", {}), at("audio.output", 1), "invalid_type", None),
    "audio.output.format": (at(OUT + "format", PCM), at(OUT + "format", 8), "invalid_type", None),
    "audio.output.format.type": (
        at(OUT + "format.type", "audio/pcma"),
        at(OUT + "format.type", "audio/mp3"),
        "invalid_value",
        None,
    ),
    "audio.output.format.rate": (
        at(OUT + "format", PCM),
        at(OUT + "format", PCM | {"rate": 48000}),
        "integer_above_max_value",
        OUT + "format.rate",
    ),
    "audio.output.voice": (
        at(OUT + "voice", "cedar"),
        at(OUT + "voice", "nova"),
        "invalid_value",
        None,
    ),
    "audio.output.voice.id": (
        at(OUT + "voice", {"id": "voice_1"}),
        at(OUT + "voice", {}),
        "missing_required_parameter",
        OUT + "voice.id",
    ),
    "audio.output.speed": (
        at(OUT + "speed", 1.5),
        at(OUT + "speed", 0.2),
        "decimal_below_min_value",
        None,
    ),
    "tools[]": (tool(FUNCTION), at("tools", ["look_up"]), "invalid_type", "tools[0]"),
    "tools[].type": (
        tool(FUNCTION),
        at("tools", [{"name": "x"}]),
        "missing_required_parameter",
        "tools[0].type",
    ),
    "tools[].name": (
        tool(FUNCTION),
        at("tools", [FUNCTION, {"type": "function"}]),
        "missing_required_parameter",
        "tools[1].name",
    ),
    "tools[].description": (
        tool(FUNCTION, description="Looks it up."),
        tool(FUNCTION, description=["Looks it up."]),
        "invalid_type",
        "tools[0].description",
    ),
    "tools[].parameters": (
        tool(FUNCTION, parameters={"type": "object", "properties": {}}),
        tool(FUNCTION, function={"parameters": {}}),
        "unknown_parameter",
        "tools[0].function",
    ),
    "tools[].server_label": (
        tool(MCP),
        at("tools", [{"type": "mcp", "server_url": "https://example.org"}]),
        "missing_required_parameter",
        "tools[0].server_label",
    ),
    "tools[].server_url": (
        tool(MCP),
        at("tools", [{"type": "mcp", "server_label": "docs"}]),
        "missing_required_parameter",
        "tools[0].server_url",
    ),
    "tools[].tunnel_id": (
        at("tools", [{"type": "mcp", "server_label": "docs", "tunnel_id": "t"}]),
        tool(FUNCTION, tunnel_id="t"),
        "unknown_parameter",
        "tools[0].tunnel_id",
    ),
    "tools[].connector_id": (
        tool(MCP, connector_id="connector_gmail"),
        tool(MCP, connector_id="gmail"),
        "invalid_value",
        "tools[0].connector_id",
    ),
    "tools[].server_description": (
        tool(MCP, server_description="Docs"),
        tool(MCP, server_description=1),
        "invalid_type",
        "tools[0].server_description",
    ),
    "tools[].authorization": (
        tool(MCP, authorization="token"),
        tool(MCP, authorization={}),
        "invalid_type",
        "tools[0].authorization",
    ),
    "tools[].headers": (
        tool(MCP, headers={"X-Any": "1"}),
        tool(MCP, headers=["X-Any"]),
        "invalid_type",
        "tools[0].headers",
    ),
    "tools[].headers.*": (
        tool(MCP, headers={}),
        tool(MCP, headers={"X-Any": 1}),
        "invalid_type",
        "tools[0].headers.X-Any",
    ),
    "tools[].allowed_tools": (
        tool(MCP, allowed_tools=["search"]),
        tool(MCP, allowed_tools="search"),
        "invalid_type",
        "tools[0].allowed_tools",
    ),
    "tools[].allowed_tools[]": (
        tool(MCP, allowed_tools=[]),
        tool(MCP, allowed_tools=[1]),
        "invalid_type",
        "tools[0].allowed_tools[0]",
    ),
    "tools[].require_approval": (
        tool(MCP, require_approval="never"),
        tool(MCP, require_approval="sometimes"),
        "invalid_value",
        "tools[0].require_approval",
    ),
    "tools[].defer_loading": (
        tool(MCP, defer_loading=True),
        tool(MCP, defer_loading="yes"),
        "invalid_type",
        "tools[0].defer_loading",
    ),
    "tools[].allowed_callers": (
        tool(MCP, allowed_callers=["direct"]),
        tool(MCP, allowed_callers="direct"),
        "invalid_type",
        "tools[0].allowed_callers",
    ),
    "tools[].allowed_callers[]": (
        tool(MCP, allowed_callers=[]),
        tool(MCP, allowed_callers=["robot"]),
        "invalid_value",
        "tools[0].allowed_callers[0]",
    ),
    "tool_choice.type": (
        at("tool_choice", {"type": "function", "name": "x"}),
        at("tool_choice", {"type": "tool", "name": "x"}),
        "invalid_value",
        "tool_choice.type",
    ),
    "tool_choice.name": (
        at("tool_choice", {"type": "mcp", "server_label": "docs", "name": "x"}),
        at("tool_choice", {"type": "function"}),
        "missing_required_parameter",
        "tool_choice.name",
    ),
    "tool_choice.server_label": (
        at("tool_choice", {"type": "mcp", "server_label": "docs"}),
        at("tool_choice", {"type": "mcp"}),
        "missing_required_parameter",
        "tool_choice.server_label",
    ),
}
for side in ("always", "never"):
    CASES[f"tools[].require_approval.{side}"] = (
        tool(MCP, require_approval={side: {}}),
        tool(MCP, require_approval={side: True}),
        "invalid_type",
        f"tools[0].require_approval.{side}",
    )
for parent in ("allowed_tools", "require_approval.always", "require_approval.never"):
    for name, good, bad, code, tail in (
        ("tool_names", ["a"], "a", "invalid_type", "tool_names"),
        ("tool_names[]", [], [1], "invalid_type", "tool_names[0]"),
        ("read_only", True, "yes", "invalid_type", "read_only"),
    ):
        outer, _, inner = parent.partition(".")
        key = name.removesuffix("[]")
        pair = [{inner: {key: v}} if inner else {key: v} for v in (good, bad)]
        CASES[f"tools[].{parent}.{name}"] = (
            tool(MCP, **{outer: pair[0]}),
            tool(MCP, **{outer: pair[1]}),
            code,
            f"tools[0].{parent}.{tail}",
        )
for name in ("id", "object", "expires_at"):
    CASES[name] = (at("instructions", "x"), at(name, "x"), "unknown_parameter", name)
