"""Settling links by rule, set by set: the database finds the pairs, memory holds none of them.

A pair is linked where neither record matches another one or is linked already. What is left
stays in `candidates`: ambiguous, reported, and looked at again whenever something changes.
"""

from collections.abc import Iterator, Sequence
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
    literal,
    or_,
    select,
)

from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.store.linking.links import NewLink, Span, last_link, make_links
from specbridge.runtime.store.seen.queue import Queueing, queue_again, queueing
from specbridge.runtime.store.tables.schema import (
    candidates,
    keys,
    links,
    queue,
    splits,
    vanished_links,
)
from specbridge.runtime.store.tables.statistics import MANY, note_growth, refresh_statistics

_PAIR = ("pairing", "source_id", "target_id")

# Statements are made once, with these to be filled in: making them takes longer than most runs of them.
_PAIRING = bindparam("of_pairing", type_=Integer)
_END = bindparam("up_to", type_=Integer)


def settle_links(connection: Connection, flow: BoundFlow, span: Span, run: int) -> int:
    """Link what matches without doubt; return how many links were made.

    The queued records of a round are matched, and all that were ambiguous before. What becomes
    certain of the latter, a match or that there is none, is queued for the next round: the records
    themselves have not changed, and nobody else would look at them.
    """
    doubtful = has_candidates(connection, flow.number)
    if not collect_matches(connection, flow, span):
        return 0
    own = {"of_pairing": flow.number}
    # Before the new ones: a record has one link in a pairing, and a vanished one gives way.
    connection.execute(_drop_vanished(), own)
    last = last_link(connection)
    made = connection.execute(_link_certain(), {**own, "in_run": run}).rowcount
    note_growth(connection, links, made)
    connection.execute(_drop_settled(), own)
    # Without old candidates, whatever was linked has a record in this round.
    if doubtful and made:
        _queue_linked(connection, flow, span, last)
    return int(made)


def collect_matches(connection: Connection, flow: BoundFlow, span: Span) -> bool:
    """Look for what queued and ambiguous records match; return whether anything does."""
    if not flow.flow.link_rules:
        return False
    reconsider(connection, flow, span)
    if _collect_candidates(connection, flow, span.end) >= MANY:
        refresh_statistics(connection, candidates)
    return has_candidates(connection, flow.number)


def certain_pairs(connection: Connection, pairing: int) -> list[tuple[str, str]]:
    """Return the pairs of which neither record matches another one or has a whole link, sorted."""
    chosen = select(candidates.c.source_id, candidates.c.target_id).where(_certain())
    order = candidates.c.source_id, candidates.c.target_id
    rows = connection.execute(chosen.order_by(*order), {"of_pairing": pairing})
    return [(source, target) for source, target in rows]


def link_pairs(
    connection: Connection, flow: BoundFlow, span: Span, run: int, pairs: Sequence[tuple[str, str]]
) -> None:
    """Link pairs that were found to be certain; they are queued unless one of each is in the round."""
    last = last_link(connection)
    new = [NewLink(flow.number, source, target, "rule") for source, target in pairs]
    make_links(connection, run, new)
    connection.execute(_drop_settled(), {"of_pairing": flow.number})
    _queue_linked(connection, flow, span, last)


def _queue_linked(connection: Connection, flow: BoundFlow, span: Span, since: int) -> None:
    """Queue the sources of links made since a link of which neither record is in the round."""
    given = {"after": span.after, "since": since}
    queue_again(connection, (flow.number, SOURCE), _linked_late(), given)


@cache
def _linked_late() -> Queueing:
    new = links.c.pairing == _PAIRING, links.c.number > bindparam("since")
    late = [~_in_round(side, links.c[_PAIR[1 + side]]) for side in (SOURCE, TARGET)]
    return queueing(select(links.c.source_id).where(*new, *late))


def _in_round(side: int, id_: ColumnElement[str]) -> ColumnElement[bool]:
    """Return whether a record of one side is in the round."""
    own = queue.c.pairing == _PAIRING, queue.c.side == side, queue.c.id == id_
    # No upper end: what is queued for later rounds will be looked at as well.
    return exists().where(*own, queue.c.number > bindparam("after"))


def count_candidates(connection: Connection, pairing: int) -> int:
    """Return how many records of the pairing's source match without being linked."""
    return int(connection.execute(_COUNT_AMBIGUOUS, {"of_pairing": pairing}).scalar_one())


_COUNT_AMBIGUOUS = select(func.count(candidates.c.source_id.distinct())).where(
    candidates.c.pairing == _PAIRING
)


def ambiguous_pairs(connection: Connection, pairing: int, most: int) -> list[tuple[str, str]]:
    """Return the pairs of a pairing that match but are not linked, sorted; at most so many."""
    rows = connection.execute(_AMBIGUOUS, {"of_pairing": pairing, "at_most": most})
    return [(row.source_id, row.target_id) for row in rows]


_AMBIGUOUS = (
    select(candidates.c.source_id, candidates.c.target_id)
    .where(candidates.c.pairing == _PAIRING)
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
    near, far = links.c[_PAIR[1 + side]], links.c[_PAIR[2 - side]]
    rivals = and_(
        links.c.pairing == candidates.c.pairing,
        far == candidates.c[_PAIR[2 - side]],
        near != candidates.c[_PAIR[1 + side]],
        links.c.vanished.is_(False),
    )
    # From the candidates, which are few, to their links.
    chosen = select(links.c.number, near).select_from(candidates.join(links, rivals)).distinct()
    chosen = chosen.where(candidates.c.pairing == _PAIRING, candidates.c.base.is_(None))
    return chosen.order_by(links.c.number.desc()).limit(bindparam("at_most"))


def has_candidates(connection: Connection, pairing: int) -> bool:
    """Return whether records of a pairing match without being linked."""
    return connection.execute(_ANY_CANDIDATE, {"of_pairing": pairing}).first() is not None


_ANY_CANDIDATE = select(candidates.c.pairing).where(candidates.c.pairing == _PAIRING).limit(1)


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
    id_ = candidates.c[_PAIR[1 + side]]
    return queueing(select(id_).where(_stale(), ~_in_round(side, id_)))


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
    .where(keys.c.pairing == _PAIRING, keys.c.rule >= 0, keys.c.side == SOURCE)
    .where(
        ~exists().where(
            *(queue.c.id == keys.c.id, queue.c.pairing == _PAIRING),
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
            source.c.pairing == _PAIRING,
            source.c.side == SOURCE,
            source.c.id == candidates.c.source_id,
        ),
        *(
            target.c.pairing == _PAIRING,
            target.c.side == TARGET,
            target.c.id == candidates.c.target_id,
        ),
        # Below 0 are unique properties, which link nothing.
        *(source.c.rule >= 0, target.c.rule == source.c.rule, target.c.value == source.c.value),
    )
    settled = [
        exists().where(*(table.c[name] == candidates.c[name] for name in _PAIR))
        for table in (splits, links)
    ]
    # One that was a link itself matches by no rule, and stays until somebody decides.
    free = candidates.c.base.is_(None)
    return and_(candidates.c.pairing == _PAIRING, or_(and_(free, ~match), *settled))


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
            self.near.c.pairing == _PAIRING, self.near.c.side == side, self.near.c.rule >= 0
        )
        self.there: ColumnElement[bool] = and_(
            self.far.c.pairing == _PAIRING,
            self.far.c.rule == self.near.c.rule,
            self.far.c.value == self.near.c.value,
            self.far.c.side == 1 - side,
        )

    def queued(self) -> FromClause:
        """Return the pairs of which the near record is queued."""
        own = queue.c.pairing == _PAIRING, queue.c.side == self.side
        queued = select(queue.c.id).where(*own, queue.c.number <= _END)
        return self.near.join(self.far, and_(self.there, self.here, self.near.c.id.in_(queued)))

    def ambiguous(self) -> FromClause:
        """Return the pairs of which the near record was ambiguous before."""
        before = select(candidates.c[_PAIR[1 + self.side]]).where(candidates.c.pairing == _PAIRING)
        return self.near.join(self.far, and_(self.there, self.here, self.near.c.id.in_(before)))


@cache
def _add_candidates(side: int, *, again: bool, several: bool) -> Insert:
    """Add the pairs that match: those of queued records, or (`again`) of ambiguous ones."""
    pairs = _Keys(side)
    source, target = pairs.source, pairs.target
    known = [
        exists().where(
            table.c.pairing == _PAIRING,
            table.c.source_id == source.c.id,
            table.c.target_id == target.c.id,
        )
        for table in (candidates, splits, links)
    ]
    chosen = select(_PAIRING.label("pairing"), source.c.id, target.c.id)
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
        links.c.pairing == _PAIRING,
        links.c[name] == candidates.c[name],
        links.c.vanished.is_(False),
    )


@cache
def _certain() -> ColumnElement[bool]:
    """Return whether neither record of a candidate has another one, or a link that is whole."""
    rivals = []
    for name, differs in (("source_id", "target_id"), ("target_id", "source_id")):
        other = candidates.alias()
        same = other.c.pairing == _PAIRING, other.c[name] == candidates.c[name]
        # Of a column that the index holds: for all of them, SQLite walks through a whole pairing.
        rival = exists(other.c[differs]).where(*same, other.c[differs] != candidates.c[differs])
        rivals.append(rival)
    against = (*rivals, _linked(SOURCE), _linked(TARGET))
    free = candidates.c.base.is_(None)
    return and_(candidates.c.pairing == _PAIRING, free, *(~item for item in against))


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
    return delete(links).where(links.c.pairing == _PAIRING, vanished_links, either)


@cache
def _drop_settled() -> Delete:
    """Drop candidates that are linked now, and those of which both records are linked elsewhere."""
    same = exists().where(
        links.c.pairing == _PAIRING,
        links.c.source_id == candidates.c.source_id,
        links.c.target_id == candidates.c.target_id,
    )
    # With one of them free it stays ambiguous: somebody may have to split what is linked.
    both = and_(candidates.c.base.is_(None), _linked(SOURCE), _linked(TARGET))
    return delete(candidates).where(candidates.c.pairing == _PAIRING, or_(same, both))


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
