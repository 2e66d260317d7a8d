from serverstory import counted_ids

from rtkit.server.commands import Agenda, Send, Stop
from rtkit.server.rejections import refuse


def test_commands_are_handed_out_once_and_in_order():
    agenda = Agenda(counted_ids())
    agenda.send({"type": "input_audio_buffer.cleared"})
    agenda.do(Stop("resp_1"))
    event_id = f"event_{1:021d}"
    cleared = Send({"type": "input_audio_buffer.cleared", "event_id": event_id})
    assert agenda.take() == [cleared, Stop("resp_1")]
    assert agenda.take() == []


def test_an_error_echoes_the_client_event_id_when_it_is_one():
    agenda = Agenda(counted_ids())
    agenda.refuse(refuse("cancel_not_active"), "mine")
    agenda.refuse(refuse("cancel_not_active"), 7)
    echoed = [command.event["error"]["event_id"] for command in agenda.take()]
    assert echoed == ["mine", None]


def test_obfuscation_is_a_string_of_no_meaning():
    assert len(Agenda(counted_ids()).obfuscation()["obfuscation"]) == 10
