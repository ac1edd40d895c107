"""Settling links by rule, set by set: the database finds the pairs, memory holds none of them.

A pair is linked where neither record matches another one or is linked already. What is left
stays in `candidates`: ambiguous, reported, and looked at again whenever something changes.
"""

from collections.abc import Iterator
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    FromClause,
    Insert,
    Integer,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
)

from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.store.links import Span, last_link
from specbridge.runtime.store.records import queue_chosen
from specbridge.runtime.store.schema import candidates, keys, links, queue, splits, vanished_links
from specbridge.runtime.store.statistics import MANY, note_growth, refresh_statistics

_PAIR = ("flow", "source_id", "target_id")

# Statements are made once, with these to be filled in: making them takes longer than most runs of them.
_FLOW = bindparam("of_flow", type_=Integer)
_RESOURCE, _END = bindparam("in_resource", type_=Integer), bindparam("up_to", type_=Integer)


def settle_links(connection: Connection, flow: BoundFlow, span: Span, run: int) -> int:
    """Link what matches without doubt; return how many links were made.

    The queued records of a round are matched, and all that were ambiguous before. What becomes
    certain of the latter, a match or that there is none, is queued for the next round: the records
    themselves have not changed, and nobody else would look at them.
    """
    if not flow.flow.link_rules:
        return 0
    own = {"of_flow": flow.number}
    # Without old candidates, whatever is linked below has a record in this round.
    doubtful = _has_candidates(connection, flow.number)
    if doubtful:
        _reconsider(connection, flow, span)
    if _collect_candidates(connection, flow, span.end) >= MANY:
        refresh_statistics(connection, candidates)
    if not _has_candidates(connection, flow.number):
        return 0
    # Before the new ones: a record has one link in a flow, and a vanished one gives way.
    connection.execute(_drop_vanished(), own)
    last = last_link(connection)
    made = connection.execute(_link_certain(), {**own, "in_run": run}).rowcount
    note_growth(connection, links, made)
    connection.execute(_drop_settled(), own)
    if doubtful and made:
        _queue_linked(connection, flow, span, last)
    return int(made)


def _queue_linked(connection: Connection, flow: BoundFlow, span: Span, since: int) -> None:
    """Queue the sources of links made since a link of which neither record is in the round."""
    new = links.c.flow == flow.number, links.c.number > since
    late = [~_in_round(flow, span, side, links.c[_PAIR[1 + side]]) for side in (SOURCE, TARGET)]
    queue_chosen(connection, flow.resources[SOURCE], select(links.c.source_id).where(*new, *late))


def _in_round(
    flow: BoundFlow, span: Span, side: int, id_: ColumnElement[str]
) -> ColumnElement[bool]:
    """Return whether a record of one side is in the round."""
    own = queue.c.resource == flow.resources[side], queue.c.id == id_
    # No upper end: what is queued for later rounds will be looked at as well.
    return exists().where(*own, queue.c.number > span.after)


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


def _has_candidates(connection: Connection, flow: int) -> bool:
    return connection.execute(_ANY_CANDIDATE, {"of_flow": flow}).first() is not None


_ANY_CANDIDATE = select(candidates.c.flow).where(candidates.c.flow == _FLOW).limit(1)


def _reconsider(connection: Connection, flow: BoundFlow, span: Span) -> None:
    """Add what ambiguous records match by now, drop what they do not match any more."""
    own = {"of_flow": flow.number}
    # Before any is dropped: who had lost all its candidates would be looked for no more.
    for side in (SOURCE, TARGET):
        connection.execute(_add_candidates(side, again=True, several=_several(flow)), own)
    for side in (SOURCE, TARGET):
        id_ = candidates.c[_PAIR[1 + side]]
        left = select(id_).where(_stale(), ~_in_round(flow, span, side, id_))
        queue_chosen(connection, flow.resources[side], left.params(own))
    connection.execute(delete(candidates).where(_stale()), own)


def _several(flow: BoundFlow) -> bool:
    """Return whether a pair may match more than once: by several rules."""
    return len(flow.flow.link_rules) > 1


def _collect_candidates(connection: Connection, flow: BoundFlow, end: int) -> int:
    """Add the pairs that queued records match; return how many."""
    own = {"of_flow": flow.number}
    added = 0
    for side in (SOURCE, TARGET):
        queued = {**own, "in_resource": flow.resources[side], "up_to": end}
        statement = _add_candidates(side, again=False, several=_several(flow))
        added += connection.execute(statement, queued).rowcount
    return added


def _stale() -> ColumnElement[bool]:
    """Return whether a candidate does not match any more, or was linked or split meanwhile."""
    source, target = keys.alias("source"), keys.alias("target")
    match = exists().where(
        *(source.c.flow == _FLOW, source.c.side == SOURCE, source.c.id == candidates.c.source_id),
        *(target.c.flow == _FLOW, target.c.side == TARGET, target.c.id == candidates.c.target_id),
        # Below 0 are unique properties, which link nothing.
        *(source.c.rule >= 0, target.c.rule == source.c.rule, target.c.value == source.c.value),
    )
    settled = [
        exists().where(*(table.c[name] == candidates.c[name] for name in _PAIR))
        for table in (splits, links)
    ]
    return and_(candidates.c.flow == _FLOW, or_(~match, *settled))


class _Keys:
    """The join of both sides' keys, from one side to the other; the near one is restricted.

    Each column is bound to a constant where it can be, and the joins are in the order in which they
    are cheap: without statistics, a database has little else to go by.
    """

    def __init__(self, side: int) -> None:
        self.side = side
        self.near, self.far = keys.alias("near"), keys.alias("far")
        self.source, self.target = (
            (self.near, self.far) if side == SOURCE else (self.far, self.near)
        )
        self.here: ColumnElement[bool] = and_(
            self.near.c.flow == _FLOW, self.near.c.side == side, self.near.c.rule >= 0
        )
        self.there: ColumnElement[bool] = and_(
            self.far.c.flow == _FLOW,
            self.far.c.rule == self.near.c.rule,
            self.far.c.value == self.near.c.value,
            self.far.c.side == 1 - side,
        )

    def queued(self) -> FromClause:
        """Return the pairs of which the near record is queued."""
        queued = select(queue.c.id).where(queue.c.resource == _RESOURCE, queue.c.number <= _END)
        return self.near.join(self.far, and_(self.there, self.here, self.near.c.id.in_(queued)))

    def ambiguous(self) -> FromClause:
        """Return the pairs of which the near record was ambiguous before."""
        before = select(candidates.c[_PAIR[1 + self.side]]).where(candidates.c.flow == _FLOW)
        return self.near.join(self.far, and_(self.there, self.here, self.near.c.id.in_(before)))


@cache
def _add_candidates(side: int, *, again: bool, several: bool) -> Insert:
    """Add the pairs that match: those of queued records, or (`again`) of ambiguous ones."""
    pairs = _Keys(side)
    source, target = pairs.source, pairs.target
    known = [
        exists().where(
            table.c.flow == _FLOW,
            table.c.source_id == source.c.id,
            table.c.target_id == target.c.id,
        )
        for table in (candidates, splits, links)
    ]
    chosen = select(_FLOW.label("flow"), source.c.id, target.c.id)
    chosen = chosen.select_from(pairs.ambiguous() if again else pairs.queued())
    chosen = chosen.where(*(~item for item in known))
    # One rule finds a pair once; only for several are all pairs sorted to find those that repeat.
    statement = insert(candidates).from_select(_PAIR, chosen.distinct() if several else chosen)
    # SQLAlchemy keeps the count of an INSERT on request only.
    return statement.execution_options(preserve_rowcount=True)


def _linked(side: int) -> ColumnElement[bool]:
    """Return whether the candidate's record of one side has a link that is whole."""
    name = _PAIR[1 + side]
    # A vanished link holds nobody: its record may have been made anew under another id.
    return exists().where(
        links.c.flow == _FLOW, links.c[name] == candidates.c[name], links.c.vanished.is_(False)
    )


def _certain() -> ColumnElement[bool]:
    """Return whether neither record of a candidate has another one, or a link that is whole."""
    rivals = []
    for name, differs in (("source_id", "target_id"), ("target_id", "source_id")):
        other = candidates.alias()
        same = other.c.flow == _FLOW, other.c[name] == candidates.c[name]
        rivals.append(exists().where(*same, other.c[differs] != candidates.c[differs]))
    against = (*rivals, _linked(SOURCE), _linked(TARGET))
    return and_(candidates.c.flow == _FLOW, *(~item for item in against))


@cache
def _link_certain() -> Insert:
    columns = (*_PAIR, "vanished", "pinned", "base", "made_in", "made_by")
    run = bindparam("in_run", type_=Integer)
    values = literal(False), literal(False), literal("{}"), run, literal("rule")
    chosen = select(*(candidates.c[name] for name in _PAIR), *values).where(_certain())
    statement = insert(links).from_select(columns, chosen.order_by(candidates.c.source_id))
    return statement.execution_options(preserve_rowcount=True)


@cache
def _drop_vanished() -> Delete:
    """Drop vanished links of records that are about to be linked to others."""
    sources = select(candidates.c.source_id).where(_certain())
    targets = select(candidates.c.target_id).where(_certain())
    either = or_(links.c.source_id.in_(sources), links.c.target_id.in_(targets))
    return delete(links).where(links.c.flow == _FLOW, vanished_links, either)


@cache
def _drop_settled() -> Delete:
    """Drop candidates that are linked now, and those of which both records are linked elsewhere."""
    same = exists().where(
        links.c.flow == _FLOW,
        links.c.source_id == candidates.c.source_id,
        links.c.target_id == candidates.c.target_id,
    )
    # With one of them free it stays ambiguous: somebody may have to split what is linked.
    both = and_(_linked(SOURCE), _linked(TARGET))
    return delete(candidates).where(candidates.c.flow == _FLOW, or_(same, both))


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
