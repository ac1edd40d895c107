"""One person's data: everything that the store holds of a record and those linked to it."""

from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    delete,
    false,
    or_,
    select,
    update,
)

from specbridge.model.values import Json
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.store.packages import KnownFlow
from specbridge.runtime.store.schema import (
    conflicts,
    dead_letters,
    journal,
    keys,
    links,
    mentions,
    queue,
    records,
    waiting,
)

Place = tuple[int, str]
"""A record: its resource's number and its id."""


def find_person(connection: Connection, flows: Sequence[KnownFlow], start: Place) -> list[Place]:
    """Return a record and all that are linked to it, directly or through others."""
    # A list, in order: the record that was asked for comes first.
    found, fresh = [start], [start]
    while fresh:
        resource, id_ = fresh.pop()
        for flow in flows:
            for side in (SOURCE, TARGET):
                if flow.resources[side] == resource:
                    linked = [
                        row[0] for row in connection.execute(_partners(flow.number, side, id_))
                    ]
                    others = [(flow.resources[1 - side], other) for other in linked]
                    fresh += [other for other in others if other not in found]
                    found += [other for other in others if other not in found]
    return found


def _partners(flow: int, side: int, id_: str) -> Select[str]:
    near, far = links.c.source_id, links.c.target_id
    if side == TARGET:
        near, far = far, near
    return select(far).where(links.c.flow == flow, near == id_)


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
    """Forget these records: their rows go, and the journal keeps that it wrote, not what.

    What still exists in a system is read again by the next run: erase it there first.
    """
    for table, wanted in _rows_about(flows, person):
        if table is journal:
            values = {"before": "{}", "after": "{}", "effects": "null", "reason": ""}
            connection.execute(update(table).where(wanted).values(**values))
        else:
            connection.execute(delete(table).where(wanted))


def _rows_about(
    flows: Sequence[KnownFlow], person: Sequence[Place]
) -> list[tuple[Table, ColumnElement[bool]]]:
    by_record = [records, queue, mentions]
    found: list[tuple[Table, ColumnElement[bool]]] = [
        (table, _any([and_(table.c.resource == r, table.c.id == i) for r, i in person]))
        for table in by_record
    ]
    written = [and_(journal.c.resource == r, journal.c.record_id == i) for r, i in person]
    sides = [
        (flow.number, side, id_)
        for flow in flows
        for side in (SOURCE, TARGET)
        for resource, id_ in person
        if flow.resources[side] == resource
    ]
    # A creation holds the person's details before it has a record of its own to be found by.
    written += [and_(journal.c.flow == f, journal.c.origin == i) for f, _, i in sides]
    found.append((journal, _any(written)))
    for table in (keys, dead_letters, waiting):
        own = [and_(table.c.flow == f, table.c.side == s, table.c.id == i) for f, s, i in sides]
        found.append((table, _any(own)))
    for table in (links, conflicts):
        own = [
            and_(table.c.flow == f, (table.c.source_id if s == SOURCE else table.c.target_id) == i)
            for f, s, i in sides
        ]
        found.append((table, _any(own)))
    return found


def _any(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    # An empty or_() would be no condition at all, and every row would be erased.
    return or_(false(), *conditions)


def _plain(value: object) -> Json:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
