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
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
)

from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.store.linking.links import Span
from specbridge.runtime.store.seen.queue import Queueing, queue_again, queueing
from specbridge.runtime.store.tables.schema import (
    candidates,
    keys,
    links,
    queue,
    splits,
)
from specbridge.runtime.store.tables.statistics import MANY, refresh_statistics

PAIR = ("pairing", "source_id", "target_id")

# Statements are made once, with these to be filled in: making them takes longer than most runs of them.
PAIRING = bindparam("of_pairing", type_=Integer)
_END = bindparam("up_to", type_=Integer)


def collect_matches(connection: Connection, flow: BoundFlow, span: Span) -> bool:
    """Look for what queued and ambiguous records match; return whether anything does."""
    if not flow.flow.link_rules:
        return False
    reconsider(connection, flow, span)
    if _collect_candidates(connection, flow, span.end) >= MANY:
        refresh_statistics(connection, candidates)
    return has_candidates(connection, flow.number)


def in_round(side: int, id_: ColumnElement[str]) -> ColumnElement[bool]:
    """Return whether a record of one side is in the round."""
    own = queue.c.pairing == PAIRING, queue.c.side == side, queue.c.id == id_
    # No upper end: what is queued for later rounds will be looked at as well.
    return exists().where(*own, queue.c.number > bindparam("after"))


def count_candidates(connection: Connection, pairing: int) -> int:
    """Return how many records of the pairing's source match without being linked."""
    return int(connection.execute(_COUNT_AMBIGUOUS, {"of_pairing": pairing}).scalar_one())


_COUNT_AMBIGUOUS = select(func.count(candidates.c.source_id.distinct())).where(
    candidates.c.pairing == PAIRING
)


def ambiguous_pairs(connection: Connection, pairing: int, most: int) -> list[tuple[str, str]]:
    """Return the pairs of a pairing that match but are not linked, sorted; at most so many."""
    rows = connection.execute(_AMBIGUOUS, {"of_pairing": pairing, "at_most": most})
    return [(row.source_id, row.target_id) for row in rows]


_AMBIGUOUS = (
    select(candidates.c.source_id, candidates.c.target_id)
    .where(candidates.c.pairing == PAIRING)
    .order_by(candidates.c.source_id, candidates.c.target_id)
    .limit(bindparam("at_most"))
)


def linked_rivals(
    connection: Connection, pairing: int, side: int, most: int
) -> list[tuple[int, str]]:
    """Return links that keep candidates from theirs: their numbers and their records of a side.

    A candidate's other record is linked with that one. The newest come first, so many at most.
    """
    rows = connection.execute(_rivals(side), {"of_pairing": pairing, "at_most": most})
    return [(number, id_) for number, id_ in rows]


@cache
def _rivals(side: int) -> Select[int, str]:
    near, far = links.c[PAIR[1 + side]], links.c[PAIR[2 - side]]
    rivals = and_(
        links.c.pairing == candidates.c.pairing,
        far == candidates.c[PAIR[2 - side]],
        near != candidates.c[PAIR[1 + side]],
        links.c.vanished.is_(False),
    )
    # From the candidates, which are few, to their links.
    chosen = select(links.c.number, near).select_from(candidates.join(links, rivals)).distinct()
    chosen = chosen.where(candidates.c.pairing == PAIRING, candidates.c.base.is_(None))
    return chosen.order_by(links.c.number.desc()).limit(bindparam("at_most"))


def has_candidates(connection: Connection, pairing: int) -> bool:
    """Return whether records of a pairing match without being linked."""
    return connection.execute(_ANY_CANDIDATE, {"of_pairing": pairing}).first() is not None


_ANY_CANDIDATE = select(candidates.c.pairing).where(candidates.c.pairing == PAIRING).limit(1)


def reconsider(connection: Connection, flow: BoundFlow, span: Span) -> None:
    """Add what ambiguous records match by now, drop what they do not match any more.

    Who has lost its candidates is queued, but for those that the round deals with: nobody else would
    look at them, for they have not changed.
    """
    if not flow.flow.link_rules or not has_candidates(connection, flow.number):
        return
    own = {"of_pairing": flow.number}
    # Before any is dropped: who had lost all its candidates would be looked for no more.
    for side in (SOURCE, TARGET):
        connection.execute(_add_candidates(side, again=True, several=_several(flow)), own)
    for side in (SOURCE, TARGET):
        queue_again(connection, (flow.number, side), _left_alone(side), {"after": span.after})
    connection.execute(_drop_stale(), own)


@cache
def _left_alone(side: int) -> Queueing:
    id_ = candidates.c[PAIR[1 + side]]
    return queueing(select(id_).where(_stale(), ~in_round(side, id_)))


@cache
def _drop_stale() -> Delete:
    return delete(candidates).where(_stale())


def _several(flow: BoundFlow) -> bool:
    """Return whether a pair may match more than once: by several rules."""
    return len(flow.flow.link_rules) > 1


def _collect_candidates(connection: Connection, flow: BoundFlow, end: int) -> int:
    """Add the pairs that queued records match; return how many."""
    queued = {"of_pairing": flow.number, "up_to": end}
    added = 0
    for side in (SOURCE, TARGET):
        # Where all sources are queued, as in a first run, all that targets match is found by now.
        if side == SOURCE or connection.execute(_ANY_UNQUEUED, queued).first() is not None:
            statement = _add_candidates(side, again=False, several=_several(flow))
            added += connection.execute(statement, queued).rowcount
    return added


_ANY_UNQUEUED = (
    select(keys.c.id)
    .where(keys.c.pairing == PAIRING, keys.c.rule >= 0, keys.c.side == SOURCE)
    .where(
        ~exists().where(
            *(queue.c.id == keys.c.id, queue.c.pairing == PAIRING),
            *(queue.c.side == SOURCE, queue.c.number <= _END),
        )
    )
    .limit(1)
)
"""A source with link keys that is not in the round."""


@cache
def _stale() -> ColumnElement[bool]:
    """Return whether a candidate does not match any more, or was linked or split meanwhile."""
    source, target = keys.alias("source"), keys.alias("target")
    match = exists().where(
        *(
            source.c.pairing == PAIRING,
            source.c.side == SOURCE,
            source.c.id == candidates.c.source_id,
        ),
        *(
            target.c.pairing == PAIRING,
            target.c.side == TARGET,
            target.c.id == candidates.c.target_id,
        ),
        # Below 0 are unique properties, which link nothing.
        *(source.c.rule >= 0, target.c.rule == source.c.rule, target.c.value == source.c.value),
    )
    settled = [
        exists().where(*(table.c[name] == candidates.c[name] for name in PAIR))
        for table in (splits, links)
    ]
    # One that was a link itself matches by no rule, and stays until somebody decides.
    free = candidates.c.base.is_(None)
    return and_(candidates.c.pairing == PAIRING, or_(and_(free, ~match), *settled))


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
            self.near.c.pairing == PAIRING, self.near.c.side == side, self.near.c.rule >= 0
        )
        self.there: ColumnElement[bool] = and_(
            self.far.c.pairing == PAIRING,
            self.far.c.rule == self.near.c.rule,
            self.far.c.value == self.near.c.value,
            self.far.c.side == 1 - side,
        )

    def queued(self) -> FromClause:
        """Return the pairs of which the near record is queued."""
        own = queue.c.pairing == PAIRING, queue.c.side == self.side
        queued = select(queue.c.id).where(*own, queue.c.number <= _END)
        return self.near.join(self.far, and_(self.there, self.here, self.near.c.id.in_(queued)))

    def ambiguous(self) -> FromClause:
        """Return the pairs of which the near record was ambiguous before."""
        before = select(candidates.c[PAIR[1 + self.side]]).where(candidates.c.pairing == PAIRING)
        return self.near.join(self.far, and_(self.there, self.here, self.near.c.id.in_(before)))


@cache
def _add_candidates(side: int, *, again: bool, several: bool) -> Insert:
    """Add the pairs that match: those of queued records, or (`again`) of ambiguous ones."""
    pairs = _Keys(side)
    source, target = pairs.source, pairs.target
    known = [
        exists().where(
            table.c.pairing == PAIRING,
            table.c.source_id == source.c.id,
            table.c.target_id == target.c.id,
        )
        for table in (candidates, splits, links)
    ]
    chosen = select(PAIRING.label("pairing"), source.c.id, target.c.id)
    chosen = chosen.select_from(pairs.ambiguous() if again else pairs.queued())
    chosen = chosen.where(*(~item for item in known))
    # One rule finds a pair once; only for several are all pairs sorted to find those that repeat.
    statement = insert(candidates).from_select(PAIR, chosen.distinct() if several else chosen)
    # SQLAlchemy keeps the count of an INSERT on request only.
    return statement.execution_options(preserve_rowcount=True)


def matched_links(
    connection: Connection, pairing: int, rule: int
) -> Iterator[tuple[str, str, int]]:
    """Yield the linked pairs that match by a rule, and the run that linked each."""
    source, target = keys.alias("source"), keys.alias("target")
    chosen = (
        select(links.c.source_id, links.c.target_id, links.c.made_in)
        .join(source, and_(source.c.pairing == pairing, source.c.id == links.c.source_id))
        .join(target, and_(target.c.pairing == pairing, target.c.id == links.c.target_id))
        .where(
            links.c.pairing == pairing,
            *(source.c.side == SOURCE, target.c.side == TARGET),
            *(source.c.rule == rule, target.c.rule == rule),
            source.c.value == target.c.value,
        )
    )
    for row in connection.execute(chosen.order_by(links.c.number)):
        yield row.source_id, row.target_id, row.made_in
