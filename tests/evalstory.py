"""What tests of evaluations have in common: a server that takes next to no time, and callers."""

from serverstory import Loudness
from socketstory import Parrot, Tones

import rtkit
from rtkit.evals import Caller, Silent
from rtkit.server.brain import Script
from rtkit.server.local import ServerOptions

QUICK = {
    "type": "realtime",
    "audio": {"input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 200}}},
}
SHORT = Caller("short", [Silent(0.1)])


def parrot(grammar):
    return Parrot()


def quick_server(**options):
    """Ears and a voice in memory; turn detection is real, and so are sockets and time."""
    usual = {
        "brain": Script("Good morning."),
        "recogniser": parrot,
        "detector": Loudness,
        "synthesiser": Tones(),
    }
    return ServerOptions(**usual | options)


@rtkit.tool(name="look")
def with_tools(city: str) -> str:
    """How the weather is."""
    return f"It rains in {city}."
