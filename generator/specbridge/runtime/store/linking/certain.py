"""Linking what is certain: pairs of which neither record matches another one, set by set."""

from collections.abc import Callable, Sequence
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Insert,
    Integer,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    literal,
    or_,
    select,
)

from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.store.linking.links import (
    NewLink,
    Span,
    has_vanished,
    last_link,
    make_links,
)
from specbridge.runtime.store.linking.matching import (
    PAIR,
    PAIRING,
    collect_matches,
    has_candidates,
    in_round,
)
from specbridge.runtime.store.seen.queue import Queueing, queue_again, queueing
from specbridge.runtime.store.tables.schema import candidates, links, vanished_links
from specbridge.runtime.store.tables.statistics import note_growth


def settle_links(
    connection: Connection,
    flow: BoundFlow,
    span: Span,
    run: int,
    make_way: Callable[[Sequence[tuple[str, str]]], object],
) -> int:
    """Link what matches without doubt; return how many links were made.

    The queued records of a round are matched, and all that were ambiguous before. What becomes
    certain of the latter, a match or that there is none, is queued for the next round: the records
    themselves have not changed, and nobody else would look at them. `make_way` is told first of the
    pairs of which a record has a link that vanished.
    """
    doubtful = has_candidates(connection, flow.number)
    if not collect_matches(connection, flow, span):
        return 0
    own = {"of_pairing": flow.number}
    if has_vanished(connection, flow.number):
        make_way(_succeeding_pairs(connection, flow.number))
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


def certain_pairs(connection: Connection, pairing: int) -> list[tuple[str, str]]:
    """Return the pairs of which neither record matches another one or has a whole link, sorted."""
    rows = connection.execute(_certain_ids(), {"of_pairing": pairing})
    return [(source, target) for source, target in rows]


@cache
def _certain_ids() -> Select[str, str]:
    ids = candidates.c.source_id, candidates.c.target_id
    return select(*ids).where(_certain()).order_by(*ids)


def _succeeding_pairs(connection: Connection, pairing: int) -> list[tuple[str, str]]:
    """Return the certain pairs of which a record has a link that vanished, sorted."""
    rows = connection.execute(_succeeding(), {"of_pairing": pairing})
    return [(source, target) for source, target in rows]


@cache
def _succeeding() -> Select[str, str]:
    own = links.c.pairing == PAIRING, vanished_links
    left = [select(links.c[name]).where(*own) for name in ("source_id", "target_id")]
    either = or_(candidates.c.source_id.in_(left[0]), candidates.c.target_id.in_(left[1]))
    return _certain_ids().where(either)


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
    new = links.c.pairing == PAIRING, links.c.number > bindparam("since")
    late = [~in_round(side, links.c[PAIR[1 + side]]) for side in (SOURCE, TARGET)]
    return queueing(select(links.c.source_id).where(*new, *late))


def _linked(side: int) -> ColumnElement[bool]:
    """Return whether the candidate's record of one side has a link that is whole."""
    name = PAIR[1 + side]
    # A vanished link holds nobody: its record may have been made anew under another id.
    return exists().where(
        links.c.pairing == PAIRING,
        links.c[name] == candidates.c[name],
        links.c.vanished.is_(False),
    )


@cache
def _certain() -> ColumnElement[bool]:
    """Return whether neither record of a candidate has another one, or a link that is whole."""
    rivals = []
    for name, differs in (("source_id", "target_id"), ("target_id", "source_id")):
        other = candidates.alias()
        same = other.c.pairing == PAIRING, other.c[name] == candidates.c[name]
        # Of a column that the index holds: for all of them, SQLite walks through a whole pairing.
        rival = exists(other.c[differs]).where(*same, other.c[differs] != candidates.c[differs])
        rivals.append(rival)
    against = (*rivals, _linked(SOURCE), _linked(TARGET))
    free = candidates.c.base.is_(None)
    return and_(candidates.c.pairing == PAIRING, free, *(~item for item in against))


@cache
def _link_certain() -> Insert:
    columns = (*PAIR, "vanished", "pinned", "base", "made_in", "made_by")
    run = bindparam("in_run", type_=Integer)
    values = literal(False), literal(False), literal("{}"), run, literal("rule")
    chosen = select(*(candidates.c[name] for name in PAIR), *values).where(_certain())
    statement = insert(links).from_select(columns, chosen.order_by(candidates.c.source_id))
    return statement.execution_options(preserve_rowcount=True)


@cache
def _drop_vanished() -> Delete:
    """Drop vanished links of records that are about to be linked to others."""
    sources = select(candidates.c.source_id).where(_certain())
    targets = select(candidates.c.target_id).where(_certain())
    either = or_(links.c.source_id.in_(sources), links.c.target_id.in_(targets))
    return delete(links).where(links.c.pairing == PAIRING, vanished_links, either)


@cache
def _drop_settled() -> Delete:
    """Drop candidates that are linked now, and those of which both records are linked elsewhere."""
    same = exists().where(
        links.c.pairing == PAIRING,
        links.c.source_id == candidates.c.source_id,
        links.c.target_id == candidates.c.target_id,
    )
    # With one of them free it stays ambiguous: somebody may have to split what is linked.
    both = and_(candidates.c.base.is_(None), _linked(SOURCE), _linked(TARGET))
    return delete(candidates).where(candidates.c.pairing == PAIRING, or_(same, both))
