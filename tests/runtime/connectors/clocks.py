"""A clock that tests move: sleeping takes no time, and is written down."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Lock

from specbridge.runtime.connectors.transport.clock import Clock

START = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@dataclass
class ManualTime:
    """Seconds since the start, moved by every sleep; `sleeps` are their lengths."""

    seconds: float = 0.0
    sleeps: list[float] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def sleep(self, seconds: float) -> None:
        """Let the seconds pass at once."""
        with self.lock:
            self.sleeps.append(seconds)
            self.seconds += max(0.0, seconds)

    def clock(self, chance: float = 0.0) -> Clock:
        """Return the clock that shows this time."""
        return Clock(
            monotonic=lambda: self.seconds,
            now=lambda: START + timedelta(seconds=self.seconds),
            sleep=self.sleep,
            chance=lambda: chance,
        )

    def maker(self) -> Callable[[Event], Clock]:
        """Return what build_connector wants."""
        return lambda _closing: self.clock()
