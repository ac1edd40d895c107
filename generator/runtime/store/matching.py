"""Settling links by rule, set by set: the database finds the pairs, memory holds none of them.

A pair is linked where neither record matches another one or is linked already. What is left
stays in `candidates`: ambiguous, reported, and looked at again whenever something changes.
"""

from collections.abc import Iterator

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
)

from generator.runtime.binding import BoundFlow
from generator.runtime.merge import SOURCE, TARGET
from generator.runtime.store.schema import candidates, keys, links, queue, splits

_PAIR = ("flow", "source_id", "target_id")


def settle_links(connection: Connection, flow: BoundFlow, end: int, run: int) -> int:
    """Link what matches without doubt; return how many links were made.

    Queued records up to the number `end` are matched, and all that were ambiguous before.
    """
    if not flow.flow.link_rules:
        return 0
    _collect_candidates(connection, flow, end)
    certain = _certain(flow.number)
    _drop_vanished(connection, flow.number)
    columns = (*_PAIR, "vanished", "pinned", "base", "made_in", "made_by")
    values = literal(False), literal(False), literal("{}"), literal(run), literal("rule")
    chosen = select(*(candidates.c[name] for name in _PAIR), *values).where(certain)
    statement = insert(links).from_select(columns, chosen.order_by(candidates.c.source_id))
    made = connection.execute(statement.execution_options(preserve_rowcount=True)).rowcount
    _drop_settled(connection, flow.number)
    return int(made)


def count_candidates(connection: Connection, flow: int) -> int:
    """Return how many records of the flow's source match without being linked."""
    wanted = select(func.count(candidates.c.source_id.distinct()))
    return int(connection.execute(wanted.where(candidates.c.flow == flow)).scalar_one())


def ambiguous_pairs(
    connection: Connection, flow: int, most: int | None = None
) -> list[tuple[str, str]]:
    """Return the pairs of the flow that match but are not linked, sorted; at most so many."""
    chosen = select(candidates.c.source_id, candidates.c.target_id)
    chosen = chosen.where(candidates.c.flow == flow).limit(most)
    rows = connection.execute(chosen.order_by(candidates.c.source_id, candidates.c.target_id))
    return [(row.source_id, row.target_id) for row in rows]


def _collect_candidates(connection: Connection, flow: BoundFlow, end: int) -> None:
    if count_candidates(connection, flow.number):
        for side in (SOURCE, TARGET):
            pairs = _Keys(flow.number, side)
            _add_candidates(connection, flow.number, pairs, pairs.ambiguous())
        _drop_stale(connection, flow.number)
    for side in (SOURCE, TARGET):
        pairs = _Keys(flow.number, side)
        _add_candidates(connection, flow.number, pairs, pairs.queued(flow.resources[side], end))


def _drop_stale(connection: Connection, flow: int) -> None:
    """Drop the candidates that do not match any more, or were linked or split meanwhile."""
    source, target = keys.alias("source"), keys.alias("target")
    match = exists().where(
        *(source.c.flow == flow, source.c.side == SOURCE, source.c.id == candidates.c.source_id),
        *(target.c.flow == flow, target.c.side == TARGET, target.c.id == candidates.c.target_id),
        *(source.c.rule >= 0, target.c.rule == source.c.rule, target.c.value == source.c.value),
    )
    settled = [
        exists().where(*(table.c[name] == candidates.c[name] for name in _PAIR))
        for table in (splits, links)
    ]
    wanted = candidates.c.flow == flow, or_(~match, *settled)
    connection.execute(delete(candidates).where(*wanted))


class _Keys:
    """The join of both sides' keys, from one side to the other; the near one is restricted.

    Each column is bound to a constant where it can be, and the joins are in the order in which they
    are cheap: without statistics, a database has little else to go by.
    """

    def __init__(self, flow: int, side: int) -> None:
        self.flow, self.side = flow, side
        self.near, self.far = keys.alias("near"), keys.alias("far")
        self.source, self.target = (
            (self.near, self.far) if side == SOURCE else (self.far, self.near)
        )
        self.here: ColumnElement[bool] = and_(
            self.near.c.flow == flow, self.near.c.side == side, self.near.c.rule >= 0
        )
        self.there: ColumnElement[bool] = and_(
            self.far.c.flow == flow,
            self.far.c.rule == self.near.c.rule,
            self.far.c.value == self.near.c.value,
            self.far.c.side == 1 - side,
        )

    def queued(self, resource: int, end: int) -> FromClause:
        """Return the pairs of which the near record is queued."""
        queued = select(queue.c.id).where(queue.c.resource == resource, queue.c.number <= end)
        return self.near.join(self.far, and_(self.there, self.here, self.near.c.id.in_(queued)))

    def ambiguous(self) -> FromClause:
        """Return the pairs of which the near record was ambiguous before."""
        before = select(candidates.c[_PAIR[1 + self.side]]).where(candidates.c.flow == self.flow)
        return self.near.join(self.far, and_(self.there, self.here, self.near.c.id.in_(before)))


def _add_candidates(connection: Connection, flow: int, pairs: _Keys, tables: FromClause) -> None:
    source, target = pairs.source, pairs.target
    known = [
        exists().where(
            table.c.flow == flow,
            table.c.source_id == source.c.id,
            table.c.target_id == target.c.id,
        )
        for table in (candidates, splits, links)
    ]
    chosen = select(literal(flow).label("flow"), source.c.id, target.c.id).select_from(tables)
    chosen = chosen.where(*(~item for item in known)).distinct()
    connection.execute(insert(candidates).from_select(_PAIR, chosen))


def _linked(flow: int, side: int) -> ColumnElement[bool]:
    """Return whether the candidate's record of one side has a link that is whole."""
    name = _PAIR[1 + side]
    return exists().where(
        links.c.flow == flow, links.c[name] == candidates.c[name], links.c.vanished.is_(False)
    )


def _certain(flow: int) -> ColumnElement[bool]:
    rivals = []
    for name in ("source_id", "target_id"):
        other = candidates.alias()
        same = other.c.flow == flow, other.c[name] == candidates.c[name]
        rivals.append(select(func.count()).select_from(other).where(*same).scalar_subquery() == 1)
    return and_(candidates.c.flow == flow, *rivals, ~_linked(flow, SOURCE), ~_linked(flow, TARGET))


def _drop_vanished(connection: Connection, flow: int) -> None:
    """Drop vanished links of records that are about to be linked to others."""
    certain = _certain(flow)
    sources = select(candidates.c.source_id).where(certain)
    targets = select(candidates.c.target_id).where(certain)
    either = or_(links.c.source_id.in_(sources), links.c.target_id.in_(targets))
    wanted = links.c.flow == flow, links.c.vanished.is_(True), either
    connection.execute(delete(links).where(*wanted))


def _drop_settled(connection: Connection, flow: int) -> None:
    """Drop candidates that are linked now, and those of which both records are linked elsewhere."""
    same = exists().where(
        links.c.flow == flow,
        links.c.source_id == candidates.c.source_id,
        links.c.target_id == candidates.c.target_id,
    )
    both = and_(_linked(flow, SOURCE), _linked(flow, TARGET))
    connection.execute(delete(candidates).where(candidates.c.flow == flow, or_(same, both)))


def matched_links(connection: Connection, flow: int, rule: int) -> Iterator[tuple[str, str, int]]:
    """Yield the linked pairs that match by a rule, and the run that linked each."""
    source, target = keys.alias("source"), keys.alias("target")
    chosen = (
        select(links.c.source_id, links.c.target_id, links.c.made_in)
        .join(source, and_(source.c.flow == flow, source.c.id == links.c.source_id))
        .join(target, and_(target.c.flow == flow, target.c.id == links.c.target_id))
        .where(
            links.c.flow == flow,
            *(source.c.side == SOURCE, target.c.side == TARGET),
            *(source.c.rule == rule, target.c.rule == rule),
            source.c.value == target.c.value,
        )
    )
    for row in connection.execute(chosen.order_by(links.c.number)):
        yield row.source_id, row.target_id, row.made_in
