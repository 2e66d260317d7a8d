import string

import pytest

from rtkit.server.rejections import REFUSALS, Refused, error_event, refuse


@pytest.mark.parametrize("kind", REFUSALS)
def test_every_row_can_be_filled_in(kind):
    row = REFUSALS[kind]
    names = [name for _, name, _, _ in string.Formatter().parse(row.message + (row.param or ""))]
    refusal = refuse(kind, **{name: 7 for name in names if name})
    assert "{" not in refusal.message
    assert refusal.code == row.code


def test_the_error_event_has_the_shape_of_the_wire():
    error = error_event(refuse("no_key"), "mine")["error"]
    assert error == {
        "type": "invalid_request_error",
        "code": None,
        "message": "Missing bearer or basic authentication in header",
        "param": None,
        "event_id": "mine",
    }


def test_refused_says_why():
    assert str(Refused(refuse("binary"))).startswith("Expected a text WebSocket message")
