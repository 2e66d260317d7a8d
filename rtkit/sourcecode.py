"""A configuration as the Python that makes it, to be copied into a cell."""

from __future__ import annotations

from rtkit.settings import Settings, plain_value


def as_python(config: Settings, name: str = "config") -> str:
    """The statement that makes a configuration: what was given, one setting a line.

    >>> from rtkit.sessionconfig import RealtimeSessionConfig
    >>> print(as_python(RealtimeSessionConfig(voice="sage", speed=1.1)))
    config = rtkit.RealtimeSessionConfig(
        speed=1.1,
        voice='sage',
    )
    """
    kind = type(config).__name__
    lines = [f"    {setting}={plain_value(value)!r}," for setting, value in config.given().items()]
    if not lines:
        return f"{name} = rtkit.{kind}()"
    return "\n".join([f"{name} = rtkit.{kind}(", *lines, ")"])
