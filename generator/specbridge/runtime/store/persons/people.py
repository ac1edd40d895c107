"""One person's data: everything that the store holds of a record and those linked to it.

All pairings of the store are looked through, also those that no package states any more.
"""

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
    exists,
    false,
    or_,
    select,
    update,
)

from specbridge.errors import PackageError
from specbridge.model.values import Json
from specbridge.runtime.decide.binding import StoredPairing
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.store.linking.things import all_pairings
from specbridge.runtime.store.persons.scrubbing import delete_securely
from specbridge.runtime.store.seen.queue import queue_chosen
from specbridge.runtime.store.tables.rows import read_object, update_rows, write_json
from specbridge.runtime.store.tables.schema import (
    accounts,
    candidates,
    claims,
    conflicts,
    dead_letters,
    deeds,
    journal,
    keys,
    links,
    mentions,
    queue,
    records,
    resources,
    runs,
    splits,
    unanswered,
    unindexed,
    waiting,
    wakes,
)

Place = tuple[int, str]
"""A record: its resource's number and its id."""


def find_records(connection: Connection, system: str, resource: str, id_: str) -> list[Place]:
    """Return where a record would be: once for each company that has the resource.

    Raises PackageError where the store knows no such resource.
    """
    chosen = select(resources.c.number).join(accounts, accounts.c.number == resources.c.account)
    wanted = accounts.c.system == system, resources.c.name == resource
    numbers = connection.execute(chosen.where(*wanted).order_by(resources.c.number)).scalars()
    if found := [(number, id_) for number in numbers]:
        return found
    raise PackageError(f"the store knows no {resource} of {system}")


def find_person(connection: Connection, starts: Sequence[Place]) -> list[Place]:
    """Return records and all that are linked to them, directly or through others.

    A record may be there several times, where accounts of an older store are not joined yet.
    """
    twins, pairings = _twins(connection), all_pairings(connection)
    # A list, in order: the records that were asked for come first.
    found, fresh = list(starts), list(starts)
    while fresh:
        resource, id_ = fresh.pop()
        near = [(twin, id_) for twin in twins.get(resource, ())]
        near += _linked_places(connection, pairings, (resource, id_))
        new = [place for place in dict.fromkeys(near) if place not in found]
        fresh += new
        found += new
    return found


def _twins(connection: Connection) -> dict[int, list[int]]:
    """Return resources, each with all that stand for the same one of the system and company."""
    chosen = select(resources.c.number, resources.c.name, accounts.c.company, accounts.c.system)
    joined = chosen.join(accounts, accounts.c.number == resources.c.account)
    # Another company's record of the same id is somebody else's.
    keys = {number: tuple(key) for number, *key in connection.execute(joined)}
    same: dict[tuple[object, ...], list[int]] = {}
    for number, key in sorted(keys.items()):
        same.setdefault(key, []).append(number)
    return {number: same[key] for number, key in keys.items()}


def _linked_places(
    connection: Connection, pairings: Sequence[StoredPairing], place: Place
) -> Iterator[Place]:
    resource, id_ = place
    for pairing in pairings:
        for side in (SOURCE, TARGET):
            if pairing.resources[side] == resource:
                for (other,) in connection.execute(_partners(pairing.number, side, id_)):
                    yield pairing.resources[1 - side], other


def _partners(pairing: int, side: int, id_: str) -> Select[str]:
    near, far = _ends(links, side)
    return select(far).where(links.c.pairing == pairing, near == id_)


def _ends(table: Table, side: int) -> tuple[Column[str], Column[str]]:
    """Return the columns with the ids of a side's record, and of the other one's."""
    ends = table.c.source_id, table.c.target_id
    return ends if side == SOURCE else ends[::-1]


def export_person(connection: Connection, person: Sequence[Place]) -> dict[str, list[Json]]:
    """Return all rows about these records, by table, as text and numbers."""
    found: dict[str, list[Json]] = {}
    for table, wanted in _rows_about(all_pairings(connection), person):
        rows = connection.execute(select(table).where(wanted)).mappings()
        listed = found.setdefault(table.name, [])
        listed += [{name: _plain(value) for name, value in row.items()} for row in rows]
    return found


def erase_person(connection: Connection, person: Sequence[Place]) -> int:
    """Forget these records: their rows go, and the journal keeps that it wrote, not what or where.

    Return how many rows named them, reports of runs included. What still exists in a system is read
    again by the next run: erase it there first. Until that run, other records hold their references
    to the person. The database holds what was erased until `scrub_store` is called.
    """
    pairings = all_pairings(connection)
    delete_securely(connection)
    _queue_held_up(connection, pairings, person)
    count = 0
    for table, wanted in _rows_about(pairings, person):
        if table is journal:
            done = connection.execute(update(table).where(wanted).values(**_BLANK))
        else:
            done = connection.execute(delete(table).where(wanted))
        count += done.rowcount
    return count + _erase_from_reports(connection, person)


# No record, and no write that is still open: recovery would look for it in the system.
_BLANK = {
    **{"record_id": None, "origin": None, "before": "{}", "after": "{}", "effects": "null"},
    **{"reason": "", "state": case((unanswered, "lost"), else_=journal.c.state)},
}


def _queue_held_up(
    connection: Connection, pairings: Sequence[StoredPairing], person: Sequence[Place]
) -> None:
    """Queue what is held up by the person: by a dead letter that names it, in doubt, or by a split.

    What is said of them goes; nobody else would look at them again, for they have not changed.
    """
    for pairing, side, id_ in _sides(pairings, person):
        there = pairing, 1 - side
        own = dead_letters.c.pairing == pairing, dead_letters.c.side == 1 - side
        held_up = [select(dead_letters.c.id).where(*own, dead_letters.c.other_id == id_)]
        for table in (candidates, splits):
            near, far = _ends(table, side)
            held_up.append(select(far).where(table.c.pairing == pairing, near == id_))
        for chosen in held_up:
            queue_chosen(connection, there, chosen)


def _erase_from_reports(connection: Connection, person: Sequence[Place]) -> int:
    """Take the records out of what their companies' runs have reported; return how many named them."""
    ids = {id_ for _, id_ in person}
    # By the text first: a store may hold a run for every minute of three months.
    named = [runs.c.report.contains(write_json(id_), autoescape=True) for id_ in ids]
    failed = ~runs.c.report.contains('"error":null', autoescape=True)
    owners = (
        select(accounts.c.company)
        .join(resources, resources.c.account == accounts.c.number)
        .where(resources.c.number.in_({resource for resource, _ in person}))
    )
    wanted = runs.c.company.in_(owners), or_(failed, *named)
    chosen = select(runs.c.number, runs.c.report).where(*wanted)
    reports = connection.execute(chosen).all()
    cut = [(write_json(_without(read_object(report), ids)), n, report) for n, report in reports]
    rows = [(text, number) for text, number, before in cut if text != before]
    update_rows(connection, runs, ("report",), ("number",), rows)
    return len(rows)


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


def _sides(
    pairings: Sequence[StoredPairing], person: Sequence[Place]
) -> Iterator[tuple[int, int, str]]:
    """Yield the pairings and sides in which these records take part, with the records' ids."""
    for pairing in pairings:
        for side in (SOURCE, TARGET):
            for resource, id_ in person:
                if pairing.resources[side] == resource:
                    yield pairing.number, side, id_


def _rows_about(
    pairings: Sequence[StoredPairing], person: Sequence[Place]
) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    yield records, _any(_at(records.c.resource, records.c.id, person))
    for table in (mentions, waiting):
        # What refers to the person names it as well.
        yield table, _any(_at(table.c.to_resource, table.c.to_id, person))
    yield mentions, _any(_at(mentions.c.resource, mentions.c.id, person))
    yield wakes, _any([_wakes(number) & (wakes.c.id == id_) for number, id_ in person])
    yield claims, _any([_claims(number) & (claims.c.id == id_) for number, id_ in person])
    sides = list(_sides(pairings, person))
    there = {pairing.number: pairing.resources for pairing in pairings}
    # A creation holds the person's details before it has a record of its own to be found by.
    created = [
        and_(
            *(journal.c.pairing == pairing, journal.c.origin == id_),
            journal.c.resource == there[pairing][1 - side],
        )
        for pairing, side, id_ in sides
    ]
    yield journal, _any([*_at(journal.c.resource, journal.c.record_id, person), *created])
    for table in (keys, queue, unindexed, dead_letters, waiting):
        yield table, _any([_is(table, p, s) & (table.c.id == i) for p, s, i in sides])
    others = [_is(dead_letters, p, 1 - s) & (dead_letters.c.other_id == i) for p, s, i in sides]
    yield dead_letters, _any(others)
    for table in (links, conflicts, splits, candidates, deeds):
        own = [(table.c.pairing == p) & (_ends(table, s)[0] == i) for p, s, i in sides]
        yield table, _any(own)


def _at(
    resource: ColumnElement[int], id_: ColumnElement[str], person: Sequence[Place]
) -> list[ColumnElement[bool]]:
    return [and_(resource == number, id_ == text) for number, text in person]


def _wakes(resource: int) -> ColumnElement[bool]:
    """Return the condition that a record which waits to be read is of a resource."""
    named = accounts.c.company == wakes.c.company, accounts.c.system == wakes.c.system
    joined = resources.c.account == accounts.c.number, resources.c.name == wakes.c.resource
    return exists().where(resources.c.number == resource, *joined, *named)


def _claims(resource: int) -> ColumnElement[bool]:
    """Return the condition that a record which a company has claimed is of a resource, of whichever company."""
    same = accounts.c.system == claims.c.system, accounts.c.fingerprint == claims.c.account
    joined = resources.c.account == accounts.c.number, resources.c.name == claims.c.resource
    return exists().where(resources.c.number == resource, *joined, *same)


def _is(table: Table, pairing: int, side: int) -> ColumnElement[bool]:
    return and_(table.c.pairing == pairing, table.c.side == side)


def _any(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    # An empty or_() would be no condition at all, and every row would be erased.
    return or_(false(), *conditions)


def _plain(value: object) -> Json:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
