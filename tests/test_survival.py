"""Two turns of each fault of the embedded server; the long test does five hundred."""

import pytest
import survival
from survival import FAULTS, stands_on_the_timeline, talk

import rtkit

pytestmark = pytest.mark.usefixtures("own_recordings")


@pytest.fixture(scope="module")
def clip():
    return rtkit.say("What is the capital of France?")


@pytest.mark.parametrize("kind", FAULTS)
def test_every_turn_completes_once_and_the_fault_stands_on_the_timeline(kind, clip):
    outcome = talk(kind, 2, clip)
    assert outcome.errors == []
    assert outcome.completed == outcome.asked
    assert stands_on_the_timeline(kind, outcome), outcome.facts


def test_the_faults_are_of_the_servers_own_table():
    from rtkit.server.faults import KINDS

    assert {text.partition(":")[0] for text in survival.FAULTS.values()} <= KINDS.keys()
