"""An older store is brought up to date as a whole or not at all; who only asks leaves it as it was."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from specbridge.errors import StoreError
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.opening.migrating import upgrade_schema
from specbridge.runtime.store.tables.schema import HEAD, companies, queue, version
from sqlalchemy import Connection, Engine, event, func, insert, select

from tests.runtime.store.older import NOW, OLD, content, empty_database, old_store, put
from tests.runtime.store.test_schema import describe, stated


class BrokenOffError(Exception):
    """The process ends between two statements."""


@contextmanager
def broken_off(statement: int) -> Iterator[None]:
    """Break off whatever is about to execute its `statement`th statement."""
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == statement:
            raise BrokenOffError

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", count)


def state(connection: Connection) -> tuple[object, ...]:
    """Return the version, schema and rows of a store."""
    connection.rollback()
    said = connection.execute(select(version)).scalars().all()
    found = said, describe(connection), content(connection)
    connection.rollback()
    return found


def kept_copies(url: str) -> list[Path]:
    """Return the copies that were made of a file; PostgreSQL has none."""
    path = Path(url.removeprefix("sqlite:///"))
    return list(path.parent.glob(f"{path.name}.0*")) if url.startswith("sqlite") else []


def test_asking_leaves_an_older_store_as_it_was(url: str) -> None:
    with old_store(url) as connection:
        before = state(connection)
        with open_store(url, scratch=True) as store:
            rows = content(store.connection)
            assert store.connection.execute(select(companies.c.followed)).scalars().all() == [0]
            store.connection.execute(insert(queue).values(pairing=1, side=0, id="asked"))
            store.commit()
        assert state(connection) == before
        with open_store(url) as store:
            assert content(store.connection) == rows
            assert store.connection.execute(select(version)).scalar() == HEAD


def test_asking_does_not_wait_for_who_writes_to_an_older_store(sqlite_url: str) -> None:
    with old_store(sqlite_url) as writing:
        put(writing, "queue", "resource id", [(1, "not yet")])
        with open_store(sqlite_url, scratch=True) as store:
            assert store.connection.execute(select(queue.c.id)).scalars().all() == ["x"]
        writing.rollback()


def test_asking_changes_no_byte_of_an_older_file(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with old_store(sqlite_url):
        pass
    before = path.read_bytes()
    open_store(sqlite_url, scratch=True).close()
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


CRAMPED = """
import resource, sys
from specbridge.errors import StoreError
from specbridge.runtime.store.engine import open_store

# As where the disk is full: no file may grow beyond 100 KB.
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    open_store(sys.argv[1], scratch="scratch" in sys.argv)
except StoreError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("scratch", "the store failed: disk I/O error"),
        ("", "the store cannot be copied before it is brought up to date: "),
    ],
    ids=["asked", "migrated"],
)
def test_an_older_store_that_cannot_be_copied_is_told_and_stays(
    sqlite_url: str, word: str, said: str
) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with old_store(sqlite_url) as connection:
        put(connection, "queue", "resource id", [(1, f"{n:0500}") for n in range(20_000)])
        connection.commit()
        before = state(connection)
        words = (sys.executable, "-c", CRAMPED, sqlite_url, word)
        done = subprocess.run(words, capture_output=True, check=True, text=True)
        assert done.stdout.startswith(said)
        assert state(connection) == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_migration_that_is_broken_off_anywhere_changes_nothing(url: str) -> None:
    with old_store(url) as connection:
        before = state(connection)
        for statement in range(1, 400, 9):
            try:
                with broken_off(statement):
                    open_store(url).close()
            except BrokenOffError:
                assert state(connection) == before
                assert kept_copies(url) == []
                continue
            break
    # Nothing was left to break off.
    assert statement > 10
    with open_store(url) as store:
        assert store.connection.execute(select(version)).scalar() == HEAD
        assert content(store.connection) == NOW


KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from specbridge.runtime.store.engine import open_store

def kill(_connection, _cursor, statement, *_):
    if "INSERT INTO journal" in statement:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Engine, "before_cursor_execute", kill)
open_store(sys.argv[1])
"""


def test_a_store_whose_migration_was_killed_is_migrated_by_the_next_run(url: str) -> None:
    with old_store(url) as connection:
        before = state(connection)
        words = (sys.executable, "-c", KILLED, url)
        done = subprocess.run(words, capture_output=True, check=False, text=True)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert state(connection) == before
        with open_store(url) as store:
            assert content(store.connection) == NOW
            assert store.connection.execute(select(func.max(queue.c.number))).scalar() == 3
        if url.startswith("sqlite"):
            assert stated(connection)["WITHOUT ROWID"] == {
                *("keys", "mentions", "candidates", "unindexed")
            }


@pytest.mark.parametrize("first", [OLD, None], ids=["older", "new"])
def test_of_two_processes_one_makes_the_schema_and_the_other_waits(
    url: str, first: str | None
) -> None:
    found: list[object] = []

    def open_second() -> None:
        try:
            with open_store(url) as store:
                found.append(store.connection.execute(select(version)).scalar())
        except StoreError as error:
            found.append(error)

    with empty_database(url) as connection:
        if first:
            upgrade_schema(connection, first)
            connection.commit()
        upgrade_schema(connection)
        second = Thread(target=open_second)
        second.start()
        second.join(0.5)
        assert not found, "it did not wait"
        connection.commit()
        second.join(30)
    assert found == [HEAD]
