"""Time and chance, passed in at the edge so that everything else can be computed; and a wish to stop.

Who waits for a turn, for another attempt or for a job gives up once somebody wishes the run to stop.
What needs no waiting goes on: what is under way is best seen to its end.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event

from specbridge.errors import HaltedError

_wish: ContextVar[Event | None] = ContextVar("wish", default=None)
# Whoever sleeps wakes up for its closing connector only: the wish is looked at now and then.
_LOOK = 0.25
# Shorter waits are the usual pace.
_NOTICED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What a connector knows of time: seconds, UTC instants, and how to wait.

    `monotonic` never goes back; `sleep` takes seconds and may end early when the connector closes;
    `chance` yields numbers from 0 up to 1, for jitter; `told` is told what a wait is for, and its seconds.
    """

    monotonic: Callable[[], float]
    now: Callable[[], datetime]
    sleep: Callable[[float], object]
    chance: Callable[[], float]
    told: Callable[[str, float], None] | None = None

    def tell(self, reason: str, seconds: float) -> None:
        """Tell whoever looks on of a wait that is long enough to be noticed, or (0.0) of its early end."""
        if self.told is not None and (seconds >= _NOTICED or not seconds):
            self.told(reason, seconds)


def system_clock(closing: Event) -> Clock:
    """Return the machine's clock, whose sleepers wake up once `closing` is set."""
    return Clock(
        monotonic=time.monotonic,
        now=lambda: datetime.now(UTC),
        sleep=closing.wait,
        chance=random.random,
    )


@contextmanager
def halted_by(wish: Event) -> Iterator[None]:
    """Have the waits of the block's thread and its workers end once the event is set."""
    token = _wish.set(wish)
    try:
        yield
    finally:
        _wish.reset(token)


def read_halt() -> HaltedError | None:
    """Return what to raise where somebody has asked this thread's run to stop, else None."""
    wish = _wish.get()
    asked = wish is not None and wish.is_set()
    return HaltedError("the run was asked to stop while it waited") if asked else None


def pause(clock: Clock, seconds: float) -> None:
    """Wait so many seconds, or until the connector closes. Raises HaltedError where a stop is asked for."""
    if _wish.get() is None:
        clock.sleep(seconds)
        return
    while True:
        if (halt := read_halt()) is not None:
            raise halt
        if clock.sleep(min(seconds, _LOOK)) or seconds <= _LOOK:
            return
        seconds -= _LOOK
