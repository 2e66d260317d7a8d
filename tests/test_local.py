import asyncio
import sys
from collections import deque

import pytest
from serverstory import Loudness
from socketstory import Parrot

from rtkit.errors import ConfigError, MissingExtra
from rtkit.server.brain import Script
from rtkit.server.local import ServerOptions, embedded
from rtkit.server.tutor import Tutor


def test_equal_options_share_one_server_and_others_do_not():
    async def story():
        first, second = await asyncio.gather(embedded(), embedded(ServerOptions()))
        other = await embedded(ServerOptions(delay_s=0.1))
        assert first is second
        assert other.port != first.port
        assert first.url == f"ws://127.0.0.1:{first.port}/v1/realtime"
        await first.close()
        await other.close()

    asyncio.run(story())


def test_a_closed_server_is_started_anew():
    async def story():
        first = await embedded()
        await first.close()
        second = await embedded()
        assert second is not first
        await second.close()

    asyncio.run(story())


def test_every_loop_has_its_own_server():
    async def port():
        running = await embedded()
        await running.close()
        return running

    assert asyncio.run(port()) is not asyncio.run(port())


def test_the_default_brain_is_the_tutor():
    assert isinstance(ServerOptions().mind, Tutor)
    brain = Script("Hello.")
    assert ServerOptions(brain=brain).mind is brain


def test_a_recogniser_is_made_for_the_grammar_of_the_brain():
    grammars = []

    def make(grammar):
        grammars.append(grammar)
        return Parrot()

    brain = Script("Hello.", grammar="#JSGF V1.0;")
    assert isinstance(ServerOptions(brain=brain, recogniser=make).new_recogniser(), Parrot)
    assert grammars == ["#JSGF V1.0;"]


def test_the_recogniser_may_be_named_by_a_variable(monkeypatch):
    monkeypatch.setenv("RTKIT_RECOGNISER", "abacus")
    with pytest.raises(ValueError, match="abacus"):
        ServerOptions().new_recogniser()


def test_the_default_parts_are_real():
    options = ServerOptions()
    assert options.new_detector().rate == 16_000
    assert hasattr(options.voice, "speak")


def test_what_was_warmed_is_used_and_given_back():
    options = ServerOptions()
    options.warm()
    detector = options.new_detector()
    options.give_back(detector)
    assert options.new_detector() is detector


def test_a_detector_of_ones_own_is_never_shared():
    options = ServerOptions(detector=Loudness)
    detector = options.new_detector()
    options.give_back(detector)
    assert options.new_detector() is not detector


def test_a_recogniser_that_nobody_knows_is_refused_with_the_names_of_those_there_are(monkeypatch):
    with pytest.raises(ConfigError, match=r"'foo'\. Allowed: pocketsphinx, whisper"):
        ServerOptions(recogniser="foo").require_parts()
    monkeypatch.setenv("RTKIT_RECOGNISER", "foo")
    with pytest.raises(ConfigError, match="RTKIT_RECOGNISER"):
        ServerOptions().require_parts()
    ServerOptions(recogniser=lambda grammar: Parrot()).require_parts()


def test_a_recogniser_that_is_not_installed_is_named_before_anybody_speaks(monkeypatch):
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(MissingExtra, match=r"faster-whisper.*rtkit\[whisper\]"):
        ServerOptions(recogniser="whisper").require_parts()


def test_a_part_that_breaks_while_it_loads_does_not_keep_a_server_from_ending(caplog, monkeypatch):
    monkeypatch.setattr("rtkit.server.local._spare_detectors", deque())

    def broken():
        raise OSError("no such library")

    async def story():
        running = await embedded(ServerOptions(detector=broken))
        await running.close()

    asyncio.run(story())
    assert "cannot be loaded" in caplog.text
