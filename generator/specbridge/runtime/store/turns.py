"""Turns at limits that several processes share, kept beside the store.

On PostgreSQL they are a table of the store's, asked over a connection of its own, a statement at a time. SQLite
locks its whole file for as long as a run writes; there they are in a file beside the store's, for the
processes of one machine, which nobody writes to for longer than a statement takes.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

import structlog
from sqlalchemy import Connection, Row, TextClause
from sqlalchemy.exc import DBAPIError, OperationalError

from specbridge.runtime.store.addresses import opening_errors
from specbridge.runtime.store.engine import store_errors
from specbridge.runtime.store.turn_places import is_usable, open_place
from specbridge.runtime.store.turn_statements import BACK, Statements, statements_for
from specbridge.runtime.turns import Terms, Turn

log = structlog.get_logger("specbridge")

_PAUSES = (0.0, 0.2, 1.0)
"""Before a lost connection is opened again: a server that restarts needs a moment."""

_IDLE = 30 * 86_400.0
"""Seconds after which a row is of no use: a credential that was replaced is asked for no more."""

_DRIFT = 1e-4
"""By how much two clocks may drift apart, in seconds a second."""


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


class StoreTurns:
    """Gives turns out of the store at a URL; see `specbridge.runtime.turns.Turns`.

    Nothing is opened before the first one. Shared by all threads of a process.
    """

    def __init__(self, url: str) -> None:
        """Keep where the store is; raises StoreError where that cannot be read."""
        self._url = url
        with opening_errors(url):
            self._engine = open_place(url)
        self._sqlite = self._engine.dialect.name == "sqlite"
        self._statements: Statements = statements_for(self._engine.dialect.name)
        self._connection: Connection | None = None
        self._usable: bool | None = None
        self._offset = Offset()
        self._lock = Lock()

    def usable(self) -> bool:
        """Return whether there is what turns are kept in, as it was when that was first asked."""
        if self._usable is None:
            with self._lock:
                self._usable = self._look_whether_usable()
        return self._usable

    def take(self, terms: Terms, patience: float) -> Turn:
        """Take the next turn, unless answers asked to wait for more than `patience` seconds."""
        given = {
            "requests": terms.requests,
            "span": terms.span,
            "gap": terms.gap,
            "chunk": terms.chunk,
            "stops": int(terms.stops),
            "patience": min(patience, _IDLE),
        }
        row = self._offered(terms.key, given)
        # As the statement itself has reckoned.
        closed, offered = row.closed_until - row.asked_at, row.start_at - row.asked_at
        size = row.size or terms.requests
        held = terms.stops or size < terms.requests
        asked = max(0.0, closed, offered if held else 0.0)
        wait = row.start_at - self._offset.seconds - time.monotonic()
        taken = asked <= given["patience"]
        return Turn(wait=wait, asked=asked, taken=taken, size=size, start=row.start_at)

    def defer(self, terms: Terms, turn: Turn) -> bool:
        """Have a turn that was missed count from now on; False: others have come too far, and it is lost."""
        found = self._execute(terms.key, self._statements.defer, {"start": turn.start})
        return found is not None

    def look(self, terms: Terms) -> Turn:
        """Take nothing, and return what answers have asked for and stated meanwhile."""
        row = self._execute(terms.key, self._statements.look, {})
        if row is None:
            return Turn(wait=0.0, asked=0.0, taken=False, size=terms.requests)
        asked = max(0.0, row.closed_until - row.asked_at)
        return Turn(wait=0.0, asked=asked, taken=False, size=row.size or terms.requests)

    def close(self, terms: Terms, seconds: float) -> None:
        """Let nothing start for so many seconds, whoever asks."""
        self._execute(terms.key, self._statements.close, {"seconds": seconds})

    def resize(self, terms: Terms, size: int) -> None:
        """Let so many requests through from now on, as the system states it of this account."""
        self._execute(terms.key, self._statements.resize, {"size": size})

    def disconnect(self) -> None:
        """Release the connection; the next turn opens another one."""
        with self._lock:
            self._drop()

    def _offered(self, key: str, given: Mapping[str, float]) -> Row[Any]:
        """Return a limit's row after a turn was taken of it."""
        row = self._execute(key, self._statements.take, given)
        if row is None:
            self._execute(key, self._statements.forget, {"seconds": _IDLE})
            self._execute(key, self._statements.begin, {})
            row = self._execute(key, self._statements.take, given)
        assert row is not None
        return row

    def _execute(
        self, key: str, statement: TextClause, given: Mapping[str, float]
    ) -> Row[Any] | None:
        """Execute a statement about a limit and return its row; a connection that was lost is opened anew."""
        values = {"key": key, "back": BACK, **given}
        with self._lock, opening_errors(self._url), store_errors():
            for pause in _PAUSES:
                try:
                    return self._attempt(statement, values)
                except DBAPIError as error:
                    self._drop()
                    if not _is_lost(error):
                        raise
                    log.debug("the connection for turns at limits was lost", error=str(error.orig))
                    time.sleep(pause)
            return self._attempt(statement, values)

    def _attempt(self, statement: TextClause, values: Mapping[str, Any]) -> Row[Any] | None:
        if self._connection is None:
            self._connection = self._engine.connect()
        if self._sqlite:
            return self._in_a_file(self._connection, statement, values)
        before = time.monotonic()
        answer = self._connection.execute(statement, values)
        row = answer.first() if answer.returns_rows else None
        if row is not None:
            self._offset.learn(before, time.monotonic(), row.asked_at)
        return row

    def _in_a_file(
        self, connection: Connection, statement: TextClause, values: Mapping[str, Any]
    ) -> Row[Any] | None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        before, now = time.monotonic(), time.time()
        known = {**values, "now": now}
        found = connection.execute(statement, known)
        row = connection.execute(self._statements.look, known).first() if found.rowcount else None
        connection.exec_driver_sql("COMMIT")
        self._offset.learn(before, time.monotonic(), now)
        return row

    def _look_whether_usable(self) -> bool:
        with opening_errors(self._url), store_errors():
            found = is_usable(self._engine)
        if not found:
            log.warning(
                "turns at limits cannot be kept in the store: this process keeps them alone"
            )
        return found

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _is_lost(error: DBAPIError) -> bool:
    """Return whether it is worth asking once more: over another connection, or when a file is free again."""
    waited = "lock timeout" in str(error.orig)
    return error.connection_invalidated or (isinstance(error, OperationalError) and not waited)
