"""Opening a store: engine, migration, and one connection for the whole of a run.

One code path serves SQLite and PostgreSQL. A scratch store is a copy of what the real one holds, and
keeps nothing: it never commits.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool, StaticPool

from specbridge.errors import StoreBusyError, StoreError, StorePlaceError
from specbridge.runtime.store.opening.addresses import opening_errors, read_address
from specbridge.runtime.store.opening.apart import copy_database, copy_file, open_apart
from specbridge.runtime.store.opening.recognizing import check_encoding, read_schema
from specbridge.runtime.store.opening.unwritable import check_writable, is_writable, open_unwritable
from specbridge.runtime.store.tables.postgresql import prepare_planner
from specbridge.runtime.store.tables.schema import HEAD, lock_schema, metadata, version

_OF_FILES = ("SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_PERM", "SQLITE_READONLY")
"""What SQLite says where not the store but the place of its file is at fault."""

_OLDEST_SQLITE = (3, 33)
"""The first one whose updates take their values from a list."""


class Guard(Protocol):
    """Who tells whether a run may still write: it raises StoreBusyError where it may not."""

    def check(self) -> None:
        """Return where it may."""

    def fence(self, connection: Connection) -> None:
        """Return where a transaction may be committed, as long as it is at once."""


class Store:
    """A connection to the store; what is read and written between two commits belongs together.

    Raises StoreError where the database fails, StoreBusyError where another process locks it.
    """

    def __init__(self, engine: Engine, connection: Connection, *, scratch: bool) -> None:
        """Take over the engine and its open connection."""
        self._engine = engine
        self.connection = connection
        self.scratch = scratch
        self._guard: Guard | None = None

    def commit(self) -> None:
        """Make everything since the last commit last; a scratch store does not.

        Raises StoreBusyError where the store is guarded and another run has taken over.
        """
        if self.scratch:
            return
        if self._guard is not None:
            self._guard.fence(self.connection)
        self.connection.commit()

    def check(self) -> None:
        """Raise StoreBusyError where the store is guarded and another run has taken over."""
        if self._guard is not None:
            self._guard.check()

    @contextmanager
    def guarded_by(self, guard: Guard) -> Iterator[None]:
        """Have a guard asked before each commit in the block."""
        self._guard = guard
        try:
            yield
        finally:
            self._guard = None

    def open_beside(self) -> Connection | None:
        """Return one more connection to the same store, None where nobody else can reach it."""
        address = self._engine.url
        if address.get_backend_name() == "sqlite" and not address.database:
            return None
        return self._engine.connect()

    def rollback(self) -> None:
        """Forget everything since the last commit; a scratch store forgets everything."""
        self.connection.rollback()

    def close(self) -> None:
        """Give up what is not committed, and close."""
        self.connection.close()
        self._engine.dispose()

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the store."""
        self.close()


def open_store(url: str, *, scratch: bool = False) -> Store:
    """Open the store at an SQLAlchemy URL and bring its schema up to date.

    A SQLite file is made if it is missing. A scratch store is a copy that stands apart, which nobody
    else waits for; it starts empty where there is none. Raises StoreError, without the URL's password,
    where it cannot be opened.
    """
    with opening_errors(url), store_errors():
        if not scratch:
            return _opened(_writing_engine(url), _bring_up_to_date)
        return _opened(_asking_engine(url), _set_apart, scratch=True)


def open_reading(url: str) -> Store:
    """Open the store to be asked only; it is not copied, unless it is a file of an older schema.

    It starts empty where there is none. Raises StoreError as open_store does.
    """
    with opening_errors(url), store_errors():
        return _opened(_asking_engine(url), _read_up_to_date, scratch=True)


def open_as_it_is(url: str) -> tuple[Store, str | None]:
    """Open the store to be asked whatever its schema is, and return that; None: it has no tables yet.

    Raises StoreError as open_store does.
    """
    with opening_errors(url), store_errors():
        store = _opened(_asking_engine(url), lambda opened: opened, scratch=True)
        try:
            return store, read_schema(store.connection)
        except BaseException:
            store.close()
            raise


def _opened(engine: Engine, prepare: Callable[[Store], Store], *, scratch: bool = False) -> Store:
    store = Store(engine, engine.connect(), scratch=scratch)
    try:
        return prepare(store)
    except BaseException:
        # Left open, it would keep the locks of what was begun.
        store.close()
        raise


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn the database's exceptions into ours, without the values that its messages carry."""
    try:
        yield
    except DBAPIError as error:
        # PostgreSQL tells the row and its values on the lines below the first.
        reason = str(error.orig).splitlines()[0] if str(error.orig) else type(error.orig).__name__
        if "locked" in reason or "lock timeout" in reason:
            raise StoreBusyError(f"the store is locked by another process: {reason}") from None
        if getattr(error.orig, "sqlite_errorname", "").startswith(_OF_FILES):
            raise StorePlaceError(f"the store's file cannot be used: {reason}") from None
        raise StoreError(f"the store failed: {reason}") from None
    except SQLAlchemyError as error:
        raise StoreError(f"the store cannot be used: {type(error).__name__}: {error}") from None


def check_sqlite(version: tuple[int, ...]) -> None:
    """Raise StoreError for a SQLite that does not know the statements that the store makes."""
    if version < _OLDEST_SQLITE:
        found, needed = (".".join(map(str, one)) for one in (version, _OLDEST_SQLITE))
        raise StoreError(
            f"this Python's SQLite is {found}, and the store needs {needed} or newer; "
            "use a newer Python, or a store on PostgreSQL (--store postgresql://...)"
        )


def _make_engine(address: URL) -> Engine:
    if address.get_backend_name() == "sqlite":
        check_sqlite(sqlite3.sqlite_version_info)
    return _lasting_engine(address)


def _writing_engine(url: str) -> Engine:
    address = read_address(url)
    if address.get_backend_name() == "sqlite":
        check_writable(Path(str(address.database)))
    return _make_engine(address)


def _asking_engine(url: str) -> Engine:
    """Return the engine of a store that is only asked: of one that is not there, an empty one."""
    address = read_address(url)
    if address.get_backend_name() != "sqlite":
        return _make_engine(address)
    check_sqlite(sqlite3.sqlite_version_info)
    path = Path(str(address.database))
    if not path.exists():
        # A database in memory is its connection's own: a second one would find another.
        return create_engine("sqlite://", poolclass=StaticPool)
    return _lasting_engine(address) if is_writable(path) else open_unwritable(path)


@lru_cache(maxsize=8)
def _lasting_engine(address: URL) -> Engine:
    """Make the engine of a store that outlasts its connections.

    It is kept for the next opening: compiling statements anew takes longer than a short run.
    """
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address, poolclass=NullPool, connect_args={"timeout": 30})
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    # Nothing is kept prepared: behind a pooler, the next transaction may be on another's connection.
    # A database in SQL_ASCII does not say how its texts are encoded, and we would be given bytes.
    arguments = {"prepare_threshold": None, "client_encoding": "utf8"}
    engine = create_engine(address, poolclass=NullPool, connect_args=arguments)
    event.listen(engine, "begin", prepare_planner)
    return engine


_OURS = "SELECT count(*) = 0 OR max(name = 'packages') FROM sqlite_master"


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    if not connection.execute(_OURS).fetchone()[0]:
        # Another program's, which is about to be refused: it must stay as it is.
        return
    # Readers do not wait for the writer; FULL so that the journal lasts before a write is sent.
    # 16,000 pages, where SQLite has 1,000: a first sync would else copy its log back all the time. What
    # it leaves is cut down again, for no other run needs as much.
    lasting = ("wal_autocheckpoint=16000", "journal_size_limit=4194304", "cache_size=-98304")
    # The cache is in KiB: the indexes of a million links are written all over, and must not be read each time.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", *lasting, "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _bring_up_to_date(store: Store) -> Store:
    """Return the store with the newest schema."""
    connection = store.connection
    schema = read_schema(connection)
    if schema is None:
        _create_schema(connection)
    elif schema != HEAD:
        _migrate(connection, None if store.scratch else _file_of(store))
    store.commit()
    return store


def _read_up_to_date(store: Store) -> Store:
    """Return the store, or where it has no tables yet, or older ones, another in its place."""
    schema = read_schema(store.connection)
    if schema is None:
        return _instead_of(store, _bring_up_to_date)
    if schema == HEAD:
        return store
    return _bring_up_to_date(_copied(store) if _file_of(store) else store)


def _set_apart(store: Store) -> Store:
    """Return a copy of the store with the newest schema; an empty one in memory is apart already."""
    if store.connection.dialect.name != "sqlite":
        return _copied_database(store)
    return _bring_up_to_date(_copied(store) if _file_of(store) else store)


def _copied(store: Store) -> Store:
    """Return a copy of a file, and close that: who asks must not lock it."""
    return _instead_of(store, partial(_fill, copy_file, store))


def _copied_database(store: Store) -> Store:
    """Return a copy of a database, as it is at one instant."""
    schema = read_schema(store.connection)
    if schema is None:
        return _instead_of(store, _bring_up_to_date)
    if schema == HEAD:
        store.rollback()
        # What this transaction reads, nobody changes, and it keeps nobody from changing it.
        store.connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    else:
        _migrate(store.connection, None)
    return _instead_of(store, partial(_fill, copy_database, store))


def _instead_of(store: Store, prepare: Callable[[Store], Store]) -> Store:
    """Return a store of its own that is prepared from another one, and close that."""
    with store:
        return _opened(open_apart(), prepare, scratch=True)


def _fill(copying: Callable[[Connection, Connection], None], store: Store, copy: Store) -> Store:
    copying(store.connection, copy.connection)
    return _bring_up_to_date(copy)


def _migrate(connection: Connection, file: Path | None) -> None:
    # Importing alembic takes longer than most runs on unchanged systems.
    migrating = import_module("specbridge.runtime.store.opening.migrating")
    migrating.migrate_store(connection, file)


def _file_of(store: Store) -> Path | None:
    """Return the file that a store is kept in, None where it is in none."""
    address = store.connection.engine.url
    inside = address.get_backend_name() == "sqlite" and address.database
    return Path(str(address.database)) if inside else None


def _create_schema(connection: Connection) -> None:
    """Create all tables of a new store at once, as all migrations together would leave them."""
    lock_schema(connection)
    # Asked again, with the lock: another process may have been quicker.
    if inspect(connection).has_table(version.name):
        return
    check_encoding(connection)
    metadata.create_all(connection, checkfirst=False)
    version.create(connection)
    connection.execute(insert(version).values(version_num=HEAD))
