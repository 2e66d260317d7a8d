"""Chance that repeats: a seeded generator without state outside itself, for faults and jitter."""

from __future__ import annotations

MASK = 2**64 - 1


class Dice:
    """Numbers between 0 and 1, the same ones for the same seed (SplitMix64, public domain).

    >>> first, second = Dice(7), Dice(7)
    >>> [first.roll() for _ in range(3)] == [second.roll() for _ in range(3)]
    True
    """

    __slots__ = ("_state",)

    def __init__(self, seed: int) -> None:
        self._state = seed & MASK

    def roll(self) -> float:
        """The next number, 0 <= number < 1."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        return ((mixed ^ (mixed >> 31)) >> 11) / 2**53
