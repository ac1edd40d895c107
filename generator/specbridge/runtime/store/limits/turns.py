"""Turns at limits that several processes share, kept beside the store.

On PostgreSQL they are a table of the store's, asked over a connection of its own, a statement at a time. SQLite
locks its whole file for as long as a run writes; there they are in a file beside the store's, for the
processes of one machine, which nobody writes to for longer than a statement takes.
"""

import time
from collections.abc import Mapping
from threading import Lock
from typing import Any

import structlog
from sqlalchemy import Row, TextClause

from specbridge.errors import StoreBusyError
from specbridge.runtime.store.engine import store_errors
from specbridge.runtime.store.limits.turn_places import TurnsConnection
from specbridge.runtime.store.limits.turn_statements import BACK, Statements, statements_for
from specbridge.runtime.store.opening.addresses import opening_errors
from specbridge.runtime.turns import Terms, Turn

log = structlog.get_logger("specbridge")

_IDLE = 30 * 86_400.0
"""Seconds after which a row is of no use: a credential that was replaced is asked for no more."""

_ALONE, _LONGEST_ALONE = 30.0, 1800.0
"""Seconds for which limits are kept alone where no turns are to be had: twice as long each time."""


class StoreTurns:
    """Gives turns out of the store at a URL; see `specbridge.runtime.turns.Turns`.

    Nothing is opened before the first one. Shared by all threads of a process.
    """

    def __init__(self, url: str) -> None:
        """Keep where the store is; raises StoreError where that cannot be read."""
        self._url = url
        with opening_errors(url):
            self._connection = TurnsConnection(url)
        self._statements: Statements = statements_for(self._connection.dialect)
        self._usable: bool | None = None
        self._alone, self._alone_until = _ALONE, 0.0
        self._lock = Lock()

    def usable(self) -> bool:
        """Return whether turns can be had: not by who may only read, nor while the store has no time for it."""
        if time.monotonic() < self._alone_until:
            return False
        if self._usable is None:
            try:
                with self._lock, opening_errors(self._url), store_errors():
                    self._usable = self._connection.is_usable()
            except StoreBusyError:
                self._go_alone()
                return False
            if not self._usable:
                log.info("no turns are kept in this store: limits are kept by this process alone")
        return self._usable

    def take(self, terms: Terms, patience: float) -> Turn | None:
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
        if row is None:
            return None
        # As the statement itself has reckoned.
        closed, offered = row.closed_until - row.asked_at, row.start_at - row.asked_at
        size = row.size or terms.requests
        held = terms.stops or size < terms.requests
        asked = max(0.0, closed, offered if held else 0.0)
        wait = row.start_at - self._connection.now()
        taken = asked <= given["patience"]
        return Turn(wait=wait, asked=asked, taken=taken, size=size, start=row.start_at)

    def defer(self, terms: Terms, turn: Turn, seconds: float) -> bool:
        """Have a turn count from so many seconds after its start on; False: others have come too far, and it is lost."""
        given = {"start": turn.start, "late": seconds}
        found = self._try(terms.key, self._statements.defer, given)
        return found is not None

    def look(self, terms: Terms) -> Turn:
        """Take nothing, and return what answers have asked for and stated meanwhile."""
        row = self._try(terms.key, self._statements.look, {})
        if row is None:
            return Turn(wait=0.0, asked=0.0, taken=False, size=terms.requests)
        asked = max(0.0, row.closed_until - row.asked_at)
        return Turn(wait=0.0, asked=asked, taken=False, size=row.size or terms.requests)

    def close(self, terms: Terms, seconds: float) -> None:
        """Let nothing start for so many seconds, whoever asks."""
        self._try(terms.key, self._statements.close, {"seconds": seconds})

    def resize(self, terms: Terms, size: int) -> None:
        """Let so many requests through from now on, as the system states it of this account."""
        self._try(terms.key, self._statements.resize, {"size": size})

    def disconnect(self) -> None:
        """Release the connection; the next turn opens another one."""
        with self._lock:
            self._connection.drop()

    def _offered(self, key: str, given: Mapping[str, float]) -> Row[Any] | None:
        """Return a limit's row after a turn was taken of it, None where none can be had."""
        row = self._try(key, self._statements.take, given)
        if row is None and self.usable():
            self._try(key, self._statements.forget, {"seconds": _IDLE})
            self._try(key, self._statements.begin, {})
            row = self._try(key, self._statements.take, given)
        return row

    def _try(self, key: str, statement: TextClause, given: Mapping[str, float]) -> Row[Any] | None:
        """Execute a statement about a limit and return its row; where the store is busy, go on alone."""
        values = {"key": key, "back": BACK, **given}
        try:
            with self._lock, opening_errors(self._url), store_errors():
                if time.monotonic() < self._alone_until:
                    return None
                return self._connection.execute(statement, self._statements.look, values)
        except StoreBusyError:
            self._go_alone()
            return None

    def _go_alone(self) -> None:
        """Keep limits alone for a while: a run that waits here may itself be what keeps the store busy."""
        now = time.monotonic()
        # What went well for long says nothing of the time before.
        self._alone = _ALONE if now - self._alone_until > 2 * _LONGEST_ALONE else self._alone
        self._alone_until = now + self._alone
        log.warning(
            "the store gives no turns at limits, which are kept by this process alone for a while; behind a "
            "pooler, each worker needs two connections",
            seconds=self._alone,
        )
        self._alone = min(2 * self._alone, _LONGEST_ALONE)
