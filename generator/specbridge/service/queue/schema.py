"""The engine's tables in the store's own schema: made once, and brought up to date under running workers.

The engine ships its migrations in two parts: those that older workers do not mind (`pre`), and those that must wait
until none of these is left (`post`). It does not note which it has made; a table here does.
"""

from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any

import psycopg

from specbridge.errors import StoreError
from specbridge.runtime.store.engine import Store
from specbridge.service.queue.engine import driver_connection, engine_errors

_NOTES = "specbridge_queue_migrations"
_LOCK = 5_127_402_165
"""What PostgreSQL's locks know the making of the engine's tables by; any number that nobody else takes."""

_LATER = "_post_"
_THERE = "SELECT to_regclass(format('%%I.%%I', current_schema(), %s::text)) IS NOT NULL"


def has_queue(store: Store) -> bool:
    """Return whether the engine's tables are in a store: where no worker ever was, there are none."""
    if store.connection.dialect.name == "sqlite":
        return False
    with engine_errors():
        return _is_there(driver_connection(store), _NOTES)


def prepare_queue(store: Store, *, whole: bool = False) -> Sequence[str]:
    """Make the engine's tables, or bring them up to date; return what is left for when no older worker runs.

    `whole`: none runs any more. Raises StoreError where another program has such tables, or the store is no PostgreSQL.
    """
    driver = driver_connection(store)
    with store.connection.begin(), engine_errors():
        driver.execute("SET LOCAL lock_timeout = 0")
        driver.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        known = _made(driver)
        if known is None:
            _create(driver)
            return ()
        missing = [name for name in _shipped() if name not in known]
        now = [name for name in missing if whole or _LATER not in name]
        for name in now:
            _run(driver, f"migrations/{name}")
        _note(driver, now)
    return [name for name in missing if name not in now]


def _made(driver: psycopg.Connection[Any]) -> frozenset[str] | None:
    """Return the migrations that are in the tables, None where there are no tables."""
    if _is_there(driver, _NOTES):
        rows = driver.execute(f"SELECT name FROM {_NOTES}").fetchall()
        return frozenset(str(row[0]) for row in rows)
    if _is_there(driver, "procrastinate_jobs"):
        raise StoreError(
            "the store's schema holds a queue of another program: give the store a schema of its own"
        )
    return None


def _create(driver: psycopg.Connection[Any]) -> None:
    _run(driver, "schema.sql")
    driver.execute(f"CREATE TABLE {_NOTES} (name text PRIMARY KEY)")
    _note(driver, _shipped())


def _note(driver: psycopg.Connection[Any], names: Iterable[str]) -> None:
    driver.cursor().executemany(f"INSERT INTO {_NOTES} VALUES (%s)", [(name,) for name in names])


def _shipped() -> list[str]:
    folder = files("procrastinate.sql") / "migrations"
    return sorted(one.name for one in folder.iterdir() if one.name.endswith(".sql"))


def _run(driver: psycopg.Connection[Any], place: str) -> None:
    # Bytes: only texts that stand in a program's source are taken as such, and these come with the engine.
    driver.execute((files("procrastinate.sql") / place).read_bytes())


def _is_there(driver: psycopg.Connection[Any], table: str) -> bool:
    row = driver.execute(_THERE, (table,)).fetchone()
    return row is not None and bool(row[0])
