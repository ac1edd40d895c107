"""The queues of pairings: records that changed and are not dealt with yet, in order."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Select, delete, func, insert, literal, select

from specbridge.runtime.decide.binding import BoundFlow, PairingSide
from specbridge.runtime.store.tables.rows import delete_rows, insert_rows
from specbridge.runtime.store.tables.schema import queue, records


def queue_records(connection: Connection, sides: Iterable[PairingSide], ids: Sequence[str]) -> None:
    """Put records at the end of the queue of each pairing, in this order."""
    unique = tuple(dict.fromkeys(ids))
    for pairing, side in sides:
        # A new number even for one that is queued: the round would else clear it as dealt with.
        delete_rows(connection, queue, "id", unique, pairing=pairing, side=side)
        rows = [(pairing, side, id_) for id_ in unique]
        insert_rows(connection, queue, ("pairing", "side", "id"), rows)


def queue_chosen(connection: Connection, place: PairingSide, ids: Select[str]) -> None:
    """Put the records that a statement selects at the end of a pairing's queue; memory holds none."""
    pairing, side = place
    own = queue.c.pairing == pairing, queue.c.side == side
    # New numbers here too. What selects them must still do so after this.
    connection.execute(delete(queue).where(*own, queue.c.id.in_(ids)))
    (id_,) = ids.distinct().subquery().c
    columns = literal(pairing).label("pairing"), literal(side).label("side"), id_
    wanted = select(*columns).order_by(id_)
    connection.execute(insert(queue).from_select(["pairing", "side", "id"], wanted))


def queue_all(connection: Connection, flow: BoundFlow) -> None:
    """Put all records of a pairing's resources into its queue."""
    connection.execute(delete(queue).where(queue.c.pairing == flow.number))
    for side, resource in enumerate(flow.resources):
        columns = literal(flow.number).label("pairing"), literal(side).label("side"), records.c.id
        known = select(*columns).where(records.c.resource == resource).order_by(records.c.id)
        connection.execute(insert(queue).from_select(["pairing", "side", "id"], known))


def is_queued(connection: Connection, place: tuple[int, int], end: int) -> bool:
    """Return whether any record of a pairing's side is queued up to a number."""
    pairing, side = place
    own = queue.c.pairing == pairing, queue.c.side == side, queue.c.number <= end
    return connection.execute(select(queue.c.number).where(*own).limit(1)).first() is not None


def queue_end(connection: Connection, pairings: Iterable[int]) -> int:
    """Return the last number of the queue of these pairings, 0 where it is empty."""
    wanted = select(func.max(queue.c.number)).where(queue.c.pairing.in_(list(pairings)))
    return int(connection.execute(wanted).scalar() or 0)


def queue_length(connection: Connection, pairings: Iterable[int], side: int | None = None) -> int:
    """Return how many records these pairings have in their queues, on one side where it is given."""
    wanted = select(func.count()).where(queue.c.pairing.in_(list(pairings)))
    if side is not None:
        wanted = wanted.where(queue.c.side == side)
    return int(connection.execute(wanted).scalar_one())


def clear_queue(connection: Connection, pairings: Iterable[int], end: int) -> None:
    """Take the records up to the number `end` from these pairings' queues: they are dealt with."""
    wanted = queue.c.pairing.in_(list(pairings)), queue.c.number <= end
    connection.execute(delete(queue).where(*wanted))


def queued_ids(
    connection: Connection, place: PairingSide, after: int = 0, end: int | None = None
) -> list[str]:
    """Return the queued records of a side with numbers above `after`, in the queue's order."""
    own = queue.c.pairing == place[0], queue.c.side == place[1]
    chosen = select(queue.c.id).where(*own, queue.c.number > after)
    if end is not None:
        chosen = chosen.where(queue.c.number <= end)
    return list(connection.execute(chosen.order_by(queue.c.number)).scalars())
