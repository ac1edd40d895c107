"""The journal: every run, and every write before it is sent, with what it replaces."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from specbridge.model.values import Json
from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.store.linking.links import Span
from specbridge.runtime.store.tables.rows import (
    among,
    among_given,
    delete_rows,
    insert_rows,
    parts,
    read_json,
    read_object,
    storable,
    update_rows,
    write_json,
)
from specbridge.runtime.store.tables.schema import (
    companies,
    conflicts,
    deeds,
    flows,
    id_on,
    journal,
    links,
    pairings,
    queue,
    runs,
    splits,
    unanswered,
    unsettled,
)


class Entry(Struct, frozen=True, gc=False):
    """A write: what it replaces (`before`) and what it sets (`after`), by dotted path.

    `origin` is the record for which a record is created, `effects` what follows for the links once
    it is done. `number` is the store's, 0 before it has one.
    """

    pairing: int | None
    kind: str
    resource: int
    record_id: str | None
    before: Mapping[str, Json]
    after: Mapping[str, Json]
    origin: str | None = None
    number: int = 0
    effects: Json | Sequence[tuple[Json, ...]] = None
    state: str = "open"


def start_run(
    connection: Connection, company: int, packages: Sequence[str], kind: str, now: float
) -> int:
    """Begin a run of a company's packages and return its number."""
    names = write_json(list(packages))
    row = {"company": company, "packages": names, "kind": kind, "started_at": now}
    result = connection.execute(_BEGIN, row)
    assert result.inserted_primary_key is not None
    return int(result.inserted_primary_key[0])


def end_run(connection: Connection, run: int, now: float, outcome: str, report: object) -> None:
    """Note how a run ended."""
    values = {"ended_at": now, "outcome": outcome, "report": write_json(report)}
    connection.execute(_END, {"of_run": run, **values})


_BEGIN = insert(runs)
# What is set are the columns among what is given.
_END = update(runs).where(runs.c.number == bindparam("of_run"))


def open_entries(connection: Connection, run: int, entries: Sequence[Entry]) -> list[int]:
    """Write entries into the journal before they are sent; return their numbers, in order."""
    if not entries:
        return []
    # Many rows at once give no numbers back; those of this run above the last are theirs.
    # Of this run, because others may write on PostgreSQL at the same time.
    first = int(connection.execute(_LAST).scalar() or 0)
    insert_rows(connection, journal, _COLUMNS, [_row(run, entry) for entry in entries])
    return list(connection.execute(_ADDED, {"of_run": run, "after": first}).scalars())


_LAST = select(func.max(journal.c.number))
_ADDED = (
    select(journal.c.number)
    .where(journal.c.run == bindparam("of_run"), journal.c.number > bindparam("after"))
    .order_by(journal.c.number)
)
_COLUMNS = (
    *("run", "pairing", "kind", "resource", "record_id", "origin"),
    *("before", "after", "effects", "state", "reason"),
)


def _row(run: int, entry: Entry) -> tuple[object, ...]:
    before = write_json(entry.before) if entry.before else "{}"
    effects = "null" if entry.effects is None else write_json(entry.effects)
    texts = before, write_json(entry.after), effects
    what = entry.pairing, entry.kind, entry.resource, entry.record_id, entry.origin
    return run, *what, *texts, entry.state, ""


class Bound(NamedTuple):
    """What a run is bound to: numbers of pairings, and of resources."""

    pairings: Sequence[int]
    resources: Sequence[int]


class Closing(Struct, frozen=True, gc=False):
    """How an entry ended: done, refused or lost; the record's id and instant, and the reason if any."""

    number: int
    state: str
    record_id: str | None
    reason: str = ""
    instant: str | None = None


def close_entries(connection: Connection, closings: Sequence[Closing]) -> None:
    """Note what became of entries."""
    rows = [
        (one.state, one.record_id, storable(one.reason), one.instant, one.number)
        for one in closings
    ]
    columns = "state", "record_id", "reason", "instant"
    update_rows(connection, journal, columns, ("number",), rows)


def open_writes(connection: Connection, company: int, bound: Bound) -> list[Entry]:
    """Return the entries whose outcome is not known and which `bound` can tell, in order.

    There are no more than a run has under way at once, for the next one begins with them. Those of pairings that no
    flow states any more are among them: nobody else would close them.
    """
    numbers = {"of_pairings": list(bound.pairings), "in_resources": list(bound.resources)}
    rows = connection.execute(_OPEN, {"of_company": company, **numbers})
    return [read_entry(row) for row in rows]


_STATED = exists().where(flows.c.pairing == journal.c.pairing)
_TOLD = or_(
    among_given(journal.c.pairing, "of_pairings"),
    # An entry of an undo belongs to no pairing.
    and_(journal.c.pairing.is_(None), among_given(journal.c.resource, "in_resources")),
    and_(journal.c.pairing.is_not(None), ~_STATED),
)
_OPEN = (
    select(journal)
    .join(runs, runs.c.number == journal.c.run)
    .where(runs.c.company == bindparam("of_company"), unanswered, _TOLD)
    .order_by(journal.c.number)
)


def created_unlinked(connection: Connection, flow: BoundFlow, side: int, span: Span) -> list[str]:
    """Return the queued records of a side that were created by a run and have no link in the pairing."""
    # In a first run all records are queued, and none of them is in the journal.
    own = {"of_resource": flow.resources[side]}
    if connection.execute(_ANY_ENTRY, own).first() is None:
        return []
    given = {**own, "of_pairing": flow.number, "after": span.after, "up_to": span.end}
    found = connection.execute(_created_unlinked(side), given).scalars()
    return [id_ for id_ in found if id_ is not None]


@cache
def _created_unlinked(side: int) -> Select[str | None]:
    own_links = links.c.pairing == bindparam("of_pairing")
    queued = select(queue.c.id).where(
        *(queue.c.pairing == bindparam("of_pairing"), queue.c.side == side),
        *(queue.c.number > bindparam("after"), queue.c.number <= bindparam("up_to")),
    )
    return select(journal.c.record_id).where(
        *(journal.c.resource == bindparam("of_resource"), journal.c.kind == "create"),
        *(journal.c.state == "done", journal.c.record_id.in_(queued)),
        ~exists().where(own_links, id_on(links, side) == journal.c.record_id),
    )


_ANY_ENTRY = (
    select(journal.c.record_id)
    .where(journal.c.resource == bindparam("of_resource"), journal.c.record_id.is_not(None))
    .limit(1)
)


def origins_of(
    connection: Connection, resource: int, ids: Sequence[str]
) -> Iterator[tuple[str, int, str]]:
    """Yield for records that were created their pairing, and the record that they were created for.

    Two that people have parted since, by a split or by a pin of one with another, are left out.
    """
    chosen = select(journal.c.record_id, journal.c.pairing, journal.c.origin)
    for part in parts(ids):
        own = journal.c.resource == resource, among(journal.c.record_id, part)
        made = journal.c.kind == "create", journal.c.state == "done", journal.c.origin.is_not(None)
        yield from map(tuple, connection.execute(chosen.where(*own, *made, ~_parted())))


def _parted() -> ColumnElement[bool]:
    """Return whether the two records of a creation are split, or lost their link to a pin."""
    own = pairings.c.number == journal.c.pairing
    target = select(pairings.c.target).where(own).correlate(journal)
    gone = journal.alias("gone")
    # Each of the two may be the pairing's source.
    split = exists().where(
        splits.c.pairing == journal.c.pairing, _either_way(splits.c.source_id, splits.c.target_id)
    )
    replaced = exists().where(
        *(gone.c.kind == "unlink", gone.c.pairing == journal.c.pairing),
        *(
            gone.c.resource == target.scalar_subquery(),
            _either_way(gone.c.origin, gone.c.record_id),
        ),
    )
    return or_(split, replaced)


def _either_way(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether two columns hold a creation's record and the one that it was made for."""
    made, origin = journal.c.record_id, journal.c.origin
    return or_(and_(one == made, other == origin), and_(one == origin, other == made))


def read_entry(row: Row[Any]) -> Entry:
    """Return the entry that a row of the journal holds."""
    return Entry(
        number=row.number,
        pairing=row.pairing,
        kind=row.kind,
        resource=row.resource,
        record_id=row.record_id,
        origin=row.origin,
        before=read_object(row.before),
        after=read_object(row.after),
        effects=read_json(row.effects),
        state=row.state,
    )


def last_runs(
    connection: Connection,
    package: str | None,
    count: int,
    before: int | None = None,
    company: int | None = None,
) -> list[Row[Any]]:
    """Return the last runs of a package, or of all, newest first; `before` a run, of a company."""
    chosen = select(runs).order_by(runs.c.number.desc()).limit(count)
    if company is not None:
        chosen = chosen.where(runs.c.company == company)
    if before is not None:
        chosen = chosen.where(runs.c.number < before)
    if package is not None:
        chosen = chosen.where(runs.c.packages.contains(write_json(package), autoescape=True))
    return list(connection.execute(chosen))


def find_run(connection: Connection, run: int) -> Row[Any] | None:
    """Return a run, None where there is none of that number."""
    return connection.execute(select(runs).where(runs.c.number == run)).one_or_none()


def company_of_run(connection: Connection, run: int) -> str | None:
    """Return the name of the company that a run was of, None where there is no such run."""
    chosen = select(companies.c.name).join(runs, runs.c.company == companies.c.number)
    return connection.execute(chosen.where(runs.c.number == run)).scalar()


def packages_of_run(connection: Connection, run: int) -> list[str]:
    """Return the names of the packages that a run was of, none where there is no such run."""
    row = find_run(connection, run)
    names = [] if row is None else read_json(row.packages)
    return [str(name) for name in names] if isinstance(names, list) else []


def forget_runs(connection: Connection, company: int, before: float) -> int:
    """Delete the runs that ended before an instant, with their writes; return how many.

    A run that was killed counts by its start. Runs with writes that are still open are kept, and those
    with conflicts that are not settled, as long as the two records are linked. What people did by hand
    before the instant is forgotten with them.
    """
    given = {"of_company": company, "until": before}
    connection.execute(_OLD_DEEDS, given)
    numbers = list(connection.execute(_OLD_RUNS, given).scalars())
    # Most runs forget none, and need not look through what others left.
    # Runs last: the others refer to them.
    for table, column in ((journal, "run"), (conflicts, "run"), (runs, "number")):
        delete_rows(connection, table, column, numbers)
    return len(numbers)


_OLD_DEEDS = delete(deeds).where(
    deeds.c.company == bindparam("of_company"), deeds.c.at < bindparam("until")
)
# Without its entry, a creation that is still open would be made a second time.
_BUSY = select(journal.c.run).where(unanswered)
# A person is to decide these, whenever that is; of a pair that is none any more, nobody can.
_LINKED = exists().where(
    links.c.pairing == conflicts.c.pairing,
    links.c.source_id == conflicts.c.source_id,
    links.c.target_id == conflicts.c.target_id,
)
_OPEN_CONFLICTS = select(conflicts.c.run).where(unsettled, _LINKED)
_OLD_RUNS = select(runs.c.number).where(
    runs.c.company == bindparam("of_company"),
    # The lease is ours: what has no end by now will have none, and holds values all the same.
    func.coalesce(runs.c.ended_at, runs.c.started_at) < bindparam("until"),
    runs.c.number.not_in(_BUSY),
    runs.c.number.not_in(_OPEN_CONFLICTS),
)
