"""How soon a company is to run again: pure arithmetic of seconds."""

from dataclasses import dataclass

SHORTEST = 15.0
"""Seconds between two readings at least, unless a schedule asks for more.

Zendesk allows ten exports a minute, and shows nothing in them that is newer than a minute.
"""

DENSER = 8.0
"""How much more often than its schedule says a company is read at most."""

_FIRST_PAUSE = 15.0
_LONGEST_PAUSE = 3600.0
_CALMING = 1.5
_QUICKENING = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Between which seconds two readings of a company lie, whatever happens there."""

    shortest: float
    longest: float


def bounds_of(seconds: float) -> Bounds:
    """Return the bounds of a schedule: an edit arrives within its `seconds`, and sooner where there are many."""
    return Bounds(shortest=min(seconds, max(SHORTEST, seconds / DENSER)), longest=seconds)


def next_period(period: float, bounds: Bounds, *, busy: bool, late: float) -> float:
    """Return the seconds until the next reading: fewer after one that found something to do, more after others.

    `period` are those before this one, 0.0 where there were none; `late` is how long the run had to wait for its turn.
    """
    known = period or bounds.longest
    # Who waits for its turn as long as that gains nothing by asking for it more often, and others lose.
    quicker = busy and late < known / 2
    wanted = known / _QUICKENING if quicker else known * _CALMING
    return min(bounds.longest, max(bounds.shortest, wanted))


def pause_after(failures: int) -> float:
    """Return the seconds until the next attempt after so many failures in a row, 1 or more."""
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(failures - 1, 30))
