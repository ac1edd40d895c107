"""Schedules: when a company is to run next."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from specbridge.model.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When runs begin: every so many seconds, or at times of the day by this machine's clock; neither: when somebody says."""

    seconds: float | None = None
    times: tuple[time, ...] = ()

    def next_after(self, began: float | None, now: float) -> float | None:
        """Return when the next run is due (seconds since 1970), None where nobody has said.

        `began` is when the last one began, None where there was none: then one is due now. What was due while
        nothing ran is due now, once.
        """
        if self.seconds is None and not self.times:
            return None
        if began is None:
            return now
        if self.seconds is not None:
            return max(now, began + self.seconds)
        return max(now, min(_next_time(one, began) for one in self.times))


NEVER = Schedule()
"""The schedule of who runs when somebody says, and not by itself."""


def make_schedule(said: Json) -> Schedule:
    """Return the schedule that settings state, which are known to be sound: seconds, a time, or times."""
    if isinstance(said, int | float):
        return Schedule(seconds=float(said))
    times = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    return Schedule(times=tuple(time.fromisoformat(str(one)) for one in times))


def _next_time(at: time, after: float) -> float:
    """Return the first instant after another one at which this machine's clock shows a time."""
    day = datetime.fromtimestamp(after).astimezone()
    # By the calendar and not by 24 hours: some days are longer.
    for days in (0, 1):
        date = day.date() + timedelta(days=days)
        found = datetime.combine(date, at).astimezone().timestamp()
        if found > after:
            return found
    raise AssertionError("a day has each time")
