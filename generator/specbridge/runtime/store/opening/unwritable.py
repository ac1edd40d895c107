"""Files that may not be written: a store on a read-only mount can still be asked."""

import os
import sqlite3
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from specbridge.errors import StoreError, StorePlaceError


def is_writable(path: Path) -> bool:
    """Return whether a file may be written, and SQLite's own files beside it."""
    return os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK)


def check_writable(path: Path) -> None:
    """Raise StorePlaceError for a file that is to be written, or made, where that is not allowed."""
    folder = path.absolute().parent
    if not folder.is_dir() or (is_writable(path) if path.exists() else os.access(folder, os.W_OK)):
        return
    asked = "; it can be asked only (plan, audit, status, links, …)" if path.exists() else ""
    raise StorePlaceError(
        f"{path} cannot be written: it or its folder is on a read-only mount, or this user has no "
        f"right to{asked}"
    )


def open_unwritable(path: Path) -> Engine:
    """Return an engine that reads a file and writes nothing beside it.

    Its connections raise StoreError where the file was left with a log that cannot be read here.
    """
    return create_engine(f"sqlite:///{path}", creator=partial(_connect, path), poolclass=NullPool)


def _connect(path: Path) -> sqlite3.Connection:
    try:
        return _reached(path, "mode=ro")
    except sqlite3.OperationalError:
        pass
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size > 0:
        raise StoreError(
            f"{path} cannot be read where nothing can be written: a run is under way, or was killed; "
            "let one end where it can be written"
        )
    # It needs files beside it to be shared: nobody who could write it is seen then.
    return _reached(path, "mode=ro&immutable=1")


def _reached(path: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}", uri=True, timeout=30, check_same_thread=False
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection
