"""When to look at jobs that are under way, so that mostly one look tells how a job ended.

All instants are monotonic seconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

# What a row takes where nothing is known: a job that is ten times as slow shows progress at the
# first look, from which its end can be told.
_UNKNOWN = 0.005
_SHORTEST = 0.1
_LONGEST = 30.0
# A job that ended before the first look took less than the wait; by so much the next wait is shorter.
_SHRINK = 0.9
# An end that is told from progress is met rather late than early: early costs one more look.
_MARGIN = 1.1
# Jobs that were started one after the other are looked at together: by this share of its time the
# first one waits for the others.
_TOGETHER = 0.15


@dataclass(slots=True)
class JobTimes:
    """The seconds that a row of a job lately took, by the bulk call's path."""

    per_row: dict[str, float] = field(default_factory=dict)

    def expect(self, path: str, rows: int) -> float:
        """Return the seconds after which a job of so many rows should have ended."""
        return max(_SHORTEST, rows * self.per_row.get(path, _UNKNOWN))

    def knows(self, path: str) -> bool:
        """Return whether a job of this call has ended already."""
        return path in self.per_row

    def learn(self, path: str, rows: int, seconds: float) -> None:
        """Remember what a job of so many rows took."""
        self.per_row[path] = seconds / max(1, rows)


@dataclass(slots=True)
class _Job:
    started: float
    rows: int
    due: float
    looks: int = 0


class Watch:
    """The jobs of one bulk call that are under way, and when each should be looked at."""

    def __init__(self, times: JobTimes, path: str, patience: float) -> None:
        """Watch nothing yet; a job is overdue after `patience` seconds."""
        self._times = times
        self._path = path
        self._patience = patience
        self._jobs: dict[str, _Job] = {}
        self._learned = False

    def __iter__(self) -> Iterator[str]:
        """Yield the ids of the jobs under way, as they were then."""
        return iter(tuple(self._jobs))

    def __len__(self) -> int:
        """Return how many jobs are under way."""
        return len(self._jobs)

    @property
    def rows(self) -> int:
        """Return how many rows the jobs under way have together."""
        return sum(one.rows for one in self._jobs.values())

    def add(self, job: str, rows: int, now: float) -> None:
        """Watch a job that was just started."""
        due = now + self._times.expect(self._path, rows)
        self._jobs[job] = _Job(started=now, rows=rows, due=due)

    def wait(self, now: float) -> float:
        """Return the seconds until the next look, which is at all jobs that are due about then."""
        first = min(self._jobs.values(), key=lambda one: one.due)
        near = first.due + max(_SHORTEST, (first.due - first.started) * _TOGETHER)
        return max(0.0, max(one.due for one in self._jobs.values() if one.due <= near) - now)

    def is_overdue(self, job: str, now: float) -> bool:
        """Return whether a job has taken longer than our patience."""
        return now - self._jobs[job].started >= self._patience

    def end(self, job: str, now: float) -> None:
        """Stop watching a job that ended.

        How long a row takes is learned from the first one: those that were started with it may have
        waited for it.
        """
        ended = self._jobs.pop(job)
        if not self._learned:
            taken = (now - ended.started) * (1.0 if ended.looks else _SHRINK)
            self._times.learn(self._path, ended.rows, taken)
            self._learned = True

    def delay(self, job: str, now: float, share: float) -> None:
        """Look at a job again later; `share` of it is done, 0 where that is not known."""
        one = self._jobs[job]
        one.looks += 1
        elapsed = max(now - one.started, _SHORTEST)
        if share > 0.0:
            # Never sooner than a tenth of the time so far: the last rows may be the slow ones.
            wait = max(elapsed / share * _MARGIN - elapsed, elapsed / 10.0)
        elif self._times.knows(self._path):
            # It takes a little longer than the last one did, or very much longer.
            wait = elapsed * 0.25 * 2.0 ** (one.looks - 1)
        else:
            wait = elapsed * (3.0 if len(self._jobs) == 1 else 1.0)
        one.due = min(now + min(wait, _LONGEST), one.started + self._patience)
