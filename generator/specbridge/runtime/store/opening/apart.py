"""Copies of a store that stand apart: what `plan` and `audit` write there locks nobody out.

Both kinds become a file of SQLite's own, which is gone when it is closed. Of PostgreSQL one snapshot is
read, so that a role that may only read is enough.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    false,
    func,
    insert,
    null,
    or_,
    select,
    text,
)
from sqlalchemy.pool import StaticPool

from specbridge.errors import StoreError
from specbridge.runtime.store.tables.schema import (
    HEAD,
    companies,
    conflicts,
    deeds,
    events,
    journal,
    links,
    metadata,
    runs,
    unanswered,
    unsettled,
    version,
)
from specbridge.runtime.store.tables.service_tables import schedules
from specbridge.runtime.store.tables.turn_table import turns

_MANY = 5000
"""Rows that are fetched at once."""

# The history is what a long-lived store holds most of, and no run looks back to it.
_WANTED: Mapping[Table, ColumnElement[bool]] = {
    journal: or_(journal.c.kind.in_(("create", "adopt")), unanswered),
    conflicts: unsettled,
    deeds: false(),
    events: false(),
    schedules: false(),
    turns: false(),
}


def open_apart() -> Engine:
    """Return an engine for an empty database of one connection."""
    # Without a name it is a file of SQLite's own.
    creator = partial(sqlite3.connect, "", check_same_thread=False)
    engine = create_engine("sqlite://", creator=creator, poolclass=StaticPool)
    event.listen(engine, "connect", _prepare)
    return engine


def copy_file(file: Connection, copy: Connection) -> None:
    """Copy a store in a file, page by page. Raises StoreError where there is no room for it."""
    try:
        # All pages at once: between two portions, others could write.
        _driver(file).backup(_driver(copy))
    except sqlite3.Error as error:
        raise StoreError(f"the store cannot be copied to be asked: {error}") from None


def copy_database(database: Connection, copy: Connection) -> None:
    """Copy what a run needs of a store on PostgreSQL, as it is in this transaction.

    Raises SQLAlchemy's DBAPIError, and StoreError where there is no room for it.
    """
    metadata.create_all(copy, checkfirst=False)
    version.create(copy)
    copy.execute(insert(version).values(version_num=HEAD))
    try:
        for table in metadata.sorted_tables:
            marks = ", ".join("?" * len(table.columns))
            statement = f"INSERT INTO {table.name} VALUES ({marks})"
            _driver(copy).executemany(statement, _rows(database, table))
    except sqlite3.Error as error:
        raise StoreError(f"the store cannot be copied to be asked: {error}") from None
    _keep_numbering(copy)
    copy.commit()


def _rows(database: Connection, table: Table) -> Iterator[tuple[object, ...]]:
    chosen = select(*(_column(column) for column in table.columns))
    if table in _WANTED:
        chosen = chosen.where(_WANTED[table])
    streamed = database.execution_options(yield_per=_MANY)
    for part in streamed.execute(chosen).partitions():
        yield from map(tuple, part)


def _column(column: Column[Any]) -> ColumnElement[Any]:
    return null() if column is runs.c.report else column


def _keep_numbering(copy: Connection) -> None:
    """Have new links count as new, also where the newest ones were dropped."""
    followed = copy.execute(select(func.max(companies.c.followed))).scalar() or 0
    last = copy.execute(select(func.max(links.c.number))).scalar() or 0
    copy.execute(text("DELETE FROM sqlite_sequence WHERE name = 'links'"))
    copy.execute(
        text("INSERT INTO sqlite_sequence (name, seq) VALUES ('links', :last)"),
        {"last": max(last, followed)},
    )


def _prepare(connection: object, _record: object) -> None:
    # In KiB, as a store has it; what is lost with the process need not reach the disk.
    for pragma in ("cache_size=-98304", "synchronous=OFF", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]  # sqlite3's connection


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver
