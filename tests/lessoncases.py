"""Answers to the exercises of the course, as data: right ones of several kinds, and real mistakes.

`RIGHT[key]` are sources of right answers beside the notebook's own solution. `WRONG[key]` are
(a mistake that people make, its source, what the message must say). A source is an expression, or
statements whose last name is the answer.
"""

RIGHT = {
    "02.1": (
        "lambda ms, rate, b: int(ms * rate / 1000) * b",
        "lambda ms, rate, b: int(ms * rate // 1000 * b)",
        "lambda ms, rate, bytes_a_sample: float(math.floor(rate * ms / 1000)) * bytes_a_sample",
    ),
    "02.2": (
        """
def chunked(pieces, size):
    out, rest = [], b""
    for piece in pieces:
        rest += piece
        while len(rest) >= size:
            out.append(rest[:size])
            rest = rest[size:]
    return out + ([rest] if rest else [])
""",
        "lambda p, n: tuple(b''.join(p)[i:i + n] for i in range(0, sum(map(len, p)), n))",
    ),
    "02.3": (
        "lambda x: x if not x.any() else x / max(abs(x)) * 10 ** (-0.05)",
        "lambda x: [float(0.8912509 * s / (np.max(np.abs(x)) or 1)) for s in x]",
    ),
    "07.1": (
        "lambda p, r: math.floor(min(p, r)) or None",
        "lambda p, r: None if min(p, r) < 1 else int(p if p < r else r)",
    ),
    "07.2": (
        """
def may_send(types):
    playing = False
    for type_ in types:
        if type_ in ("playback.started", "playback.position"):
            playing = True
        if type_ in ("playback.finished", "playback.flushed"):
            playing = False
    return not playing
""",
    ),
    "07.3": (
        """
def wasted_ms(timeline, item_id):
    received = played = 0
    for m in timeline:
        if m.event.get("item_id") == item_id:
            if m.type == "response.output_audio.delta":
                received += m.audio.count / 24
            if m.type == "playback.flushed":
                played = m.event["played_ms"]
    return received - played if played else 0
""",
    ),
}

WRONG = {
    "02.1": (
        ("a constant", "lambda ms, rate, b: 960", "one byte a sample"),
        ("two bytes everywhere", "lambda ms, rate, b: int(ms * rate / 1000) * 2", "one byte"),
        ("24 kHz everywhere", "lambda ms, rate, b: ms * 24 * b", "use what you are given"),
        ("cuts a sample in two", "lambda ms, rate, b: ms * rate / 1000 * b", "round the samples"),
        ("rounds bytes", "lambda ms, rate, b: round(ms * rate * b / 1000 + 0.5)", ""),
        ("says it in bits", "lambda ms, rate, b: int(ms * rate / 1000) * b * 8", "two bytes"),
    ),
    "02.2": (
        ("as they came", "lambda p, n: list(p)", "cut anywhere"),
        (
            "each piece by itself",
            "lambda p, n: [x[i:i + n] for x in p for i in range(0, len(x), n)]",
            "cut anywhere",
        ),
        (
            "forgets the rest",
            "lambda p, n: [b''.join(p)[i:i + n] for i in range(0, len(b''.join(p)) - n + 1, n)]",
            "cut anywhere",
        ),
        (
            "an empty chunk at the end",
            "lambda p, n: [b''.join(p)[i:i + n] for i in range(0, len(b''.join(p)) + 1, n)]",
            "no empty chunk",
        ),
        (
            "pads the rest",
            "lambda p, n: [b''.join(p)[i:i + n].ljust(n, b' ') for i in "
            "range(0, len(b''.join(p)), n)]",
            "cut anywhere",
        ),
    ),
    "02.3": (
        ("as it is", "lambda x: x", "-1 dBFS"),
        ("divides silence", "lambda x: x / np.abs(x).max() * 10 ** -0.05", "Silence has no peak"),
        ("the peak at 1", "lambda x: x / (np.abs(x).max() or 1)", "-1 dBFS"),
        ("power, not amplitude", "lambda x: x / (np.abs(x).max() or 1) * 10 ** -0.1", "amplitude"),
        ("looks up only", "lambda x: x / (x.max() or 1) * 10 ** -0.05", "-1 dBFS"),
        ("clips", "lambda x: np.clip(x, -0.891, 0.891)", "-1 dBFS"),
    ),
    "07.1": (
        ("what was played", "lambda p, r: p", "whole number"),
        ("rounds up", "lambda p, r: round(min(p, r)) or None", "not more than was heard"),
        ("by the clock", "lambda p, r: int(p) or None", "never received"),
        ("sends a cut at 0", "lambda p, r: int(min(p, r))", "nothing is sent"),
        ("all that came", "lambda p, r: r", "not more than was heard"),
        ("looks before it rounds", "lambda p, r: int(min(p, r)) if min(p, r) else None", "is 0"),
    ),
    "07.2": (
        ("always", "lambda types: True", "hear the loudspeaker"),
        (
            "the last fact",
            "lambda types: not types or types[-1] not in ('playback.started', 'playback.position')",
            "does not end one",
        ),
        (
            "once silent",
            "lambda types: not types or 'playback.flushed' in types or "
            "'playback.finished' in types",
            "Only the newest",
        ),
        ("no flush", "lambda types: not types or types[-1] == 'playback.finished'", "flush"),
        ("no index", "lambda types: types[-1] != 'playback.started'", "open"),
    ),
    "07.3": (
        ("nothing", "lambda timeline, item_id: 0.0", "less the `audio_end_ms`"),
        (
            "what was heard",
            """
def wasted_ms(timeline, item_id):
    for m in timeline.select("conversation.item.truncate"):
        if m.event["item_id"] == item_id:
            return m.event["audio_end_ms"]
    return 0.0
""",
            "less the `audio_end_ms`",
        ),
        (
            "of all items",
            """
def wasted_ms(timeline, item_id):
    pieces = timeline.select("response.output_audio.delta")
    cuts = timeline.select("conversation.item.truncate")
    return sum(m.audio.count for m in pieces) / 24 - sum(m.event["audio_end_ms"] for m in cuts)
""",
            "heard to its end",
        ),
        (
            "in samples",
            """
def wasted_ms(timeline, item_id):
    own = [m for m in timeline if m.event.get("item_id") == item_id]
    received = sum(m.audio.count for m in own if m.type == "response.output_audio.delta")
    cuts = [m.event["audio_end_ms"] for m in own if m.type == "conversation.item.truncate"]
    return received - cuts[0] if cuts else 0.0
""",
            "24 samples",
        ),
    ),
}
