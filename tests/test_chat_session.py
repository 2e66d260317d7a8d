"""A chat endpoint behind the embedded server as people use it: real ears and voice, one process."""

import asyncio
import os
import subprocess
import sys
import time
from threading import Thread

import pytest
from upstream import delta, says, upstream

import rtkit
from rtkit import ChatCompletions, RealtimeConfigBuilder, ServerOptions, background
from rtkit.server.local import embedded

pytestmark = pytest.mark.usefixtures("own_recordings")


@pytest.fixture
def endpoint():
    """A chat endpoint in a thread of its own, as another process would be: (url, its Upstream)."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    opened = []

    def run(coro):
        return asyncio.run_coroutine_threadsafe(coro, loop).result(10)

    def begin(*scripts, **options):
        context = upstream(*scripts, **options)
        opened.append(context)
        return run(context.__aenter__())

    yield begin
    for context in opened:
        run(context.__aexit__(None, None, None))
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


def test_a_spoken_question_is_dictated_and_its_answer_spoken_as_it_is_written(endpoint):
    slow = [delta(content="Paris is the capital of France. "), 1.5, says("It lies on the Seine.")]
    there = endpoint(slow, step=1)
    options = ServerOptions(brain=ChatCompletions(there.url, "m"))
    with rtkit.connect(RealtimeConfigBuilder().build(), server=options) as session:
        turn = session.ask(rtkit.say("What is the capital of France?"))
        assert turn.answer == "Paris is the capital of France. It lies on the Seine."
        assert turn.question
        assert there.asked[0]["messages"][-1] == {"role": "user", "content": turn.question}
        at = {moment.type: moment.t for moment in reversed(list(session.timeline))}
        assert at["response.done"] - at["response.output_audio.delta"] > 1.0


def test_equal_options_share_one_server(endpoint):
    there = endpoint(says("Yes."))
    urls = set()
    for _ in range(2):
        options = ServerOptions(brain=ChatCompletions(there.url, "m", api_key="sk-secret-1"))
        with rtkit.connect(server=options, record=False) as session:
            assert session.ask("Is it?").answer == "Yes."
            urls.add(background.run(embedded(options), 5).url)
            assert "sk-secret" not in repr(session)
            assert "sk-secret" not in str([moment.event for moment in session.timeline])
    assert len(urls) == 1


def test_a_process_that_ends_in_mid_answer_leaves_nothing_to_complain_of(endpoint):
    there = endpoint([delta(content="One. Two. "), 30])
    code = (
        "import rtkit, time\n"
        f"brain = rtkit.ChatCompletions({there.url!r}, 'm')\n"
        "session = rtkit.connect(server=rtkit.ServerOptions(brain=brain), record=False)\n"
        "session.send({'type': 'response.create'})\n"
        "time.sleep(1.5)\n"
        "print('done')\n"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", code], capture_output=True, text=True, timeout=30,
        env={**os.environ, "PYTHONWARNINGS": "default"},
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, "done")
    assert len(there.asked) == 1
    assert [
        line for line in done.stderr.splitlines() if "Unclosed" in line or "never" in line
    ] == []
    assert time.monotonic() - began < 20
