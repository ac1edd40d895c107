"""What the journal tells of a run's writes, for `undo`: what they were, and what came after them."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, func, select, update

from specbridge.runtime.decide.binding import BoundResource
from specbridge.runtime.store.history.journal import Entry, read_entry
from specbridge.runtime.store.tables.rows import among, parts
from specbridge.runtime.store.tables.schema import id_on, journal, links

_AT_ONCE = 1000
"""Rows that are fetched at once."""


class LastWrite(NamedTuple):
    """The last write of ours to a record: in which run, and the system's instant that it left.

    `instant` is None where it is not known: the system gave nothing back, or found the record.
    """

    run: int
    instant: str | None


def entries_of_run(connection: Connection, run: int, before: int | None = None) -> Iterator[Entry]:
    """Yield a run's entries that name a record, newest first; `before` an entry."""
    chosen = _of_run(run) if before is None else _of_run(run).where(journal.c.number < before)
    with connection.execute(chosen.execution_options(yield_per=_AT_ONCE)) as rows:
        for row in rows:
            yield read_entry(row)


def done_writes(connection: Connection, run: int) -> list[Entry]:
    """Return a run's updates and creations that were carried out, newest first."""
    wanted = journal.c.state == "done", journal.c.kind.in_(("update", "create"))
    return [read_entry(row) for row in connection.execute(_of_run(run).where(*wanted)).all()]


def _of_run(run: int) -> Select[Any]:
    # What has been erased names no record any more; what was refused may never have had one.
    named = journal.c.run == run, journal.c.record_id.is_not(None)
    return select(journal).where(*named).order_by(journal.c.number.desc())


def last_writes(connection: Connection, resource: int, ids: Sequence[str]) -> dict[str, LastWrite]:
    """Return the last write of each record that was carried out, by the records' ids."""
    found: dict[str, LastWrite] = {}
    for part in parts(ids):
        own = journal.c.resource == resource, among(journal.c.record_id, part)
        done = journal.c.state == "done", journal.c.kind.in_(("create", "update"))
        newest = select(func.max(journal.c.number)).where(*own, *done)
        numbers = newest.group_by(journal.c.record_id)
        chosen = select(journal.c.record_id, journal.c.run, journal.c.instant)
        for row in connection.execute(chosen.where(journal.c.number.in_(numbers))):
            found[row.record_id] = LastWrite(row.run, row.instant)
    return found


def links_of(connection: Connection, resource: BoundResource, ids: Sequence[str]) -> list[Row[Any]]:
    """Return all links of records, whichever pairing they are of: `number`, `id` and `pinned`."""
    found: list[Row[Any]] = []
    for pairing, side in sorted(resource.sides):
        near = id_on(links, side)
        chosen = select(links.c.number, near.label("id"), links.c.pinned)
        for part in parts(ids):
            own = links.c.pairing == pairing, among(near, part)
            found += connection.execute(chosen.where(*own))
    return found


def pin_links(connection: Connection, numbers: Sequence[int], *, pinned: bool) -> None:
    """Pin links, or leave them to the rules again."""
    for part in parts(numbers):
        wanted = among(links.c.number, part)
        connection.execute(update(links).where(wanted).values(pinned=pinned))
