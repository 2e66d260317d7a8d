"""Which pages may come in; among them those of a site that points its own name at this machine."""

import pytest

from rtkit.server.gate import Gate

SCHOOL = "https://school.example"


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("http://localhost:8888", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:8888", True),
        ("http://10.0.0.5:8765", True),
        (SCHOOL, True),
        ("http://school.example", False),
        ("https://evil.example", False),
        ("https://localhost.evil.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://evil.example#@localhost", False),
        ("http://10.0.0.5:9000", False),
        ("http://[::1", False),
        ("file://", False),
        ("null", False),
        ("", False),
    ],
)
def test_which_pages_may_connect(origin, allowed):
    gate = Gate(origins=(SCHOOL,), host="0.0.0.0", keyed=True)
    assert (gate.refusal(origin, "10.0.0.5:8765", websocket=True) is None) is allowed


@pytest.mark.parametrize("name", ["evil.example:8765", "evil.example", "2130706433.evil.example"])
def test_a_site_that_points_its_own_name_at_this_machine_stays_outside(name):
    for gate in (Gate(), Gate(keyed=True), Gate(host="0.0.0.0", keyed=True)):
        for websocket in (True, False):
            refusal = gate.refusal(f"http://{name}", name, websocket=websocket)
            assert refusal.code == "origin_not_allowed"


def test_a_plain_get_of_such_a_site_has_no_origin_and_is_known_by_its_host():
    refusal = Gate().refusal(None, "evil.example:8765")
    assert refusal.code == "host_not_allowed"
    assert "--origin http://evil.example:8765" in refusal.message
    assert Gate(keyed=True).refusal(None, "evil.example:8765") is None


def test_a_program_may_use_any_name_for_a_websocket_since_browsers_always_send_an_origin():
    assert Gate().refusal(None, "host.docker.internal:8765", websocket=True) is None


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8765", "localhost", "[::1]:8765", "192.168.1.9:1", "Me.Example:8765"]
)
def test_names_that_nobody_else_can_point_at_us_are_ours(host):
    gate = Gate(host="me.example")
    assert gate.refusal(None, host) is None
    assert gate.refusal(f"http://{host}", host) is None


def test_the_host_of_an_allowed_origin_is_ours_too():
    assert Gate(origins=(SCHOOL,)).refusal(None, "school.example") is None


@pytest.mark.parametrize("host", ["", "[::1", ":8765"])
def test_a_host_that_is_none_is_not_ours(host):
    assert Gate().refusal(None, host).code == "host_not_allowed"
