import numpy as np
import pytest
from serverstory import NOON, counted_ids, types

from rtkit.fields import default_session
from rtkit.server.brain import Say
from rtkit.server.commands import Agenda, Send, Stop, Think
from rtkit.server.conversation import Conversation
from rtkit.server.rejections import Refused
from rtkit.server.replies import Replies
from rtkit.server.responses import Plan


def replies():
    agenda = Agenda(counted_ids())
    return Replies(agenda, Conversation("conv_1"), lambda: NOON), agenda


def plan(**fields):
    return Plan(default_session(), **fields)


def sent(commands):
    return types([command.event for command in commands if isinstance(command, Send)])


def test_one_response_at_a_time_in_the_conversation():
    many, agenda = replies()
    many.create(plan(), set())
    with pytest.raises(Refused, match=many.active.id):
        many.create(plan(), set())
    many.create(plan(in_conversation=False), set())
    many.create(plan(in_conversation=False), set())
    assert sum(isinstance(command, Think) for command in agenda.take()) == 3


def test_the_brain_is_told_the_time():
    many, agenda = replies()
    many.create(plan(), set())
    assert agenda.take()[-1].request.now == NOON


def test_the_end_frees_the_conversation():
    many, agenda = replies()
    many.create(plan(), set())
    many.end(many.active.id, "completed")
    assert many.active is None
    assert sent(agenda.take())[-2:] == ["response.done", "rate_limits.updated"]


def test_late_results_are_dropped():
    many, agenda = replies()
    many.create(plan(), set())
    response = many.active
    many.cancel(response, "client_cancelled")
    assert Stop(response.id) in agenda.take()
    many.piece(response.id, Say("too late"))
    many.sound(response.id, np.zeros(10, np.int16), ())
    many.end(response.id, "completed")
    assert agenda.take() == []
    assert not many.voices


def test_nothing_is_said_when_the_session_is_over():
    many, agenda = replies()
    many.create(plan(), set())
    agenda.take()
    response_id = many.active.id
    many.drop_all()
    assert agenda.take() == [Stop(response_id)]
    assert many.get(response_id) is None
