"""Leases: one process at a time works on a company; a dead process's lease does not block."""

import os
import socket

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from specbridge.errors import StoreBusyError
from specbridge.runtime.store.schema import leases


def own_name() -> str:
    """Return what names this process in a lease: its host and number."""
    return f"{socket.gethostname()}:{os.getpid()}"


def take_lease(
    connection: Connection, company: int, holder: str, now: float, seconds: float
) -> None:
    """Take the lease on a company for some seconds; raises StoreBusyError where another has it.

    A lease is free when it has expired, or when its holder ran on this host and is no more.
    """
    row = connection.execute(select(leases).where(leases.c.company == company)).one_or_none()
    if row is not None and row.holder != holder and row.expires_at > now and _lives(row.holder):
        raise StoreBusyError(
            f"{row.holder} is working on this store; its lease ends in {row.expires_at - now:.0f} s"
        )
    if row is not None:
        # Only the lease that was just seen: whoever has taken it over since keeps it.
        seen = leases.c.company == company, leases.c.holder == row.holder
        connection.execute(delete(leases).where(*seen))
    try:
        connection.execute(
            insert(leases).values(company=company, holder=holder, expires_at=now + seconds)
        )
    except IntegrityError:  # somebody else was quicker
        raise StoreBusyError("another process has just begun to work on this store") from None


def renew_lease(connection: Connection, company: int, holder: str, until: float) -> None:
    """Prolong a lease; raises StoreBusyError where another process has taken it over."""
    # It may have expired while a system let us wait, and somebody may have begun since.
    wanted = leases.c.company == company, leases.c.holder == holder
    if connection.execute(update(leases).where(*wanted).values(expires_at=until)).rowcount == 0:
        raise StoreBusyError("the lease on this store has expired and was taken over")


def release_lease(connection: Connection, company: int, holder: str) -> None:
    """Give a lease back; one that somebody else holds is left alone."""
    wanted = leases.c.company == company, leases.c.holder == holder
    connection.execute(delete(leases).where(*wanted))


def check_lease(connection: Connection, company: int, now: float) -> None:
    """Raise StoreBusyError where a process holds the lease; take nothing."""
    row = connection.execute(select(leases).where(leases.c.company == company)).one_or_none()
    if row is not None and row.expires_at > now and _lives(row.holder):
        raise StoreBusyError(f"{row.holder} is working on this store")


def _lives(holder: str) -> bool:
    """Return whether a holder may still run; of other hosts nothing is known."""
    host, _, number = holder.rpartition(":")
    if host != socket.gethostname() or not number.isdecimal():
        return True
    if int(number) == os.getpid():
        return True
    try:
        # Signal 0 is sent to nobody: it only asks whether there is somebody.
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
