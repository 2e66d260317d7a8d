"""Any valid session becomes a configuration and a session again; any broken one is refused alike.

Both by the configuration and by the server's own gate, and at the same path.
"""

import warnings
from contextlib import nullcontext

import pytest
from fieldcases import CASES
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from sessioncases import corrupted, objects, sessions

from rtkit.config import RealtimeSessionConfig, ResponseConfig, TranscriptionSessionConfig
from rtkit.errors import ConfigError
from rtkit.fields import check_response, check_update, default_session, merge

TYPES = {"realtime": RealtimeSessionConfig, "transcription": TranscriptionSessionConfig}
OFFICIAL = {
    "realtime": "RealtimeSessionCreateRequest",
    "transcription": "RealtimeTranscriptionSessionCreateRequest",
    "response": "RealtimeResponseCreateParams",
}
KINDS = st.sampled_from(sorted(TYPES))


def official(kind):
    pytest.importorskip("openai")
    from openai.types import realtime

    return TypeAdapter(getattr(realtime, OFFICIAL[kind]))


def plain(value):
    """Two ways of saying nothing are one: empty, null, absent; and so is a thing said twice."""
    if isinstance(value, dict):
        inner = {name: plain(deeper) for name, deeper in value.items()}
        return {name: deeper for name, deeper in inner.items() if deeper not in (None, [], {}, "")}
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return list(dict.fromkeys(value))
    return value


@pytest.mark.parametrize("path", sorted(CASES))
def test_every_field_is_carried_by_a_configuration_or_refused_by_it(path):
    good, bad, _, _ = CASES[path]
    config = RealtimeSessionConfig.from_session(good)
    assert plain(merge(default_session(), config.to_session())) == plain(
        merge(default_session(), good)
    )
    if path == "model":  # any may be named when the session is opened
        return
    param = check_update(bad, current=default_session()).param
    with pytest.raises(ConfigError) as told:
        RealtimeSessionConfig.from_session(bad)
    assert str(told.value).startswith(f"{param}: ")


@settings(max_examples=60, deadline=None)
@given(KINDS, st.data())
def test_any_valid_session_is_a_configuration_and_a_session_again(kind, data):
    update = data.draw(sessions(kind))
    new = default_session(kind)
    assert check_update(update, current=new) is None
    config = TYPES[kind].from_session(update)
    sent = config.to_session()
    assert plain(merge(new, sent)) == plain(merge(new, update))
    assert TYPES[kind].from_session(sent).to_session() == sent
    assert TYPES[kind](**config.given()) == config
    official(kind).validate_python(sent)
    assert check_update(sent, current=new) is None


@settings(max_examples=80, deadline=None)
@given(KINDS, st.data())
def test_any_broken_session_is_refused_by_both_at_the_same_path(kind, data):
    update = data.draw(corrupted(kind))
    refusal = check_update(update, current=default_session(kind))
    assume(refusal is None or "it is set when" not in refusal.message)  # the model of another
    if refusal is None:
        TYPES[kind].from_session(update)
        return
    with pytest.raises(ConfigError) as told:
        TYPES[kind].from_session(update)
    assert str(told.value).startswith(f"{refusal.param}: {refusal.message}")


@settings(max_examples=30, deadline=None)
@given(objects("", "response"))
def test_any_valid_response_is_a_configuration_and_a_response_again(response):
    assert check_response(response) is None
    config = ResponseConfig.from_response(response)
    sent = config.to_response()
    assert ResponseConfig.from_response(sent) == config
    assert ResponseConfig.from_response(sent).to_response() == sent
    assert check_response(sent) is None
    official("response").validate_python(sent)
    whole = {"audio/pcm": {"type": "audio/pcm", "rate": 24000}}
    told = plain(response)
    output = told.get("audio", {}).get("output", {})
    if output.get("format", {}).get("type") in whole:  # the only rate there is
        output["format"] = whole[output["format"]["type"]]
    assert plain(sent) == told


WRONG = (-1, 99999999, "???", [], {}, ["???"], {"x": 1})


@settings(max_examples=80, deadline=None)
@given(KINDS, st.data())
def test_a_setting_that_is_refused_is_one_whose_field_the_server_refuses(kind, data):
    """The other way round, too: no setting is narrower or wider than its field."""
    name = data.draw(st.sampled_from(sorted(TYPES[kind].PATHS)))
    value = data.draw(st.sampled_from(WRONG))
    assume((name, value) != ("output_modalities", "???"))  # one may stand alone here
    around = {} if name != "idle_timeout_ms" else {"vad_mode": "server_vad"}
    update = sent(kind, TYPES[kind].PATHS[name], value)
    refusal = check_update(update, current=default_session(kind))
    with warnings.catch_warnings(), nullcontext() if refusal is None else refused() as told:
        warnings.simplefilter("ignore")
        TYPES[kind](**{name: value}, **around)
    if told is not None:
        assert refusal.param.startswith(f"session.{TYPES[kind].PATHS[name]}")
        assert name in str(told.value)


def refused():
    return pytest.raises(ConfigError)


def sent(kind, path, value):
    """An update with one value, and beside it what its place needs."""
    update = {"type": kind}
    *parents, last = path.split(".")
    inner = update
    for parent in parents:
        inner = inner.setdefault(parent, {})
    inner[last] = value
    if path.endswith("noise_reduction.strength"):
        inner["type"] = "near_field"
    if path.endswith("eagerness"):
        inner["type"] = "semantic_vad"
    elif "turn_detection." in path:
        inner["type"] = "server_vad"
    return update
