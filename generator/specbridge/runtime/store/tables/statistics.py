"""What a database's plans depend on, counted anew once much has been stored."""

from sqlalchemy import Connection, Table

MANY = 1000
"""Rows of a table that are new from which on what the database knows of it is out of date."""

_GROWTH = 10
"""How many times as much a connection has stored when a table is looked at the next time."""


def refresh_statistics(connection: Connection, *tables: Table) -> None:
    """Have the database look at these tables.

    PostgreSQL does so by itself a minute later, which is too late for the run that filled them:
    without statistics it compares every key with every other. SQLite goes by its indexes.
    """
    if connection.dialect.name == "postgresql":
        # Who looks at a table locks it against others who would: two runs must not wait for each other.
        names = ", ".join(table.name for table in tables)
        connection.exec_driver_sql(f"ANALYZE (SKIP_LOCKED) {names}")


def note_growth(connection: Connection, table: Table, rows: int) -> None:
    """Have the database look at a table again whenever a connection has filled it with many rows."""
    if connection.dialect.name != "postgresql":
        return
    key = "rows stored", table.name
    stored, next_look = connection.info.get(key, (0, MANY))
    stored += rows
    if stored >= next_look:
        refresh_statistics(connection, table)
        next_look = stored * _GROWTH
    connection.info[key] = stored, next_look
