"""Writes docs/protocol.md from a run of the conformance scenes; `--check` only compares.

    python docs/make_protocol.py [--check]

Everything on that page is read from tables that tests use or from what the scenes recorded; only
the few words per event are written here.
"""

import dataclasses
import json
import logging
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "protocol.md"
sys.path.insert(0, str(ROOT / "tests"))

from conformance import SCENES, askers, log_of, told, witnesses  # noqa: E402
from conformance_errors import AWAY, ELSEWHERE, HTTP, LIMITS, LIST, WRONG  # noqa: E402
from conformance_fields import EFFECT, GONE, RESPONSE_PATHS, SHOWN  # noqa: E402
from conformance_scenes import ORDERS  # noqa: E402

from rtkit.events import CLIENT_EVENTS, SERVER_EVENTS  # noqa: E402
from rtkit.schema import FIELDS, MISSING  # noqa: E402
from rtkit.server.deviations import DEVIATIONS, NOT_SENT, SOURCES  # noqa: E402
from rtkit.server.ears import MOST_UNHEARD  # noqa: E402
from rtkit.server.limits import MIB, Limits  # noqa: E402
from rtkit.server.local import ServerOptions  # noqa: E402
from rtkit.server.rejections import REFUSALS  # noqa: E402
from rtkit.server.secrets import MOST, MOST_CHARS  # noqa: E402
from rtkit.speech.scribes import MOST_WAITING  # noqa: E402

TRANSCRIPTION = "conversation.item.input_audio_transcription"

ANSWER = {
    "session.update": "`session.updated` with the whole session; a refused one changes nothing",
    "input_audio_buffer.append": "nothing; turn detection may follow",
    "input_audio_buffer.commit": "`input_audio_buffer.committed`, then the item; no response",
    "input_audio_buffer.clear": "`input_audio_buffer.cleared`",
    "conversation.item.create": "`conversation.item.added` and `.done`",
    "conversation.item.retrieve": "`conversation.item.retrieved`, with its audio",
    "conversation.item.truncate": "`conversation.item.truncated`; what was not heard is gone",
    "conversation.item.delete": "`conversation.item.deleted`",
    "response.create": "`response.created` to `response.done`, then `rate_limits.updated`",
    "response.cancel": "`response.done`, cancelled, with `client_cancelled`",
    "output_audio_buffer.clear": "`error` (`invalid_value`, `type`): for WebRTC and SIP only",
}

WHEN = {
    "session.created": "first, at once",
    "session.updated": "after `session.update`",
    "conversation.item.added": "an item came to be, from either side",
    "conversation.item.done": "it is complete",
    "conversation.item.retrieved": "after `conversation.item.retrieve`",
    "conversation.item.truncated": "after `conversation.item.truncate`",
    "conversation.item.deleted": "after `conversation.item.delete`",
    f"{TRANSCRIPTION}.delta": "a word was recognised; never taken back",
    f"{TRANSCRIPTION}.completed": "all words of an item",
    f"{TRANSCRIPTION}.failed": "the recogniser failed",
    "input_audio_buffer.speech_started": "turn detection heard somebody begin",
    "input_audio_buffer.speech_stopped": "it heard the pause that ends a turn",
    "input_audio_buffer.committed": "the sound became an item, by detection or by hand",
    "input_audio_buffer.cleared": "after `input_audio_buffer.clear`",
    "input_audio_buffer.timeout_triggered": "nobody spoke for `idle_timeout_ms`",
    "response.created": "an answer begins",
    "response.done": "it is over: completed, cancelled, incomplete or failed",
    "response.output_item.added": "a message or a call begins in it",
    "response.output_item.done": "that is over",
    "response.content_part.added": "the words or the speech of a message begin",
    "response.content_part.done": "they are over",
    "response.output_text.delta": "a word of a written answer",
    "response.output_text.done": "all its words",
    "response.output_audio.delta": "a piece of its sound, base64",
    "response.output_audio.done": "there is no more sound",
    "response.output_audio_transcript.delta": "a word that is being spoken",
    "response.output_audio_transcript.done": "all of them",
    "response.function_call_arguments.delta": "the arguments of a call",
    "response.function_call_arguments.done": "a call is complete",
    "rate_limits.updated": "right after every `response.done`",
    "error": "something was refused; the session goes on",
}

SLOW = "test_sender::test_a_client_that_reads_on_finds_the_close_frame_that_says_why"
CLOSES = [
    ("1000", "the client closes", "as it said", "test_the_close_of_the_client_is_echoed"),
    (
        "1001",
        "the server ends",
        "`server closed`",
        "test_a_server_that_ends_says_that_it_goes_away",
    ),
    ("1008", "the client does not read", "`slow_reader`", SLOW),
    ("1009", "a frame above 24 MiB", "-", "test_a_frame_beyond_all_bounds_ends_the_connection"),
]


def table(head, rows):
    """A Markdown table; cells are texts."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return [*lines, *("| " + " | ".join(row) + " |" for row in rows), ""]


def code(text):
    """A text as code that may stand in a table."""
    return "`" + text.replace("|", "\\|").replace("\n", " ") + "`" if text else "-"


def scenes_of(names):
    """Scenes by name, two at most."""
    return ", ".join(name.replace("_", " ") for name in names[:2])


def fields_of(shape):
    required = [f"`{name}`" for name in shape.required]
    return ", ".join([*required, *(f"`{name}`?" for name in shape.optional)]) or "-"


def client_events():
    for type_, shape in CLIENT_EVENTS.items():
        yield f"`{type_}`", fields_of(shape), ANSWER[type_], scenes_of(askers(type_))


def server_events():
    for type_, shape in SERVER_EVENTS.items():
        if type_ not in NOT_SENT:
            yield f"`{type_}`", fields_of(shape), WHEN[type_], scenes_of(witnesses(type_))


def orders():
    for title, (name, _) in ORDERS.items():
        yield from [f"### {title.capitalize()}", "", "```"]
        yield from [*told(log_of(name)), "```", ""]


def refusals():
    for row in WRONG:
        message = row.message.replace(LIST, "(the ten other client events)").replace("|", "\\|")
        if row.param and len(row.param) > 20:  # said in the column before
            message = message.replace(row.param, "(param)")
        what = f"`{row.code}`" + (f"<br>`{row.param}`" if row.param else "")
        yield row.name, what, message, row.source


def turned_away():
    for row in AWAY:
        number, reason = row.close
        message = row.message.replace("m" * 128, "mmm…")
        yield row.name, code(row.code), f"{number} `{reason}`", message, row.source


def closes():
    return [(*row, test_of(test)) for *row, test in CLOSES]


def requests():
    for row in HTTP:
        what = f"`{row.method} {row.path}`"
        yield row.name, what, str(row.status), code(row.code), code(row.param)


def takes(row):
    """What a field may be, in few words."""
    words = list(row.kinds)
    if row.allowed and len(row.allowed) <= 10:
        others = [kind for kind in row.kinds if kind != "string"]
        words = [*(f"`{word}`" for word in row.allowed), *others]
    if row.low is not None or row.high is not None:
        low = "" if row.low is None else f"{row.low:g}"
        words.append(f"{low}..{'' if row.high is None else f'{row.high:g}'}")
    return ", ".join(words)


def default(row):
    simple = row.default is None or isinstance(row.default, str | int | float | bool | list)
    return code(json.dumps(row.default)) if row.default is not MISSING and simple else "-"


def test_of(name):
    """A test in words: its file, then what it says."""
    if not name.startswith("test_"):
        return name
    file, _, test = name.rpartition("::")
    words = [part.removeprefix("test_").replace("_", " ") for part in (file, test)]
    return f"{words[0] or 'conformance'} › {words[1]}"


def effect(path):
    if path in EFFECT:
        return f"**has effect:** {test_of(EFFECT[path])}"
    return f"shown only: {SHOWN[path]}"


def session_fields(response=False):
    for row in FIELDS:
        if row.path.endswith(("[]", "*")) or row.path.startswith("tools[]."):
            continue
        if not row.read_only and (row.path in RESPONSE_PATHS) is response:
            yield f"`{row.path}`", takes(row), default(row), effect(row.path)


def tool_fields():
    """Rows of `tools[]`; those that are only shown for the same reason in one."""
    rows = [row for row in FIELDS if row.path.startswith("tools[].") and row.path.count(".") == 1]
    rows = [row for row in rows if not row.path.endswith(("[]", "*"))]
    for row in rows:
        if row.path in EFFECT:
            yield f"`{row.name}`", takes(row), effect(row.path)
    for why in dict.fromkeys(SHOWN[row.path] for row in rows if row.path in SHOWN):
        names = [f"`{row.name}`" for row in rows if SHOWN.get(row.path) == why]
        yield ", ".join(names), "as documented", f"shown only: {why}"


def limits():
    for field in dataclasses.fields(Limits):
        yield f"`{field.name}`", f"{field.default:,}", test_of(LIMITS[field.name])


def deviations():
    for title, rows in DEVIATIONS.items():
        yield from [f"### {title}", ""]
        head = ("What", "Hosted service", "Here", "Why", "Known by")
        yield from table(
            head, [(row.topic, row.hosted, row.ours, row.why, row.source) for row in rows]
        )


def opening():
    sent, all_ = len(SERVER_EVENTS) - len(NOT_SENT), len(SERVER_EVENTS)
    ours = sum(row.source == "ours" for row in WRONG)
    return f"""\
# What the embedded server speaks

*Made by `docs/make_protocol.py` from a recorded run of {len(SCENES)} scenes on real sockets; a test
compares it with a new run. Not edited.*

Should you test your Realtime client against `rtkit serve`? In ten lines:

1. **Yes for the wire:** the GA shape of the Realtime API over WebSocket; {sent} of the {all_}
   server events of the official types are sent, and all {len(CLIENT_EVENTS)} client events answered
   (`output_audio_buffer.clear` by an error, as on any WebSocket).
2. **Yes for shape:** every event below was checked by the types of `openai` 3.54.0.
3. **Yes for order:** {len(ORDERS)} conversations are compared event by event.
4. **Yes for errors:** {len(WRONG)} refusals; {len(WRONG) - ours} in words that the hosted service
   is known to use, {ours} in ours, each marked.
5. **Yes for turns and audio:** it listens to the sound that you send, speaks faster than real time,
   is interrupted, and truncates what was not heard.
6. **No for answers:** the words come from rules, a script, or a chat endpoint of yours.
7. **No for hearing:** the recogniser is small and knows English only.
8. **No for** WebRTC, SIP, MCP and translation.
9. **Not a copy:** see *Differences*. Nothing here was tried against the hosted service; where its
   side is known, the source is named.
10. **Nothing here is called supported that no test shows.** Names under *Test* are scenes of
    `tests/conformance_scenes.py`; with a `›`, a test file and the test in it.
"""


def section(title, *texts):
    """A heading and its paragraphs."""
    lines = [f"## {title}", ""]
    for text in texts:
        lines += [*textwrap.wrap(text, 100, break_on_hyphens=False), ""]
    return lines


def events():
    yield from section(
        "Client events",
        "`?`: may be left out. Any event may carry an `event_id`, which comes back in "
        "`error.event_id`.",
    )
    yield from table(("Event", "Fields", "Answer", "Test"), client_events())
    yield from section(
        "Server events",
        "Each carries an `event_id` of its own. The deltas of text and transcripts carry "
        "`obfuscation`, as the hosted service's do (TRACE), though the types do not name it: "
        "clients must ignore what they do not know. Here those of arguments carry it, too; whether "
        "the service's do is UNVERIFIED.",
    )
    yield from table(("Event", "Fields", "When", "Test"), server_events())
    yield from ("Not sent:", "")
    yield from table(("Event", "Why"), [(f"`{type_}`", why) for type_, why in NOT_SENT.items()])
    yield from section(
        "Orders",
        "`>` from the client, `<` from the server; `…` stands for one or more. The voice turn and "
        "the call come in the same order with the real recogniser and voice. Test: conformance › "
        "the order of a.",
    )
    yield from orders()


def errors():
    yield from section(
        "Refusals",
        "Each is an `error` of type `invalid_request_error`, and the session goes on. *Known by*: "
        "whose wording it is, see the end of the page. Test: conformance › what is wrong is named "
        "and the session goes on.",
    )
    yield from table(("When", "Code, param", "Message", "Known by"), refusals())
    elsewhere = (f"`{REFUSALS[kind].code}` in {test_of(test)}" for kind, test in ELSEWHERE.items())
    yield from ("Provoked elsewhere: " + "; ".join(elsewhere) + ".", "")
    yield from section(
        "Who is turned away or sent off",
        "One `error` (its `param` is null), then a close frame. Test: conformance › who may not "
        "stay is told and then hung up on.",
    )
    yield from table(("When", "Code", "Close", "Message", "Known by"), turned_away())
    yield from ("Other closes:", "")
    yield from table(("Code", "When", "Reason", "Test"), closes())
    yield from section(
        "HTTP", "On the same port. Test: conformance › a request by http is answered."
    )
    yield from table(("When", "Request", "Status", "Code", "Param"), requests())


def fields():
    yield from section(
        "Session fields",
        "Each is taken and shown in `session.updated`, and refused when it is wrong: conformance › "
        "a session field is taken and shown and what is wrong in it refused. The last column says "
        "whether it does more than that, and the test that shows it.",
    )
    yield from table(("Field", "Takes", "Default", "Here"), session_fields())
    yield from ("In a tool:", "")
    yield from table(("Field", "Takes", "Here"), tool_fields())
    gone = ", ".join(f"`{name}`" for name in GONE)
    text = (
        "`object`, `id` and `expires_at` are the server's to say. Fields of the beta are refused "
        f"as `unknown_parameter` (conformance › a field of the beta is unknown): {gone}."
    )
    yield from (*textwrap.wrap(text, 100, break_on_hyphens=False), "")
    yield from ("Of `response.create` alone:", "")
    yield from table(("Field", "Takes", "Default", "Here"), session_fields(response=True))


def page():
    """The whole text."""
    options = ServerOptions()
    server = (
        f"Of the server: {options.max_sessions} sessions of {options.max_session_s / 60:g} "
        f"minutes, {MOST:,} ephemeral keys with {MOST_CHARS // MIB} MiB of settings. The first two "
        f"can be set. Besides, of one session at most {MOST_UNHEARD} utterances are with the "
        f"recogniser, {MOST_WAITING} of which may wait for dictation; the words of one beyond them "
        "end in `conversation.item.input_audio_transcription.failed` (ears › with too many "
        "unfinished the next is not heard and says so; scribes › too many of one are refused and "
        "others are not). The hosted service documents 15 MiB for an append and 512 characters for "
        "an `event_id` (SDK, OPENAPI); the other limits are ours."
    )
    lines = [*opening().splitlines(), "", *events(), *errors(), *fields()]
    lines += section(
        "Limits",
        "Of one session, with a row of *Refusals* or a test that shows it; `rtkit.server.limits` "
        "gives the reasons.",
    )
    lines += [*table(("Limit", "Usual", "Test"), limits()), *textwrap.wrap(server, 100), ""]
    lines += ["## Differences", "", *deviations(), "Known by:", ""]
    lines += [f"- {name}: {what}" for name, what in SOURCES.items()]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def main(arguments):
    """Write the page, or say whether it is fresh."""
    logging.getLogger("rtkit").setLevel(logging.CRITICAL)  # what breaks is meant to
    text = page()
    if "--check" not in arguments:
        PAGE.write_text(text, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != text:
        sys.exit("docs/protocol.md is not fresh: python docs/make_protocol.py")


if __name__ == "__main__":
    main(sys.argv[1:])
