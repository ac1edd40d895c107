"""The engine that queues jobs, procrastinate, on the database that is the store.

Its lock and its queueing lock are a job's company: at most one of a company's jobs waits, and at most one is under
way. It never tries a job again by itself, and schedules none ahead: both could block a company for good.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job

from specbridge.errors import StoreError
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.opening.addresses import driver_address

QUEUE: Final = "specbridge"
"""The name of the queue: others may have theirs in the same tables."""

TASK: Final = "specbridge.run"
"""The one kind of job: run a company."""

_COMPANY: Final = "company"


class _OfStore:
    """Stands for a pool of connections that has one: the store's, in whose transaction all is done."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        yield self._connection


class _StoreConnector(SyncPsycopgConnector):
    """Speaks to the engine's tables over a store's own connection."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store

    @property
    def pool(self) -> Any:  # what is asked of a pool here is `connection` alone
        return _OfStore(driver_connection(self._store))


def driver_connection(store: Store) -> psycopg.Connection[Any]:
    """Return the driver's connection of a store on PostgreSQL; raises StoreError for another store."""
    driver = store.connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise StoreError(
            "workers need a store on PostgreSQL (--store postgresql://...); on SQLite use `sync --watch`"
        )
    return driver


def app_of_store(store: Store) -> App:
    """Return the engine over a store's connection; what is done through it the store commits."""
    return _with_task(App(connector=_StoreConnector(store)))


def app_of_slot(url: str) -> App:
    """Return the engine with connections of its own, to be opened; raises StoreError as driver_address does."""
    address = driver_address(url)
    if address is None:
        raise StoreError("workers need a store on PostgreSQL")
    # Nothing is kept prepared: behind a pooler the next statement may be on another's connection.
    kwargs = {"prepare_threshold": None, "application_name": "specbridge worker"}
    connector = PsycopgConnector(conninfo=address, min_size=1, max_size=3, kwargs=kwargs)
    return _with_task(App(connector=connector))


def company_of(job: Job) -> str:
    """Return the company that a job is to run."""
    return str(job.task_kwargs.get(_COMPANY, ""))


def defer(app: App, company: str, *, urgent: bool = False) -> None:
    """Queue a company; raises AlreadyEnqueued where it waits already."""
    # A lock of nothing would be none: the company without a name has one all the same.
    lock = f"{QUEUE}:{company}"
    task = app.configure_task(
        TASK, queue=QUEUE, lock=lock, queueing_lock=lock, priority=1 if urgent else 0
    )
    task.defer(company=company)


@contextmanager
def engine_errors() -> Iterator[None]:
    """Turn the engine's exceptions, and its driver's, into StoreError."""
    try:
        yield
    except (ConnectorException, psycopg.Error) as error:
        raise StoreError(f"the queue failed: {reason_of(error)}") from None


def reason_of(error: BaseException) -> str:
    """Return the first line of what an exception is about; PostgreSQL tells rows and values on those below."""
    cause = error.__cause__ or error
    return (str(cause).splitlines() or [type(cause).__name__])[0]


def _with_task(app: App) -> App:
    # Workers of ours take jobs themselves; this is for whoever looks at them with the engine's own tools.
    app.task(name=TASK, queue=QUEUE)(_run_elsewhere)
    return app


def _run_elsewhere(company: str) -> None:
    raise RuntimeError(f"{company}: only `specbridge worker` runs companies")
