"""Where turns at shared limits are kept: in the store on PostgreSQL, of SQLite in a file beside it."""

import os
import sqlite3
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable

from specbridge.runtime.store.addresses import read_address
from specbridge.runtime.store.turn_table import turns
from specbridge.runtime.store.unwritable import is_writable

BESIDE = "-turns.sqlite"
"""What the file of the turns is called after that of the store."""

_USABLE = """
SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'
    AND has_table_privilege(found, 'SELECT') AND has_table_privilege(found, 'INSERT')
    AND has_table_privilege(found, 'UPDATE') AND has_table_privilege(found, 'DELETE')
FROM (SELECT to_regclass('turns')::oid AS found) AS tables
"""
"""Nothing where an older store has no such table yet."""


def open_place(url: str) -> Engine:
    """Return the engine of a store's turns, each statement a transaction of its own; nothing is opened yet.

    Raises StoreError for what is no store's URL.
    """
    address = read_address(url)
    if address.get_backend_name() == "sqlite":
        return _file_engine(address)
    # Nothing is kept prepared or set: behind a pooler the next statement may be on another's connection.
    arguments = {"prepare_threshold": None, "client_encoding": "utf8"}
    return create_engine(
        address, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=arguments
    )


def is_usable(engine: Engine) -> bool:
    """Return whether turns can be kept there; a file is made where there is none.

    Raises SQLAlchemy's DBAPIError where the database fails.
    """
    if engine.dialect.name == "sqlite":
        return _make_file(engine)
    with engine.connect() as connection:
        return bool(connection.execute(text(_USABLE)).scalar())


def _file_engine(address: URL) -> Engine:
    engine = create_engine(
        address.set(database=f"{address.database}{BESIDE}", query={}),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": 10, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # What a machine that loses power forgets here would be past when it is back.
    for pragma in ("journal_mode=WAL", "synchronous=OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _make_file(engine: Engine) -> bool:
    path = Path(str(engine.url.database))
    if not (is_writable(path) if path.exists() else os.access(path.absolute().parent, os.W_OK)):
        return False
    with engine.connect() as connection:
        connection.execute(CreateTable(turns, if_not_exists=True))
    return True
