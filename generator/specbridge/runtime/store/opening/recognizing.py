"""Whether a database is a store, and one that this version can work with."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from specbridge.errors import StoreError
from specbridge.runtime.store.tables.schema import HEAD, metadata, version

_OWN = frozenset({"packages", "resources", "flows", "records", "links", "runs", "journal"})
"""Tables that every store has had from the first schema on."""

_ENCODINGS = ("UTF8", "SQL_ASCII")
"""Those of PostgreSQL that can hold any text; of the second it knows the bytes only."""

_SHOWN = 3

_SCHEMA = select(version.c.version_num)


def read_schema(connection: Connection) -> str | None:
    """Return the schema of a store, None for a database that is to become one.

    Raises StoreError for what another program or a newer specbridge made.
    """
    found = _table_names(connection)
    if version.name not in found:
        _check_empty(found, connection)
        return None
    schema = connection.execute(_SCHEMA).scalar()
    if not found >= _OWN:
        raise _foreign([version.name])
    if schema is None or not schema.isdecimal():
        raise StoreError("the store's schema has no number; restore it from a copy")
    if schema > HEAD:
        raise StoreError(
            f"the store was written by a newer specbridge (schema {schema}; this one knows {HEAD}): "
            "install that version, or name another store"
        )
    return str(schema)


def check_encoding(connection: Connection) -> None:
    """Raise StoreError for a new store on PostgreSQL whose database could not hold every text."""
    if connection.dialect.name == "sqlite":
        return
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding not in _ENCODINGS:
        raise StoreError(
            f"the store's database is encoded in {encoding}, which cannot hold every text; make one "
            "in UTF8 (createdb -E UTF8 -T template0)"
        )


def _table_names(connection: Connection) -> frozenset[str]:
    # Plain texts: an inspector makes statements anew, of which SQLAlchemy keeps hundreds as compiled.
    return frozenset(connection.exec_driver_sql(_TABLES[connection.dialect.name]).scalars())


_TABLES = {
    "sqlite": r"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'",
    "postgresql": "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()",
}


def _check_empty(found: Collection[str], connection: Connection) -> None:
    tables = sorted(found)
    # A file is one program's; of a database others may have tables beside ours, under other names.
    if connection.dialect.name != "sqlite":
        tables = [name for name in tables if name in metadata.tables]
    if tables:
        raise _foreign(tables)


def _foreign(tables: list[str]) -> StoreError:
    shown = ", ".join(sorted(tables)[:_SHOWN])
    return StoreError(
        f"the store is another program's: it has tables that are not specbridge's ({shown}); "
        "name a file or database (on PostgreSQL a schema) of its own"
    )
