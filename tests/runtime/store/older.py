"""Stores as 0.1 left them: rows in tables that no code of today knows, and what they hold."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from specbridge.runtime.store.opening.migrating import upgrade_schema
from sqlalchemy import Connection, create_engine, text

OLD = "0001"
Row = tuple[object, ...]


@contextmanager
def empty_database(url: str) -> Iterator[Connection]:
    """Yield a connection to a database without tables, kept as stores are."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        if engine.name == "sqlite":
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        else:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        connection.commit()
        yield connection
    engine.dispose()


@contextmanager
def old_store(url: str, schema: str = OLD) -> Iterator[Connection]:
    """Yield a connection to a store of an older schema, filled with a few rows and committed."""
    with empty_database(url) as connection:
        upgrade_schema(connection, schema)
        fill(connection)
        connection.commit()
        yield connection


def put(connection: Connection, table: str, columns: str, rows: Iterable[Row]) -> None:
    """Insert rows into a table; the columns are names with blanks between."""
    names = columns.split()
    values = ", ".join(f":{name}" for name in names)
    statement = text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})")
    listed = [dict(zip(names, row, strict=True)) for row in rows]
    if listed:
        connection.execute(statement, listed)


def rows_of(connection: Connection, table: str, columns: str = "*") -> list[Row]:
    """Return what a table holds, or some columns of it, in order."""
    names = ", ".join(columns.split())
    found = connection.execute(text(f"SELECT {names} FROM {table}"))
    return sorted((tuple(row) for row in found), key=lambda row: [str(one) for one in row])


def go_on_after(connection: Connection, table: str, number: int) -> None:
    """Have a table's next row get the number that follows."""
    if connection.dialect.name == "sqlite":
        named = {"table": table, "number": number}
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), named)
        connection.execute(text("INSERT INTO sqlite_sequence VALUES (:table, :number)"), named)
    else:
        connection.execute(text(f"SELECT setval('{table}_number_seq', {number})"))


PAIRS = "number package name source target"


def put_resources(connection: Connection, rows: Sequence[tuple[int, int, str, str]]) -> None:
    """Insert resources (number, package, system, name) that were read once."""
    columns = "number package system name shape cursor full_at generation"
    found = [(*row, "x", f"cursor {row[0]}", 5.0, 2) for row in rows]
    put(connection, "resources", columns, found)


def fill(connection: Connection) -> None:
    """Put a few rows into the tables that migrations make anew."""
    put(connection, "packages", "number name", [(1, "p")])
    put_resources(connection, [(1, 1, "s", "A"), (2, 1, "s", "B")])
    put(connection, "flows", PAIRS, [(1, 1, "f", 1, 2)])
    put(connection, "queue", "resource id", [(1, "x"), (1, "done")])
    connection.execute(text("DELETE FROM queue WHERE id = 'done'"))
    put(connection, "keys", "flow side id rule value", [(1, 0, "x", 0, -5)])
    put(connection, "mentions", "resource id to_resource to_id", [(1, "x", 2, "y")])
    put(connection, "candidates", "flow source_id target_id", [(1, "x", "y")])


def content(connection: Connection) -> list[list[Row]]:
    """Return all rows of those tables."""
    return [rows_of(connection, name) for name in ("queue", "keys", "mentions", "candidates")]


NOW: list[list[Row]] = [
    [(3, 1, 0, "x")],
    [(1, 0, "x", 0, -5)],
    [(1, "x", 2, "y")],
    [(1, "x", "y", None)],
]
"""What becomes of them; the queue's numbers 1 and 2 had been given."""
