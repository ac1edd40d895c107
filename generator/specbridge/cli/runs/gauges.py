"""How far a run has got, as values: counts, rate and time left of each phase, and what it waits for."""

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock

_PHASES = {"read": "reading", "match": "matching", "sync": "comparing", "write": "writing"}
_WINDOW = 15.0
"""Seconds over which a rate is taken."""

_IDLE = 10.0
"""Seconds after which what has not moved has no rate any more."""

_ENDS = 2
"""A span has two ends: fewer instants tell no rate."""

_MOST_WAITS = 4
_SECONDS_TOLD = 99
"""Up to here seconds are clearer than minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is shown of one phase; `total` and `left` (seconds) are None where nobody knows them.

    `rate` is records a second, 0 where nothing moves. A wait has no counts, only what is left of it.
    """

    phase: str
    subject: str
    done: int = 0
    total: int | None = None
    rate: float = 0.0
    left: float | None = None
    waits: bool = False


@dataclass(slots=True, kw_only=True)
class Gauge:
    """How far one subject has got; instants are monotonic seconds."""

    subject: str
    done: int = 0
    expected: int = 0
    seen: deque[tuple[float, int]] = field(default_factory=deque)

    def begin(self, now: float, more: int) -> None:
        """Expect so many more (0: nobody knows); measure the rate anew where nothing has moved for long."""
        # What was told too much before is not to come any more.
        self.expected = self.done + more if more else 0
        if not self.seen or now - self.seen[-1][0] > _IDLE:
            self.seen.clear()
            self.seen.append((now, self.done))

    def add(self, now: float, count: int) -> None:
        """Count records that are dealt with."""
        self.done += count
        self.seen.append((now, self.done))
        while len(self.seen) > _ENDS and now - self.seen[1][0] > _WINDOW:
            self.seen.popleft()

    def rate(self, now: float) -> float:
        """Return the records a second of late, 0.0 where nothing has moved."""
        if not self.seen or now - self.seen[-1][0] > _IDLE:
            return 0.0
        (first, before), (last, after) = self.seen[0], self.seen[-1]
        return (after - before) / (last - first) if last > first else 0.0

    def line(self, now: float, phase: str, subject: str) -> Line:
        """Return what is shown."""
        total = self.expected if self.expected and self.expected >= self.done else None
        rate = self.rate(now)
        more = 0 if total is None else total - self.done
        left = more / rate if more and rate > 0.0 else None
        return Line(phase=phase, subject=subject, done=self.done, total=total, rate=rate, left=left)


class Gauges:
    """The phases of one run; told by the run, and by all threads that wait.

    `names` are the systems' names for people; where the run is `planned`, nothing is written.
    """

    def __init__(
        self,
        names: Mapping[str, str],
        *,
        planned: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with nothing under way."""
        self._names = names
        self._phases = {**_PHASES, "write": "planning"} if planned else _PHASES
        self._clock = clock
        # Again by the same thread: a signal may have it print a line while it counts.
        self._lock = RLock()
        self._gauges: dict[str, Gauge] = {}
        # Of each phase the subject that moved last: the others are done, or have their turn later.
        self._current: dict[str, Gauge] = {}
        self._waits: dict[tuple[str, str], float] = {}

    def advance(self, subject: str, count: int) -> None:
        """Count records of a subject (`read zendesk Users`) that are dealt with."""
        with self._lock:
            self._gauge(subject).add(self._clock(), count)

    def expect(self, subject: str, count: Callable[[], int]) -> None:
        """Begin a subject, of which so many are to come."""
        more = count()
        with self._lock:
            self._gauge(subject).begin(self._clock(), more)

    def wait(self, whom: str, reason: str, seconds: float) -> None:
        """Show for so many seconds that a system is waited for; told again, the last word counts.

        An infinite wait has no time that is left, and is shown until its end is told.
        """
        with self._lock:
            self._waits[self._names.get(whom, whom), reason] = self._clock() + seconds

    def lines(self) -> list[Line]:
        """Return what is shown now, phases in the order in which they began, then what is waited for."""
        with self._lock:
            now = self._clock()
            self._waits = {key: until for key, until in self._waits.items() if until > now}
            shown = [self._line(now, word, gauge) for word, gauge in self._current.items()]
            # Accounts are compared before anything is read, and a system may let us wait for that.
            shown = shown or [Line(phase="connecting", subject="")]
            waits = sorted(self._waits.items(), key=lambda one: -one[1])[:_MOST_WAITS]
        return shown + [
            Line(phase="waiting", subject=f"{name}: {why}", left=_finite(until - now), waits=True)
            for (name, why), until in waits
        ]

    def _gauge(self, subject: str) -> Gauge:
        gauge = self._gauges.setdefault(subject, Gauge(subject=subject))
        self._current[subject.partition(" ")[0]] = gauge
        return gauge

    def _line(self, now: float, word: str, gauge: Gauge) -> Line:
        about = gauge.subject.partition(" ")[2]
        system, blank, resource = about.partition(" ")
        subject = f"{self._names.get(system, system)}{blank}{resource}"
        return gauge.line(now, self._phases.get(word, word), subject)


def _finite(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) else None


def tell_seconds(seconds: float) -> str:
    """Return a span of time as people say it: `8 s`, `3 min`, `2 h 5 min`."""
    whole = max(1, round(seconds))
    if whole <= _SECONDS_TOLD:
        return f"{whole} s"
    hours, minutes = divmod(round(whole / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
