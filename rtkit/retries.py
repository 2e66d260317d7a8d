"""When a session that ended is opened again: after which ends, how often, and after what waits.

No clock and no chance here: waits are computed from a number that is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import ConfigError

AGAIN: Mapping[int, str] = {
    1001: "the server goes away, or the session's 60 minutes are over",
    1005: "the socket was closed without a code",
    1006: "the connection broke",
    1011: "the server had a fault, or one side did not answer a ping",
    1012: "the server starts anew",
    1013: "the server has too much to do",
    1014: "a gateway on the way had a fault",
}
"""Close codes (RFC 6455 and its registry at IANA) after which a new try makes sense, and why.

All others are final: 1000 is an end that was wanted, 1002 to 1010 would come again, and those from
3000 are the service's own decisions (a key, a model, the shape of the session).
"""

HTTP_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP status of a refused upgrade after which a new try makes sense."""


@dataclass(frozen=True, slots=True)
class Reconnect:
    """How a session goes on after its connection broke.

    At most `tries` new connections are tried in a row; a turn that is completed, or half a minute
    without a break, begins the count anew. Before the first the session waits `first_wait_s`,
    before each further one twice as long, but at most `longest_wait_s`; of each wait a random
    part of up to a half is left out, so that many clients do not come back at once.
    ConfigError for values that nobody can wait for.
    """

    tries: int = 8
    first_wait_s: float = 0.25
    longest_wait_s: float = 10.0

    def __post_init__(self) -> None:
        if isinstance(self.tries, bool) or not isinstance(self.tries, int) or self.tries < 1:
            raise ConfigError(
                f"tries is a whole number from 1 on, found {self.tries!r}. To go without, give "
                "reconnect=False."
            )
        if not 0 <= self.first_wait_s <= self.longest_wait_s < float("inf"):
            raise ConfigError(
                f"the first wait is {self.first_wait_s!r} s, the longest {self.longest_wait_s!r} "
                "s. Allowed: 0 or more, the first no longer than the longest."
            )

    def wait_s(self, attempt: int, roll: float) -> float:
        """Seconds before the attempt of this number (1 is the first); `roll` is in [0, 1).

        >>> [Reconnect().wait_s(attempt, 0.0) for attempt in (1, 2, 3, 9)]
        [0.25, 0.5, 1.0, 10.0]
        """
        whole = min(self.longest_wait_s, self.first_wait_s * 2.0 ** min(attempt - 1, 60))
        return whole * (1 - roll / 2)


def policy(reconnect: bool | Reconnect) -> Reconnect | None:
    """What `reconnect=` stands for; None for never. TypeError for anything else."""
    if isinstance(reconnect, Reconnect):
        return reconnect
    if not isinstance(reconnect, bool):
        raise TypeError(f"reconnect is True, False or Reconnect(tries=...), found {reconnect!r}.")
    return Reconnect() if reconnect else None
