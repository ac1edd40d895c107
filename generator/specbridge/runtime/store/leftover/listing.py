"""What the store holds, row by row: lists for people may be longer than memory should hold."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    and_,
    exists,
    false,
    or_,
    select,
    tuple_,
)

from specbridge.runtime.decide.binding import PairingSide
from specbridge.runtime.store.packages import KnownFlow
from specbridge.runtime.store.tables.rows import among
from specbridge.runtime.store.tables.schema import (
    conflicts,
    dead_letters,
    gone_records,
    links,
    records,
    unsettled,
    vanished_links,
)

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
    """A dead letter as it is kept.

    `also` are other pairings in which the same record came to nothing for the same reason; it counts as
    acknowledged where it is in all of them.
    """

    pairing: int
    side: int
    id: str
    other_id: str | None
    reason: str
    run: int
    acknowledged: bool
    also: tuple[int, ...] = ()


LINKED, PINNED, VANISHED = "linked", "pinned", "vanished"
"""What a link is; one that has vanished is nothing else, pinned or not."""

_STATES = {
    LINKED: and_(links.c.vanished.is_(False), links.c.pinned.is_(False)),
    PINNED: and_(links.c.vanished.is_(False), links.c.pinned.is_(True)),
    VANISHED: vanished_links,
}


def list_links(
    connection: Connection, pairing: int, *wanted: ColumnElement[bool], after: str = ""
) -> Iterator[Sequence[Row[Any]]]:
    """Yield a pairing's links, in lists, by their sources: all, or those that are `wanted`.

    `after`: only those with later sources.
    """
    while True:
        # By what an index has in order: for any other, all of them would be sorted for every list.
        own = links.c.pairing == pairing, links.c.source_id > after
        rows = connection.execute(_LINKS.where(*own, *wanted)).all()
        if not rows:
            return
        yield rows
        after = rows[-1].source_id


def links_that_are(states: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a link is in one of these states."""
    return or_(false(), *(_STATES[state] for state in states))


def links_without(flow: KnownFlow, sides: Collection[int]) -> ColumnElement[bool]:
    """Return the condition that a link has vanished and its record on one of these sides is gone."""
    ends = links.c.source_id, links.c.target_id
    gone = (
        exists().where(
            records.c.resource == flow.resources[side], records.c.id == ends[side], gone_records
        )
        for side in sides
    )
    return and_(vanished_links, or_(false(), *gone))


def list_pairs(
    connection: Connection, table: Table, pairing: int, after: tuple[str, str] = ("", "")
) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a pairing in a table of pairs (splits, candidates), sorted; those `after` one."""
    ends = table.c.source_id, table.c.target_id
    later = tuple_(*ends) > after
    chosen = select(*ends).where(table.c.pairing == pairing, later).order_by(*ends)
    for row in _rows(connection, chosen):
        yield row.source_id, row.target_id


def list_conflicts(
    connection: Connection,
    flows: Sequence[int],
    *,
    everything: bool,
    winners: Collection[tuple[int, str]] | None = None,
    after: int = 0,
) -> Iterator[Conflict]:
    """Yield conflicts, oldest first: those that are not settled, or all; `after` a number.

    `winners` are pairings and sides (source, target): only what they have won or are to win.
    """
    columns = [conflicts.c[name] for name in Conflict._fields]
    chosen = select(*columns).where(
        conflicts.c.pairing.in_(list(flows)), conflicts.c.number > after
    )
    if not everything:
        chosen = chosen.where(unsettled)
    if winners is not None:
        won = [and_(conflicts.c.pairing == p, conflicts.c.winner == side) for p, side in winners]
        chosen = chosen.where(or_(false(), *won))
    return (Conflict._make(row) for row in _rows(connection, chosen.order_by(conflicts.c.number)))


def list_conflicts_of(
    connection: Connection, pairing: int, pair: tuple[str, str]
) -> list[Conflict]:
    """Return the conflicts of a pair that are not settled."""
    columns = [conflicts.c[name] for name in Conflict._fields]
    ends = conflicts.c.source_id == pair[0], conflicts.c.target_id == pair[1]
    chosen = select(*columns).where(conflicts.c.pairing == pairing, *ends, unsettled)
    return [Conflict._make(row) for row in connection.execute(chosen.order_by(conflicts.c.number))]


def list_dead_letters(
    connection: Connection,
    flows: Sequence[KnownFlow],
    places: Collection[PairingSide] | None = None,
    *,
    ids: Sequence[str] = (),
    after: tuple[int, int, str] | None = None,
) -> Iterator[Letter]:
    """Yield the dead letters of flows, sorted: what several flows say of one record alike, once.

    `places`: only those of these sides; `ids`: of these records; `after`: later ones than this pairing, side
    and record.
    """
    numbers = [flow.number for flow in flows]
    columns = [dead_letters.c[name] for name in _LETTER]
    chosen = select(*columns).where(dead_letters.c.pairing.in_(numbers))
    if places is not None:
        sides = [
            and_(dead_letters.c.pairing == p, dead_letters.c.side == side) for p, side in places
        ]
        chosen = chosen.where(or_(false(), *sides))
    if ids:
        chosen = chosen.where(among(dead_letters.c.id, ids))
    order = dead_letters.c.pairing, dead_letters.c.side, dead_letters.c.id
    if after is not None:
        chosen = chosen.where(tuple_(*order) > after)
    rows = _rows(connection, chosen.order_by(*order))
    shared = _shared_places(connection, flows, places)
    while part := [Letter(*tuple(row)) for row in islice(rows, _AT_ONCE)]:
        yield from _once(connection, part, shared) if shared else part


_LETTER = tuple(name for name in Letter._fields if name != "also")


def _shared_places(
    connection: Connection, flows: Sequence[KnownFlow], wanted: Collection[PairingSide] | None
) -> dict[PairingSide, list[PairingSide]]:
    """Return the sides that have letters and a resource in common with others, each with those."""
    columns = dead_letters.c.pairing, dead_letters.c.side
    places = {tuple(row) for row in connection.execute(select(*columns).distinct())}
    by_resource: dict[int, list[PairingSide]] = {}
    for flow in flows:
        for side, resource in enumerate(flow.resources):
            place = flow.number, side
            if place in places and (wanted is None or place in wanted):
                by_resource.setdefault(resource, []).append(place)
    groups = [group for group in by_resource.values() if len(group) > 1]
    return {place: [one for one in group if one != place] for group in groups for place in group}


def _once(
    connection: Connection,
    part: Sequence[Letter],
    shared: Mapping[PairingSide, Sequence[PairingSide]],
) -> Iterator[Letter]:
    """Yield letters, each with those of other pairings that say the same; those say nothing more."""
    twins: dict[tuple[PairingSide, str, str], list[Letter]] = {}
    for place in {(letter.pairing, letter.side) for letter in part}:
        ids = [x.id for x in part if (x.pairing, x.side) == place]
        for other in shared.get(place, ()):
            for twin in find_letters(connection, other, ids):
                twins.setdefault((place, twin.id, twin.reason), []).append(twin)
    for letter in part:
        place = letter.pairing, letter.side
        alike = twins.get((place, letter.id, letter.reason), [])
        if any((twin.pairing, twin.side) < place for twin in alike):
            continue
        seen = letter.acknowledged and all(twin.acknowledged for twin in alike)
        also = tuple(sorted(twin.pairing for twin in alike))
        yield letter._replace(acknowledged=seen, also=also)


def find_letters(
    connection: Connection, place: PairingSide, ids: Sequence[str]
) -> Iterator[Letter]:
    """Yield the dead letters of a side's records, each as it stands there."""
    columns = [dead_letters.c[name] for name in _LETTER]
    own = dead_letters.c.pairing == place[0], dead_letters.c.side == place[1]
    chosen = select(*columns).where(*own, among(dead_letters.c.id, ids))
    return (Letter(*tuple(row)) for row in connection.execute(chosen).all())


def _rows(connection: Connection, chosen: Select[Any]) -> Iterator[Row[Any]]:
    # Closed by whoever stops half-way, too: PostgreSQL keeps a cursor open for it.
    with connection.execute(chosen.execution_options(yield_per=_AT_ONCE)) as found:
        yield from found
