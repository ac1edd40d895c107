"""Time and chance, passed in at the edge so that everything else can be computed."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What a connector knows of time: seconds, UTC instants, and how to wait.

    `monotonic` never goes back; `sleep` takes seconds and may end early when the connector closes;
    `chance` yields numbers from 0 up to 1, for jitter.
    """

    monotonic: Callable[[], float]
    now: Callable[[], datetime]
    sleep: Callable[[float], object]
    chance: Callable[[], float]


def system_clock(closing: Event) -> Clock:
    """Return the machine's clock, whose sleepers wake up once `closing` is set."""
    return Clock(
        monotonic=time.monotonic,
        now=lambda: datetime.now(UTC),
        sleep=closing.wait,
        chance=random.random,
    )
