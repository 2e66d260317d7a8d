"""The player whose loudspeaker is a page; the page here is a list of what was sent to it."""

import asyncio

import pytest

from rtkit.widgets.speaker import AHEAD, BrowserPlayer
from rtkit.widgets.wire import parse, unpack

SECOND = bytes(48_000)


class Page:
    """A link whose other end is this test."""

    path = "direct"

    def __init__(self):
        self.sent = []

    def send(self, data):
        self.sent.append(data)

    def close(self):
        self.sent.append("closed")

    def sound(self):
        """Samples received of each item, by its number."""
        counts = {}
        for data in self.sent:
            if isinstance(data, bytes):
                number, pcm = unpack(data)
                counts[number] = counts.get(number, 0) + len(pcm) // 2
        return counts

    def texts(self):
        return [parse(data) for data in self.sent if isinstance(data, str)]


@pytest.fixture
def stage():
    player, page, facts = BrowserPlayer(), Page(), []
    player.attach(facts.append)
    player.enter(page)
    return player, page, facts


def number_of(page):
    return list(page.sound())[-1]


def test_sound_goes_out_at_most_three_seconds_ahead(stage):
    player, page, _ = stage
    for _ in range(10):
        player.play("a", SECOND)
    [(number, sent)] = page.sound().items()
    assert AHEAD <= sent < AHEAD + 2400
    player.hear({"type": "position", "item": number, "played": 24_000})
    assert AHEAD + 24_000 <= page.sound()[number] < AHEAD + 26_400


def test_the_end_of_an_item_is_told_after_its_last_sound(stage):
    player, page, _ = stage
    for _ in range(4):
        player.play("a", SECOND)
    player.finish("a")
    assert page.texts() == []
    player.hear({"type": "position", "item": number_of(page), "played": 48_000})
    assert parse(page.sent[-1]) == {"type": "finish", "item": number_of(page)}


def test_what_the_page_played_becomes_facts_of_the_item(stage):
    player, page, facts = stage
    player.play("a", SECOND)
    number = number_of(page)
    player.hear({"type": "started", "item": number})
    player.hear({"type": "position", "item": number, "played": 2400})
    player.hear({"type": "finished", "item": number, "played": 24_000})
    player.hear({"type": "position", "item": number, "played": 24_000})
    assert facts == [
        {"type": "playback.started", "item_id": "a"},
        {"type": "playback.position", "item_id": "a", "played_ms": 100.0},
        {"type": "playback.finished", "item_id": "a", "played_ms": 1000.0},
    ]


def test_a_page_cannot_have_played_more_than_it_was_sent(stage):
    player, page, facts = stage
    player.play("a", SECOND)
    player.hear({"type": "finished", "item": number_of(page), "played": 10**6})
    assert facts[-1]["played_ms"] == 1000.0


def flush(player, answer):
    """Flush, and let the page answer; what the player returns."""

    async def act():
        task = asyncio.create_task(player.flush())
        await asyncio.sleep(0)
        answer()
        return await task

    return asyncio.run(act())


def test_a_flush_returns_what_the_page_says_it_played(stage):
    player, page, _ = stage
    player.play("a", SECOND)
    player.play("b", SECOND)
    first, second = page.sound()

    def answer():
        items = [{"item": first, "played": 24_000}, {"item": second, "played": 120}]
        player.hear({"type": "flushed", "id": page.texts()[-1]["id"], "items": items})

    assert flush(player, answer) == [("a", 1000.0), ("b", 5.0)]


def test_nothing_queued_goes_out_after_a_flush(stage):
    player, page, _ = stage
    for _ in range(10):
        player.play("a", SECOND)
    number, before = number_of(page), page.sound()
    flush(player, lambda: player.hear({"type": "flushed", "id": page.texts()[-1]["id"]}))
    player.hear({"type": "position", "item": number, "played": 50_000})
    assert page.sound() == before


def test_a_page_that_does_not_answer_a_flush_leaves_the_last_position(stage, monkeypatch):
    monkeypatch.setattr("rtkit.widgets.speaker.ACK_WITHIN", 0.02)
    player, page, _ = stage
    player.play("a", SECOND)
    player.hear({"type": "position", "item": number_of(page), "played": 4800})
    assert asyncio.run(player.flush()) == [("a", 200.0)]


def test_a_page_that_leaves_has_heard_what_it_had_played(stage):
    player, page, facts = stage
    player.play("a", SECOND)
    player.hear({"type": "position", "item": number_of(page), "played": 2400})
    player.exit()
    assert facts[-1] == {"type": "playback.flushed", "item_id": "a", "played_ms": 100.0}


def test_without_a_page_nothing_was_heard_and_nothing_waits():
    player = BrowserPlayer()
    player.play("a", SECOND)
    player.finish("a")
    assert asyncio.run(player.flush()) == [("a", 0.0)]
