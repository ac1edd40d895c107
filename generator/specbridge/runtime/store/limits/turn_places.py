"""Where turns at shared limits are kept: in the store on PostgreSQL, of SQLite in a file beside it."""

import math
import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Timer
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine, Row, TextClause, create_engine, event, text
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable

from specbridge.errors import StoreBusyError
from specbridge.runtime.store.opening.addresses import read_address
from specbridge.runtime.store.opening.unwritable import is_writable
from specbridge.runtime.store.tables.turn_table import turns

ResultT = TypeVar("ResultT")

log = structlog.get_logger("specbridge")

BESIDE = "-turns.sqlite"
"""What the file of the turns is called after that of the store."""

_PATIENCE = 5.0
"""Seconds after which the database is given up for now: what it answers then comes too late."""

_PAUSES = (0.0, 0.2, 1.0)
"""Before a lost connection is opened again: a server that restarts needs a moment."""

_DRIFT = 1e-4
"""By how much two clocks may drift apart, in seconds a second."""

_USABLE = """
SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'
    AND has_table_privilege(found, 'SELECT') AND has_table_privilege(found, 'INSERT')
    AND has_table_privilege(found, 'UPDATE') AND has_table_privilege(found, 'DELETE')
FROM (SELECT to_regclass('turns')::oid AS found) AS tables
"""
"""Nothing where an older store has no such table yet."""


@dataclass(slots=True)
class Offset:
    """How far another clock is ahead of this machine's monotonic one, as its quickest answer of late showed.

    `doubt` is by how many seconds that may be wrong.
    """

    seconds: float = 0.0
    doubt: float = math.inf
    at: float = 0.0

    def learn(self, before: float, after: float, theirs: float) -> None:
        """Take over what the other clock showed between two instants of ours, where it says more."""
        doubt = (after - before) / 2
        seconds = theirs - (before + after) / 2
        aged = self.doubt + (after - self.at) * _DRIFT
        # Further off than can be: one of the two was set.
        if doubt <= aged or abs(seconds - self.seconds) > doubt + aged:
            self.seconds, self.doubt, self.at = seconds, doubt, after


class TurnsConnection:
    """The connection over which turns are asked for, one thread at a time; opened when it is first used.

    Raises SQLAlchemy's DBAPIError where the database fails, StoreBusyError where it gives no answer in time.
    """

    def __init__(self, url: str) -> None:
        """Open nothing yet; raises StoreError for what is no store's URL."""
        self._engine = _make_engine(read_address(url))
        self._connection: Connection | None = None
        # The driver's connection as soon as there is one: its first statements may be waited for too.
        self._driver: Any = None
        self._offset = Offset()
        self._file = self.dialect == "sqlite"
        if not self._file:
            event.listen(self._engine, "do_connect", self._connect)

    @property
    def dialect(self) -> str:
        """Return what the database speaks, `sqlite` or `postgresql`."""
        return self._engine.dialect.name

    def now(self) -> float:
        """Return the database's time, as it was told of late."""
        return time.monotonic() + self._offset.seconds

    def is_usable(self) -> bool:
        """Return whether turns can be kept there; a file is made where there is none."""
        if self._file:
            return _make_file(self._engine)
        return bool(self._repeat(lambda: self._opened().execute(text(_USABLE)).scalar()))

    def execute(
        self, statement: TextClause, look: TextClause, values: Mapping[str, Any]
    ) -> Row[Any] | None:
        """Execute a statement and return the row that it is about, None where there is none.

        SQLite is asked for the row by `look`. A connection that was lost is opened anew.
        """
        if self._file:
            return self._repeat(lambda: self._ask_file(statement, look, values))
        return self._repeat(lambda: self._ask_server(statement, values))

    def drop(self) -> None:
        """Release the connection."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
        self._connection = self._driver = None

    def _repeat(self, ask: Callable[[], ResultT]) -> ResultT:
        """Return what asking yields, over a new connection where that was lost."""
        pauses = [*_PAUSES]
        while True:
            try:
                with self._bounded():
                    return ask()
            except DBAPIError as error:
                self.drop()
                if not pauses or not _is_lost(error):
                    raise
                log.debug("the connection for turns at limits was lost", error=str(error.orig))
                time.sleep(pauses.pop(0))

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """Have the block's statements end in time: behind a pooler without room, no server would end them."""
        expired = Event()

        def cut() -> None:
            expired.set()
            if self._driver is not None and not self._driver.closed:
                _shut(self._driver.pgconn.socket)

        timer = Timer(_PATIENCE, cut)
        timer.daemon = True
        if not self._file:
            timer.start()
        try:
            yield
        except DBAPIError:
            if expired.is_set():
                self.drop()
                raise StoreBusyError("the store gives no answer in time") from None
            raise
        finally:
            timer.cancel()

    def _opened(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _connect(
        self, dialect: Dialect, _record: object, words: list[Any], options: dict[str, Any]
    ) -> object:
        self._driver = dialect.connect(*words, **options)
        return self._driver

    def _ask_server(self, statement: TextClause, values: Mapping[str, Any]) -> Row[Any] | None:
        connection, before = self._opened(), time.monotonic()
        answer = connection.execute(statement, values)
        row = answer.first() if answer.returns_rows else None
        if row is not None:
            self._offset.learn(before, time.monotonic(), row.asked_at)
        return row

    def _ask_file(
        self, statement: TextClause, look: TextClause, values: Mapping[str, Any]
    ) -> Row[Any] | None:
        connection = self._opened()
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        before, now = time.monotonic(), time.time()
        known = {**values, "now": now}
        found = connection.execute(statement, known)
        row = connection.execute(look, known).first() if found.rowcount else None
        connection.exec_driver_sql("COMMIT")
        self._offset.learn(before, time.monotonic(), now)
        return row


def _make_engine(address: URL) -> Engine:
    """Return an engine each of whose statements is a transaction of its own."""
    if address.get_backend_name() == "sqlite":
        return _file_engine(address)
    # Nothing is kept prepared or set: behind a pooler the next statement may be on another's connection.
    arguments = {
        "prepare_threshold": None,
        "client_encoding": "utf8",
        "connect_timeout": int(_PATIENCE),
    }
    return create_engine(
        address, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=arguments
    )


def _file_engine(address: URL) -> Engine:
    engine = create_engine(
        address.set(database=f"{address.database}{BESIDE}", query={}),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": _PATIENCE, "check_same_thread": False},
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


def _shut(number: int) -> None:
    """Have whoever waits for an answer on a socket be told that there is none."""
    # A second hold on the same connection: the driver keeps its own, and closes that.
    with socket.socket(fileno=os.dup(number)) as held:
        held.shutdown(socket.SHUT_RDWR)


def _is_lost(error: DBAPIError) -> bool:
    """Return whether it is worth asking once more: over another connection, or when a file is free again."""
    return error.connection_invalidated or (
        isinstance(error, OperationalError) and "lock" not in str(error.orig)
    )
