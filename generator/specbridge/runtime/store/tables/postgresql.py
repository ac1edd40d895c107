"""What PostgreSQL does in its own way: many rows in one message, and what its planner is told."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

_MOST_ROWS = 5000
"""Rows per statement: their arrays are held in memory twice."""

_PLANNING = "SET LOCAL random_page_cost = 1.1; SET LOCAL lock_timeout = '30s'"
"""The cost's default is that of turning disks: batches would be found by walking through whole tables.

A run whose process stands still in a transaction keeps its locks, and nobody may wait for that for ever.
"""


def copy_rows(
    connection: Connection, table: str, columns: str, rows: Iterable[tuple[Any, ...]]
) -> None:
    """Append rows by COPY, in their order; names are quoted already.

    Raises SQLAlchemy's DBAPIError, as its own statements do.
    """
    if not connection.in_transaction():
        # SQLAlchemy would else not know that there is something to commit.
        connection.begin()
    statement = f"COPY {table} ({columns}) FROM STDIN"
    driver = connection.connection.driver_connection
    assert driver is not None
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except _errors(connection) as error:
        raise DBAPIError(statement, None, error) from error


def execute_arrays(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    statement: Callable[[str], str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Execute a statement that takes the rows as a table made of arrays, one for each column.

    Each is one parameter: with thousands of them, reading a statement takes longer than running it.
    """
    types = [table.c[name].type.compile(connection.dialect) for name in columns]
    text = statement(f"unnest({', '.join(f'%s::{type_}[]' for type_ in types)})")
    for start in range(0, len(rows), _MOST_ROWS):
        part = rows[start : start + _MOST_ROWS]
        arrays = tuple(map(_write_array, zip(*part, strict=True)))
        connection.exec_driver_sql(text, arrays)


def _write_array(values: Iterable[Any]) -> str:
    """Return the text of an array: the driver's own way of writing one takes five times as long."""
    return f"{{{','.join(map(_write_element, values))}}}"


def _write_element(value: Any) -> str:
    if value is None:
        return "NULL"
    if not isinstance(value, str):
        return str(value)
    # Quoted, it may hold any character; these two end the quotes or escape.
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def prepare_planner(connection: Connection) -> None:
    """Tell the planner of a transaction that has just begun what looking up a row costs.

    For the transaction alone: behind a pooler, the next one may be on another's connection.
    Raises SQLAlchemy's DBAPIError, as its own statements do.
    """
    driver = connection.connection.driver_connection
    assert driver is not None
    try:
        driver.execute(_PLANNING)
    except _errors(connection) as error:
        raise DBAPIError(_PLANNING, None, error) from error


def _errors(connection: Connection) -> type[Exception]:
    found: type[Exception] = connection.dialect.loaded_dbapi.Error
    return found
