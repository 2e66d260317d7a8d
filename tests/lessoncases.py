"""Answers to the exercises of the course, as data: right ones of several kinds, and real mistakes.

`RIGHT[key]` are sources of right answers beside the notebook's own solution. `WRONG[key]` are
(a mistake that people make, its source, what the message must say). A source is an expression, or
statements whose last name is the answer.
"""

HASTY_BUILDER = """
class Builder:
    def __init__(self):
        self.use, self.voice = "assistant", "alloy"
    def for_use_case(self, name):
        self.use = name
        return self
    def with_voice(self, name):
        self.voice = name
        return self
    def build(self):
        def law():
            phone = self.use == "phone"
            return {"type": "audio/pcmu"} if phone else {"type": "audio/pcm", "rate": 24000}
        vad = {"type": "server_vad", "silence_duration_ms": 700 if self.use == "service" else 500}
        words = {"model": "gpt-transcribe", "language": "en"}
        heard = {"format": law(), "turn_detection": vad, "transcription": words}
        out = {"format": law(), "voice": self.voice}
        return {"type": "realtime", "audio": {"input": heard, "output": out}}
"""
"""A builder that takes any voice, and is right in all else."""

RIGHT = {
    "01.1": (
        "lambda r, t, s, streamed: r + t + sum(s[:1] if streamed else s)",
        "lambda r, t, s, streamed: float(r + t + (s[0] if streamed else sum(s)))",
    ),
    "01.2": (
        "lambda silence, sentence: silence // sentence + 2",
        "lambda silence, sentence: math.floor(silence / sentence) + 2",
    ),
    "00.1": ("500", "450", "600.0", "799"),
    "00.2": (
        "lambda latency: 1000 * (latency.playback_started - latency.turn_detected)",
        "lambda latency: -(latency.silence_ms - latency.wait_ms)",
    ),
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
        "lambda p, n: (b''.join(p)[i:i + n] for i in range(0, sum(map(len, p)), n))",
    ),
    "02.3": (
        "lambda x: x if not x.any() else x / max(abs(x)) * 10 ** (-0.05)",
        "lambda x: [float(0.8912509 * s / (np.max(np.abs(x)) or 1)) for s in x]",
    ),
    "03.1": (
        "VADConfig(silence_duration_ms=860)",
        "{'type': 'server_vad', 'silence_duration_ms': 850}",
    ),
    "03.2": (
        "lambda turns, a, b: sum(t.speech_start_ms < b * 1000 and t.speech_end_ms > a * 1000 "
        "for t in turns)",
        """
def fragments(turns, start_s, end_s):
    count = 0
    for turn in turns:
        first = max(turn.speech_start_ms / 1000, start_s)
        last = min(turn.speech_end_ms / 1000, end_s)
        count += last > first
    return count
""",
    ),
    "03.3": (
        "VADConfig(threshold=0.9, silence_duration_ms=350)",
        "VADConfig(threshold=0.9, silence_duration_ms=300)",
    ),
    "04.1": ("dict(zip(('16 kHz', 'null', 'none', 'both'), (True, False, True, True)))",),
    "04.2": (
        """
phone = rtkit.RealtimeConfigBuilder().for_use_case(rtkit.UseCase.TELEPHONY)
phone = phone.with_vad("server_vad", silence_ms=700).with_transcription(language="en")
phone = phone.with_instructions("You take orders by phone. Be brief.").build()
answer = (phone.to_session(), 160.0)
""",
    ),
    "04.3": (
        """
cook = rtkit.RealtimeConfigBuilder().with_vad("server_vad", threshold=0.7)
cook = cook.with_instructions("You help somebody who cooks. Be brief.")
cook = cook.with_transcription(language="en").build()
""",
    ),
    "05.1": (
        "{code: code in (1001, 1006, 1011) for code in (1000, 1001, 1006, 1011, 3000, 4000)}",
    ),
    "05.2": (
        "lambda messages: any(m['type'] == 'response.done' and m['response']['status'] == "
        "'completed' for m in messages)",
        """
def whole(messages):
    try:
        return messages[-1]["response"]["status"] == "completed"
    except (IndexError, KeyError):
        return False
""",
    ),
    "05.3": (
        "lambda secret, now: now <= secret['expires_at'] - 30",
        "lambda secret, now: not now + 30 > secret['expires_at']",
    ),
    "06.1": (
        """
def first_sound(timeline):
    stopped = None
    for moment in timeline:
        if moment.type.endswith("speech_stopped"):
            stopped = moment.t
        if moment.type == "response.output_audio.delta" and stopped is not None:
            return moment.t - stopped
""",
    ),
    "06.2": (
        """
def answers(timeline):
    ids = [m.event["response"]["id"] for m in timeline.select("response.created")]
    words = timeline.select("response.output_audio_transcript.delta")
    return {i: "".join(m.event["delta"] for m in words if m.event["response_id"] == i) for i in ids}
""",
    ),
    "06.3": (
        """
def blamed(timeline):
    sent = {m.event.get("event_id"): m.event for m in timeline.select(source="client")}
    return sent[timeline.select("error")[0].event["error"]["event_id"]]["item_id"]
""",
    ),
    "07.1": (
        "lambda p, r: math.floor(min(p, r)) if r else None",
        "lambda p, r: None if r == 0 else int(p if p < r else r)",
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
    "08.1": (
        "lambda l: math.prod(math.exp(o['logprob']) for o in l) ** (1 / len(l)) if l else None",
        "lambda logprobs: float(np.exp(np.mean([o['logprob'] for o in logprobs]))) "
        "if len(logprobs) else None",
    ),
    "08.2": (
        """
def so_far(told, item_id):
    own = [event for event in told if event["item_id"] == item_id]
    for event in own:
        if event["type"].endswith("completed"):
            return event["transcript"]
    return "".join(event["delta"] for event in own)
""",
    ),
    "08.3": (
        "lambda words, below: ' '.join(w if s is None or s >= below else '[' + w + ']' "
        "for w, s in words)",
    ),
    "09.1": (
        """
def reply(call, output):
    item = {"type": "function_call_output", "call_id": call["call_id"]}
    item["output"] = __import__("json").dumps(output)
    return ({"type": "conversation.item.create", "item": item}, {"type": "response.create"})
""",
    ),
    "09.2": (
        """
@rtkit.tool
def book_table(guests: int, when: str = "now") -> dict:
    "Book a table."
    return {"booked": guests}
""",
    ),
    "09.3": (
        """
def unanswered(timeline):
    open_ = []
    for m in timeline:
        item = m.event.get("item") or {}
        if m.type == "response.output_item.done" and item["type"] == "function_call":
            open_.append(item["call_id"])
        if m.source == "client" and item.get("type") == "function_call_output":
            open_.remove(item["call_id"])
    return open_
""",
    ),
    "10.1": (
        """
def wait(latency):
    starts, ends = (latency.speech_end, latency.asked), (latency.audible, latency.first_sound)
    start, end = (next((t for t in ts if t is not None), None) for ts in (starts, ends))
    return None if start is None else (end - start) * 1000
""",
        "lambda latency: latency.wait_ms",
    ),
    "10.2": (
        """
def late_stage(usual, slow):
    grown = [(e - s - sum(b - a for name, a, b in usual if name == n), n) for n, s, e in slow]
    return sorted(grown)[-1][1]
""",
    ),
    "10.3": (
        "lambda p: math.ceil(round(100 / min(p, 100 - p), 6))",
        "lambda p: round(max(100 / p, 100 / (100 - p)))",
    ),
    "11.1": (
        "lambda user_s, assistant_s: user_s * 10 * 32e-6 + assistant_s * 20 * 64e-6",
        "lambda u, a: (u * 0.032 + a * 0.128) / 100",
    ),
    "11.2": (
        """
def without_cache(cost):
    factor = {"text": 4 / 0.4, "audio": 32 / 0.4}
    return sum(
        line.usd * (factor[line.modality] if line.direction == "cached" else 1)
        for line in cost.lines
    )
""",
    ),
    "11.3": ("0.05", "0.08"),
    "12.1": ("lambda ms: 8000 * ms // 1000", "lambda ms: ms * 8.0"),
    "12.2": ("lambda *times: sum(times)", "lambda p, t, b: b + p + t"),
    "12.3": (
        "lambda calls: sorted(ms for ms in calls if calls[ms].concealed < 0.1)[0]",
        "lambda calls: next(ms for ms, c in sorted(calls.items(), key=lambda kv: kv[0]) "
        "if c.concealed * 10 < 1)",
    ),
    "13.1": (
        "next(n for n in range(11, 200) if rtkit.evals.rate(0, n).high < 0.05)",
        "74 if rtkit.evals.rate(0, 73).high >= 0.05 else 73",
    ),
    "13.2": (
        "Caller('l', [Say('Tell me a story.'), Backchannel('uh-huh', at_ms=700)])",
        "Caller('m', [Say('A story!'), Backchannel(at_ms=700), Say('And now?')])",
    ),
    "13.3": (
        "lambda waits, ms: np.mean([wait <= ms for wait in waits])",
        "lambda waits, ms: 1 - sum(wait > ms for wait in waits) / len(waits)",
    ),
    "14.1": (
        """
WIRES = {"web": ("audio/pcm", 24000), "phone": ("audio/pcmu", None)}
def formats(line):
    kind, rate = WIRES[line]
    return {way: {"type": kind} | ({"rate": rate} if rate else {}) for way in ("input", "output")}
""",
        """
def formats(line):
    f = rtkit.AudioFormat.G711_ULAW if line == "phone" else rtkit.AudioFormat.PCM16
    return {"input": f.to_wire(), "output": f.to_wire()}
""",
    ),
    "14.2": (
        """
def turns(mode, threshold=0.5, silence_ms=500):
    found = {"semantic": {"type": "semantic_vad"}}
    found["server"] = dict(type="server_vad", threshold=threshold, silence_duration_ms=silence_ms)
    return found.get(mode)
""",
    ),
    "14.3": (
        """
def listening(on, language=None):
    said = {"language": language} if language else {}
    return {"model": "gpt-transcribe", **said} if on else None
""",
    ),
    "14.4": (
        """
class Builder:
    def __init__(self):
        self.audio = {"input": {}, "output": {"voice": "alloy"}}
        self.for_use_case("assistant")

    def for_use_case(self, name):
        law = {"type": "audio/pcmu"} if name == "phone" else {"type": "audio/pcm", "rate": 24000}
        wait = {"service": 700}.get(name, 500)
        vad = {"type": "server_vad", "silence_duration_ms": wait, "threshold": 0.5}
        words = {"model": "gpt-transcribe", "language": "en"}
        self.audio["input"] = {"format": law, "turn_detection": vad, "transcription": words}
        self.audio["output"]["format"] = law
        return self

    def with_voice(self, name):
        rtkit.Voice(name)
        self.audio["output"]["voice"] = name
        return self

    def build(self):
        import json
        return json.loads(json.dumps({"type": "realtime", "audio": self.audio}))
""",
    ),
    "14.5": (
        """
def summary(pairs):
    waits = sorted(wait for wait, _ in pairs)
    n = len(waits)
    middle = (waits[n // 2] + waits[(n - 1) // 2]) / 2 if n else None
    p95 = waits[math.ceil(0.95 * n) - 1] if n >= 20 else None
    return dict(turns=n, audio_ms=sum(s for _, s in pairs), median_ms=middle, p95_ms=p95)
""",
    ),
    "14.6": (
        """
def talk(config, questions):
    turns, pairs = [], []
    with rtkit.connect(config, record=False) as session:
        for question in questions:
            turn = session.ask(question)
            turns.append(turn)
            pairs.append((turn.latency.wait_ms, len(turn.audio.samples) / 24))
    return turns, pairs
""",
    ),
    "15.1": (
        """
def masked(text):
    import re
    return re.sub(r"\\b(sk-|ek_)[\\w-]{10,}", "***", text)
""",
        """
def masked(text):
    import re
    keys = re.findall(r"(?<![\\w-])((?:sk-|ek_)[\\w-]{10,})", text)
    for key in sorted(keys, key=len, reverse=True):
        text = text.replace(key, "***")
    return text
""",
    ),
    "15.2": (
        """
def affordable(prices, budget):
    return sum(sum(prices[: n + 1]) <= budget + 1e-9 for n in range(len(prices)))
""",
        "lambda prices, budget: int((np.cumsum(prices) <= budget + 1e-12).sum())",
    ),
    "15.3": (
        """
def what_next(code):
    if code.startswith("rate_limit") or code.endswith("active_response"):
        return "wait"
    return "ask again" if code == "server_error" else "tell"
""",
    ),
}

WRONG = {
    "01.1": (
        ("no voice at all", "lambda r, t, s, streamed: r + t", "*last* sentence"),
        ("always the first", "lambda r, t, s, streamed: r + t + s[0]", "*last* sentence"),
        ("always all", "lambda r, t, s, streamed: r + t + sum(s)", "first sentence is enough"),
        (
            "the shortest",
            "lambda r, t, s, streamed: r + t + (min(s) if streamed else sum(s))",
            "not the shortest",
        ),
        (
            "the mean",
            "lambda r, t, s, streamed: r + t + (sum(s) / len(s) if streamed else sum(s))",
            "or the mean",
        ),
        ("the way round", "lambda r, t, s, x: r + t + (sum(s) if x else s[0])", "*last* sentence"),
    ),
    "01.2": (
        ("always", "lambda silence, sentence: 1", "a tie is not faster"),
        ("a tie is faster", "lambda a, b: math.ceil(a / b) + 1", "a tie is not faster"),
        ("how often it fits", "lambda a, b: a // b", "a tie is not faster"),
        ("forgets the first", "lambda a, b: a // b + 1", "a tie is not faster"),
        ("a guess", "lambda a, b: 4", "Two will do"),
    ),
    "00.1": (
        ("cuts the question in two", "300", "taken for the end"),
        ("less than the pause", "350", "a little more"),
        ("slow", "1000", "everybody waits"),
        ("in seconds", "0.5", "number of milliseconds"),
        ("as a text", "'500'", "number of milliseconds"),
    ),
    "00.2": (
        ("all of it", "lambda latency: latency.wait_ms", "Take the silence out"),
        ("500 for everybody", "lambda latency: latency.wait_ms - 500", "not 500 for everybody"),
        ("until it is received", "lambda latency: latency.response_ms", "Take the silence out"),
        ("the other way", "lambda latency: latency.silence_ms - latency.wait_ms", "Take the"),
        (
            "in seconds",
            "lambda latency: (latency.wait_ms - latency.silence_ms) / 1000",
            "`wait_ms` less `silence_ms`",
        ),
    ),
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
    "03.1": (
        ("as it was", "VADConfig(silence_duration_ms=500)", "cut off"),
        ("just too short", "VADConfig(silence_duration_ms=700)", "longer than the pause"),
        ("too patient", "VADConfig(silence_duration_ms=1000)", "everybody waits for too long"),
        ("by hand", "VADConfig(mode=VADMode.MANUAL)", "nobody would be answered"),
        (
            "by words that are not there",
            "VADConfig(mode=VADMode.SEMANTIC)",
            "No words are recognised",
        ),
        ("a number", "850", "Hand over a VADConfig"),
    ),
    "03.2": (
        ("all of them", "lambda turns, a, b: len(turns)", "another utterance's"),
        ("always one", "lambda turns, a, b: 1", "Both turns"),
        (
            "seconds for milliseconds",
            "lambda turns, a, b: sum(t.speech_start_ms < b and t.speech_end_ms > a for t in turns)",
            "inside",
        ),
        (
            "only whole ones",
            "lambda turns, a, b: sum(t.speech_start_ms >= a * 1000 and t.speech_end_ms <= b * 1000 "
            "for t in turns)",
            "begins before the utterance",
        ),
        (
            "with padding and silence",
            "lambda turns, a, b: sum(t.start_ms < b * 1000 and t.end_ms > a * 1000 for t in turns)",
            "padding and silence are no speech",
        ),
        (
            "an edge inside",
            "lambda turns, a, b: sum(a <= t.speech_start_ms / 1000 <= b or "
            "a <= t.speech_end_ms / 1000 <= b for t in turns)",
            "longer than the utterance",
        ),
    ),
    "03.3": (
        ("as it was", "VADConfig()", "higher threshold"),
        ("deaf", "VADConfig(threshold=1)", "deaf"),
        ("too patient", "VADConfig(threshold=0.9, silence_duration_ms=700)", "Too slow"),
        ("too hasty", "VADConfig(threshold=0.9, silence_duration_ms=50)", "cut off"),
    ),
    "04.1": (
        ("all taken", "dict.fromkeys(('16 kHz', 'null', 'none', 'both'), False)", "one rate"),
        (
            "null is refused",
            "{'16 kHz': True, 'null': True, 'none': True, 'both': True}",
            "ended by hand",
        ),
        (
            "the lesson's word",
            "{'16 kHz': True, 'null': False, 'none': False, 'both': True}",
            "no type of the API",
        ),
        (
            "text and audio",
            "{'16 kHz': True, 'null': False, 'none': True, 'both': False}",
            "brings its words along",
        ),
        ("a list", "[True, False, True, True]", "Keep the dict"),
    ),
    "04.2": (
        ("as it was", "(LESSON, 320)", "rtkit.lint"),
        ("the lesson's frames", "(PHONE, 320)", "one byte"),
        ("no more patience", "(PHONE.replace(silence_duration_ms=500), 160)", "700"),
        (
            "a model that ends",
            "(PHONE.replace(transcription_model='whisper-1'), 160)",
            "remedy",
        ),
        ("no instructions", "(PHONE.replace(instructions=''), 160)", "remedy"),
        (
            "the sound of a computer",
            "(PHONE.replace(input_audio_format='pcm16', output_audio_format='pcm16'), 160)",
            "mu-law",
        ),
        (
            "the other law",
            "(PHONE.replace(input_audio_format='g711_alaw', output_audio_format='g711_alaw'), 160)",
            "mu-law, in both",
        ),
        ("an old name left", "(PHONE.to_session() | {'temperature': 0.8}, 160)", "remedy"),
        ("one of two", "PHONE", "both"),
        ("as it was, and its last finding", "(LESSON, 320)", "session.model: "),
        ("no language", "(PHONE.replace(transcription_language=None), 160)", "language is named"),
    ),
    "04.3": (
        ("hears the radio", "COOK.replace(vad_threshold=0.3)", "radio begins a turn"),
        ("is deaf", "COOK.replace(vad_threshold=1.0)", "deaf"),
        ("knows no language", "COOK.replace(transcription_language=None)", "regret"),
        ("has no task", "COOK.replace(instructions='')", "regret"),
    ),
    "05.1": (
        ("always", "dict.fromkeys((1000, 1001, 1006, 1011, 3000, 4000), True)", "finished"),
        ("never", "dict.fromkeys((1000, 1001, 1006, 1011, 3000, 4000), False)", "an hour"),
        (
            "a key may become right",
            "{c: c not in (1000, 4000) for c in (1000, 1001, 1006, 1011, 3000, 4000)}",
            "same key",
        ),
        (
            "the request, too",
            "{c: c not in (1000, 3000) for c in (1000, 1001, 1006, 1011, 3000, 4000)}",
            "same request",
        ),
        (
            "only the broken line",
            "{c: c == 1006 for c in (1000, 1001, 1006, 1011, 3000, 4000)}",
            "",
        ),
    ),
    "05.2": (
        ("always", "lambda messages: True", "half an answer"),
        ("a level too high", "lambda m: m[-1]['status'] == 'completed'", "a level deeper"),
        (
            "of any message",
            "lambda messages: any(m.get('status') == 'completed' for m in messages)",
            "a level deeper",
        ),
        ("any ending", "lambda m: m[-1]['type'] == 'response.done'", "look at its `status`"),
        (
            "any message at all",
            "lambda m: bool(m) and m[-1].get('response', {}).get('status') != 'cancelled'",
            "half an answer",
        ),
        (
            "not cancelled",
            "lambda m: bool(m) and m[-1]['type'] == 'response.done' and "
            "m[-1]['response']['status'] != 'cancelled'",
            "`incomplete`",
        ),
        (
            "nothing came",
            "lambda m: m[-1]['type'] == 'response.done' and "
            "m[-1]['response']['status'] == 'completed'",
            "before anything came",
        ),
        (
            "words make an answer",
            "lambda m: len(m) > 1 and m[-1].get('response', {}).get('status') == 'completed'",
            "without a word",
        ),
    ),
    "05.3": (
        ("always", "lambda secret, now: True", "29 seconds"),
        ("still valid", "lambda secret, now: now < secret['expires_at']", "29 seconds"),
        ("the wrong side", "lambda secret, now: now - secret['expires_at'] >= 30", "100 seconds"),
        ("not just enough", "lambda secret, now: secret['expires_at'] - now > 30", "just enough"),
        ("a constant", "lambda secret, now: now <= 970", "just enough"),
        ("30 minutes", "lambda secret, now: secret['expires_at'] - now >= 1800", "100 seconds"),
    ),
    "06.1": (
        ("nothing", "lambda timeline: 0.0", "From `speech_stopped`"),
        (
            "in milliseconds",
            "lambda t: 1000 * (t.select('response.output_audio.delta')[-3].t - "
            "t.select('*.speech_stopped')[0].t)",
            "in seconds",
        ),
        (
            "the last sound",
            "lambda t: t.select('response.output_audio.delta')[-1].t - "
            "t.select('*.speech_stopped')[0].t",
            "*first*",
        ),
        (
            "the first word",
            "lambda t: t.select('response.output_audio*.delta')[0].t - "
            "t.select('*.speech_stopped')[0].t",
            "From `speech_stopped`",
        ),
        (
            "the first of all sounds",
            "lambda t: t.select('response.output_audio.delta')[0].t - "
            "t.select('*.speech_stopped')[0].t",
            "*after* the stop",
        ),
    ),
    "06.2": (
        ("nothing", "lambda timeline: {}", "Join the deltas"),
        (
            "the last delta",
            "lambda t: {m.event['response_id']: m.event['delta'] for m in "
            "t.select('response.output_audio_transcript.delta')}",
            "Join the deltas",
        ),
        (
            "with spaces of its own",
            "lambda t: {'r1': ' '.join(m.event['delta'] for m in "
            "t.select('response.output_audio_transcript.delta'))}",
            "own spaces",
        ),
        (
            "all in one",
            "lambda t: {'r1': ''.join(m.event['delta'] for m in "
            "t.select('response.output_audio_transcript.delta'))}",
            "to which it belongs",
        ),
        (
            "by item",
            """
def answers(timeline):
    said = {}
    for m in timeline.select("response.output_audio_transcript.delta"):
        said[m.event["item_id"]] = said.get(m.event["item_id"], "") + m.event["delta"]
    return said
""",
            "Join the deltas",
        ),
    ),
    "06.3": (
        ("the newest", "lambda t: t.select(source='client')[-1].event['item_id']", "follow the id"),
        ("a guess", "lambda timeline: 'item_?'", "has the `item_id`"),
        (
            "the id of the error itself",
            "lambda t: [m.event['item_id'] for m in t.select(source='client') if "
            "m.event.get('event_id') == t.select('error')[0].event['event_id']][0]",
            "the error's own",
        ),
        (
            "the error's own id",
            "lambda t: t.select('error')[0].event['event_id']",
            "event_of_the_error",
        ),
        (
            "the event, not its item",
            "lambda t: t.select('error')[0].event['error']['event_id']",
            "has the `item_id`",
        ),
        (
            "what was not deleted",
            "lambda t: [m.event['item_id'] for m in t.select('*.delete')][1]",
            "need not be the newest",
        ),
    ),
    "07.1": (
        ("what was played", "lambda p, r: p", "whole number"),
        ("rounds up", "lambda p, r: round(min(p, r)) if r else None", "not more than was heard"),
        ("by the clock", "lambda p, r: int(p) if r else None", "never received"),
        ("sends no cut at 0", "lambda p, r: int(min(p, r)) or None", "cut at 0"),
        ("cuts what never came", "lambda p, r: int(min(p, r))", "no sound to cut"),
        ("all that came", "lambda p, r: r", "not more than was heard"),
        ("by what was played", "lambda p, r: int(min(p, r)) if p or r else None", "Nothing came"),
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
    "08.1": (
        ("nothing", "lambda logprobs: 0.0", "`exp` of it"),
        ("no exp", "lambda logprobs: sum(o['logprob'] for o in logprobs) / len(logprobs)", "`exp`"),
        (
            "the sum",
            "lambda logprobs: math.exp(sum(o['logprob'] for o in logprobs)) if logprobs else None",
            "The mean",
        ),
        (
            "the mean of probabilities",
            "lambda l: sum(math.exp(o['logprob']) for o in l) / len(l) if l else None",
            "The mean of the `logprob`s first",
        ),
        (
            "0 for unknown",
            "lambda l: math.exp(sum(o['logprob'] for o in l) / len(l)) if l else 0.0",
            "None, not 0",
        ),
        ("the worst", "lambda l: math.exp(min(o['logprob'] for o in l)) if l else None", "mean"),
    ),
    "08.2": (
        ("the last piece", "lambda told, item_id: told[-1].get('delta', '')", "continues"),
        (
            "with spaces of its own",
            "lambda told, item_id: ' '.join(e.get('delta', '') for e in told)",
            "its own space",
        ),
        ("of all items", "lambda told, i: ''.join(e.get('delta', '') for e in told)", "`item_id`"),
        (
            "adds the whole to its pieces",
            "lambda told, i: ''.join(e.get('delta') or e['transcript'] for e in told "
            "if e['item_id'] == i)",
            "takes the place",
        ),
        (
            "waits for the whole",
            "lambda told, i: ''.join(e.get('transcript', '') for e in told if e['item_id'] == i)",
            "continues",
        ),
    ),
    "08.3": (
        ("no doubt", "lambda words, below: ' '.join(w for w, s in words)", "below 0.5"),
        (
            "0.5 itself",
            "lambda words, below: ' '.join(f'[{w}]' if s is not None and s <= below else w "
            "for w, s in words)",
            "itself is not",
        ),
        (
            "None is a number",
            "lambda words, below: ' '.join(f'[{w}]' if s < below else w for w, s in words)",
            "None is unknown",
        ),
        (
            "0 is nothing",
            "lambda words, below: ' '.join(f'[{w}]' if s and s < below else w for w, s in words)",
            "0 is a confidence",
        ),
        (
            "always half",
            "lambda words, below: ' '.join(f'[{w}]' if s is not None and s < 0.5 else w "
            "for w, s in words)",
            "threshold is yours",
        ),
        (
            "leaves them out",
            "lambda words, below: ' '.join(w for w, s in words if s is None or s >= below)",
            "below 0.5",
        ),
    ),
    "09.1": (
        ("nothing", "lambda call, output: []", "The output is an item"),
        (
            "no wish for an answer",
            "lambda call, output: [events.tool_output(call['call_id'], 'x')]",
            "there is silence",
        ),
        (
            "the wish first",
            "lambda call, output: [events.create_response(), "
            "events.tool_output(call['call_id'], __import__('json').dumps(output))]",
            "In this order",
        ),
        (
            "python for JSON",
            "lambda call, output: [events.tool_output(call['call_id'], str(output)), "
            "events.create_response()]",
            "json.dumps, not str",
        ),
        (
            "the name for the id",
            "lambda call, output: [events.tool_output(call['name'], "
            "__import__('json').dumps(output)), events.create_response()]",
            "names the `call_id`",
        ),
        (
            "a constant",
            "lambda call, output: [events.tool_output(call['call_id'], '{\"sky\": \"grey\"}'), "
            "events.create_response()]",
            "json.dumps",
        ),
    ),
    "09.2": (
        (
            "as it was",
            """
@rtkit.tool
def book_table(when: str) -> str:
    "Book a table."
    return "booked"
""",
            "called `guests`",
        ),
        (
            "another name",
            """
@rtkit.tool
def book_table(people: int) -> str:
    "Book a table."
    return "booked"
""",
            "called `guests`",
        ),
        (
            "a text",
            """
@rtkit.tool
def book_table(guests: str) -> str:
    "Book a table."
    return "booked"
""",
            "it is a number",
        ),
        ("no tool", "42", "Hand over the tool"),
    ),
    "09.3": (
        ("nothing", "lambda timeline: []", "function_call"),
        (
            "all calls",
            "lambda t: [m.event['item']['call_id'] for m in t.select('response.output_item.done')"
            " if m.event['item']['type'] == 'function_call']",
            "item that *you* sent",
        ),
        (
            "messages, too",
            """
def unanswered(timeline):
    sent = [m.event["item"] for m in timeline.select("conversation.item.create")]
    done = {item.get("call_id") for item in sent}
    made = [m.event["item"] for m in timeline.select("response.output_item.done")]
    return [item["call_id"] for item in made if item["call_id"] not in done]
""",
            "have no `call_id`",
        ),
        (
            "each twice",
            """
def unanswered(timeline):
    sent = [m.event["item"] for m in timeline.select("conversation.item.create")]
    done = {item.get("call_id") for item in sent}
    made = [m.event["item"] for m in timeline.select("response.output_item.*")]
    made = [item for item in made if item["type"] == "function_call"]
    return [item["call_id"] for item in made if item["call_id"] not in done]
""",
            "`response.output_item.done`",
        ),
    ),
    "10.1": (
        ("what the server did", "lambda latency: latency.response_ms", "when the speech ends"),
        (
            "until it is received",
            "lambda latency: 1000 * (latency.first_audio - (latency.speech_end or latency.asked))",
            "when the speech ends",
        ),
        (
            "deaf to silence",
            "lambda latency: 1000 * (latency.first_sound - (latency.speech_end or latency.asked))",
            "is silence",
        ),
        (
            "spoken only",
            "lambda one: 1000 * ((one.audible or one.first_sound) - one.speech_end)",
            "`asked`",
        ),
        (
            "0 is no instant",
            """
def wait(latency):
    start = latency.speech_end or latency.asked
    return 1000 * ((latency.audible or latency.first_sound) - start) if start else None
""",
            "0.0 is an instant",
        ),
    ),
    "10.2": (
        (
            "the longest",
            "lambda usual, slow: max(slow, key=lambda one: one[2] - one[1])[0]",
            "not which is longest",
        ),
        (
            "the first that ends later",
            "lambda usual, slow: next(b[0] for a, b in zip(usual, slow) if b[2] > a[2])",
            "not which is longest",
        ),
        (
            "only what was there",
            """
def late_stage(usual, slow):
    before = {n: e - s for n, s, e in usual}
    return max((e - s - before[n], n) for n, s, e in slow if n in before)[1]
""",
            "took 0 ms then",
        ),
    ),
    "10.3": (
        ("always twenty", "lambda p: 20", "1 of 100"),
        ("as many as p", "lambda p: p", "5 of 100"),
        ("one side only", "lambda p: round(100 / (100 - p))", "smaller side"),
        ("rounds up", "lambda p: math.ceil(100 / min(p, 100 - p))", "less than 0.1"),
    ),
    "11.1": (
        ("nothing", "lambda user_s, assistant_s: 0.0", "10 tokens"),
        ("20 for both", "lambda u, a: (20 * u * 32 + 20 * a * 64) / 1e6", "Your second is 10"),
        ("one price", "lambda u, a: (10 * u + 20 * a) * 32 / 1e6", "output price"),
        ("for a thousand", "lambda u, a: (10 * u * 32 + 20 * a * 64) / 1000", "a million"),
        ("in cents", "lambda u, a: (10 * u * 32 + 20 * a * 64) / 1e4", "a million"),
        ("sides swapped", "lambda u, a: (20 * u * 64 + 10 * a * 32) / 1e6", "input price"),
    ),
    "11.2": (
        ("as it is", "lambda cost: cost.usd", "fresh one of text"),
        ("one price for all", "lambda cost: sum(32e-6 * line.amount for line in cost.lines)", ""),
        (
            "text priced as sound",
            "lambda cost: sum(32e-6 * line.amount if line.direction == 'cached' else line.usd "
            "for line in cost.lines)",
            "fresh one of text",
        ),
        (
            "adds on top",
            "lambda cost: cost.usd + sum({'text': 4e-6, 'audio': 32e-6}[line.modality] * "
            "line.amount for line in cost.lines if line.direction == 'cached')",
            "fresh one of text",
        ),
        (
            "drops what was cached",
            "lambda cost: sum(line.usd for line in cost.lines if line.direction != 'cached')",
            "cached token of text",
        ),
    ),
    "11.3": (
        ("cuts to the limit", "1.0", "Cut deeper"),
        ("cuts to half", "0.5", "costs more than keeping all"),
        ("no ratio", "2", "from 0 to 1"),
        ("a text", "'0.1'", "from 0 to 1"),
    ),
    "12.1": (
        ("PCM16 at 24 kHz", "lambda ms: ms * 48", "8 bytes a millisecond"),
        ("two bytes a sample", "lambda ms: ms * 16", "one byte"),
        ("in bits", "lambda ms: ms * 64", "one byte"),
        ("a constant", "lambda ms: 160", "Half as long"),
    ),
    "12.2": (
        ("only the buffer", "lambda p, t, b: b", "travels"),
        ("forgets the packet", "lambda p, t, b: t + b", "when it is full"),
        ("there and back", "lambda p, t, b: p + 2 * t + b", "when it is full"),
        ("the larger of both", "lambda p, t, b: p + max(t, b)", "waits in the buffer"),
    ),
    "12.3": (
        ("none", "lambda calls: 0", "misses less than a tenth"),
        ("the longest", "lambda calls: max(calls)", "The smallest wait"),
        (
            "the first in order",
            "lambda calls: next(ms for ms in calls if calls[ms].concealed < 0.1)",
            "need not come in order",
        ),
        (
            "in per cent",
            "lambda calls: min(ms for ms in calls if calls[ms].concealed < 10)",
            "less than a tenth",
        ),
        (
            "the fewest gaps",
            "lambda calls: min(calls, key=lambda ms: calls[ms].concealed)",
            "The smallest wait",
        ),
    ),
    "13.1": (
        ("as many as a rate needs", "10", "above 10"),
        ("too few", "40", "ask more callers"),
        ("more than needed", "100", "find the smallest"),
        ("a share", "0.05", "a whole number"),
    ),
    "13.2": (
        ("nobody listens", "Caller('l', [Say('Tell me a story.')])", "Nobody says mm-hmm"),
        (
            "an interruption",
            "Caller('l', [Say('Tell me a story.'), BargeIn('mm-hmm', at_ms=700)])",
            "Nobody says mm-hmm",
        ),
        ("too soon", "Caller('l', [Say('A story!'), Backchannel()])", "first sound"),
        (
            "expects nothing",
            "Caller('l', [Say('A story!'), Backchannel(at_ms=700, expect=Expect())])",
            "not_interrupted",
        ),
        ("only a step", "Backchannel(at_ms=700)", "Hand over a Caller"),
    ),
    "13.3": (
        ("a constant", "lambda waits, ms: 1.0", "Two of four"),
        ("a count", "lambda waits, ms: sum(w <= ms for w in waits)", "Two of four"),
        ("sooner than", "lambda waits, ms: sum(w < ms for w in waits) / len(waits)", "within 520"),
        (
            "in per cent",
            "lambda waits, ms: 100 * sum(w <= ms for w in waits) / len(waits)",
            "Two of four",
        ),
    ),
    "14.1": (
        (
            "the beta's strings",
            "lambda line: {'input': 'g711_ulaw', 'output': 'g711_ulaw'}",
            "A format is an object",
        ),
        (
            "PCM at the phone's rate",
            "lambda line: {w: {'type': 'audio/pcm', 'rate': 8000 if line == 'phone' else 24000} "
            "for w in ('input', 'output')}",
            "mu-law in both directions",
        ),
        (
            "one dict for both directions and all sessions",
            """
WEB, PHONE = {"type": "audio/pcm", "rate": 24000}, {"type": "audio/pcmu"}
def formats(line):
    wire = PHONE if line == "phone" else WEB
    return {"input": wire, "output": wire}
""",
            "Make a new dict",
        ),
        (
            "only what is heard",
            "lambda line: {'input': {'type': 'audio/pcmu'} if line == 'phone' else "
            "{'type': 'audio/pcm', 'rate': 24000}, 'output': {'type': 'audio/pcm', 'rate': 24000}}",
            "mu-law in both directions",
        ),
    ),
    "14.2": (
        (
            "the lesson's own",
            "lambda mode, threshold=0.5, silence_ms=500: {'type': mode + '_vad', "
            "'threshold': threshold, 'silence_duration_ms': silence_ms}",
            "null, in Python None",
        ),
        (
            "threshold for semantic_vad",
            """
def turns(mode, threshold=0.5, silence_ms=500):
    rest = {"threshold": threshold, "silence_duration_ms": silence_ms}
    return {"type": mode + "_vad", **rest} if mode in ("server", "semantic") else None
""",
            "belong to server_vad",
        ),
        (
            "does not use what it is given",
            """
def turns(mode, threshold=0.5, silence_ms=500):
    if mode == "server":
        return {"type": "server_vad", "threshold": 0.5, "silence_duration_ms": 500}
    return {"type": "semantic_vad"} if mode == "semantic" else None
""",
            "Use them.",
        ),
        (
            "a type that says none",
            "lambda mode, threshold=0.5, silence_ms=500: {'type': 'server_vad', 'threshold': "
            "threshold, 'silence_duration_ms': silence_ms} if mode == 'server' else "
            "{'type': 'none'}",
            "no type",
        ),
    ),
    "14.3": (
        (
            "a null language",
            "lambda on, language=None: {'model': 'gpt-transcribe', 'language': language} if on "
            "else None",
            "left out, not null",
        ),
        (
            "off is an empty dict",
            "lambda on, language=None: {'model': 'gpt-transcribe', **({'language': language} "
            "if language else {})} if on else {}",
            "Off is null",
        ),
        (
            "forgets the language",
            "lambda on, language=None: {'model': 'gpt-transcribe'} if on else None",
            "Say the language",
        ),
        (
            "a switch of its own",
            "lambda on, language=None: {'enabled': on, 'model': 'gpt-transcribe'}",
            "left out, not null",
        ),
        (
            "a model that nobody has",
            "lambda on, language=None: {'model': 'bla', **({'language': language} "
            "if language else {})} if on else None",
            "the model is",
        ),
    ),
    "14.4": (
        (
            "one object for all",
            """
class Builder:
    def __init__(self):
        self.session = {"type": "realtime", "audio": {"input": {}, "output": {}}}
        self.for_use_case("assistant")
    def for_use_case(self, name):
        law = {"type": "audio/pcmu"} if name == "phone" else {"type": "audio/pcm", "rate": 24000}
        wait = 700 if name == "service" else 500
        vad = {"type": "server_vad", "silence_duration_ms": wait}
        words = {"model": "gpt-transcribe", "language": "en"}
        heard = {"format": dict(law), "turn_detection": vad, "transcription": words}
        self.session["audio"]["input"] = heard
        self.session["audio"]["output"]["format"] = dict(law)
        return self
    def with_voice(self, name):
        self.session["audio"]["output"]["voice"] = rtkit.Voice(name).value
        return self
    def build(self):
        return self.session
""",
            "copy it first",
        ),
        (
            "the beta's flat shape",
            """
class Builder:
    def __init__(self):
        self.made = {"voice": "alloy"}
    def for_use_case(self, name):
        self.made["input_audio_format"] = "g711_ulaw" if name == "phone" else "pcm16"
        return self
    def with_voice(self, name):
        self.made["voice"] = name
        return self
    def build(self):
        return dict(self.made)
""",
            "formats lie under audio.input",
        ),
        (
            "any voice",
            HASTY_BUILDER,
            "should raise ValueError",
        ),
        (
            "refuses a voice only when all is built",
            HASTY_BUILDER.replace(
                "        def law",
                "        self.voice = rtkit.Voice(self.voice).value\n        def law",
            ),
            "not `build`",
        ),
        (
            "a KeyError for a voice that nobody has",
            HASTY_BUILDER.replace(
                "self.voice = name", "self.voice = {v.value: v.value for v in rtkit.Voice}[name]"
            ),
            "raise ValueError",
        ),
        (
            "no transcription",
            HASTY_BUILDER.replace(', "transcription": words', ""),
            'listening(True, "en")',
        ),
        (
            "another voice by default",
            HASTY_BUILDER.replace('"alloy"', '"ash"').replace(
                "= name\n        return self\n    def b",
                "= rtkit.Voice(name).value\n        return self\n    def b",
            ),
            "without `with_voice` it is alloy",
        ),
        (
            "needs a use case",
            HASTY_BUILDER.replace('self.use, self.voice = "assistant", "alloy"', "pass"),
            '`Builder().for_use_case("assistant").build()` fails',
        ),
        (
            "needs a use case, but no voice",
            HASTY_BUILDER.replace('self.use, self.voice = "assistant",', "self.voice ="),
            "without `for_use_case` it is the assistant",
        ),
        (
            "returns nothing",
            HASTY_BUILDER.replace("self.voice = name\n        return self", "self.voice = name"),
            'with_voice("marin").build()` fails',
        ),
        ("a dict", "{'type': 'realtime'}", "Hand over the class"),
        ("an instance", f"{HASTY_BUILDER}\nbuilder = Builder()", "not `Builder()`"),
    ),
    "14.5": (
        (
            "the lesson's",
            """
def summary(pairs):
    waits = sorted(w for w, _ in pairs)
    n = len(waits)
    mean = sum(waits) / n if n else 0
    p95 = waits[int(n * 0.95)] if n >= 20 else mean
    return dict(turns=n, audio_ms=sum(s for _, s in pairs), median_ms=mean, p95_ms=p95)
""",
            "The median is the middle one",
        ),
        (
            "one place too far",
            """
def summary(pairs):
    waits = sorted(w for w, _ in pairs)
    n = len(waits)
    p95 = waits[int(n * 0.95)] if n >= 20 else None
    median = float(np.median(waits)) if n else None
    return dict(turns=n, audio_ms=sum(s for _, s in pairs), median_ms=median, p95_ms=p95)
""",
            "One place too far",
        ),
        (
            "a p95 of few",
            """
def summary(pairs):
    waits = [w for w, _ in pairs]
    median = float(np.median(waits)) if waits else None
    p95 = float(np.percentile(waits, 95)) if waits else None
    return dict(turns=len(waits), audio_ms=sum(s for _, s in pairs), median_ms=median, p95_ms=p95)
""",
            "carry no p95",
        ),
        (
            "the sound is added up again and again",
            """
def summary(pairs):
    waits = [w for w, _ in pairs]
    sound = float(np.cumsum([s for _, s in pairs]).sum())
    median = float(np.median(waits)) if waits else None
    p95 = float(np.percentile(waits, 95)) if len(waits) >= 20 else None
    return dict(turns=len(waits), audio_ms=sound, median_ms=median, p95_ms=p95)
""",
            "Each turn counts once",
        ),
    ),
    "14.6": (
        ("nothing", "lambda config, questions: ([], [])", "ask each question"),
        (
            "waits by the clock",
            """
def talk(config, questions):
    import time
    turns, pairs = [], []
    with rtkit.connect(config) as session:
        for question in questions:
            began = time.monotonic()
            turn = session.ask(question)
            turns.append(turn)
            pairs.append((1000 * (time.monotonic() - began), 1000 * turn.audio.duration))
    return turns, pairs
""",
            "from the end of speech",
        ),
        (
            "lengths in seconds",
            """
def talk(config, questions):
    with rtkit.connect(config) as session:
        turns = [session.ask(question) for question in questions]
    return turns, [(turn.latency.wait_ms, turn.audio.duration) for turn in turns]
""",
            "own length",
        ),
    ),
    "15.1": (
        ("one key only", "lambda t: t.replace('sk-proj-AbcdEfghIjkl', '***')", "Every one"),
        (
            "to the next blank",
            "lambda t: __import__('re').sub(r'(sk-|ek_)\\\\S+', '***', t)",
            "Put three stars",
        ),
        (
            "inside words too",
            "lambda t: __import__('re').sub(r'(sk-|ek_)[A-Za-z0-9_-]+', '***', t)",
            "Words may hold sk-",
        ),
        (
            "leaves the beginning",
            "lambda t: __import__('re').sub(r'(?<=sk-)[A-Za-z0-9_-]{10,}', '***', t)",
            "all of the key",
        ),
    ),
    "15.2": (
        ("all like the first", "lambda p, b: min(len(p), int(b / p[0]))", "a price of its own"),
        ("all like the mean", "lambda p, b: min(len(p), round(b / (sum(p) / len(p))))", "grow"),
        (
            "counts the one that is too much",
            "lambda p, b: next((n + 1 for n in range(len(p)) if sum(p[:n + 1]) > b), len(p))",
            "the third does not fit",
        ),
        (
            "without an end",
            "lambda p, b: next(n for n in range(99) if sum(p[:n + 1]) > b)",
            "No more turns",
        ),
        (
            "less than the budget",
            "lambda p, b: sum(sum(p[:n + 1]) < b for n in range(len(p)))",
            "just fits",
        ),
    ),
    "15.3": (
        ("always waits", "lambda code: 'wait'", "The session is open"),
        ("always asks again", "lambda code: 'ask again'", "lifted by itself"),
        (
            "waits for money",
            "lambda code: 'ask again' if code == 'server_error' else 'wait'",
            "Waiting buys nothing",
        ),
        (
            "asks again whatever it does not know",
            """
def what_next(code):
    waits = ("rate_limit_exceeded", "conversation_already_has_active_response")
    tells = ("insufficient_quota", "unknown_parameter")
    return "wait" if code in waits else "tell" if code in tells else "ask again"
""",
            "do not ask in a loop",
        ),
    ),
}
