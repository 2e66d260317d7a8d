"""The trials of a probe in which something is heard: sound out, sound in, who finds the turns."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from . import dialects, events
from .audio import encode
from .clip import Clip
from .evidence import NOTHING, by_name, finding, is_one, refusal, status
from .findings import Finding
from .formats import duration_ms
from .moments import Moment
from .schema import LOGPROBS

if TYPE_CHECKING:
    from .probing import Bench

SPEECH_WINDOW_MS = 300
QUIET_S = 1.2  # of silence after the speech
RECOGNITION = 2.5  # times the patience: a recogniser on a busy machine takes its time
LONG = "Count from one to fifty, slowly, in words."


async def sound_out(bench: Bench) -> list[Finding]:
    """A spoken answer: its format, its pace, and its truncation."""
    mark = len(bench.timeline)
    await bench.ask(events.user_text("Say: good morning to you all."), events.ITEM_DONE, wait=1.0)
    done = await bench.respond(output_modalities=["audio"], max_output_tokens="inf")
    pieces = by_name(bench, mark, events.AUDIO_DELTA)
    if not pieces:
        return [Finding("audio out", None if done is None else False, status(done))]
    format = bench.link.protocol.output_format
    count = sum(m.audio.count * format.bytes_per_sample for m in pieces if m.audio)
    seconds = duration_ms(count, format) / 1000
    took = pieces[-1].t - pieces[0].t
    name, item = pieces[0].type, str(pieces[0].event["item_id"])
    rate = seconds / took if took > 0.001 else None
    pace = f"{rate:.1f} times as fast as it is spoken" if rate else "all of it at once"
    rows = [
        Finding("audio out", True, f"{seconds:.1f} s of {format.value} by `{name}`"),
        Finding("audio faster than real time", rate is None or rate > 1, pace),
    ]
    cut = await bench.ask(events.truncate(item, min(100, int(1000 * seconds))), events.TRUNCATED)
    return [*rows, finding("truncation", cut, events.TRUNCATED)]


async def cancel(bench: Bench) -> list[Finding]:
    """A long answer that is broken off as soon as it begins."""
    mark = len(bench.timeline)
    await bench.ask(events.user_text(LONG), events.ITEM_DONE, wait=1.0)
    begun = await bench.ask(
        events.create_response(output_modalities=["audio"]), events.RESPONSE_CREATED
    )
    if not is_one(begun, events.RESPONSE_CREATED):
        return [finding("cancellation", begun, events.RESPONSE_CREATED)]
    done = await bench.ask(events.cancel_response(), events.RESPONSE_DONE)
    if not is_one(done, events.RESPONSE_DONE):
        late = await bench.wait_for(mark, events.RESPONSE_DONE, wait=bench.patience)
        return [Finding("cancellation", False, f"{refusal(done)}; then {status(late)}")]
    assert done is not None
    ended = done.event["response"].get("status")
    return [Finding("cancellation", ended == "cancelled", f"status {ended}")]


async def manual(bench: Bench) -> list[Finding]:
    """After those of the ears: some recognisers take a tone badly."""
    await bench.update({"audio": {"input": {"turn_detection": None}}})
    bench.link.append_wire(encode(_tone(0.3, bench), bench.link.protocol.input_format))
    committed = await bench.ask({"type": events.COMMIT}, events.COMMITTED)
    bench.link.append_wire(encode(_tone(0.1, bench), bench.link.protocol.input_format))
    cleared = await bench.ask({"type": events.CLEAR}, "input_audio_buffer.cleared")
    return [
        finding("turn committed by hand", committed, events.COMMITTED),
        finding("sound cleared", cleared, "input_audio_buffer.cleared"),
    ]


def _tone(seconds: float, bench: Bench) -> Any:
    rate = bench.link.protocol.input_format.rate
    t = np.arange(round(seconds * rate)) / rate
    return (0.2 * np.sin(2 * np.pi * 220 * t)).astype(np.float32)


def _listening(bench: Bench, **detection: Any) -> dict[str, Any]:
    heard = {"model": bench.transcription, "language": "en"}
    return {
        "include": [LOGPROBS],
        "audio": {"input": {"turn_detection": detection, "transcription": heard}},
    }


async def hearing(bench: Bench) -> list[Finding]:
    """A turn that is found by the server, written down, and not answered."""
    rule = {"type": "server_vad", "silence_duration_ms": SPEECH_WINDOW_MS}
    taken = await bench.update(_listening(bench, **rule, create_response=False))
    written = is_one(taken, events.SESSION_UPDATED)
    if not written:  # it may be the transcription that is not taken
        taken = await bench.update({"audio": {"input": {"turn_detection": rule}}})
    if bench.voice is None:
        return [Finding("server_vad", None, "no voice is installed here to try it with")]
    mark = len(bench.timeline)
    await _speak(bench, bench.voice)
    stopped = await bench.wait_for(mark, events.SPEECH_STOPPED)
    started = next(iter(bench.since(mark, events.SPEECH_STARTED)), None)
    rows = [_heard(started, stopped, taken)]
    if stopped is None:
        return rows
    told = await bench.wait_for(
        mark,
        events.TRANSCRIPTION_COMPLETED,
        events.TRANSCRIPTION_FAILED,
        wait=bench.patience * (RECOGNITION if written else 1),
    )
    rows += _transcribed(told, taken if not written else None)
    answered = await bench.wait_for(mark, events.RESPONSE_CREATED, wait=0.4)
    seen = "answered all the same" if answered else "not answered"
    return [*rows, Finding("create_response false", answered is None, seen)]


def _heard(started: Moment | None, stopped: Moment | None, taken: Moment | None) -> Finding:
    if started is None:
        why = refusal(taken) if is_one(taken, events.ERROR) else "no speech was noticed"
        return Finding("server_vad", False if taken else None, why)
    if stopped is None:
        return Finding("server_vad", False, "speech was noticed, but not its end")
    start, end = started.event.get("audio_start_ms"), stopped.event.get("audio_end_ms")
    where = "no places told" if start is None else f"speech from {start} to {end} ms"
    return Finding("server_vad", True, where)


def _transcribed(told: Moment | None, refused: Moment | None) -> list[Finding]:
    if told is None or told.type == events.TRANSCRIPTION_FAILED:
        seen = refusal(told) if told else refusal(refused) if refused else NOTHING
        return [
            Finding("transcription", False if (told or refused) else None, seen),
            Finding("logprobs", None, seen),
        ]
    sure = bool(told.event.get("logprobs"))
    return [
        Finding("transcription", True, f"{told.event.get('transcript')!r}"),
        Finding("logprobs", sure, "told with the transcript" if sure else "none were told"),
    ]


async def _speak(bench: Bench, clip: Clip) -> None:
    """Speech and silence after it, four times as fast as real time."""
    format = bench.link.protocol.input_format
    sound = clip + Clip.silence(QUIET_S, clip.rate)
    data = sound.to_bytes(format)
    size = round(0.1 * format.rate) * format.bytes_per_sample
    for at in range(0, len(data), size):
        bench.link.append_wire(data[at : at + size])
        await asyncio.sleep(0.025)


async def semantic(bench: Bench) -> list[Finding]:
    """Turn detection by meaning."""
    rule = {"type": "semantic_vad", "eagerness": "high"}
    return [await _kept(bench, "semantic_vad", rule)]


async def idle(bench: Bench) -> list[Finding]:
    """A word to those who have said nothing for long."""
    rule = {"type": "server_vad", "idle_timeout_ms": 30_000}
    return [await _kept(bench, "idle_timeout_ms", rule)]


async def _kept(bench: Bench, feature: str, rule: Mapping[str, Any]) -> Finding:
    """Whether a turn detection is taken, and told back as it was sent."""
    answer = await bench.update({"audio": {"input": {"turn_detection": rule}}})
    if not is_one(answer, events.SESSION_UPDATED):
        return finding(feature, answer, events.SESSION_UPDATED)
    told = dialects.turn_detection(bench.link.protocol.session) or {}
    other = [f"{name} {told.get(name)!r}" for name in rule if told.get(name) != rule[name]]
    return Finding(feature, not other, ", ".join(other) or "told back as sent")


async def telephone(bench: Bench) -> list[Finding]:
    """Sound as telephones have it, both ways."""
    form = {"type": "audio/pcmu"}
    wanted = {"audio": {"input": {"format": form}, "output": {"format": form}}}
    answer = await bench.update(wanted)
    if not is_one(answer, events.SESSION_UPDATED):
        return [finding("G.711", answer, events.SESSION_UPDATED)]
    protocol = bench.link.protocol
    kept = {protocol.input_format.value, protocol.output_format.value}
    return [Finding("G.711", kept == {"g711_ulaw"}, f"the session has {', '.join(sorted(kept))}")]
