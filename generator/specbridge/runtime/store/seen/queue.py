"""The queues of pairings: records that changed and are not dealt with yet, in order."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import (
    Connection,
    Delete,
    Insert,
    Integer,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
)

from specbridge.runtime.decide.binding import BoundFlow, PairingSide
from specbridge.runtime.store.tables.rows import among_given, delete_rows, insert_rows
from specbridge.runtime.store.tables.schema import queue, records


def queue_records(connection: Connection, sides: Iterable[PairingSide], ids: Sequence[str]) -> None:
    """Put records at the end of the queue of each pairing, in this order."""
    unique = tuple(dict.fromkeys(ids))
    for pairing, side in sides:
        # A new number even for one that is queued: the round would else clear it as dealt with.
        delete_rows(connection, queue, "id", unique, pairing=pairing, side=side)
        rows = [(pairing, side, id_) for id_ in unique]
        insert_rows(connection, queue, _COLUMNS, rows)


def queue_chosen(connection: Connection, place: PairingSide, ids: Select[str]) -> None:
    """Put the records that a statement selects at the end of a pairing's queue; memory holds none."""
    queue_again(connection, place, queueing(ids), {})


class Queueing(NamedTuple):
    """The two statements that put what another one selects at the end of a queue."""

    drop: Delete
    put: Insert


def queueing(ids: Select[str]) -> Queueing:
    """Return the statements for a selection of records' ids: made once where it is the same in every run."""
    (id_,) = ids.distinct().subquery().c
    wanted = select(*_PLACE, id_).order_by(id_)
    return Queueing(
        delete(queue).where(*_OWN, queue.c.id.in_(ids)),
        insert(queue).from_select(_COLUMNS, wanted),
    )


def queue_again(
    connection: Connection, place: PairingSide, statements: Queueing, given: Mapping[str, int]
) -> None:
    """Queue what statements select, which know the place as `of_pairing` and `of_side`; `given` is what else they ask for."""
    values = {"of_pairing": place[0], "of_side": place[1], **given}
    # New numbers here too. What selects the records must still do so after the first one.
    for statement in statements:
        connection.execute(statement, values)


_COLUMNS = ("pairing", "side", "id")
_OWN = queue.c.pairing == bindparam("of_pairing"), queue.c.side == bindparam("of_side")
_PLACE = (
    bindparam("of_pairing", type_=Integer).label("pairing"),
    bindparam("of_side", type_=Integer).label("side"),
)


def queue_all(connection: Connection, flow: BoundFlow) -> None:
    """Put all records of a pairing's resources into its queue."""
    connection.execute(_EMPTIED, {"of_pairing": flow.number})
    for side, resource in enumerate(flow.resources):
        given = {"of_pairing": flow.number, "of_side": side, "of_resource": resource}
        connection.execute(_FILLED, given)


_EMPTIED = delete(queue).where(queue.c.pairing == bindparam("of_pairing"))
_FILLED = insert(queue).from_select(
    _COLUMNS,
    select(*_PLACE, records.c.id)
    .where(records.c.resource == bindparam("of_resource"))
    .order_by(records.c.id),
)


def is_queued(connection: Connection, place: tuple[int, int], end: int) -> bool:
    """Return whether any record of a pairing's side is queued up to a number."""
    pairing, side = place
    own = queue.c.pairing == pairing, queue.c.side == side, queue.c.number <= end
    return connection.execute(select(queue.c.number).where(*own).limit(1)).first() is not None


def queue_end(connection: Connection, pairings: Iterable[int]) -> int:
    """Return the last number of the queue of these pairings, 0 where it is empty."""
    return int(connection.execute(_END, {"of_pairings": list(pairings)}).scalar() or 0)


def queue_length(connection: Connection, pairings: Iterable[int], side: int | None = None) -> int:
    """Return how many records these pairings have in their queues, on one side where it is given."""
    wanted = select(func.count()).where(queue.c.pairing.in_(list(pairings)))
    if side is not None:
        wanted = wanted.where(queue.c.side == side)
    return int(connection.execute(wanted).scalar_one())


def clear_queue(connection: Connection, pairings: Iterable[int], end: int) -> None:
    """Take the records up to the number `end` from these pairings' queues: they are dealt with."""
    connection.execute(_CLEARED, {"of_pairings": list(pairings), "up_to": end})


_OF_PAIRINGS = among_given(queue.c.pairing, "of_pairings")
_END = select(func.max(queue.c.number)).where(_OF_PAIRINGS)
_CLEARED = delete(queue).where(_OF_PAIRINGS, queue.c.number <= bindparam("up_to"))


def queued_ids(
    connection: Connection, place: PairingSide, after: int = 0, end: int | None = None
) -> list[str]:
    """Return the queued records of a side with numbers above `after`, in the queue's order."""
    own = queue.c.pairing == place[0], queue.c.side == place[1]
    chosen = select(queue.c.id).where(*own, queue.c.number > after)
    if end is not None:
        chosen = chosen.where(queue.c.number <= end)
    return list(connection.execute(chosen.order_by(queue.c.number)).scalars())
