"""What people did to the store by hand: who, when and about what."""

import getpass
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from specbridge.errors import PackageError
from specbridge.runtime.store.engine import Store, open_store, store_errors
from specbridge.runtime.store.leasing.leases import check_lease, keep_runs_out
from specbridge.runtime.store.packages import KnownFlow, flows_of
from specbridge.runtime.store.tables.rows import storable
from specbridge.runtime.store.tables.schema import deeds


class Deed(NamedTuple):
    """What somebody did: `who` as they are called, `kind` the command's word.

    It was about a pair, about the record of one side, or (no `pairing`) about a run, a package or a company.
    """

    company: int
    who: str
    kind: str
    pairing: int | None = None
    source_id: str | None = None
    target_id: str | None = None
    detail: str = ""


class DoneDeed(NamedTuple):
    """A deed as it is kept, with its number and its instant (seconds since 1970)."""

    number: int
    at: float
    company: int
    who: str
    kind: str
    pairing: int | None
    source_id: str | None
    target_id: str | None
    detail: str


def note_deeds(connection: Connection, done: Iterable[Deed]) -> None:
    """Keep what somebody did, in the transaction in which it is done."""
    now = time.time()
    rows = [{**one._asdict(), "at": now, "detail": storable(one.detail)} for one in done]
    if rows:
        connection.execute(insert(deeds), rows)


def list_deeds(connection: Connection, before: int | None, count: int) -> list[DoneDeed]:
    """Return the last deeds, newest first; `before`: those with smaller numbers only."""
    chosen = select(*(deeds.c[name] for name in DoneDeed._fields)).order_by(deeds.c.number.desc())
    if before is not None:
        chosen = chosen.where(deeds.c.number < before)
    return [DoneDeed(*row) for row in connection.execute(chosen.limit(count))]


def last_deed(connection: Connection, pairing: int, source_id: str) -> DoneDeed | None:
    """Return what was last done about a pair's source, None where nobody did anything."""
    chosen = select(*(deeds.c[name] for name in DoneDeed._fields))
    own = deeds.c.pairing == pairing, deeds.c.source_id == source_id
    row = connection.execute(chosen.where(*own).order_by(deeds.c.number.desc()).limit(1)).first()
    return None if row is None else DoneDeed(*row)


def this_user() -> str:
    """Return what the machine calls who runs this process, "" where it does not say."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # In a container its number may have no name.
        return ""


@contextmanager
def by_hand(
    url: str, package: str | None = None, *, company: int | None = None, named: str | None = None
) -> Iterator[tuple[Store, list[KnownFlow]]]:
    """Open a store to be changed by hand, with its flows; what the block does is committed at its end.

    `package` and `company`, or a company's name, leave out the flows of others, whose runs go on.
    Raises StoreBusyError where a run is under way, PackageError for a package that the store does not know.
    """
    with open_store(url) as store, store_errors():
        keep_runs_out(store.connection)
        known = flows_of(store.connection, package, named)
        found = [flow for flow in known if company in (None, flow.company)]
        if package is not None and not found:
            raise PackageError(f"the store knows no package {package}")
        for number in {flow.company for flow in found}:
            # A run decides by what it has read: nobody may change it meanwhile.
            check_lease(store.connection, number)
        yield store, found
        store.commit()
