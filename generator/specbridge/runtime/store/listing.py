"""What the store holds, row by row: lists for people may be longer than memory should hold."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, Table, select

from specbridge.runtime.store.schema import conflicts, dead_letters, links, unsettled

_AT_ONCE = 1000
"""Rows that are fetched at once."""

_LINKS: Select[Any] = (
    select(
        *(links.c.source_id, links.c.target_id, links.c.made_by),
        *(links.c.vanished, links.c.pinned),
    )
    .order_by(links.c.source_id)
    .limit(_AT_ONCE)
)


class Conflict(NamedTuple):
    """A conflict as it is kept: the values as JSON text, `state` open, chosen or settled."""

    number: int
    run: int
    pairing: int
    source_id: str
    target_id: str
    unit: str
    source_value: str
    target_value: str
    winner: str | None
    state: str


class Letter(NamedTuple):
    """A dead letter as it is kept."""

    pairing: int
    side: int
    id: str
    other_id: str | None
    reason: str
    run: int
    acknowledged: bool


def list_links(connection: Connection, pairing: int) -> Iterator[Sequence[Row[Any]]]:
    """Yield a pairing's links, in lists, by their sources."""
    after = ""
    while True:
        # By what an index has in order: for any other, all of them would be sorted for every list.
        wanted = links.c.pairing == pairing, links.c.source_id > after
        rows = connection.execute(_LINKS.where(*wanted)).all()
        if not rows:
            return
        yield rows
        after = rows[-1].source_id


def list_pairs(connection: Connection, table: Table, pairing: int) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a pairing in a table of pairs (splits, candidates), sorted."""
    ends = table.c.source_id, table.c.target_id
    chosen = select(*ends).where(table.c.pairing == pairing).order_by(*ends)
    for row in _rows(connection, chosen):
        yield row.source_id, row.target_id


def list_conflicts(
    connection: Connection, flows: Sequence[int], *, everything: bool
) -> Iterator[Conflict]:
    """Yield conflicts, oldest first: those that are not settled, or all."""
    columns = [conflicts.c[name] for name in Conflict._fields]
    chosen = select(*columns).where(conflicts.c.pairing.in_(list(flows)))
    if not everything:
        chosen = chosen.where(unsettled)
    return (Conflict._make(row) for row in _rows(connection, chosen.order_by(conflicts.c.number)))


def list_dead_letters(connection: Connection, flows: Sequence[int]) -> Iterator[Letter]:
    """Yield the dead letters of flows, sorted."""
    columns = [dead_letters.c[name] for name in Letter._fields]
    chosen = select(*columns).where(dead_letters.c.pairing.in_(list(flows)))
    order = dead_letters.c.pairing, dead_letters.c.side, dead_letters.c.id
    return (Letter._make(row) for row in _rows(connection, chosen.order_by(*order)))


def _rows(connection: Connection, chosen: Select[Any]) -> Iterator[Row[Any]]:
    # Closed by whoever stops half-way, too: PostgreSQL keeps a cursor open for it.
    with connection.execute(chosen.execution_options(yield_per=_AT_ONCE)) as found:
        yield from found
