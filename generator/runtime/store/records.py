"""Records seen: taken in by pages, compared by digest, queued where they changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, literal, select, update

from generator.runtime.binding import BoundResource
from generator.runtime.equality import is_empty
from generator.runtime.paths import read_path
from generator.runtime.records import Record
from generator.runtime.store.rows import (
    delete_rows,
    insert_rows,
    parts,
    read_object,
    replace_rows,
    write_json,
)
from generator.runtime.store.schema import keys, mentions, queue, records


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How records are taken in.

    `generation` marks them as there; `afresh`: they count as changed even where they did not;
    `quiet`: nothing is queued.
    """

    generation: int
    afresh: bool = False
    quiet: bool = False


def absorb_records(
    connection: Connection, resource: BoundResource, found: Sequence[Record], reading: Reading
) -> list[str]:
    """Store records as their system holds them now; return the ids of those that changed.

    The changed ones are queued, and indexed by what they match by.
    """
    latest = {record.id: record for record in found}
    known = dict(_known_digests(connection, resource.number, latest))
    texts = {id_: write_json(record.properties) for id_, record in latest.items()}
    rows = {
        id_: _row(resource.number, record, texts[id_], reading) for id_, record in latest.items()
    }
    changed = [i for i, row in rows.items() if reading.afresh or known.get(i) != row["digest"]]
    stay = [id_ for id_ in rows if id_ in known and known[id_] == rows[id_]["digest"]]
    _touch(connection, [rows[id_] for id_ in stay])
    replaced = [id_ for id_ in changed if id_ in known and known[id_] != rows[id_]["digest"]]
    delete_rows(connection, records, "id", replaced, resource=resource.number)
    gone_in = set(stay)
    insert_rows(connection, records, [rows[id_] for id_ in rows if id_ not in gone_in])
    _index(
        connection, resource, [latest[id_] for id_ in changed], [i for i in changed if i in known]
    )
    if not reading.quiet:
        queue_records(connection, resource.number, changed)
    return changed


def _known_digests(
    connection: Connection, resource: int, ids: Iterable[str]
) -> Iterator[tuple[str, str]]:
    columns = select(records.c.id, records.c.digest, records.c.gone)
    for part in parts(ids):
        wanted = records.c.resource == resource, records.c.id.in_(part)
        for row in connection.execute(columns.where(*wanted)):
            # A record that comes back counts as changed, whatever it holds.
            yield row.id, "gone" if row.gone else row.digest


def _row(resource: int, record: Record, text: str, reading: Reading) -> dict[str, object]:
    return {
        "resource": resource,
        "id": record.id,
        "modified_at": record.modified_at,
        "digest": blake2b(text.encode(), digest_size=16).hexdigest(),
        "properties": text,
        "generation": reading.generation,
        "gone": False,
    }


def _touch(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Mark unchanged records as there, and keep their newest modification instant."""
    if rows:
        wanted = records.c.resource == bindparam("at"), records.c.id == bindparam("which")
        statement = update(records).where(*wanted)
        statement = statement.values(
            modified_at=bindparam("instant"), generation=bindparam("seen_in")
        )
        connection.execute(
            statement,
            [
                {
                    "at": row["resource"],
                    "which": row["id"],
                    "instant": row["modified_at"],
                    "seen_in": row["generation"],
                }
                for row in rows
            ],
        )


def _index(
    connection: Connection, resource: BoundResource, found: Sequence[Record], known: Sequence[str]
) -> None:
    for flow, side in resource.uses:
        delete_rows(connection, keys, "id", known, flow=flow.number, side=side)
        names = ("flow", "side", "rule", "value")
        rows = [
            dict(zip(names, key, strict=True), id=record.id)
            for record in found
            for key in flow.keys(side, record.properties)
        ]
        insert_rows(connection, keys, rows)
    if resource.connections:
        _index_mentions(connection, resource, found, known)


def _index_mentions(
    connection: Connection, resource: BoundResource, found: Sequence[Record], known: Sequence[str]
) -> None:
    delete_rows(connection, mentions, "id", known, resource=resource.number)
    wanted = {
        (record.id, to, str(value))
        for record in found
        for to, path in resource.connections
        if not is_empty(value := read_path(record.properties, path))
    }
    rows = [
        {"resource": resource.number, "id": id_, "to_resource": to, "to_id": value}
        for id_, to, value in sorted(wanted)
    ]
    insert_rows(connection, mentions, rows)


def queue_records(connection: Connection, resource: int, ids: Sequence[str]) -> None:
    """Put records at the end of the queue, in this order."""
    rows = [{"resource": resource, "id": id_} for id_ in dict.fromkeys(ids)]
    replace_rows(connection, queue, "id", rows, resource=resource)


def queue_all(connection: Connection, resource: int) -> None:
    """Put all records of a resource into the queue."""
    connection.execute(delete(queue).where(queue.c.resource == resource))
    known = select(records.c.resource, records.c.id).where(records.c.resource == resource)
    connection.execute(insert(queue).from_select(["resource", "id"], known.order_by(records.c.id)))


def queue_end(connection: Connection, resources: Iterable[int]) -> int:
    """Return the last number of the queue of these resources, 0 where it is empty."""
    wanted = select(func.max(queue.c.number)).where(queue.c.resource.in_(list(resources)))
    return int(connection.execute(wanted).scalar() or 0)


def queue_length(connection: Connection, resources: Iterable[int]) -> int:
    """Return how many records of these resources are queued."""
    wanted = select(func.count()).where(queue.c.resource.in_(list(resources)))
    return int(connection.execute(wanted).scalar_one())


def clear_queue(connection: Connection, resources: Iterable[int], end: int) -> None:
    """Take the records up to the number `end` from the queue: they are dealt with."""
    wanted = queue.c.resource.in_(list(resources)), queue.c.number <= end
    connection.execute(delete(queue).where(*wanted))


def load_records(connection: Connection, resource: int, ids: Iterable[str]) -> dict[str, Record]:
    """Return the stored records that are not gone, by id."""
    found: dict[str, Record] = {}
    for part in parts(ids):
        wanted = records.c.resource == resource, records.c.id.in_(part), records.c.gone.is_(False)
        for row in connection.execute(select(records).where(*wanted)):
            found[row.id] = read_record(row)
    return found


def read_record(row: Row[tuple[object, ...]]) -> Record:
    """Return the record of a row of the table."""
    return Record(row.id, row.modified_at, read_object(row.properties))


def count_records(connection: Connection, resource: int, generation: int | None = None) -> int:
    """Return how many records are there; with a generation, those seen in it."""
    wanted = [records.c.resource == resource, records.c.gone.is_(False)]
    if generation is not None:
        wanted.append(records.c.generation >= generation)
    return int(connection.execute(select(func.count()).where(*wanted)).scalar_one())


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
        after = ids[-1]


def mark_gone(connection: Connection, resource: BoundResource, ids: Sequence[str]) -> list[str]:
    """Mark records as gone from their system, queue them, and return those that were there."""
    there = list(load_records(connection, resource.number, ids))
    for part in parts(there):
        wanted = records.c.resource == resource.number, records.c.id.in_(part)
        connection.execute(update(records).where(*wanted).values(gone=literal(True)))
    for flow, side in resource.uses:
        delete_rows(connection, keys, "id", there, flow=flow.number, side=side)
    queue_records(connection, resource.number, there)
    return there


def find_unique(
    connection: Connection, flow: int, side: int, rule: int, values: Iterable[int]
) -> dict[int, list[str]]:
    """Return the records that hold a unique property's values, by the values' digests."""
    found: dict[int, list[str]] = {}
    for part in parts(values):
        wanted = (
            keys.c.flow == flow,
            keys.c.rule == rule,
            keys.c.value.in_(part),
            keys.c.side == side,
        )
        chosen = select(keys.c.value, keys.c.id).where(*wanted).order_by(keys.c.id)
        for row in connection.execute(chosen):
            found.setdefault(row.value, []).append(row.id)
    return found


def queued_ids(
    connection: Connection, resource: int, after: int = 0, end: int | None = None
) -> list[str]:
    """Return the queued records of a resource with numbers above `after`, in the queue's order."""
    chosen = select(queue.c.id).where(queue.c.resource == resource, queue.c.number > after)
    if end is not None:
        chosen = chosen.where(queue.c.number <= end)
    return list(connection.execute(chosen.order_by(queue.c.number)).scalars())
