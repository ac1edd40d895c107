"""What a database's plans depend on, counted anew once much has been stored."""

from sqlalchemy import Connection, Table

MANY = 1000
"""Rows of a table that are new from which on what the database knows of it is out of date."""


def refresh_statistics(connection: Connection, *tables: Table) -> None:
    """Have the database look at these tables.

    PostgreSQL does so by itself a minute later, which is too late for the run that filled them:
    without statistics it compares every key with every other. SQLite goes by its indexes.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ANALYZE {', '.join(table.name for table in tables)}")
