import asyncio
import gc
import threading
import weakref

import numpy as np
from serverstory import words_heard
from socketstory import Parrot

from rtkit.server.commands import Finish, Forget, Listen
from rtkit.server.ears import MOST_UNHEARD, Ears

SOUND = np.zeros(4000, np.int16)


def told(*commands, make=None, expected=None, parrot=None):
    """(what was reported, the recogniser) after these commands.

    A text among them waits until the recogniser has done that.
    """
    reports, guesses, parrot = [], [], parrot or Parrot()

    async def story():
        ears = Ears(
            make or (lambda: parrot),
            lambda item_id, guess: guesses.append(guess),
            lambda item_id, heard: reports.append((item_id, heard.text)),
            lambda item_id, message: reports.append((item_id, message)),
        )
        running = asyncio.create_task(ears.run())
        for command in commands:
            while isinstance(command, str) and command not in parrot.done:
                await asyncio.sleep(0.001)
            if not isinstance(command, str):
                ears.put(command)
        finishes = sum(isinstance(command, Finish) for command in commands)
        async with asyncio.timeout(5):
            while len(reports) < (finishes if expected is None else expected) or not ears.idle:
                await asyncio.sleep(0.001)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())
    assert len(guesses) <= sum(isinstance(command, Listen) for command in commands)
    return reports, parrot


def test_an_utterance_is_heard_to_its_end():
    reports, parrot = told(Listen("a", SOUND), Listen("a", SOUND), Finish("a"))
    assert reports == [("a", "hello")]
    assert (parrot.done, parrot.fed) == (["begin", "finish"], 8000)
    assert parrot.closed


def test_utterances_follow_one_another():
    reports, parrot = told(Listen("a", SOUND), Finish("a"), Listen("b", SOUND), Finish("b"))
    assert [item_id for item_id, _ in reports] == ["a", "b"]
    assert parrot.done == ["begin", "finish"] * 2


def test_a_forgotten_utterance_is_cancelled():
    reports, parrot = told(Listen("a", SOUND), "begin", Forget("a"), Forget("b"))
    assert (reports, parrot.done) == ([], ["begin", "cancel"])


def test_of_what_was_forgotten_before_its_turn_nothing_is_heard_or_kept():
    kept = []

    async def story():
        ears = Ears(Parrot, lambda *_: None, lambda *_: None, lambda *_: None)
        for number in range(3 * MOST_UNHEARD):
            sound = np.zeros(4000, np.int16)
            kept.append(weakref.ref(sound))
            ears.put(Listen(f"item {number}", sound))
            ears.put(Finish(f"item {number}"))
            ears.put(Forget(f"item {number}"))
        del sound
        gc.collect()
        assert ears.idle

    asyncio.run(story())
    assert [alive for alive in kept if alive() is not None] == []


def test_a_recogniser_that_comes_to_be_after_the_session_is_closed():
    parrot, may_be = Parrot(), threading.Event()

    def slow():
        may_be.wait(5)
        return parrot

    async def story():
        ears = Ears(slow, lambda *_: None, lambda *_: None, lambda *_: None)
        running = asyncio.create_task(ears.run())
        ears.prepare()
        await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        may_be.set()

    asyncio.run(story())  # which waits for the thread
    assert parrot.closed


def test_an_utterance_that_never_ended_gives_way():
    _, parrot = told(Listen("a", SOUND), Listen("b", SOUND), Finish("b"))
    assert parrot.done == ["begin", "cancel", "begin", "finish"]


def test_finishing_what_nobody_heard_is_reported():
    assert told(Finish("a"))[0] == [("a", "nothing was heard")]


def test_a_recogniser_that_cannot_be_made_says_why(caplog):
    def broken():
        raise RuntimeError("no model")

    reports, _ = told(Listen("a", SOUND), Finish("a"), make=broken)
    assert reports == [("a", "RuntimeError: no model")]


def test_a_recogniser_that_breaks_is_tried_again_with_the_next_utterance(caplog):
    class Fragile(Parrot):
        def feed(self, samples):
            if self.done.count("begin") == 1:
                raise OSError("broken")

    reports, _ = told(
        Listen("a", SOUND), Finish("a"), Listen("b", SOUND), Finish("b"), make=Fragile
    )
    assert reports == [("a", "OSError: broken"), ("b", "hello")]


class Overlapping(Parrot):
    """Hears the next utterance while it still writes down the first."""

    overlaps = True

    async def finish(self):
        self.done.append("taken")
        number = self.done.count("taken")
        await asyncio.sleep(0.05 if number == 1 else 0)
        return words_heard(f"number {number}")


def test_a_later_utterance_does_not_wait_for_the_words_of_an_earlier_one():
    commands = Listen("a", SOUND), Finish("a"), Listen("b", SOUND), Finish("b")
    reports, _ = told(*commands, make=Overlapping)
    assert reports == [("b", "number 2"), ("a", "number 1")]


def test_a_forgotten_utterance_is_not_finished():
    parrot = Overlapping()
    commands = Listen("a", SOUND), Finish("a"), "taken", Forget("a")
    more = Listen("b", SOUND), Finish("b")
    reports, _ = told(*commands, *more, parrot=parrot, expected=1)
    assert reports == [("b", "number 2")]


def test_with_too_many_unfinished_the_next_is_not_heard_and_says_so():
    ids = [f"item {n}" for n in range(MOST_UNHEARD + 1)]
    commands = [command for name in ids for command in (Listen(name, SOUND), Finish(name))]
    reports, parrot = told(*commands)
    assert [name for name, _ in reports] == ids
    assert [text for _, text in reports[:-1]] == ["hello"] * MOST_UNHEARD
    assert "16 utterances of this session are still waiting" in reports[-1][1]
    assert parrot.fed == MOST_UNHEARD * len(SOUND)


def test_what_was_finished_makes_room():
    reports, parrot = [], Parrot()

    async def story():
        ears = Ears(
            lambda: parrot,
            lambda item_id, guess: None,
            lambda item_id, heard: reports.append(heard.text),
            lambda item_id, message: reports.append(message),
        )
        running = asyncio.create_task(ears.run())
        for number in range(3 * MOST_UNHEARD):
            ears.put(Listen(f"item {number}", SOUND))
            ears.put(Finish(f"item {number}") if number % 2 else Forget(f"item {number}"))
            while not ears.idle:
                await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())
    assert reports == ["hello"] * (3 * MOST_UNHEARD // 2)
