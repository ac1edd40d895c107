"""What a pairing has to catch up with when it is bound: records read without it, and a new document."""

from sqlalchemy import Connection, Integer, bindparam, delete, insert, select

from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.store.seen.indexing import index_keys
from specbridge.runtime.store.seen.records import load_records
from specbridge.runtime.store.tables.rows import parts
from specbridge.runtime.store.tables.schema import records, unindexed


def take_unindexed(connection: Connection, flow: BoundFlow) -> None:
    """Work out what records match by that were read while the pairing was not bound."""
    for side, resource in enumerate(flow.resources):
        own = {"of_pairing": flow.number, "of_side": side}
        left = connection.execute(_UNINDEXED, own).scalars().all()
        for ids in parts(left):
            found = list(load_records(connection, resource, ids).values())
            index_keys(connection, flow, side, found, ids)
        if left:
            connection.execute(_INDEXED, own)


_OWN = unindexed.c.pairing == bindparam("of_pairing"), unindexed.c.side == bindparam("of_side")
_UNINDEXED = select(unindexed.c.id).where(*_OWN)
_INDEXED = delete(unindexed).where(*_OWN)


def leave_all_unindexed(connection: Connection, flow: BoundFlow) -> None:
    """Have what all records of a pairing's resources match by worked out anew."""
    connection.execute(_EMPTIED, {"of_pairing": flow.number})
    for side, resource in enumerate(flow.resources):
        given = {"of_pairing": flow.number, "of_side": side, "of_resource": resource}
        connection.execute(_FILLED, given)


_EMPTIED = delete(unindexed).where(unindexed.c.pairing == bindparam("of_pairing"))
_FILLED = insert(unindexed).from_select(
    ["pairing", "side", "id"],
    select(
        bindparam("of_pairing", type_=Integer).label("pairing"),
        bindparam("of_side", type_=Integer).label("side"),
        records.c.id,
    ).where(records.c.resource == bindparam("of_resource"), records.c.gone.is_(False)),
)
