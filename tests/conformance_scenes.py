"""The kinds of turns and everything a client may do, as scenes; their orders as whole sequences."""

import asyncio

import numpy as np
from conformance import scene, slow
from serverstory import only, voiced
from socketstory import Parrot

from rtkit.audio import AudioFormat, encode, from_base64, to_base64
from rtkit.server.brain import Call, Say, Script, said_by

SILENCE = np.zeros(24_000)
QUESTION = [*voiced(600), *SILENCE]
LONG = " ".join(["Once upon a time there was a fox."] * 40)
STORY = "tell me a story"
TOOL = {"type": "function", "name": "look_up", "parameters": {"type": "object"}}
TRANSCRIBING = {"input": {"transcription": {"model": "gpt-4o-mini-transcribe"}}}
MANUAL = {"input": {"turn_detection": None}}


class Deaf(Parrot):
    """A recogniser that fails."""

    async def finish(self):
        raise RuntimeError("no ears today")


class Broken:
    """A brain that fails."""

    grammar = ""

    async def reply(self, request):
        raise RuntimeError("no words today")
        yield


class Pausing:
    """A brain that greets; asked for a story, it begins and then thinks for ever."""

    grammar = ""

    async def reply(self, request):
        yield Say("Hello there.")
        if said_by(request.history, "user")[-1:] == [STORY]:
            await asyncio.Event().wait()


async def ask(talk, text="hello", **response):
    """A typed question; the events of its answer."""
    await talk.type(text)
    await talk.send("response.create", **({"response": response} if response else {}))
    return await talk.until("rate_limits.updated")


async def text_session(talk, **session):
    await talk.update(output_modalities=["text"], **session)


def done(events):
    return only(events, "response.done")["response"]


def item_of(events):
    return only(events, "response.output_item.done")["item"]


# The turns


@scene
async def a_voice_turn(stage):
    async with stage.talk() as talk:
        await talk.update(output_modalities=["audio"])
        await talk.append(QUESTION)
        events = await talk.until("rate_limits.updated")
        committed = only(events, "input_audio_buffer.committed")
        started = only(events, "input_audio_buffer.speech_started")
        assert committed["item_id"] == started["item_id"]
        assert committed["previous_item_id"] is None
        heard, answer = (e for e in events if e["type"] == "conversation.item.added")
        assert heard["previous_item_id"] is None
        assert answer["previous_item_id"] == committed["item_id"]
        part = {"type": "input_audio", "transcript": None}
        told = {"type": "message", "status": "completed", "role": "user", "content": [part]}
        assert heard["item"] == {"id": committed["item_id"], **told}
        assert (answer["item"]["status"], answer["item"]["content"]) == ("in_progress", [])
        assert "object" not in answer["item"]
        assert done(events)["output"] == [item_of(events)]
        said = {"type": "output_audio", "transcript": "Hello there."}
        assert item_of(events)["content"] == [said]


@scene
async def a_voice_turn_with_its_transcript(stage):
    async with stage.talk(recogniser=lambda grammar: Parrot("good day")) as talk:
        await talk.update(audio=TRANSCRIBING)
        await talk.append(QUESTION)
        events = await talk.until("rate_limits.updated")
        whole = only(events, "conversation.item.input_audio_transcription.completed")
        assert whole["transcript"] == "good day"
        assert whole["usage"]["type"] == "tokens"


@scene
async def a_telephone_call(stage):
    async with stage.talk() as talk:
        law = {"format": {"type": "audio/pcmu"}}
        session = await talk.update(audio={"input": law, "output": law})
        assert session["audio"]["output"]["format"] == {"type": "audio/pcmu"}
        sound = encode(np.concatenate([voiced(600, 8000), np.zeros(8000)]), AudioFormat.G711_ULAW)
        await talk.send("input_audio_buffer.append", audio=to_base64(sound))
        events = await talk.until("rate_limits.updated")
        stopped = only(events, "input_audio_buffer.speech_stopped")
        assert 1000 <= stopped["audio_end_ms"] <= 1200
        spoken = [e["delta"] for e in events if e["type"] == "response.output_audio.delta"]
        assert sum(len(from_base64(delta)) for delta in spoken) == 8 * 120  # two words of 60 ms


@scene
async def a_text_turn(stage):
    async with stage.talk() as talk:
        await text_session(talk)
        events = await ask(talk)
        created = only(events, "response.created")["response"]
        assert (created["status"], created["output"], created["usage"]) == ("in_progress", [], None)
        assert done(events)["status_details"] is None
        assert done(events)["usage"]["total_tokens"] > 0
        assert done(events)["output"][0]["content"] == [
            {"type": "output_text", "text": "Hello there."}
        ]


@scene
async def a_function_call(stage):
    brain = Script(Call("look_up", {"what": "time"}), "It is noon.")
    async with stage.talk(brain=brain) as talk:
        await text_session(talk, tools=[TOOL])
        call = only(await ask(talk), "response.function_call_arguments.done")
        assert (call["name"], call["arguments"]) == ("look_up", '{"what": "time"}')
        item = {"type": "function_call_output", "call_id": call["call_id"], "output": "12:00"}
        await talk.send("conversation.item.create", item=item)
        await talk.send("response.create")
        events = await talk.until("rate_limits.updated")
        assert done(events)["output"][0]["content"][0]["text"] == "It is noon."


@scene
async def a_message_and_two_calls_in_one_answer(stage):
    calls = [Call("look_up", {"what": what}) for what in ("time", "date")]
    async with stage.talk(brain=Script(["One moment.", *calls])) as talk:
        await talk.update(tools=[TOOL])
        events = await ask(talk)
        places = [e["output_index"] for e in events if e["type"] == "response.output_item.done"]
        assert places == [0, 1, 2]
        assert [i["type"] for i in done(events)["output"]] == ["message", *["function_call"] * 2]


@scene
async def an_interruption(stage):
    async with stage.talk(brain=Script(LONG, "Yes?"), pace=0.01) as talk:
        await ask_without_waiting(talk)
        for _ in range(7):  # all that is sent at once
            spoken = (await talk.until("response.output_audio.delta"))[-1]
        await talk.append(voiced(400))
        events = await talk.until("rate_limits.updated")
        assert done(events)["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
        assert item_of(events)["status"] == "incomplete"
        place = {"item_id": spoken["item_id"], "content_index": 0, "audio_end_ms": 60}
        await talk.send("conversation.item.truncate", **place)
        assert (await talk.until("conversation.item.truncated"))[-1].items() >= place.items()
        await talk.append(SILENCE)
        assert done(await talk.until("rate_limits.updated"))["status"] == "completed"


async def ask_without_waiting(talk):
    await talk.type(STORY)
    await talk.send("response.create")


@scene
async def an_answer_that_the_client_cancels(stage):
    async with stage.talk(brain=Pausing()) as talk:
        await ask_without_waiting(talk)
        for _ in range(2):  # all that the brain says
            await talk.until("response.output_audio.delta")
        await talk.send("response.cancel")
        events = await talk.until("rate_limits.updated")
        assert done(events)["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}


@scene
async def a_manual_turn(stage):
    async with stage.talk() as talk:
        await talk.update(audio=MANUAL)
        await talk.append(voiced(600))
        await talk.send("input_audio_buffer.commit")
        await talk.until("conversation.item.done")
        await talk.send("response.create")
        assert done(await talk.until("rate_limits.updated"))["status"] == "completed"


@slow
async def an_idle_timeout(stage):
    async with stage.talk(brain=Script("Hello?")) as talk:
        detection = {"type": "server_vad", "idle_timeout_ms": 5000}
        await talk.update(audio={"input": {"turn_detection": detection}})
        await talk.send("response.create")
        await talk.until("rate_limits.updated")
        await talk.append(SILENCE)
        events = await talk.until("rate_limits.updated")
        triggered = only(events, "input_audio_buffer.timeout_triggered")
        assert triggered["item_id"] == only(events, "input_audio_buffer.committed")["item_id"]


@scene
async def a_transcription_session(stage):
    ears = {"recogniser": lambda grammar: Parrot("good day")}
    async with stage.talk("?intent=transcription", **ears) as talk:
        session = await talk.update("transcription", audio=TRANSCRIBING)
        assert session["object"] == "realtime.transcription_session"
        detection = session["audio"]["input"]["turn_detection"]
        assert detection.keys().isdisjoint({"create_response", "interrupt_response"})
        await talk.append(QUESTION)
        await talk.until("conversation.item.input_audio_transcription.completed")


@scene
async def an_answer_beside_the_conversation(stage):
    async with stage.talk() as talk:
        await text_session(talk)
        beside = {"conversation": "none", "metadata": {"topic": "aside"}, "input": []}
        await talk.send("response.create", response=beside)
        events = await talk.until("rate_limits.updated")
        assert done(events)["conversation_id"] is None
        assert done(events)["metadata"] == {"topic": "aside"}
        item_id = done(events)["output"][0]["id"]
        await talk.send("conversation.item.retrieve", item_id=item_id)
        await talk.until("error")


# What else can come of a response


@scene
async def an_answer_that_is_cut_by_its_limit(stage):
    async with stage.talk(brain=Script(LONG)) as talk:
        events = await ask(talk, max_output_tokens=20)
        details = {"type": "incomplete", "reason": "max_output_tokens"}
        assert (done(events)["status"], done(events)["status_details"]) == ("incomplete", details)


@scene
async def an_answer_that_fails(stage):
    async with stage.talk(brain=Broken()) as talk:
        response = done(await ask(talk))
        assert response["status"] == "failed"
        error = response["status_details"]["error"]
        assert error["message"] == "RuntimeError: no words today"
        await talk.type("still there?")
        await talk.until("conversation.item.done")


@scene
async def several_answers_beside_the_conversation_at_once(stage):
    async with stage.talk() as talk:
        await text_session(talk)
        for topic in ("one", "two"):
            beside = {"conversation": "none", "metadata": {"topic": topic}}
            await talk.send("response.create", response=beside)
        events = [
            *await talk.until("rate_limits.updated"),
            *await talk.until("rate_limits.updated"),
        ]
        ends = [e["response"]["metadata"] for e in events if e["type"] == "response.done"]
        assert sorted(end["topic"] for end in ends) == ["one", "two"]


# What a client may do beside turns


@scene
async def sound_is_cleared(stage):
    async with stage.talk() as talk:
        await talk.update(audio=MANUAL)
        await talk.append(voiced(600))
        await talk.send("input_audio_buffer.clear")
        await talk.until("input_audio_buffer.cleared")
        await talk.send("input_audio_buffer.commit")
        await talk.until("error")


@scene
async def items_are_retrieved_truncated_and_deleted(stage):
    async with stage.talk() as talk:
        item_id = item_of(await ask(talk))["id"]
        await talk.send("conversation.item.retrieve", item_id=item_id)
        whole = (await talk.until("conversation.item.retrieved"))[-1]["item"]["content"][0]
        place = {"item_id": item_id, "content_index": 0, "audio_end_ms": 100}
        await talk.send("conversation.item.truncate", **place)
        await talk.until("conversation.item.truncated")
        await talk.send("conversation.item.retrieve", item_id=item_id)
        cut = (await talk.until("conversation.item.retrieved"))[-1]["item"]["content"][0]
        assert len(cut["audio"]) == 100 * 48 * 4 // 3 < len(whole["audio"])
        assert (whole["transcript"], cut["transcript"]) == ("Hello there.", "Hello")
        await talk.send("conversation.item.delete", item_id=item_id)
        await talk.until("conversation.item.deleted")
        await talk.send("conversation.item.retrieve", item_id=item_id)
        await talk.until("error")


@scene
async def an_item_is_put_in_front(stage):
    async with stage.talk() as talk:
        await talk.type("hello")
        await talk.until("conversation.item.done")
        part = {"type": "input_text", "text": "Be brief."}
        item = {"id": "first", "type": "message", "role": "system", "content": [part]}
        await talk.send("conversation.item.create", item=item, previous_item_id="root")
        added, made = (await talk.until("conversation.item.done"))[-2:]
        assert added["previous_item_id"] is made["previous_item_id"] is None
        assert added["item"] == {**item, "status": "completed"}


@scene
async def output_audio_buffer_clear_is_refused_on_a_websocket(stage):
    async with stage.talk(brain=Pausing()) as talk:
        await ask_without_waiting(talk)
        await talk.until("response.output_audio.delta")
        await talk.send("output_audio_buffer.clear")
        assert (await talk.until("error"))[-1]["error"]["param"] == "type"


@scene
async def speech_that_cannot_be_recognised(stage):
    async with stage.talk(recogniser=lambda grammar: Deaf()) as talk:
        await talk.update(audio=TRANSCRIBING)
        await talk.append(QUESTION)
        events = await talk.until("rate_limits.updated")
        failed = only(events, "conversation.item.input_audio_transcription.failed")
        assert failed["error"]["message"] == "RuntimeError: no ears today"


USER = ["< conversation.item.added", "< conversation.item.done"]
HEARD = ["< input_audio_buffer.committed", *USER]
VAD = ["< input_audio_buffer.speech_started", "< input_audio_buffer.speech_stopped", *HEARD]
BEGUN = ["< session.created", "> session.update", "< session.updated"]
WORDS = ["< response.output_audio_transcript.delta …", "< response.output_audio.delta …"]
OPENED = [
    "< response.created",
    "< response.output_item.added",
    "< conversation.item.added",
    "< response.content_part.added",
]
ENDED = [
    "< response.content_part.done",
    "< conversation.item.done",
    "< response.output_item.done",
    "< response.done",
    "< rate_limits.updated",
]
AUDIO_DONE = ["< response.output_audio.done", "< response.output_audio_transcript.done"]
SPOKEN = [*OPENED, *WORDS, *AUDIO_DONE, *ENDED]
WRITTEN = [*OPENED, "< response.output_text.delta …", "< response.output_text.done", *ENDED]
CALLED = [
    "< response.output_item.added",
    "< conversation.item.added",
    "< response.function_call_arguments.delta …",
    "< response.function_call_arguments.done",
    "< conversation.item.done",
    "< response.output_item.done",
]
ENDING = ["< response.done", "< rate_limits.updated"]
TRANSCRIPT = [
    "< conversation.item.input_audio_transcription.delta …",
    "< conversation.item.input_audio_transcription.completed",
]
APPENDED = "> input_audio_buffer.append …"
TYPED = "> conversation.item.create"
ASKED = [TYPED, "> response.create"]
UNHEARD = "< conversation.item.input_audio_transcription.failed"
CANCELLED = [*AUDIO_DONE, *ENDED]

# title: (scene, the whole conversation)
ORDERS = {
    "voice turn": ("a_voice_turn", [*BEGUN, APPENDED, *VAD, *SPOKEN]),
    "voice turn with a transcript": (
        "a_voice_turn_with_its_transcript",
        [*BEGUN, APPENDED, *VAD, SPOKEN[0], *TRANSCRIPT, *SPOKEN[1:]],
    ),
    "telephone call": ("a_telephone_call", [*BEGUN, APPENDED, *VAD, *SPOKEN]),
    "text turn": ("a_text_turn", [*BEGUN, *ASKED, *USER, *WRITTEN]),
    "function call": (
        "a_function_call",
        [*BEGUN, *ASKED, *USER, "< response.created", *CALLED, *ENDING, *ASKED, *USER, *WRITTEN],
    ),
    "message and calls": (
        "a_message_and_two_calls_in_one_answer",
        [*BEGUN, *ASKED, *USER, *SPOKEN[:-2], *CALLED, *CALLED, *ENDING],
    ),
    "interruption": (
        "an_interruption",
        [
            "< session.created",
            *ASKED,
            *USER,
            *OPENED,
            *WORDS,
            APPENDED,
            "< input_audio_buffer.speech_started",
            *CANCELLED,
            "> conversation.item.truncate",
            "< conversation.item.truncated",
            APPENDED,
            "< input_audio_buffer.speech_stopped",
            *HEARD,
            *SPOKEN,
        ],
    ),
    "cancelled by the client": (
        "an_answer_that_the_client_cancels",
        ["< session.created", *ASKED, *USER, *OPENED, *WORDS, "> response.cancel", *CANCELLED],
    ),
    "manual turn": (
        "a_manual_turn",
        [*BEGUN, APPENDED, "> input_audio_buffer.commit", *HEARD, "> response.create", *SPOKEN],
    ),
    "idle timeout": (
        "an_idle_timeout",
        [
            *BEGUN,
            "> response.create",
            *SPOKEN,
            APPENDED,
            "< input_audio_buffer.timeout_triggered",
            *HEARD,
            *SPOKEN,
        ],
    ),
    "transcription session": (
        "a_transcription_session",
        [*BEGUN, APPENDED, *VAD, *TRANSCRIPT],
    ),
    "beside the conversation": (
        "an_answer_beside_the_conversation",
        [*BEGUN, "> response.create"]
        + [line for line in WRITTEN if "conversation.item" not in line]
        + ["> conversation.item.retrieve", "< error"],
    ),
    "cut by max_output_tokens": (
        "an_answer_that_is_cut_by_its_limit",
        ["< session.created", *ASKED, *USER, *SPOKEN],
    ),
    "failed": (
        "an_answer_that_fails",
        ["< session.created", *ASKED, *USER, "< response.created", *ENDING, TYPED, *USER],
    ),
    "speech that cannot be recognised": (
        "speech_that_cannot_be_recognised",
        [*BEGUN, APPENDED, *VAD, SPOKEN[0], UNHEARD, *SPOKEN[1:]],
    ),
}
