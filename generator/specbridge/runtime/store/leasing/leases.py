"""Leases: one run at a time works on a company.

A lease goes by a random token, and by the database's time (of SQLite, which is on one machine, by that
machine's). Its holder is dead where it says so itself or its place does (`holders`), and else by
time alone: once the lease has expired, and what was sent before has come to its end.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Float,
    Row,
    Select,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from specbridge.errors import StoreBusyError
from specbridge.runtime.store.leasing.holders import LIVE, Holder
from specbridge.runtime.store.tables.schema import leases

TAKEN = "the lease on this store was taken over by another run; nothing more is written"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right of one run to work on a company.

    It lasts `seconds` from its last renewal; another run may take it over `drain` seconds later, when
    no request that was sent before can be under way.
    """

    company: int
    seconds: float
    drain: float
    holder: Holder = field(default_factory=Holder)

    @property
    def own(self) -> Mapping[str, int | str]:
        """Return what tells its row, by the names that statements have for it."""
        return {"of_company": self.company, "by_token": self.holder.token}

    def times(self, now: float) -> dict[str, float]:
        """Return the instants of a renewal."""
        return {
            "expires_at": now + self.seconds,
            "free_at": now + self.seconds + self.drain,
        }


def take_lease(connection: Connection, lease: Lease) -> None:
    """Take the lease on a company; raises StoreBusyError where another run has it."""
    now = read_clock(connection)
    row = _read(connection, lease.company)
    if row is not None:
        _check_free(row, now)
        # Only the lease that was just seen: whoever has taken it over or renewed it keeps it.
        seen = {"of_company": lease.company, "by_token": row.token, "until": row.free_at}
        connection.execute(_TAKE_OVER, seen)
    own = lease.holder
    who = {"token": own.token, "holder": own.name, "place": own.place, "pid": own.pid}
    try:
        connection.execute(_TAKE, {"company": lease.company, **who, **lease.times(now)})
    except IntegrityError:  # somebody else was quicker
        raise StoreBusyError("another run has just begun to work on this store") from None


def renew_lease(connection: Connection, lease: Lease) -> None:
    """Prolong a lease; raises StoreBusyError where another run has taken it over."""
    times = lease.times(read_clock(connection))
    if connection.execute(_RENEW, {**lease.own, **times}).rowcount == 0:
        raise StoreBusyError(TAKEN)


def seconds_left(connection: Connection, lease: Lease, *, lock: bool = False) -> float:
    """Return the seconds until a lease expires, less than 0 where it has and nobody took it over.

    With `lock` nobody takes it over before the transaction ends. Raises StoreBusyError where another
    run has it.
    """
    # SQLite locks nothing, and needs not: what a transaction wrote keeps all others from writing.
    given = {**lease.own, "now": time.time()}
    asked = _time_left(connection.dialect.name, lock=lock)
    row = connection.execute(asked, given).one_or_none()
    if row is None:
        raise StoreBusyError(TAKEN)
    expires_at, now = row
    return float(expires_at) - float(now)


@cache
def _time_left(dialect: str, *, lock: bool) -> Select[Any]:
    # Made once: it is asked before each write.
    clock = bindparam("now", type_=Float) if dialect == "sqlite" else _DATABASE_CLOCK
    chosen = select(leases.c.expires_at, clock).where(*_OWN)
    return chosen.with_for_update(read=True) if lock else chosen


def release_lease(connection: Connection, lease: Lease) -> None:
    """Give a lease back; one that somebody else holds is left alone."""
    connection.execute(_RELEASE, lease.own)


def check_lease(connection: Connection, company: int) -> None:
    """Raise StoreBusyError where a run holds the lease; take nothing."""
    row = _read(connection, company)
    if row is not None:
        _check_free(row, read_clock(connection))


def keep_runs_out(connection: Connection) -> None:
    """Have no run begin before this transaction ends, nor anybody else change anything by hand.

    To be called first in a transaction: SQLite would refuse to write after it has read what others changed.
    """
    if connection.dialect.name != "sqlite":
        # Whoever takes a lease waits for it, and only for as long as a deed takes.
        connection.exec_driver_sql("LOCK TABLE leases IN SHARE ROW EXCLUSIVE MODE")
    elif not getattr(connection.connection.driver_connection, "in_transaction", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def read_clock(connection: Connection) -> float:
    """Return the seconds since 1970 by which leases go: the database's, where it has a clock."""
    if connection.dialect.name == "sqlite":
        return time.time()
    return float(connection.execute(_CLOCK).scalar_one())


# Not now(), which stands still for a whole transaction.
_DATABASE_CLOCK = cast(func.extract("epoch", func.clock_timestamp()), Float)
_CLOCK = select(_DATABASE_CLOCK)
_OF_COMPANY = leases.c.company == bindparam("of_company")
_HELD = select(leases).where(_OF_COMPANY)
_OWN = _OF_COMPANY, leases.c.token == bindparam("by_token")
_TAKE = insert(leases)
_TAKE_OVER = delete(leases).where(*_OWN, leases.c.free_at == bindparam("until"))
_RELEASE = delete(leases).where(*_OWN)
# What is set are the columns among what is given.
_RENEW = update(leases).where(*_OWN)


def _read(connection: Connection, company: int) -> Row[tuple[object, ...]] | None:
    return connection.execute(_HELD, {"of_company": company}).one_or_none()


def _check_free(row: Row[tuple[object, ...]], now: float) -> None:
    free_at, name = row.free_at, row.holder
    holder = Holder(token=row.token, name=name, place=row.place, pid=row.pid)
    if free_at <= now or holder.is_dead(LIVE):
        return
    raise StoreBusyError(
        f"{name} is working on this store; if it has died, others may in {free_at - now:.0f} s"
    )
