"""Having a database keep nothing of what was deleted: in its files, not in its tables alone."""

from pathlib import Path

from sqlalchemy import Connection

from specbridge.errors import StoreBusyError
from specbridge.runtime.store.tables.schema import metadata


def delete_securely(connection: Connection) -> None:
    """Have SQLite write zeros over what this connection deletes from now on."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def scrub_store(connection: Connection) -> None:
    """Have the database write its tables anew, without what was deleted; it commits what there is.

    What is deleted would else lie in the files until it is written over. SQLite's log is cut to
    nothing. PostgreSQL's own log, its replicas and its backups keep what they have. Raises
    StoreBusyError where a process that reads keeps the log from being cut, SQLAlchemy's DBAPIError
    where another one writes; it can be called again.
    """
    connection.commit()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("VACUUM")
        busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        connection.commit()
        if busy:
            raise StoreBusyError(
                "what was erased is still in the log of the store's file, which another process "
                "reads: erase it once more when that has ended"
            )
        return
    # Not within a transaction. FULL: the plain one leaves in a page what it has room for. ANALYZE:
    # what the planner knows of a column are values of it.
    names = ", ".join(table.name for table in metadata.sorted_tables)
    with connection.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as alone:
        alone.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {names}")


def copies_beside(connection: Connection) -> list[Path]:
    """Return the copies of a file that migrations have left beside it, which nothing is erased from."""
    file = connection.engine.url.database
    if connection.dialect.name != "sqlite" or not file:
        return []
    return sorted(Path(file).parent.glob(f"{Path(file).name}.[0-9]*"))
