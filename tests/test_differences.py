from rtkit.comparison import Difference
from rtkit.differences import read_differences
from rtkit.moments import Moment


def story(*events):
    return [Moment(float(n), source, event) for n, (source, event) in enumerate(events)]


def update(id_, **session):
    return "client", {"type": "session.update", "event_id": id_, "session": session}


def updated(**session):
    return "server", {"type": "session.updated", "session": session}


def test_updates_add_up_and_a_refused_one_asks_nothing():
    refused = {"type": "error", "error": {"event_id": "e2", "code": "unknown_parameter"}}
    moments = story(
        ("server", {"type": "session.created", "session": {}}),
        update("e1", instructions="Be brief."),
        updated(instructions="Be brief."),
        update("e2", instructions="Sing.", voice="sage"),
        ("server", refused),
        update("e3", max_output_tokens=50),
        updated(instructions="Be brief.", max_output_tokens="inf"),
    )
    (found,) = read_differences(moments)
    assert (found.path, found.asked, found.effective) == ("max_output_tokens", 50, "inf")
    assert isinstance(found, Difference)


def test_a_new_session_begins_afresh():
    moments = story(
        update("e1", instructions="Be brief."),
        updated(instructions=""),
        ("server", {"type": "session.created", "session": {}}),
    )
    assert len(read_differences(moments[:2])) == 1
    assert not read_differences(moments)
    assert not read_differences([])


def test_another_type_of_detection_forgets_what_was_asked_of_the_first():
    def asks(**detection):
        return {"audio": {"input": {"turn_detection": detection}}}

    semantic = asks(type="semantic_vad", eagerness="low")
    moments = story(
        update("e1", **asks(type="server_vad", threshold=0.7)),
        updated(**asks(type="server_vad", threshold=0.7)),
        update("e2", **semantic),
        updated(**semantic),
    )
    assert not read_differences(moments)
