"""What records match by in each pairing: kept as they are read, or when the pairing runs again."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam, select

from specbridge.runtime.decide.binding import BoundFlow, BoundResource
from specbridge.runtime.records import Record
from specbridge.runtime.store.tables.rows import among_given, delete_rows, insert_rows, parts
from specbridge.runtime.store.tables.schema import keys, unindexed

_COLUMNS = ("pairing", "side", "rule", "value", "id")


def index_keys(
    connection: Connection,
    flow: BoundFlow,
    side: int,
    found: Sequence[Record],
    known: Sequence[str],
) -> None:
    """Keep what records of a side match by; `known` are the ids of those that may have keys already."""
    number = flow.number
    rows = [
        (number, side, *key, record.id)
        for record in found
        for key in flow.keys(side, record.properties)
    ]
    # Most changes leave it as it is.
    if before := _known_keys(connection, number, side, known) if known else None:
        stale = {row[-1] for row in before.difference(rows)}
        delete_rows(connection, keys, "id", stale, pairing=number, side=side)
        rows = [row for row in rows if row not in before or row[-1] in stale]
    # In the order of the larger index, which is the one that is written all over.
    rows.sort(key=itemgetter(3))
    insert_rows(connection, keys, _COLUMNS, rows)


def leave_unindexed(connection: Connection, resource: BoundResource, ids: Sequence[str]) -> None:
    """Note what pairings that are not bound must work out when they run."""
    if len(resource.sides) == len(resource.uses):
        return
    bound = {(flow.number, side) for flow, side in resource.uses}
    for pairing, side in resource.sides:
        if (pairing, side) not in bound:
            delete_rows(connection, unindexed, "id", ids, pairing=pairing, side=side)
            rows = [(pairing, side, id_) for id_ in ids]
            insert_rows(connection, unindexed, ("pairing", "side", "id"), rows)
            # What it matched by is not what it holds now.
            delete_rows(connection, keys, "id", ids, pairing=pairing, side=side)


def _known_keys(
    connection: Connection, pairing: int, side: int, ids: Sequence[str]
) -> set[tuple[Any, ...]]:
    """Return the rows of what these records matched by so far."""
    found: set[tuple[Any, ...]] = set()
    for part in parts(ids):
        given = {"of_pairing": pairing, "of_side": side, "ids": part}
        found.update(map(tuple, connection.execute(_KNOWN_KEYS, given).all()))
    return found


_KNOWN_KEYS = select(*(keys.c[name] for name in _COLUMNS)).where(
    *(keys.c.pairing == bindparam("of_pairing"), keys.c.side == bindparam("of_side")),
    among_given(keys.c.id, "ids"),
)
