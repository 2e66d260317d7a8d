"""How much one session may ask of the embedded server, each limit with its reason.

The hosted service documents two of these (the catalog says which); the others are ours, so that a
client gone wild is told so by an `error` event while the server and its other sessions go on.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from rtkit.catalog import limit
from rtkit.errors import ConfigError

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of each session; ConfigError for one that is not above 0.

    append_bytes        sound in one append: the service's own limit
    event_id_chars      an event's id: the service's own limit
    event_chars         the text of an event: an append of full size in base64, and a little more
    event_depth         objects and lists within each other: no schema of a tool is as deep
    event_values        values in an event, counted by its commas and brackets: what JSON becomes
                        in memory is many times its text
    buffer_s            sound that is not committed yet: nobody speaks ten minutes without a pause,
                        and a recogniser has to keep up with it
    items               items in the conversation: an hour with one every second and a half
    conversation_bytes  sound, images and text in the conversation: an hour of one voice at 24 kHz
                        is 165 MiB
    tools               tools of a session or response
    instructions_chars  instructions, as long as half the widest context window of a model
    responses_aside     responses outside the conversation at once: each one is a task and a voice
    unheard             items whose words are still to come: recognition takes time, and what waits
                        for it takes memory
    """

    append_bytes: int = int(limit("append_bytes"))
    event_id_chars: int = int(limit("event_id_chars"))
    event_chars: int = 22 * MIB
    event_depth: int = 100
    event_values: int = 1_000_000
    buffer_s: float = 600.0
    items: int = 2_400
    conversation_bytes: int = 192 * MIB
    tools: int = 128
    instructions_chars: int = 262_144
    responses_aside: int = 16
    unheard: int = 64

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
                raise ConfigError(
                    f"Limits({field.name}={value!r}): a limit is a number above 0. "
                    f"Leave it out for the usual {field.default!r}."
                )
