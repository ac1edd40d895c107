"""Links of two pairings between the same resources become those of one, none of them lost.

Of several links of a record one stays (`decide.choosing`). The others' pairs are kept as candidates
with their bases: nothing is written or made through them, `links` lists them, and a person may pin
one instead. A split goes before a link that nobody pinned.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    and_,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from specbridge.runtime.decide.identity.choosing import Rival, choose_links
from specbridge.runtime.store.linking.links import save_bases
from specbridge.runtime.store.tables.rows import among, insert_rows, parts, read_object
from specbridge.runtime.store.tables.schema import (
    candidates,
    conflicts,
    dead_letters,
    flows,
    journal,
    keys,
    links,
    pairings,
    queue,
    splits,
    unindexed,
    unsettled,
    waiting,
)

_PAIR = ("source_id", "target_id")


def absorb_pairing(connection: Connection, into: int, other: int, *, turned: bool) -> None:
    """Give what a pairing has to another one between the same resources, and drop it.

    `turned`: it faces the other way. What is only worked out from records is made anew: the pairing
    that is left has no shape, so that its next run looks at every record.
    """
    for table in (keys, unindexed, waiting, dead_letters):
        connection.execute(delete(table).where(table.c.pairing == other))
    # What merely matches is found again; what was a link is not.
    matching = candidates.c.pairing == other, candidates.c.base.is_(None)
    connection.execute(delete(candidates).where(*matching))
    if turned:
        _turn(connection, other)
    _drop_split(connection, into, other)
    _choose(connection, into, other)
    for table in (splits, candidates):
        _move_missing(connection, table, into, other)
    _move_queue(connection, into, other, turned=turned)
    for table in (journal, flows, conflicts):
        connection.execute(update(table).where(table.c.pairing == other).values(pairing=into))
    _settle(connection, into)
    connection.execute(delete(pairings).where(pairings.c.number == other))
    connection.execute(update(pairings).where(pairings.c.number == into).values(shape=""))


def _turn(connection: Connection, pairing: int) -> None:
    """Exchange the sides of a pairing; what the old ones agreed on is forgotten."""
    for table in (links, splits, candidates):
        _exchange_ids(connection, table, pairing)
    for table in (links, candidates):
        own = update(table).where(table.c.pairing == pairing)
        connection.execute(own.values(base="{}"))
    own = update(conflicts).where(conflicts.c.pairing == pairing)
    winner = case({"source": "target", "target": "source"}, value=conflicts.c.winner)
    exchanged = {
        **{"source_id": conflicts.c.target_id, "target_id": conflicts.c.source_id},
        **{"source_value": conflicts.c.target_value, "target_value": conflicts.c.source_value},
    }
    # Nobody need decide about it: the pair is merged anew.
    connection.execute(own.values(**exchanged, winner=winner, state="settled"))


def _exchange_ids(connection: Connection, table: Table, pairing: int) -> None:
    """Exchange the ids of a table's pairs, in two steps.

    In one, a pair would be in the way of one that looks like it and is not exchanged yet.
    """
    own = update(table).where(table.c.pairing == pairing)
    marked = {
        "source_id": literal("\x01").concat(table.c.target_id),
        "target_id": literal("\x01").concat(table.c.source_id),
    }
    connection.execute(own.values(**marked))
    connection.execute(own.values(**{name: func.substr(table.c[name], 2) for name in _PAIR}))


def _drop_split(connection: Connection, into: int, other: int) -> None:
    both = [into, other]
    apart = exists().where(splits.c.pairing.in_(both), _same_pair(splits, links))
    chosen = links.c.pairing.in_(both), links.c.pinned.is_(False), apart
    connection.execute(delete(links).where(*chosen))


def _same_pair(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(*(one.c[name] == other.c[name] for name in _PAIR))


def _choose(connection: Connection, into: int, other: int) -> None:
    """Choose the links that stay, and make candidates of those that give way."""
    rows = connection.execute(_rivals(into, other))
    kept, given_up = choose_links(Rival(*row) for row in rows)
    for part in parts(given_up):
        heirs = _heirs(connection, (into, other), part, frozenset(kept))
        _give_way(connection, into, part, heirs)
    connection.execute(update(links).where(links.c.pairing == other).values(pairing=into))


def _rivals(into: int, other: int) -> Select[Any]:
    """Select the links that share a record with another one."""
    columns = [links.c[name] for name in Rival._fields]
    sources = func.count().over(partition_by=links.c.source_id).label("sources")
    targets = func.count().over(partition_by=links.c.target_id).label("targets")
    both = links.c.pairing.in_([into, other])
    counted = select(*columns, sources, targets).where(both).subquery()
    shared = or_(counted.c.sources > 1, counted.c.targets > 1)
    return select(*(counted.c[name] for name in Rival._fields)).where(shared)


_Heirs = dict[tuple[str, str], Row[Any]]
"""Links that stay, by their pair."""


def _heirs(
    connection: Connection, both: Sequence[int], numbers: Sequence[int], kept: Collection[int]
) -> _Heirs:
    """Return the links that stay and are of the very same pairs as those that do not."""
    one = links.alias("one")
    chosen = select(links).join(one, _same_pair(one, links)).where(among(one.c.number, numbers))
    rows = connection.execute(chosen.where(links.c.pairing.in_(both)))
    return {(row.source_id, row.target_id): row for row in rows if row.number in kept}


def _give_way(connection: Connection, into: int, numbers: Sequence[int], heirs: _Heirs) -> None:
    """Drop links: one that stays says what they agreed on, else they are kept apart."""
    chosen = among(links.c.number, numbers)
    apart, bases = [], {}
    for row in connection.execute(select(links).where(chosen)):
        pair = row.source_id, row.target_id
        if pair in heirs:
            held = read_object(heirs[pair].base)
            bases[heirs[pair].number] = {**read_object(row.base), **held}
        else:
            apart.append((into, *pair, row.base))
    save_bases(connection, bases)
    key = ("pairing", *_PAIR)
    insert_rows(connection, candidates, (*key, "base"), apart, replacing=key)
    connection.execute(delete(links).where(chosen))


def _move_missing(connection: Connection, table: Table, into: int, other: int) -> None:
    """Move the pairs that the other pairing has not and that are not linked, and drop the rest."""
    both = table.c.pairing.in_([into, other])
    linked = exists().where(links.c.pairing == into, _same_pair(links, table))
    connection.execute(delete(table).where(both, linked))
    known = table.alias("known")
    twin = exists().where(known.c.pairing == into, _same_pair(known, table))
    own = table.c.pairing == other
    connection.execute(update(table).where(own, ~twin).values(pairing=into))
    connection.execute(delete(table).where(own))


def _move_queue(connection: Connection, into: int, other: int, *, turned: bool) -> None:
    side = 1 - queue.c.side if turned else queue.c.side
    known, own = queue.alias("known"), queue.c.pairing == other
    twin = exists().where(
        *(known.c.pairing == into, known.c.id == queue.c.id, known.c.side == side)
    )
    connection.execute(update(queue).where(own, ~twin).values(pairing=into, side=side))
    connection.execute(delete(queue).where(own))


def _settle(connection: Connection, pairing: int) -> None:
    """Settle the conflicts of pairs that are not linked, and all but one of a pair's property."""
    own = conflicts.c.pairing == pairing, unsettled
    linked = exists().where(links.c.pairing == pairing, _same_pair(links, conflicts))
    other = conflicts.alias("other")
    # What a person chose stays, else the oldest.
    ranks = [case((one.c.state == "chosen", 0), else_=1) for one in (other, conflicts)]
    better = or_(
        ranks[0] < ranks[1], and_(ranks[0] == ranks[1], other.c.number < conflicts.c.number)
    )
    same = (
        other.c.pairing == pairing,
        _same_pair(other, conflicts),
        other.c.unit == conflicts.c.unit,
    )
    twice = exists().where(*same, other.c.state != "settled", better)
    connection.execute(update(conflicts).where(*own, or_(~linked, twice)).values(state="settled"))
