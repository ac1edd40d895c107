"""The tick: each second, one of all workers queues the companies that are due."""

from collections.abc import Iterable

from specbridge.runtime.store.accounts import number_company
from specbridge.runtime.store.engine import Store, open_store, store_errors
from specbridge.runtime.store.leasing.leases import read_clock
from specbridge.runtime.store.leasing.schedules import (
    begin_schedules,
    choose_alone,
    hasten,
    read_turns,
)
from specbridge.service.queue.engine import QUEUE, app_of_store, company_of, engine_errors
from specbridge.service.queue.jobs import defer_due


def enrol(url: str, periods: Iterable[tuple[str, float | None]]) -> None:
    """Have companies run from now on, each within the seconds that it states, None for one with another schedule.

    Raises StoreError where the store fails.
    """
    with store_errors(), open_store(url) as store:
        known = list(periods)
        for name, _ in known:
            number_company(store.connection, name)
        begin_schedules(store.connection, [name for name, _ in known], 0.0)
        for name, seconds in known:
            if seconds is not None:
                hasten(store.connection, name, seconds)
        store.commit()


def tick(store: Store, companies: Iterable[str]) -> int:
    """Queue those of the companies that are due and neither wait nor run; return how many were queued.

    Of several that tick at once one does it. Raises StoreError where the store fails.
    """
    with store_errors():
        queued = _queue_due(store, frozenset(companies)) if choose_alone(store.connection) else 0
        store.commit()
    return queued


def _queue_due(store: Store, companies: frozenset[str]) -> int:
    now = read_clock(store.connection)
    due = [
        turn
        for turn in read_turns(store.connection).values()
        if turn.company in companies and turn.is_due(now)
    ]
    if not due:
        return 0
    taken = _waiting_or_running(store)
    # Who has waited longest for its time comes first.
    ordered = sorted(due, key=lambda turn: turn.next_at)
    return sum(defer_due(store, turn, now) for turn in ordered if turn.company not in taken)


def _waiting_or_running(store: Store) -> frozenset[str]:
    manager = app_of_store(store).job_manager
    with engine_errors():
        found = [*manager.list_jobs(queue=QUEUE, status="todo")]
        found += manager.list_jobs(queue=QUEUE, status="doing")
    return frozenset(map(company_of, found))
