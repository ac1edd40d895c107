"""A copy of a store's file, made before what cannot be undone."""

import os
import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path

from specbridge.errors import StoreError


def keep_copy(path: Path, name: str) -> Path:
    """Copy a store of SQLite to `<path>.<name>`, or `<path>.<name>.1` and so on where that is taken.

    What others have begun to write and not committed is not in it. Raises StoreError where it cannot
    be made; nothing is left of it then.
    """
    try:
        copy = _free_file(path, name)
    except OSError as error:
        raise _failure(error) from None
    try:
        # Another connection: SQLite copies for none that has begun to write.
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            # Half a copy is not mended but removed, and so would a journal have to be.
            target.execute("PRAGMA journal_mode=MEMORY")
            source.backup(target)
    except sqlite3.Error as error:
        copy.unlink()
        raise _failure(error) from None
    return copy


def _free_file(path: Path, name: str) -> Path:
    """Make an empty file that had not been there, as private as the store."""
    mode = path.stat().st_mode & 0o777
    for number in count():
        copy = path.with_name(f"{path.name}.{name}" + (f".{number}" if number else ""))
        try:
            os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
        except FileExistsError:
            continue
        return copy
    raise AssertionError("numbers do not end")


def _failure(error: Exception) -> StoreError:
    return StoreError(f"the store cannot be copied before it is brought up to date: {error}")
