"""Whatever a client sends, and whenever results come: nothing raises, nothing false is sent, and
the session answers the next good question.

RTKIT_FUZZ_EXAMPLES sets how many examples are tried (usual: 100); the long run takes thousands.
"""

import json
import os

import numpy as np
from fuzzcases import frames, good, spelled, texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serverstory import Finish, Listen, Story, Think, only, types, words_heard

from rtkit.server.brain import Call, Say
from rtkit.server.limits import Limits

EXAMPLES = int(os.environ.get("RTKIT_FUZZ_EXAMPLES", "100"))
WORDS = ["hello", "", "what time is it", "yes and", "Ä \U0001f600"]

steps = st.one_of(
    st.tuples(st.just("frame"), good),
    st.tuples(st.just("frame"), good),
    st.tuples(st.just("frame"), good),
    st.tuples(st.just("frame"), good),
    st.tuples(st.just("frame"), frames),
    st.tuples(st.just("frame"), frames),
    st.tuples(st.just("known"), st.integers(0, 5), st.integers(0, 5)),
    st.tuples(st.just("speak"), st.sampled_from([100, 400, 1200])),
    st.tuples(st.just("silence"), st.sampled_from([100, 700, 3000])),
    st.tuples(st.just("heard"), st.integers(0, 5), st.sampled_from(WORDS)),
    st.tuples(st.just("unheard"), st.integers(0, 5)),
    st.tuples(st.just("guess"), st.integers(0, 5), st.sampled_from(WORDS)),
    st.tuples(st.just("say"), st.integers(0, 1), st.just("One two three.")),
    st.tuples(st.just("say"), st.integers(0, 5), texts),
    st.tuples(st.just("call"), st.integers(0, 1)),
    st.tuples(st.just("audio"), st.just(0), st.sampled_from([0, 240, 24_000])),
    st.tuples(st.just("done"), st.integers(0, 5), st.sampled_from([None, "broken"])),
    st.tuples(st.just("wait"), st.sampled_from([0.0, 1.0, 40.0])),
)


def chosen(story, kind, number):
    """One of the commands of a kind, counted from the newest; None when there is none."""
    found = [command for command in story.commands if isinstance(command, kind)]
    return found[-1 - number % len(found)] if found else None


def known_ids(story):
    """Ids that really occur: of items, deleted or not, and of what is under way."""
    found = [e["item"]["id"] for e in story.events if "item" in e]
    return found + [e["item_id"] for e in story.events if "item_id" in e]


BY_ID = ("delete", "retrieve", "truncate", "create", "after", "refer")


def about(item_id, what):
    """An event about an item that is or was there."""
    message = {"type": "message", "role": "user", "content": []}
    name = f"conversation.item.{what}"
    if what == "create":
        return {"type": name, "item": {**message, "id": item_id}}
    if what == "after":
        return {"type": "conversation.item.create", "item": message, "previous_item_id": item_id}
    if what == "refer":
        reference = {"type": "item_reference", "id": item_id}
        return {"type": "response.create", "response": {"input": [reference, reference]}}
    event = {"type": name, "item_id": item_id}
    return event | ({"content_index": 0, "audio_end_ms": 50} if what == "truncate" else {})


def take(story, kind, *given):
    """Tell the core one thing."""
    core, now = story.core, story.now
    if kind == "frame":
        story.frame(spelled(given[0]))
    elif kind in ("speak", "silence"):
        getattr(story, kind)(given[0], frame_ms=100)
    elif kind == "known" and (ids := known_ids(story)):
        story.frame(json.dumps(about(ids[-1 - given[0] % len(ids)], BY_ID[given[1]])))
    elif kind == "heard" and (finish := chosen(story, Finish, given[0])):
        story._take(core.heard(finish.item_id, words_heard(given[1]), now))
    elif kind == "unheard" and (finish := chosen(story, Finish, given[0])):
        story._take(core.unheard(finish.item_id, "no", now))
    elif kind == "guess" and (listen := chosen(story, Listen, given[0])):
        story._take(core.partial(listen.item_id, given[1], now))
    elif kind == "wait":
        at = core.next_wakeup
        story.now += given[0]
        if at is not None and at <= story.now:
            story._take(core.wake(story.now))
    elif think := chosen(story, Think, given[0] if given else 0):
        reply(story, think.response_id, kind, *given[1:])


def reply(story, response_id, kind, *given):
    """A result of brain or voice, also for a response that is over."""
    core, now = story.core, story.now
    if kind == "say":
        text = given[0].encode(errors="replace").decode()  # a brain speaks text
        story._take(core.reply_piece(response_id, Say(text), now))
    elif kind == "call":
        story._take(core.reply_piece(response_id, Call("look", {"at": "it"}), now))
    elif kind == "audio":
        samples = np.full(given[0], 1000, np.int16)
        story._take(core.audio(response_id, samples, now, ((0, 0), (3, 5))))
    elif kind == "done":
        story._take(core.reply_done(response_id, now, given[0]))


def can_be_said(story):
    """That every event is JSON for the strictest reader: no NaN, no half of a surrogate pair."""
    for event in story.events:
        json.dumps(event, ensure_ascii=False, allow_nan=False).encode()


def answers(story):
    """That a good question is still answered."""
    if story.core._replies.active is not None:
        story.send("response.cancel")
    story.send("input_audio_buffer.clear")
    story.update(truncation="auto")
    good = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "well?"}]}
    asked = {"input": [good], "output_modalities": ["text"], "conversation": "none"}
    asked |= {"instructions": "", "tools": [], "max_output_tokens": "inf"}
    sent = story.send("response.create", response=asked)
    assert types(sent) == ["response.created"], sent
    story.reply("Very well.")
    done = only(story.done(), "response.done")["response"]
    assert done["status"] == "completed"
    assert done["output"][0]["content"] == [{"type": "output_text", "text": "Very well."}]


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(steps, min_size=12, max_size=40))
def test_no_sequence_of_events_and_results_stops_a_session(told):
    story = Story(limits=Limits(items=30, unheard=4, responses_aside=100, buffer_s=20))
    for step in told:
        take(story, *step)
    can_be_said(story)
    answers(story)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(steps, min_size=8, max_size=25))
def test_no_sequence_stops_a_session_that_only_writes_down(told):
    story = Story(kind="transcription")
    for step in told:
        take(story, *step)
    can_be_said(story)
    story.send("input_audio_buffer.clear")
    assert story.core.closed is False
    assert types(story.send("input_audio_buffer.clear")) == ["input_audio_buffer.cleared"]
