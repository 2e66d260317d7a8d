import dataclasses
from typing import get_args

import pytest

from rtkit.server.commands import Close, Command, Stop


def test_commands_are_data_that_cannot_be_changed():
    for kind in get_args(Command):
        assert dataclasses.is_dataclass(kind)
    with pytest.raises(dataclasses.FrozenInstanceError):
        Stop("resp_1").response_id = "resp_2"
    assert Close(1001, "over") == Close(1001, "over")
