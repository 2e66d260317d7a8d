"""One response at a time."""

from rtkit.floor import ALREADY_ACTIVE, Floor, is_beside


def create(number):
    return {"type": "response.create", "event_id": f"e{number}"}


def response(number, conversation_id="conv"):
    return {"id": f"r{number}", "conversation_id": conversation_id}


def test_creates_are_sent_one_at_a_time_and_in_order():
    floor = Floor()
    floor.ask(create(1))
    floor.ask(create(2))
    assert floor.next() == create(1)
    assert floor.promised
    assert floor.next() is None
    assert floor.created(response(1))
    assert not floor.promised
    assert floor.next() is None
    assert floor.done("r1") == "e1"
    assert floor.next() == create(2)


def test_what_came_too_early_waits_at_the_front():
    floor = Floor()
    floor.ask(create(1))
    floor.next()
    floor.created(response(9))  # the server's own, taken for ours until the refusal comes
    floor.ask(create(2))
    assert floor.refused("e1", ALREADY_ACTIVE)
    assert floor.done("r9") is None
    assert floor.next() == create(1)


def test_what_was_refused_for_another_reason_does_not_come_again():
    floor = Floor()
    floor.ask(create(1))
    floor.next()
    assert not floor.refused("e1", "invalid_value")
    assert floor.next() is None


def test_responses_outside_the_conversation_do_not_take_the_floor():
    floor = Floor()
    floor.beside(create(1))
    assert not floor.created(response(1, None))
    floor.ask(create(2))
    assert floor.next() == create(2)
    assert floor.done("r1") == "e1"
    assert floor.promised


def test_a_server_that_tells_no_conversation_still_gives_the_floor():
    floor = Floor()
    floor.ask(create(1))
    floor.next()
    assert floor.created(response(1, None))
    assert floor.active == "r1"


def test_a_create_that_waits_can_be_withdrawn():
    floor = Floor()
    floor.ask(create(1))
    floor.withdraw("e1")
    assert floor.next() is None


def test_only_conversation_none_is_beside():
    assert is_beside({"response": {"conversation": "none"}})
    assert not is_beside({"response": {"conversation": "auto"}})
    assert not is_beside({"response": None})
    assert not is_beside({})
