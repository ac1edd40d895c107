"""A server's own clock: real time, moved by skew and by tests, never standing still."""

import time
from datetime import UTC, datetime, timedelta
from threading import Lock

_TICKS_PER_SECOND = 10_000_000  # PowerOffice's instants have seven fractional digits
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """Gives instants as ticks of 100 nanoseconds since 1970, each greater than the one before."""

    def __init__(self, skew_seconds: float = 0.0) -> None:
        """Start at the real time plus the skew."""
        self._offset = int(skew_seconds * _TICKS_PER_SECOND)
        self._last = 0
        self._lock = Lock()

    def advance(self, seconds: float) -> None:
        """Move the clock forward, or back where the number is negative."""
        with self._lock:
            self._offset += int(seconds * _TICKS_PER_SECOND)
            # Else a clock that was moved back would stand still until it had caught up.
            self._last = 0

    def ticks(self) -> int:
        """Return the instant now."""
        with self._lock:
            now = time.time_ns() // 100 + self._offset
            # Two writes never share an instant, however coarse the machine's own clock.
            self._last = max(now, self._last + 1)
            return self._last

    def seconds(self) -> int:
        """Return the instant now in whole seconds since 1970."""
        return self.ticks() // _TICKS_PER_SECOND


def fine_text(ticks: int) -> str:
    """Return PowerOffice's text of an instant: seven fractional digits, UTC."""
    seconds, fraction = divmod(ticks, _TICKS_PER_SECOND)
    return f"{_second(seconds)}.{fraction:07d}Z"


def coarse_text(seconds: int) -> str:
    """Return Zendesk's text of an instant: whole seconds, UTC."""
    return f"{_second(seconds)}Z"


def parse_ticks(text: str) -> int:
    """Return the instant that a filter states; fraction and zone are optional, `T` may be a blank.

    Raises ValueError for text that is no instant.
    """
    # PowerOffice's documentation filters by `2021-09-25 08:03:00.1234567 -00:00`.
    plain = text.strip().replace(" -00:00", "Z").replace(" +00:00", "Z").replace(" ", "T", 1)
    # Python keeps six digits of a fraction at most, so the digits are read here.
    whole, dot, rest = plain.partition(".")
    digits = ""
    if dot:
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        whole += rest[len(digits) :]
    instant = datetime.fromisoformat(whole)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    seconds = (instant - _EPOCH) // timedelta(seconds=1)
    return seconds * _TICKS_PER_SECOND + int(digits.ljust(7, "0")[:7] or 0)


def _second(seconds: int) -> str:
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}"
