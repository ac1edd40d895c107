"""Holding a lease for as long as a run takes: a heartbeat renews it, and every write asks first."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from specbridge.errors import StoreBusyError, StoreError
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.leasing.holders import LIVE
from specbridge.runtime.store.leasing.leases import (
    TAKEN,
    Lease,
    release_lease,
    renew_lease,
    seconds_left,
    take_lease,
)

FRESH = 0.9
"""Seconds for which what the store said of a lease holds."""

_TICK = 0.5
_ATTEMPTS = 5


def read_clock() -> float:
    """Return seconds that never go back, those included for which the machine slept, where it tells."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


@contextmanager
def held(store: Store, lease: Lease) -> Iterator["Hold"]:
    """Hold a lease for as long as the block runs, and leave nothing half done in the store.

    Raises StoreBusyError where another run has it.
    """
    LIVE.add(lease.holder.token)
    try:
        hold = Hold(store.open_beside, lease)
        take_lease(store.connection, lease)
        # Before anything is read: others must see the lease, not wait for the store's lock.
        store.commit()
        try:
            with hold.beating(), store.guarded_by(hold):
                yield hold
        finally:
            # Whatever failed: what is not committed must not be.
            store.rollback()
            release_lease(store.connection, lease)
            store.commit()
    finally:
        # By now it counts as dead, also where the store could not be told so.
        LIVE.discard(lease.holder.token)


class Hold:
    """A lease that a run has taken; shared by its threads.

    It is lost where another run has taken it over, and where this process has stood still for longer
    than it lasts: people may have edited since, whoever else was running.
    """

    def __init__(self, open_beside: Callable[[], Connection | None], lease: Lease) -> None:
        """Begin with a lease that is being taken; `open_beside` gives a connection of one's own."""
        self._open = open_beside
        self._lease = lease
        self._connection: Connection | None = None
        self._lock = Lock()
        self._end = Event()
        now = read_clock()
        self._confirmed = self._renewed = self._ticked = now
        self._longest_gap = 0.0
        self._lost = ""

    def check(self) -> None:
        """Return where the store said less than a second ago that the lease is ours.

        Raises StoreBusyError where it is lost, StoreError where the store does not answer in time.
        """
        for _ in range(_ATTEMPTS):
            now = read_clock()
            self._check_standstill(now)
            if now - self._confirmed <= FRESH:
                return
            self._confirm(now)
        raise StoreError("the store answers too slowly to tell whether this run may go on")

    def fence(self, connection: Connection) -> None:
        """Make sure that the transaction, which is about to be committed, is a holder's.

        Raises StoreBusyError where it is not.
        """
        now = read_clock()
        self._check_standstill(now)
        if seconds_left(connection, self._lease, lock=True) < self._lease.seconds / 2:
            # On SQLite the heartbeat had to wait for this very transaction.
            renew_lease(connection, self._lease)
        self._confirmed = max(self._confirmed, now)

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Renew the lease as long as the block runs."""
        # Two: to renew may have to wait for the store's lock, which is no standstill.
        works = (self._tick, self._renew)
        threads = [
            Thread(target=self._beat, args=[work], name="lease", daemon=True) for work in works
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._end.set()
            for thread in threads:
                thread.join()
            self._close()

    def _beat(self, work: Callable[[float], None]) -> None:
        while not self._end.wait(min(_TICK, self._lease.seconds / 8)):
            work(read_clock())

    def _tick(self, now: float) -> None:
        self._longest_gap = max(self._longest_gap, now - self._ticked)
        self._ticked = now

    def _renew(self, now: float) -> None:
        if self._lost or now - self._renewed <= self._lease.seconds / 4:
            return
        try:
            self._ask(lambda connection: renew_lease(connection, self._lease))
        except StoreBusyError:
            self._lost = TAKEN
        except DBAPIError:
            # Tried again at the next tick; whoever writes meanwhile finds out for itself.
            return
        self._renewed = now

    def _confirm(self, now: float) -> None:
        if self._ask(lambda connection: seconds_left(connection, self._lease)) <= 0.0:
            # The heartbeat was late, though we were not: it is ours until somebody takes it over.
            self._ask(lambda connection: renew_lease(connection, self._lease))
        self._confirmed = max(self._confirmed, now)

    def _ask(self, question: Callable[[Connection], float | None]) -> float:
        """Ask the store on a connection of our own, in a transaction of its own."""
        with self._lock:
            connection = self._connection = self._connection or self._open()
            if connection is None:  # nobody else can reach it
                return self._lease.seconds
            try:
                with connection.begin():
                    return question(connection) or 0.0
            except DBAPIError:
                connection.close()
                self._connection = None
                raise

    def _check_standstill(self, now: float) -> None:
        gap = max(self._longest_gap, now - self._ticked)
        if not self._lost and gap > self._lease.seconds:
            self._lost = f"this run stood still for {gap:.0f} s, longer than its lease; nothing more is written"
        if self._lost:
            raise StoreBusyError(self._lost)

    def _close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
