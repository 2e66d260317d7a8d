"""Every error of rtkit can be caught by its own name, by rtkit's, and by what it is in Python."""

import inspect

import pytest

from rtkit import errors

ALSO = {
    "AudioError": ValueError,
    "DataError": ValueError,
    "ConfigError": ValueError,
    "LessonError": ValueError,
    "TargetError": ConnectionError,
    "BrainError": Exception,
    "SessionError": Exception,
    "RateLimited": errors.SessionError,
    "SessionClosed": Exception,
    "TurnTimeout": TimeoutError,
    "MissingExtra": ImportError,
}
CLASSES = {name: kind for name, kind in vars(errors).items() if inspect.isclass(kind)}


def test_the_table_is_whole():
    assert set(CLASSES) == {"RtkitError", *ALSO}


@pytest.mark.parametrize(("name", "kind"), ALSO.items())
def test_an_error_is_rtkits_and_pythons(name, kind):
    assert issubclass(CLASSES[name], errors.RtkitError)
    assert issubclass(CLASSES[name], kind)
    assert name in errors.__doc__


def test_a_missing_extra_names_the_command_that_brings_it():
    error = errors.MissingExtra("matplotlib", "lab")
    assert str(error) == "matplotlib is not installed. Do: pip install 'rtkit[lab]'"
    assert error.extra == "lab"


def test_a_session_error_keeps_the_words_of_the_wire():
    error = errors.SessionError("no", code="invalid_value", param="session.type", event_id="e1")
    assert (error.code, error.param, error.event_id) == ("invalid_value", "session.type", "e1")
    assert str(error) == "no"
