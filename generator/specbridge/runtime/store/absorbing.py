"""Links of several flows between the same resources become those of one pairing, none of them lost.

Of several links of a record the best stays: pinned before others, whole before vanished, then the
oldest. The others' pairs are kept apart: nothing is written or created through them, `links` lists
them, and a person may pin one instead.
"""

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    delete,
    exists,
    insert,
    literal,
    or_,
    select,
    update,
)

from specbridge.runtime.store.schema import (
    candidates,
    conflicts,
    dead_letters,
    flows,
    journal,
    keys,
    links,
    splits,
    waiting,
)


def absorb_flow(connection: Connection, into: int, other: int, *, turned: bool) -> None:
    """Give what a flow has to another one between the same resources; `turned`: the other way round."""
    if turned:
        _turn(connection, other)
    held, better = links.alias("held"), links.alias("better")
    beaten = and_(held.c.flow == into, better.c.flow == other, _meet(held, better))
    # In this order: what gives way leaves its records free for what takes its place.
    _set_apart(connection, into, into, _worse(held, better, beaten))
    mine = links.alias("mine")
    rival = select(mine.c.number).where(mine.c.flow == into, _meet(mine, links))
    free = update(links).where(links.c.flow == other, ~exists(rival)).values(flow=into)
    connection.execute(free)
    rest = select(links.c.number).where(links.c.flow == other)
    _set_apart(connection, into, other, rest)
    _move_rest(connection, into, other, turned=turned)


def _meet(one: object, other: object) -> ColumnElement[bool]:
    """Return whether two links share a record."""
    here, there = one.c, other.c  # type: ignore[attr-defined]  # tables and their aliases
    return or_(here.source_id == there.source_id, here.target_id == there.target_id)


def _worse(held: object, better: object, beaten: ColumnElement[bool]) -> Select[int]:
    """Return the links that have to give way to one of a higher rank."""
    here, there = held.c, better.c  # type: ignore[attr-defined]  # as above
    rank = [
        case((side.pinned.is_(True), 2), else_=0) + case((side.vanished.is_(False), 1), else_=0)
        for side in (here, there)
    ]
    return select(here.number).where(beaten, rank[0] < rank[1])


def _set_apart(connection: Connection, into: int, flow: int, numbers: Select[int]) -> None:
    """Keep the pairs of these links apart, and drop the links."""
    chosen = links.c.flow == flow, links.c.number.in_(numbers)
    known = exists().where(
        splits.c.flow == into,
        splits.c.source_id == links.c.source_id,
        splits.c.target_id == links.c.target_id,
    )
    pairs = select(literal(into), links.c.source_id, links.c.target_id).where(*chosen, ~known)
    connection.execute(insert(splits).from_select(["flow", "source_id", "target_id"], pairs))
    connection.execute(delete(links).where(*chosen))


def _turn(connection: Connection, flow: int) -> None:
    """Exchange the sides of a flow's pairs; their bases are of the old sides, and are forgotten."""
    for table in (links, splits):
        turned = {"source_id": table.c.target_id, "target_id": table.c.source_id}
        base = {"base": "{}"} if table is links else {}
        connection.execute(update(table).where(table.c.flow == flow).values(**turned, **base))


def _move_rest(connection: Connection, into: int, other: int, *, turned: bool) -> None:
    twin = splits.alias("twin")
    same = exists().where(
        twin.c.flow == into,
        twin.c.source_id == splits.c.source_id,
        twin.c.target_id == splits.c.target_id,
    )
    connection.execute(update(splits).where(splits.c.flow == other, ~same).values(flow=into))
    # A turned conflict's values stand on the wrong sides: the journal keeps it, nobody need settle it.
    settled = {"state": "settled"} if turned else {}
    connection.execute(
        update(conflicts).where(conflicts.c.flow == other).values(flow=into, **settled)
    )
    connection.execute(update(journal).where(journal.c.flow == other).values(flow=into))
    # The next reading makes the keys, and what follows from them, anew.
    for table in (splits, candidates, keys, waiting, dead_letters):
        connection.execute(delete(table).where(table.c.flow == other))
    connection.execute(delete(flows).where(flows.c.number == other))
