"""The errors of rtkit. Each message says what was found, what is allowed and what to do.

RtkitError
├── AudioError        the sound that was given cannot be used          (also a ValueError)
├── DataError         what was recorded or given is too little for that, or holds what cannot be
│                     (also a ValueError)
├── ConfigError       a setting that no session can have               (also a ValueError)
├── TargetError       the realtime server cannot be reached or refuses (also a ConnectionError)
├── BrainError        what finds the embedded server's words gave no answer
├── SessionError      the server answered a request with an `error` event
│   └── RateLimited   ... since a limit was reached, which is lifted in `reset_s` seconds
├── SessionClosed     the session ended while something still waited for it
├── LessonError       an exercise or a question that the course does not have (also a ValueError)
├── TurnTimeout       no answer in the time that was allowed           (also a TimeoutError)
└── MissingExtra      a part is not installed; the message names the command (also an ImportError)

A mistake in the call itself, such as a wrong type or a number outside its range, is Python's own
TypeError or ValueError.
"""

from __future__ import annotations


class RtkitError(Exception):
    """Base of every error that rtkit raises on purpose."""


class AudioError(RtkitError, ValueError):
    """The sound that was given cannot be used."""


class DataError(RtkitError, ValueError):
    """What was recorded or given does not carry what is asked of it: nothing was measured, too few
    values for a percentile, labels that contradict each other."""


class ConfigError(RtkitError, ValueError):
    """A setting that no session can have."""


class LessonError(RtkitError, ValueError):
    """An exercise, a question or an answer that the course does not have."""


class TargetError(RtkitError, ConnectionError):
    """The realtime server cannot be reached, or refuses the connection.

    `passing` says whether it may well be otherwise in a while.
    """

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class BrainError(RtkitError):
    """What finds the embedded server's words, a chat endpoint, gave no answer or a broken one.

    `outline` is the message without what the endpoint said, since that may repeat words of the
    conversation: it is what a log may hold.
    """

    def __init__(self, message: str, outline: str | None = None) -> None:
        super().__init__(message)
        self.outline = message if outline is None else outline


class SessionError(RtkitError):
    """The server answered with an `error` event.

    `code`, `param` and `event_id` are the wire's own (protocol: section "Errors"); `event_id` is
    that of the client event which caused it, or None. `words` is what the server said, without
    the remedy.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        event_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.param = param
        self.event_id = event_id
        self.words = message


class RateLimited(SessionError):
    """A limit was reached. `reset_s` is when it is lifted, in seconds; None if that is unknown."""

    def __init__(
        self,
        message: str,
        *,
        reset_s: float | None = None,
        code: str | None = None,
        param: str | None = None,
        event_id: str | None = None,
    ) -> None:
        super().__init__(message, code=code, param=param, event_id=event_id)
        self.reset_s = reset_s


class SessionClosed(RtkitError):
    """The session ended while something still waited for it."""


class TurnTimeout(RtkitError, TimeoutError):
    """No answer came in the time that was allowed."""


class MissingExtra(RtkitError, ImportError):
    """A part of rtkit is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} is not installed. Do: pip install 'rtkit[{extra}]'")
        self.extra = extra
