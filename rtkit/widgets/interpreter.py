"""Room for rtkit's thread beside a cell that computes.

A thread that waits for the interpreter gets it after the switch interval (5 ms by default) at every
turn, and a 20 ms frame takes several turns through page, session and server. While a microphone is
live the interval is 0.5 ms; the value found before is restored afterwards.
"""

from __future__ import annotations

import sys

INTERVAL = 0.0005  # seconds

_holders: set[int] = set()
_before = 0.0


def hold(holder: object) -> None:
    """Make room until `release` is called for the same holder."""
    global _before
    if not _holders:
        _before = sys.getswitchinterval()
        sys.setswitchinterval(min(_before, INTERVAL))
    _holders.add(id(holder))


def release(holder: object) -> None:
    """The last holder's release restores the interval."""
    if id(holder) in _holders:
        _holders.remove(id(holder))
        if not _holders:
            sys.setswitchinterval(_before)
