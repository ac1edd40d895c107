"""What ends a watch's pause: its time is over, or somebody told of changes meanwhile."""

import threading
import time
from dataclasses import dataclass

from specbridge.errors import StoreError
from specbridge.runtime.store.engine import open_reading, store_errors
from specbridge.runtime.store.seen.wakes import woken_systems

_LOOK = 1.0
"""Seconds between two looks at what was woken."""

_POLL = 15.0
"""Seconds between two readings of what a system lists, where runs are called for more often.

Zendesk allows ten exports a minute, and shows nothing in them that is newer than a minute.
"""


@dataclass(slots=True)
class Pauses:
    """The pauses between a watch's runs. `company` is whose records are watched, in the store at `url`."""

    url: str
    company: str
    stop: threading.Event
    # What was there before a run and is left after it would call for run after run.
    _after: int = 0
    _polled: float = 0.0
    _not_before: float = 0.0

    def note_run(self, unpolled: frozenset[str] = frozenset()) -> None:
        """Note that a run begins, and which systems it does not list."""
        self._woken()
        if not unpolled:
            self._polled = time.monotonic()

    def note_failure(self) -> None:
        """Note that a run did not come to its end: what it left is to be taken soon, though not at once."""
        self._after = 0
        self._not_before = time.monotonic() + _POLL

    def wait(self, seconds: float) -> frozenset[str] | None:
        """Return the systems that need not be listed by the next run, None where a stop is asked for.

        Returns when the seconds are over, and before that once records were woken.
        """
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if self.stop.wait(max(0.0, min(left, _LOOK))):
                return None
            if left <= _LOOK:
                return frozenset()
            if time.monotonic() >= self._not_before and (woken := self._woken()):
                polled = time.monotonic() - self._polled < min(_POLL, seconds)
                return woken if polled else frozenset()

    def _woken(self) -> frozenset[str]:
        """Return the systems with records that were woken since the last look."""
        try:
            # Opened each time: between runs nobody holds the database.
            with open_reading(self.url) as store, store_errors():
                systems, self._after = woken_systems(store.connection, self.company, self._after)
        except StoreError:
            # The next run tells of it.
            return frozenset()
        return systems
