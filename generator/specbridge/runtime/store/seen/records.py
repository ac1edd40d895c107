"""Records seen: taken in by pages, compared by digest, queued where they changed."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, bindparam, func, literal, select, update

from specbridge.runtime.conversions.scalars import as_text
from specbridge.runtime.decide.binding import BoundResource
from specbridge.runtime.decide.equality import is_empty
from specbridge.runtime.decide.owning import is_others
from specbridge.runtime.decide.paths import read_path
from specbridge.runtime.naming import name_of
from specbridge.runtime.records import Record
from specbridge.runtime.store.seen.claims import forget_unlinked, others_records
from specbridge.runtime.store.seen.indexing import index_keys, leave_unindexed
from specbridge.runtime.store.seen.queue import queue_records
from specbridge.runtime.store.tables.rows import (
    among,
    among_given,
    delete_rows,
    insert_rows,
    parts,
    read_object,
    storable,
    untyped,
    update_rows,
    write_digested,
)
from specbridge.runtime.store.tables.schema import gone_records, keys, mentions, records


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How records are taken in.

    `generation` marks them as there; `quiet`: nothing is queued. `matching`: the ids of those that match by
    what they matched by, as whoever changed them knows.
    """

    generation: int
    quiet: bool = False
    matching: frozenset[str] = frozenset()


def absorb_records(
    connection: Connection, resource: BoundResource, found: Sequence[Record], reading: Reading
) -> list[str]:
    """Store records as their system holds them now; return the ids of those that changed.

    The changed ones are queued, and indexed by what they match by. Other companies' are not stored.
    """
    if resource.company:
        found = _without_others(connection, resource, found)
    # The last one counts: pages that overlap repeat records, as Zendesk's exports by time do.
    latest = {record.id: record for record in found}
    known = _known_records(connection, resource.number, latest)
    rows, changed, moved, matched = [], [], [], []
    for id_, record in latest.items():
        encoded, digest = write_digested(record.properties)
        # A record that comes back counts as changed, whatever it holds.
        _, held, modified_at, _, gone, called = known.get(id_, _UNKNOWN)
        name = record.name
        if name is None:
            name = called or _name_of(resource, record)
        if held == digest and not gone:
            # A new instant or name is no change, and nobody's edit of what is kept equal.
            if modified_at != record.modified_at or called != name:
                moved.append((record.modified_at, name, resource.number, id_))
            continue
        # Of a record that we wrote ourselves its own instant tells nothing.
        edited_at = record.edited_at or record.modified_at
        content = record.modified_at, edited_at, digest, encoded.decode()
        rows.append((resource.number, id_, *content, reading.generation, False, name))
        changed.append(id_)
        # What comes back matches by nothing yet.
        if gone or id_ not in reading.matching:
            matched.append(id_)
    _mark_seen(connection, resource.number, known, reading.generation)
    update_rows(connection, records, ("modified_at", "name"), ("resource", "id"), moved)
    insert_rows(connection, records, _COLUMNS, [row for row in rows if row[1] not in known])
    again = [row for row in rows if row[1] in known]
    insert_rows(connection, records, _COLUMNS, again, replacing=("resource", "id"))
    _index(connection, resource, [latest[id_] for id_ in matched], known)
    leave_unindexed(connection, resource, changed)
    if not reading.quiet:
        queue_records(connection, resource.sides, changed)
    return changed


def _without_others(
    connection: Connection, resource: BoundResource, found: Sequence[Record]
) -> Sequence[Record]:
    """Return the records that are no other company's; those that are are forgotten unless they are linked."""
    hidden = others_records(connection, resource, {record.id for record in found})
    hidden |= {record.id for record in found if is_others(resource, record)}
    if not hidden:
        return found
    hidden -= forget_unlinked(connection, resource, hidden)
    return [record for record in found if record.id not in hidden]


_COLUMNS = (
    *("resource", "id", "modified_at", "edited_at"),
    *("digest", "properties", "generation", "gone", "name"),
)


_Known = Row[str, str, str, int, bool, str] | tuple[str, str, str, int, bool, str]
"""Id, digest, instant and generation of a record in the store, whether it is gone, its name: bare, for speed."""

_UNKNOWN: _Known = ("", "", "", 0, True, "")


def _known_records(
    connection: Connection, resource: int, ids: Iterable[str]
) -> Mapping[str, _Known]:
    known: dict[str, _Known] = {}
    for part in parts(ids):
        given = {"in_resource": resource, "ids": part}
        rows = connection.execute(_KNOWN, given).all()
        known.update((row[0], row) for row in rows)
    return known


_IN_RESOURCE = records.c.resource == bindparam("in_resource")
_MEANT = _IN_RESOURCE, among_given(records.c.id, "ids")
_KNOWN = select(
    *(records.c.id, records.c.digest, records.c.modified_at, records.c.generation),
    untyped(records.c.gone),
    records.c.name,
).where(*_MEANT)
_SEEN = update(records).where(*_MEANT).values(generation=bindparam("seen_in"))
_LOADED = select(
    records.c.id, records.c.modified_at, records.c.properties, records.c.edited_at
).where(*_MEANT, records.c.gone.is_(False))


def _name_of(resource: BoundResource, record: Record) -> str:
    """Return what a record is called by what is in use of it: a write may be all that is known of it."""
    if resource.definition is None:
        return ""
    return name_of(resource.definition, record.properties) or ""


def _mark_seen(
    connection: Connection, resource: int, known: Mapping[str, _Known], generation: int
) -> None:
    """Mark records as there: one statement for many, because most do not change."""
    stale = [id_ for id_, row in known.items() if row[3] != generation]
    for part in parts(stale):
        connection.execute(_SEEN, {"in_resource": resource, "ids": part, "seen_in": generation})


def _index(
    connection: Connection, resource: BoundResource, found: Sequence[Record], known: Container[str]
) -> None:
    again = [record.id for record in found if record.id in known]
    for flow, side in resource.uses:
        index_keys(connection, flow, side, found, again)
    if resource.connections:
        _index_mentions(connection, resource, found, again)


def _index_mentions(
    connection: Connection, resource: BoundResource, found: Sequence[Record], known: Sequence[str]
) -> None:
    delete_rows(connection, mentions, "id", known, resource=resource.number)
    wanted = {
        (resource.number, record.id, to, storable(as_text(value)))
        for record in found
        for to, path in resource.connections
        if not is_empty(value := read_path(record.properties, path))
    }
    insert_rows(connection, mentions, ("resource", "id", "to_resource", "to_id"), sorted(wanted))


def note_edits(connection: Connection, resource: int, edited: Iterable[tuple[str, str]]) -> None:
    """Note when people last edited what records hold, by their ids; "" where nobody knows changes nothing."""
    rows = [(instant, resource, id_) for id_, instant in edited if instant]
    update_rows(connection, records, ("edited_at",), ("resource", "id"), rows)


def load_records(connection: Connection, resource: int, ids: Iterable[str]) -> dict[str, Record]:
    """Return the stored records that are not gone, by id."""
    found: dict[str, Record] = {}
    for part in parts(ids):
        given = {"in_resource": resource, "ids": part}
        for id_, modified_at, properties, edited_at in connection.execute(_LOADED, given).all():
            found[id_] = Record(id_, modified_at, read_object(properties), edited_at)
    return found


def count_records(connection: Connection, resource: int, generation: int | None = None) -> int:
    """Return how many records are there; with a generation, those seen in it."""
    given = {"in_resource": resource}
    if generation is not None:
        given["seen_since"] = generation
        return int(connection.execute(_COUNT_SEEN, given).scalar_one())
    count, gone = (connection.execute(asked, given).scalar_one() for asked in (_COUNT, _GONE))
    return int(count - gone)


_COUNT = select(func.count()).select_from(records).where(_IN_RESOURCE)
# What is gone has an index of its own: nothing is read but indexes.
_GONE = _COUNT.where(gone_records)
_COUNT_SEEN = _COUNT.where(
    records.c.gone.is_(False), records.c.generation >= bindparam("seen_since")
)


def count_some(connection: Connection, resource: int, most: int) -> int:
    """Return how many records are there, `most` if there are more: the others are not looked at."""
    given = {"in_resource": resource, "at_most": most}
    return int(connection.execute(_COUNT_SOME, given).scalar_one())


_SOME = select(records.c.id).where(_IN_RESOURCE, records.c.gone.is_(False))
_COUNT_SOME = select(func.count()).select_from(_SOME.limit(bindparam("at_most")).subquery())


def unseen_records(
    connection: Connection, resource: int, generation: int, size: int = 1000
) -> Iterator[list[str]]:
    """Yield, in lists, the ids of records that a complete reading did not find."""
    after = ""
    while True:
        wanted = (
            records.c.resource == resource,
            records.c.gone.is_(False),
            records.c.generation < generation,
            records.c.id > after,
        )
        chosen = select(records.c.id).where(*wanted).order_by(records.c.id).limit(size)
        ids = list(connection.execute(chosen).scalars())
        if not ids:
            return
        yield ids
        # By the last id, not by an offset: those that have been dealt with are selected no more.
        after = ids[-1]


def mark_gone(connection: Connection, resource: BoundResource, ids: Sequence[str]) -> list[str]:
    """Mark records as gone from their system, queue them, and return those that were there."""
    # A tombstone may be of a record that was never read, or come again: nothing follows from it.
    there = list(load_records(connection, resource.number, ids))
    for part in parts(there):
        wanted = records.c.resource == resource.number, among(records.c.id, part)
        connection.execute(update(records).where(*wanted).values(gone=literal(True)))
    for pairing, side in resource.sides:
        # What is gone matches nothing: its name is free for whoever is made anew.
        delete_rows(connection, keys, "id", there, pairing=pairing, side=side)
    queue_records(connection, resource.sides, there)
    return there


def find_unique(
    connection: Connection, pairing: int, side: int, rule: int, values: Iterable[int]
) -> dict[int, list[str]]:
    """Return the records that hold a unique property's values, by the values' digests."""
    found: dict[int, list[str]] = {}
    for part in parts(values):
        wanted = (
            keys.c.pairing == pairing,
            keys.c.rule == rule,
            among(keys.c.value, part),
            keys.c.side == side,
        )
        chosen = select(keys.c.value, keys.c.id).where(*wanted).order_by(keys.c.id)
        for row in connection.execute(chosen):
            found.setdefault(row.value, []).append(row.id)
    return found
