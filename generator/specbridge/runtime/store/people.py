"""One person's data: everything that the store holds of a record and those linked to it."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    case,
    delete,
    false,
    or_,
    select,
    update,
)

from specbridge.model.values import Json
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.store.packages import KnownFlow, resource_names
from specbridge.runtime.store.queue import queue_chosen
from specbridge.runtime.store.rows import read_object, update_rows, write_json
from specbridge.runtime.store.schema import (
    candidates,
    conflicts,
    dead_letters,
    journal,
    keys,
    links,
    mentions,
    queue,
    records,
    runs,
    splits,
    unanswered,
    unindexed,
    waiting,
)

Place = tuple[int, str]
"""A record: its resource's number and its id."""


def find_person(connection: Connection, flows: Sequence[KnownFlow], start: Place) -> list[Place]:
    """Return a record and all that are linked to it, directly or through others.

    A record may be there several times, where accounts of an older store are not joined yet.
    """
    twins = _twins(connection)
    # A list, in order: the record that was asked for comes first.
    found, fresh = [start], [start]
    while fresh:
        resource, id_ = fresh.pop()
        near = [(twin, id_) for twin in twins.get(resource, ())]
        near += _linked_places(connection, flows, (resource, id_))
        new = [place for place in dict.fromkeys(near) if place not in found]
        fresh += new
        found += new
    return found


def _twins(connection: Connection) -> dict[int, list[int]]:
    """Return resources, each with all that stand for the same one of the system."""
    same: dict[tuple[str, str], list[int]] = {}
    for number, key in resource_names(connection).items():
        same.setdefault(key, []).append(number)
    return {number: same[key] for number, key in resource_names(connection).items()}


def _linked_places(
    connection: Connection, flows: Sequence[KnownFlow], place: Place
) -> Iterator[Place]:
    resource, id_ = place
    for flow in flows:
        for side in (SOURCE, TARGET):
            if flow.resources[side] == resource:
                for (other,) in connection.execute(_partners(flow.number, side, id_)):
                    yield flow.resources[1 - side], other


def _partners(flow: int, side: int, id_: str) -> Select[str]:
    near, far = _ends(links, side)
    return select(far).where(links.c.pairing == flow, near == id_)


def _ends(table: Table, side: int) -> tuple[Column[str], Column[str]]:
    """Return the columns with the ids of a side's record, and of the other one's."""
    ends = table.c.source_id, table.c.target_id
    return ends if side == SOURCE else ends[::-1]


def export_person(
    connection: Connection, flows: Sequence[KnownFlow], person: Sequence[Place]
) -> dict[str, Json]:
    """Return all rows about these records, by table, as text and numbers."""
    found: dict[str, Json] = {}
    for table, wanted in _rows_about(flows, person):
        rows = connection.execute(select(table).where(wanted)).mappings()
        found.setdefault(table.name, [])
        listed = found[table.name]
        assert isinstance(listed, list)
        listed += [{name: _plain(value) for name, value in row.items()} for row in rows]
    return found


def erase_person(
    connection: Connection, flows: Sequence[KnownFlow], person: Sequence[Place]
) -> None:
    """Forget these records: their rows go, and the journal keeps that it wrote, not what or where.

    What still exists in a system is read again by the next run: erase it there first. Until that run,
    other records hold their references to the person. A file of SQLite's holds what was erased until
    `scrub_file` is called.
    """
    _queue_held_up(connection, flows, person)
    for table, wanted in _rows_about(flows, person):
        if table is journal:
            connection.execute(update(table).where(wanted).values(**_BLANK))
        else:
            connection.execute(delete(table).where(wanted))
    _erase_from_reports(connection, flows, person)


# No record, and no write that is still open: recovery would look for it in the system.
_BLANK = {
    **{"record_id": None, "origin": None, "before": "{}", "after": "{}", "effects": "null"},
    **{"reason": "", "state": case((unanswered, "lost"), else_=journal.c.state)},
}


def _queue_held_up(
    connection: Connection, flows: Sequence[KnownFlow], person: Sequence[Place]
) -> None:
    """Queue what is held up by the person: by a dead letter that names it, in doubt, or by a split.

    What is said of them goes; nobody else would look at them again, for they have not changed.
    """
    for flow, side, id_ in _sides(flows, person):
        there = flow.number, 1 - side
        own = dead_letters.c.pairing == flow.number, dead_letters.c.side == 1 - side
        held_up = [select(dead_letters.c.id).where(*own, dead_letters.c.other_id == id_)]
        for table in (candidates, splits):
            near, far = _ends(table, side)
            held_up.append(select(far).where(table.c.pairing == flow.number, near == id_))
        for chosen in held_up:
            queue_chosen(connection, there, chosen)


def _erase_from_reports(
    connection: Connection, flows: Sequence[KnownFlow], person: Sequence[Place]
) -> None:
    """Take the records out of what the packages' runs have reported."""
    ids = {id_ for _, id_ in person}
    # By the text first: a store may hold a run for every minute of three months.
    named = [runs.c.report.contains(write_json(id_), autoescape=True) for id_ in ids]
    failed = ~runs.c.report.contains('"error":null', autoescape=True)
    wanted = runs.c.company.in_({flow.company for flow in flows}), or_(failed, *named)
    chosen = select(runs.c.number, runs.c.report).where(*wanted)
    rows = [
        (write_json(_without(read_object(report), ids)), number)
        for number, report in connection.execute(chosen).all()
    ]
    update_rows(connection, runs, ("report",), ("number",), rows)


def _without(report: Mapping[str, Json], ids: Collection[str]) -> dict[str, Json]:
    """Return a run's report without these records, of whatever resource they are."""
    kept = dict(report)
    ambiguities, restored, left = (kept.get(n) for n in ("ambiguities", "restored", "kept"))
    if isinstance(ambiguities, list):
        kept["ambiguities"] = list(_other_ambiguities(ambiguities, ids))
    if isinstance(restored, list):
        kept["restored"] = [id_ for id_ in restored if id_ not in ids]
    if isinstance(left, dict):
        kept["kept"] = {id_: reason for id_, reason in left.items() if id_ not in ids}
    # It is a system's answer, and may well name what it was asked for.
    if any(id_ in str(kept.get("error")) for id_ in ids):
        kept["error"] = "erased"
    return kept


def _other_ambiguities(items: Sequence[Json], ids: Collection[str]) -> Iterator[Json]:
    for item in items:
        assert isinstance(item, dict)
        candidates = item["candidates"]
        assert isinstance(candidates, list)
        others: list[Json] = [id_ for id_ in candidates if id_ not in ids]
        if item["id"] not in ids and others:
            yield {**item, "candidates": others}


def scrub_file(connection: Connection) -> None:
    """Have SQLite write its file anew, without what was deleted; it commits what there is.

    What is deleted would else lie in the file until it is written over. PostgreSQL's own VACUUM
    does the like in its time.
    """
    connection.commit()
    if connection.dialect.name == "sqlite":
        for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            connection.exec_driver_sql(statement)


def _sides(
    flows: Sequence[KnownFlow], person: Sequence[Place]
) -> Iterator[tuple[KnownFlow, int, str]]:
    """Yield the flows and sides in which these records take part, with the records' ids."""
    for flow in flows:
        for side in (SOURCE, TARGET):
            for resource, id_ in person:
                if flow.resources[side] == resource:
                    yield flow, side, id_


def _rows_about(
    flows: Sequence[KnownFlow], person: Sequence[Place]
) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    yield records, _any(_at(records.c.resource, records.c.id, person))
    for table in (mentions, waiting):
        # What refers to the person names it as well.
        yield table, _any(_at(table.c.to_resource, table.c.to_id, person))
    yield mentions, _any(_at(mentions.c.resource, mentions.c.id, person))
    sides = [(flow, side, id_) for flow, side, id_ in _sides(flows, person)]
    # A creation holds the person's details before it has a record of its own to be found by.
    created = [
        and_(
            *(journal.c.pairing == flow.number, journal.c.origin == id_),
            journal.c.resource == flow.resources[1 - side],
        )
        for flow, side, id_ in sides
    ]
    yield journal, _any([*_at(journal.c.resource, journal.c.record_id, person), *created])
    for table in (keys, queue, unindexed, dead_letters, waiting):
        yield table, _any([_is(table, f, s) & (table.c.id == i) for f, s, i in sides])
    others = [_is(dead_letters, f, 1 - s) & (dead_letters.c.other_id == i) for f, s, i in sides]
    yield dead_letters, _any(others)
    for table in (links, conflicts, splits, candidates):
        own = [(table.c.pairing == f.number) & (_ends(table, s)[0] == i) for f, s, i in sides]
        yield table, _any(own)


def _at(
    resource: ColumnElement[int], id_: ColumnElement[str], person: Sequence[Place]
) -> list[ColumnElement[bool]]:
    return [and_(resource == number, id_ == text) for number, text in person]


def _is(table: Table, flow: KnownFlow, side: int) -> ColumnElement[bool]:
    return and_(table.c.pairing == flow.number, table.c.side == side)


def _any(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    # An empty or_() would be no condition at all, and every row would be erased.
    return or_(false(), *conditions)


def _plain(value: object) -> Json:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
