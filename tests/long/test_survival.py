"""Five hundred turns against an embedded server at fault, one kind after the other."""

import os

import pytest
from survival import FAULTS, stands_on_the_timeline, talk

import rtkit

TURNS = int(os.environ.get("RTKIT_LONG_SURVIVAL", "500"))
EACH = 12  # turns of one session


@pytest.mark.parametrize("share", [0.99])
def test_of_five_hundred_turns_nearly_all_complete_and_none_is_answered_twice(
    share, record_property
):
    clip = rtkit.say("What is the capital of France?")
    asked = completed = 0
    kinds = list(FAULTS)
    while asked < TURNS:
        kind = kinds[asked // EACH % len(kinds)]
        outcome = talk(kind, EACH, clip, voice_every=3)  # it checks what stands on the timeline
        assert stands_on_the_timeline(kind, outcome), (kind, outcome.facts)
        asked, completed = asked + outcome.asked, completed + outcome.completed
        for number, error in outcome.errors:
            record_property(f"{kind}, turn {number}", str(error))
    record_property("asked", asked)
    record_property("completed", completed)
    assert completed >= share * asked
