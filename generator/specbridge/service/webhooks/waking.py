"""Taking events in: each once, with the records that it wakes, in one transaction."""

import threading
import time
from collections.abc import Sequence

from specbridge.runtime.store.accounts import number_company
from specbridge.runtime.store.engine import Store, open_store, store_errors
from specbridge.runtime.store.seen.wakes import (
    KEPT,
    Woken,
    add_wakes,
    forget_old,
    note_heard,
    open_hearing,
    remember_event,
)
from specbridge.service.queue.jobs import defer_woken
from specbridge.service.webhooks.doors import Door
from specbridge.service.webhooks.events import Event

_FORGETTING = 3600.0
"""Seconds between two clearings of what is old."""


def wake(store: Store, company: int, name: str, records: Sequence[Woken], now: float) -> None:
    """Have a company's next run read these records by id, and where workers run it, begin at once; the caller commits.

    This is the one place where something that comes in leads to a run.
    """
    if records:
        add_wakes(store.connection, company, records, now)
        defer_woken(store, name)


class Intake:
    """Takes events into a store; threads may share it, since each time the store is opened anew."""

    def __init__(self, url: str, doors: Sequence[Door]) -> None:
        """Note in the store which webhooks are taken in; raises StoreError where it cannot be opened."""
        self._url = url
        self._forgotten = time.monotonic()
        self._lock = threading.Lock()
        with open_store(url) as store, store_errors():
            self._companies = {
                door.company: number_company(store.connection, door.company) for door in doors
            }
            for door in doors:
                number = self._companies[door.company]
                open_hearing(store.connection, number, door.profile.name, time.time())
            store.commit()

    def take(self, door: Door, events: Sequence[Event]) -> int:
        """Take in the events that are new, and return how many are; raises StoreError where that fails."""
        with open_store(self._url) as store, store_errors():
            taken = take_events(store, self._companies[door.company], door, events, time.time())
            if self._forgets():
                forget_old(store.connection, time.time() - KEPT)
            store.commit()
        return taken

    def _forgets(self) -> bool:
        with self._lock:
            due = time.monotonic() - self._forgotten > _FORGETTING
            if due:
                self._forgotten = time.monotonic()
            return due


def take_events(store: Store, company: int, door: Door, events: Sequence[Event], now: float) -> int:
    """Note new events and wake their records; return how many were new. The caller commits."""
    connection, system = store.connection, door.profile.name
    new = [one for one in events if remember_event(connection, company, system, one.id, now)]
    wake(store, company, door.company, [record for one in new for record in one.records], now)
    note_heard(connection, company, system, now)
    return len(new)
