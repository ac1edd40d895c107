"""Requests kept within a system's limits, before the system has to say so.

Each limit of the profile is a bucket: at most so many requests in any span of its seconds. A bucket
of a second or less is also paced evenly, because requests that leave in a bunch arrive in another.
What answers say (`ratelimit-…` headers, Retry-After) moves the buckets. Limits that other processes count
against as well have no bucket here (`sharing`).
"""

import math
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from specbridge.model.profile import Limit
from specbridge.runtime.connectors.transport.clock import Clock, pause
from specbridge.runtime.connectors.transport.retry import read_number
from specbridge.runtime.connectors.transport.sharing import (
    PACED_UP_TO,
    STRETCH,
    WORTH_TELLING,
    Departure,
    Shared,
    SharedLimit,
    name_limit,
    wait_for_turns,
)

# What is left of that where a request leaves later than it was planned, as on a busy machine.
_LEAST_STRETCH = 1.01
_MOMENT = 1e-6
# A turn is not given further ahead than this: until then an answer may state a larger limit.
_AHEAD = 1.0
_MOST_BUCKETS = 10_000
_USED = re.compile(r"(\d+)\s*/\s*(\d+)", re.ASCII)
_QUOTED = re.compile(r'"[^"]*"')
_NAMED = re.compile(r"(\w+)\s*=\s*(\d+)")


@dataclass(slots=True)
class Start:
    """When a request starts, as planned and then as it was, and the one that it must keep away from."""

    instant: float
    before: "Start | None" = None


class Bucket:
    """The requests that count against one limit; all instants are monotonic seconds."""

    def __init__(self, limit: Limit) -> None:
        """Start with nothing counted."""
        self._seconds = limit.seconds * STRETCH
        self._least = limit.seconds * _LEAST_STRETCH
        self._paced = limit.seconds <= PACED_UP_TO
        self._starts: deque[Start] = deque()
        self._size = self._own_size = limit.requests
        self._next = 0.0
        self._closed_until = 0.0

    def earliest(self, now: float, cost: int = 1) -> float:
        """Return the earliest instant at which a request of this cost may start."""
        start = max(now, self._closed_until, self._next)
        # An account may have less than the profile says: what costs all of it waits for all of it.
        place = max(1, self._size - cost + 1)
        if len(self._starts) >= place:
            start = max(start, self._starts[-place].instant + self._seconds)
        return start

    def take(self, start: float, cost: int = 1) -> Start:
        """Count a request that is planned to start then."""
        for _ in range(min(cost, self._size) - 1):
            self._take_one(start)
        return self._take_one(start)

    def _take_one(self, start: float) -> Start:
        full = len(self._starts) >= self._size
        taken = Start(start, self._starts[-self._size] if full else None)
        self._starts.append(taken)
        while len(self._starts) > self._size:
            self._starts.popleft()
        if self._paced:
            gap = self._seconds / self._size
            # A start that came late by less than a gap does not slow those after it.
            self._next = max(self._next, start - gap / 2) + gap
        return taken

    def settle(self, taken: Start, now: float) -> float:
        """Return the seconds that a request must still wait, 0.0 where it starts now.

        The one before it may have left late: on a busy machine, threads do not wake up in time.
        """
        wait = taken.before.instant + self._least - now if taken.before is not None else 0.0
        if wait > _MOMENT:
            return wait
        taken.instant, taken.before = max(taken.instant, now), None
        return 0.0

    @property
    def size(self) -> int:
        """Return how many requests the limit lets through in its span, for this account."""
        return self._size

    @property
    def share(self) -> float:
        """Return the seconds after which one more request has room, where the bucket leaks evenly."""
        return self._seconds / self._size

    def close(self, until: float) -> None:
        """Let nothing start before then."""
        self._closed_until = max(self._closed_until, until)
        self._next = max(self._next, until)

    def asked(self, now: float) -> float:
        """Return the seconds that answers ask us to wait, beyond what the profile's own limit does."""
        shrunk = self.earliest(now) - now if self._size < self._own_size else 0.0
        return max(0.0, self._closed_until - now, shrunk)

    def is_closed(self, now: float) -> bool:
        """Return whether an answer asked to wait beyond now."""
        return self._closed_until > now

    def resize(self, size: int) -> None:
        """Take over the size that the system states for this account."""
        self._size = max(1, size)

    def is_idle(self, now: float) -> bool:
        """Return whether nothing counts any more."""
        last = self._starts[-1].instant + self._seconds if self._starts else 0.0
        return max(last, self._closed_until) < now


@dataclass(frozen=True, slots=True)
class Statement:
    """What an answer's headers say of a bucket, None where they do not; `leaks`: it empties evenly."""

    total: int | None = None
    remaining: int | None = None
    reset: float | None = None
    leaks: bool = False


class Scheduler:
    """Gives each request its turn; shared by all threads of a connector."""

    def __init__(
        self, limits: tuple[Limit, ...], clock: Clock, shared: Shared | None = None
    ) -> None:
        """Keep the limits; narrower ones should follow wider ones, as in a profile."""
        self._shared = shared
        self._limits = tuple((limit, _compile(limit.path)) for limit in limits)
        self._clock = clock
        self._lock = Lock()
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def wait_turn(
        self,
        method: str,
        path: str,
        patience: float = math.inf,
        departure: Departure | None = None,
    ) -> float:
        """Wait until the request may start, count it and return 0.0; `departure` gets the turns it leaves with.

        Where answers asked for a wait of more than `patience` seconds, nothing is waited for or counted:
        those seconds are returned.
        """
        told = ""
        while True:
            asked = self._asked(method, path)
            if asked > patience:
                return asked
            start, now, taken = self._take_turn(method, path)
            if start - now > _AHEAD:
                # Nothing is taken yet: what an answer to another says meanwhile counts for this one.
                wait = min(start - now - _AHEAD / 2, _AHEAD)
                patience -= min(wait, asked)
                told = self._tell(method, path, start - now) or told
                pause(self._clock, wait)
                continue
            if told:
                # Sooner than was told, where an answer states a larger limit.
                self._clock.tell(told, 0.0)
            self._leave(start - now, taken)
            found = self._find_shared(method, path)
            shared = wait_for_turns(found, patience, departure or Departure())
            if shared is None:
                continue
            if shared > 0.0:
                return shared
            # What was within this process's own limits leaves later than was planned.
            self._leave(0.0, taken)
            if not self._is_closed(method, path):
                return 0.0

    def observe(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        """Adopt what an answer says about the buckets that its request counted against."""
        now = self._clock.monotonic()
        with self._lock:
            found = self._matching(method, path)
            for limit, bucket in found:
                if isinstance(bucket, Bucket):
                    _adopt(bucket, read_limit(limit, headers), now)
        # Nobody of this process should wait for the store to hear of it.
        for limit, bucket in found:
            if isinstance(bucket, SharedLimit):
                _adopt(bucket, read_limit(limit, headers), now)

    def hold(self, method: str, path: str, seconds: float, named: Limit | None = None) -> None:
        """Hold the narrowest bucket of a request that was throttled for so many seconds, or the named one."""
        with self._lock:
            matching = self._matching(method, path)
        chosen = [bucket for limit, bucket in matching if limit is named]
        for bucket in chosen or [bucket for _, bucket in matching[-1:]]:
            bucket.close(self._clock.monotonic() + seconds)

    def _tell(self, method: str, path: str, wait: float) -> str:
        """Tell which limit a request waits for, and return it: the one that lets it go last."""
        # A pace of so many a second is kept all the time, and nobody waits for it.
        if self._clock.told is None or wait < WORTH_TELLING:
            return ""
        with self._lock:
            now = self._clock.monotonic()
            found = self._own(method, path)
            limit, bucket = max(found, key=lambda one: one[1].earliest(now, one[0].cost))
        named = name_limit(limit, bucket.size)
        self._clock.tell(named, wait)
        return named

    def _leave(self, wait: float, taken: list[tuple[Bucket, Start]]) -> None:
        """Return when a request's turn has come, and those before it are far enough ahead."""
        while True:
            if wait > 0.0:
                pause(self._clock, wait)
            with self._lock:
                now = self._clock.monotonic()
                wait = max((bucket.settle(one, now) for bucket, one in taken), default=0.0)
            if wait <= 0.0:
                return

    def _take_turn(self, method: str, path: str) -> tuple[float, float, list[tuple[Bucket, Start]]]:
        """Return the earliest start and the present, and count the request if that is near."""
        with self._lock:
            now = self._clock.monotonic()
            found = self._own(method, path)
            start = max((bucket.earliest(now, limit.cost) for limit, bucket in found), default=now)
            near = start - now <= _AHEAD
            taken = [(one, one.take(start, limit.cost)) for limit, one in found] if near else []
            return start, now, taken

    def _asked(self, method: str, path: str) -> float:
        with self._lock:
            now = self._clock.monotonic()
            found = self._own(method, path)
            waits = [one.asked(now) for _, one in found]
            # Of a limit by the day nobody waits for the end.
            waits += [one.earliest(now, limit.cost) - now for limit, one in found if limit.stops]
            return max(waits, default=0.0)

    def _is_closed(self, method: str, path: str) -> bool:
        """Return whether an answer asked everybody to wait, while a thread slept until its turn."""
        with self._lock:
            now = self._clock.monotonic()
            return any(bucket.is_closed(now) for _, bucket in self._matching(method, path))

    def _find_shared(self, method: str, path: str) -> list[tuple[SharedLimit, int]]:
        """Return the shared limits that a request counts against, the narrowest first, and what it costs."""
        with self._lock:
            found = self._matching(method, path)[::-1]
            return [(one, limit.cost) for limit, one in found if isinstance(one, SharedLimit)]

    def _own(self, method: str, path: str) -> list[tuple[Limit, Bucket]]:
        found = self._matching(method, path)
        return [(limit, one) for limit, one in found if isinstance(one, Bucket)]

    def _matching(self, method: str, path: str) -> list[tuple[Limit, Bucket | SharedLimit]]:
        found: list[tuple[Limit, Bucket | SharedLimit]] = []
        for index, (limit, pattern) in enumerate(self._limits):
            if limit.method not in ("", method):
                continue
            match = pattern.match(path) if pattern else None
            if pattern and match is None:
                continue
            record = match[1] if match and limit.per_record and match.groups() else ""
            # Of the limits of one bucket the last one says what a request costs.
            found = [
                other for other in found if not limit.bucket or other[0].bucket != limit.bucket
            ]
            found.append((limit, self._place(index, limit.bucket or str(index), record)))
        return found

    def _place(self, index: int, name: str, record: str) -> Bucket | SharedLimit:
        shared = None if self._shared is None else self._shared.find(name)
        return self._bucket(index, name, record) if shared is None else shared

    def _bucket(self, index: int, name: str, record: str) -> Bucket:
        if len(self._buckets) > _MOST_BUCKETS:
            now = self._clock.monotonic()
            kept = {key: one for key, one in self._buckets.items() if not one.is_idle(now)}
            self._buckets = kept
        return self._buckets.setdefault((name, record), Bucket(self._limits[index][0]))


def read_limit(limit: Limit, headers: Mapping[str, str]) -> Statement:
    """Return what the headers of an answer say about the bucket of a limit."""
    said = read_statement(limit.header, headers)
    remaining = read_number(headers.get(limit.remaining.lower(), "")) if limit.remaining else None
    reset = read_number(headers.get(limit.resets.lower(), "")) if limit.resets else None
    return Statement(
        said.total,
        said.remaining if remaining is None else remaining,
        said.reset if reset is None else reset,
        said.leaks,
    )


def read_statement(header: str, headers: Mapping[str, str]) -> Statement:
    """Return what the headers say about the bucket that a limit's `header` names.

    Four shapes are known: `<name>-limit: 700` with `<name>-remaining` and `<name>-reset` beside it,
    one header `total=10; remaining=9; resets=60`, one `used/total`, and the IETF's `"name";r=9;t=60`, of
    which the policy with the least left counts. Header names are compared in lower case.
    """
    text = headers.get(header.lower(), "") if header else ""
    if not text:
        return Statement()
    if used := _USED.fullmatch(text.strip()):
        total = int(used[2])
        return Statement(total, max(0, total - int(used[1])), leaks=True)
    if "=" in text:
        said = [_read_named(policy) for policy in _QUOTED.sub("", text).split(",")]
        return min(said, key=lambda one: math.inf if one.remaining is None else one.remaining)
    stem = header.lower().removesuffix("-limit")
    return Statement(
        read_number(text),
        read_number(headers.get(f"{stem}-remaining", "")),
        read_number(headers.get(f"{stem}-reset", "")),
    )


def _read_named(text: str) -> Statement:
    named = {name.lower(): read_number(number) for name, number in _NAMED.findall(text)}
    whole, left, reset = ("total", "q"), ("remaining", "r"), ("resets", "t")
    total, remaining, seconds = (
        next((named[name] for name in names if name in named), None)
        for names in (whole, left, reset)
    )
    return Statement(total, remaining, seconds)


def _adopt(bucket: Bucket | SharedLimit, said: Statement, now: float) -> None:
    if said.total:
        bucket.resize(said.total)
    if said.remaining == 0 and (said.reset or said.leaks):
        # Where no answer says when, one turn comes back after its share of the span.
        bucket.close(now + (said.reset or bucket.share))


def _compile(path: str) -> re.Pattern[str] | None:
    if not path:
        return None
    parts = re.split(r"(\{\w+\})", path)
    # An id has a digit in it; the verbs that stand in its place (`update_many`) have none.
    text = "".join(
        r"([^/?]*\d[^/?]*)" if part.startswith("{") else re.escape(part) for part in parts
    )
    return re.compile(text if path.endswith("/") else f"{text}$")
