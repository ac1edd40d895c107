"""Rate limits as servers keep them: so many requests in a window, then 429."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a bucket says of a request: `wait` is 0.0 where it may go, else seconds until then.

    `resets` is the number of seconds until the oldest counted request counts no more.
    """

    total: int
    remaining: int
    wait: float
    resets: float


@dataclass(slots=True)
class Buckets:
    """Sliding windows by key; refused requests do not count."""

    _times: dict[str, deque[float]] = field(default_factory=dict)

    def take(self, key: str, total: int, window: float, now: float) -> Verdict:
        """Count a request at `now` (seconds of a monotonic clock) against `total` in `window`."""
        times = self._times.setdefault(key, deque())
        # A sliding window: by the clock's minute a client could double its share at each turn.
        while times and times[0] <= now - window:
            times.popleft()
        if len(times) >= total:
            wait = times[0] + window - now
            return Verdict(total=total, remaining=0, wait=wait, resets=wait)
        times.append(now)
        resets = times[0] + window - now
        return Verdict(total=total, remaining=total - len(times), wait=0.0, resets=resets)
