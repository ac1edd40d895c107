"""What is queued, as people see it and change it; all within the transaction of a store that the caller commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Job, Status

from specbridge.errors import ChangedError
from specbridge.model.values import Json
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.leasing.leases import read_clock
from specbridge.runtime.store.leasing.schedules import Turn, make_due, read_turn
from specbridge.service.queue.engine import (
    QUEUE,
    TASK,
    app_of_store,
    company_of,
    defer,
    driver_connection,
    engine_errors,
)
from specbridge.service.queue.schema import has_queue

AT_ONCE = datetime.fromtimestamp(0, UTC)
"""Not the present, of which a machine whose clock is fast would make the future: nothing is scheduled ahead."""

_SINCE = """
SELECT DISTINCT ON (job_id) job_id, extract(epoch FROM at)::float8 FROM procrastinate_events
WHERE job_id = ANY(%s) AND type <> 'abort_requested' ORDER BY job_id, id DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedJob:
    """A job: `state` is todo, doing, failed, cancelled or aborted, since an instant (seconds since 1970)."""

    id: int
    company: str
    state: str
    since: float | None
    attempts: int

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object."""
        since = self.since and datetime.fromtimestamp(self.since, UTC)
        return {
            "id": str(self.id),
            "company": self.company or None,
            "state": self.state,
            "since": since.isoformat(timespec="seconds") if since else None,
            "attempts": self.attempts,
        }


def read_jobs(store: Store) -> Sequence[QueuedJob]:
    """Return all jobs in the order in which they were queued; those that succeeded are kept by nobody."""
    if not has_queue(store):
        return ()
    with engine_errors():
        found = list(app_of_store(store).job_manager.list_jobs(queue=QUEUE, task=TASK))
        rows = driver_connection(store).execute(_SINCE, ([job.id for job in found],)).fetchall()
    since = {int(row[0]): None if row[1] is None else float(row[1]) for row in rows}
    return [_shown(job, since) for job in found]


def defer_due(store: Store, turn: Turn, now: float) -> bool:
    """Queue a company; return whether it did not wait already. Others that queue it meanwhile are no fault."""
    # What came in by itself goes first, though not again and again: those that are only due must get their turn.
    urgent = turn.woken and turn.ran_at + _FAIR <= now
    return _defer(store, turn.company, urgent=urgent)


_FAIR = 10.0
"""Seconds after a run during which a company's next one has no precedence."""


def defer_woken(store: Store, company: str) -> None:
    """Queue a company of which something came in, where workers run it; the caller's transaction does both or neither."""
    if not has_queue(store):
        return
    turn = read_turn(store.connection, company)
    # One that failed, or that people have paused, is left to its time.
    if turn is not None and not turn.failures and not turn.paused:
        defer_due(store, turn, read_clock(store.connection))


def start_company(store: Store, company: str) -> bool:
    """Have a company run now, whatever its schedule says; return False where it waits already, or is not scheduled."""
    if not has_queue(store) or read_turn(store.connection, company) is None:
        return False
    make_due(store.connection, company, 0.0)
    return _defer(store, company, urgent=True)


def cancel_job(store: Store, number: int) -> str:
    """Cancel a job that waits, or have the run of one end after what is under way; return its state before.

    The company runs again when its time comes. Raises ChangedError where there is no such job, or it has ended.
    """
    job = _find(store, number, "todo", "doing")
    manager = app_of_store(store).job_manager
    with engine_errors():
        if not manager.cancel_job_by_id(number, abort=job.state == Status.DOING.value):
            raise ChangedError(f"job {number} is not what it was a moment ago: look again")
    turn = read_turn(store.connection, job.company)
    if turn is not None:
        now = read_clock(store.connection)
        make_due(store.connection, job.company, max(turn.next_at, now + (turn.period or _LATER)))
    return job.state


_LATER = 300.0


def retry_job(store: Store, number: int) -> None:
    """Queue a job that failed again, at once. Raises ChangedError where there is none, or its company waits already."""
    job = _find(store, number, "failed")
    manager = app_of_store(store).job_manager
    with engine_errors():
        try:
            with store.connection.begin_nested():
                manager.retry_job_by_id(number, retry_at=AT_ONCE)
        except UniqueViolation:
            name = job.company or "the company"
            raise ChangedError(f"{name} waits already, as another job") from None
    make_due(store.connection, job.company, 0.0)


def _defer(store: Store, company: str, *, urgent: bool) -> bool:
    try:
        # A savepoint: that it waits already must not spoil what else is in the transaction.
        with engine_errors(), store.connection.begin_nested():
            defer(app_of_store(store), company, urgent=urgent)
    except AlreadyEnqueued:
        return False
    return True


def _find(store: Store, number: int, *states: str) -> QueuedJob:
    found = {job.id: job for job in read_jobs(store)}
    if number not in found:
        raise ChangedError(f"there is no job {number}: see `specbridge jobs`")
    job = found[number]
    if job.state not in states:
        raise ChangedError(f"job {number} is {job.state}; only {' or '.join(states)} can be")
    return job


def _shown(job: Job, since: dict[int, float | None]) -> QueuedJob:
    assert job.id is not None
    return QueuedJob(
        id=job.id,
        company=company_of(job),
        state=str(job.status),
        since=since.get(job.id),
        attempts=job.attempts,
    )
