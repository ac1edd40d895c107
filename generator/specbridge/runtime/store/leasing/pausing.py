"""Packages and companies that people have paused, until they resume them."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from specbridge.runtime.store.tables.schema import flows, packages, pauses

WHOLE = ""
"""Stands for a package where all of the company's are paused."""


class Pause(NamedTuple):
    """What is paused (a package's name, or WHOLE), since when (seconds since 1970), and why."""

    package: str
    since: float
    reason: str


def pause(connection: Connection, company: int, new: Pause) -> bool:
    """Pause a package or a company; return whether it was not paused before.

    What is paused already keeps its instant, and its reason unless another one is given.
    """
    own = pauses.c.company == company, pauses.c.package == new.package
    if connection.execute(select(pauses.c.since).where(*own)).first() is None:
        connection.execute(insert(pauses).values(company=company, **new._asdict()))
        return True
    if new.reason:
        connection.execute(update(pauses).where(*own).values(reason=new.reason))
    return False


def resume(connection: Connection, company: int, package: str) -> bool:
    """Let a package or a company go on; return whether it was paused."""
    own = pauses.c.company == company, pauses.c.package == package
    return connection.execute(delete(pauses).where(*own)).rowcount > 0


def read_pauses(connection: Connection, company: int) -> dict[str, Pause]:
    """Return what is paused of a company, by package."""
    rows = connection.execute(_PAUSES, {"of_company": company})
    return {row.package: Pause._make(row) for row in rows}


_PAUSES = (
    select(*(pauses.c[name] for name in Pause._fields))
    .where(pauses.c.company == bindparam("of_company"))
    .order_by(pauses.c.package)
)


def paused_pairings(
    connection: Connection, company: int, paused: Mapping[str, Pause]
) -> dict[int, set[str]]:
    """Return the pairings that paused packages state, each with the names of these.

    Whichever packages are loaded: a pairing works as one, and one that is paused must stand still.
    """
    chosen = select(flows.c.pairing, packages.c.name).join(
        packages, packages.c.number == flows.c.package
    )
    own = packages.c.company == company, packages.c.name.in_(list(paused))
    found: dict[int, set[str]] = {}
    for pairing, name in connection.execute(chosen.where(*own)):
        found.setdefault(pairing, set()).add(name)
    return found
