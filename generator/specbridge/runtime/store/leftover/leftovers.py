"""What a run leaves over: conflicts, dead letters, and references that wait."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    update,
)

from specbridge.runtime.decide.binding import BoundCompany, BoundFlow, PairingSide
from specbridge.runtime.decide.plan import Clash
from specbridge.runtime.store.linking.links import Span
from specbridge.runtime.store.seen.queue import queue_again, queue_chosen, queue_records, queueing
from specbridge.runtime.store.tables.rows import (
    among,
    among_given,
    delete_rows,
    insert_rows,
    parts,
    storable,
    update_rows,
    write_json,
)
from specbridge.runtime.store.tables.schema import (
    conflicts,
    dead_letters,
    id_on,
    links,
    queue,
    unsettled,
    waiting,
)

NOT_SHOWN = ""
"""Stands for the record that has a unique value and does not show it: such letters are tried each run."""

_TRIED_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A record of one side that could not be dealt with, why, and the other record concerned.

    `other_id` is NOT_SHOWN where a unique value is taken, and no one record is known that shows it.
    """

    pairing: int
    side: int
    id: str
    other_id: str | None
    reason: str


Seen = tuple[int, int, str, str]
"""A dead letter that somebody has acknowledged: its pairing, side, record and reason."""


def save_dead_letters(
    connection: Connection, run: int, letters: Sequence[DeadLetter], seen: Collection[Seen] = ()
) -> None:
    """Keep dead letters, each in place of the record's last one; those of `seen` are acknowledged."""
    for place in {(letter.pairing, letter.side) for letter in letters}:
        # By id: a record may fail twice in one batch, and has one row.
        mine = {x.id: x for x in letters if (x.pairing, x.side) == place}
        drop_dead_letters(connection, place, mine)
        told = [(x.id, x.other_id, storable(x.reason)) for x in mine.values()]
        rows = [
            (*place, id_, other, reason, run, (*place, id_, reason) in seen)
            for id_, other, reason in told
        ]
        columns = ("pairing", "side", "id", "other_id", "reason", "run", "acknowledged")
        insert_rows(connection, dead_letters, columns, rows)


def seen_letters(connection: Connection, place: PairingSide) -> set[Seen]:
    """Return the dead letters of a side that somebody has acknowledged."""
    own = dead_letters.c.pairing == place[0], dead_letters.c.side == place[1]
    chosen = select(dead_letters.c.id, dead_letters.c.reason)
    rows = connection.execute(chosen.where(*own, dead_letters.c.acknowledged.is_(True)))
    return {(*place, id_, reason) for id_, reason in rows}


def drop_dead_letters(connection: Connection, place: PairingSide, ids: Iterable[str]) -> None:
    """Forget dead letters of records that are dealt with (again)."""
    delete_rows(connection, dead_letters, "id", ids, pairing=place[0], side=place[1])


def read_dead_letters(
    connection: Connection, flows: Sequence[int], ids: Sequence[str] = ()
) -> list[Row[Any]]:
    """Return the dead letters of flows, sorted: all, or those of some records."""
    chosen = select(dead_letters).where(dead_letters.c.pairing.in_(list(flows)))
    if ids:
        chosen = chosen.where(among(dead_letters.c.id, ids))
    order = dead_letters.c.pairing, dead_letters.c.side, dead_letters.c.id
    return list(connection.execute(chosen.order_by(*order)))


def lettered_sides(connection: Connection, flows: Sequence[int]) -> set[tuple[int, int]]:
    """Return the flows and sides of which records have dead letters."""
    rows = connection.execute(_LETTERED, {"of_pairings": list(flows)})
    return {(row.pairing, row.side) for row in rows}


_LETTERED = (
    select(dead_letters.c.pairing, dead_letters.c.side)
    .where(among_given(dead_letters.c.pairing, "of_pairings"))
    .distinct()
)


def queue_dead_letters(connection: Connection, flows: Sequence[BoundFlow]) -> None:
    """Queue all records that have dead letters, to be tried again."""
    for flow in flows:
        for side in (0, 1):
            queue_again(connection, (flow.number, side), _ALL_LETTERS, {})


_ALL_LETTERS = queueing(
    select(dead_letters.c.id).where(
        dead_letters.c.pairing == bindparam("of_pairing"),
        dead_letters.c.side == bindparam("of_side"),
    )
)


def queue_not_shown(connection: Connection, flow: BoundFlow, side: int) -> None:
    """Queue records whose values are held by nobody that could be watched: a hundred, in turn."""
    own = dead_letters.c.pairing == flow.number, dead_letters.c.side == side
    chosen = select(dead_letters.c.id).where(*own, dead_letters.c.other_id == NOT_SHOWN)
    oldest = chosen.order_by(dead_letters.c.run, dead_letters.c.id).limit(_TRIED_AT_ONCE)
    ids = list(connection.execute(oldest).scalars())
    queue_records(connection, [(flow.number, side)], ids)


def wake_dead_letters(connection: Connection, flow: BoundFlow, side: int, span: Span) -> None:
    """Queue the records of `side` whose dead letters name a record that a round deals with.

    Those that the round deals with anyway stay where they are.
    """
    own = queue.c.pairing == flow.number, queue.c.number > span.after
    changed = select(queue.c.id).where(*own, queue.c.side == 1 - side, queue.c.number <= span.end)
    # No upper end: what the next round deals with need not be queued for it again.
    queued = exists().where(*own, queue.c.side == side, queue.c.id == dead_letters.c.id)
    chosen = select(dead_letters.c.id).where(
        *(dead_letters.c.pairing == flow.number, dead_letters.c.side == side),
        *(dead_letters.c.other_id.in_(changed), ~queued),
    )
    queue_chosen(connection, (flow.number, side), chosen)


def letters_about(connection: Connection, place: PairingSide, ids: Sequence[str]) -> list[str]:
    """Return the records of a side whose dead letters name one of these other records."""
    found: list[str] = []
    for part in parts(ids):
        wanted = (
            *(dead_letters.c.pairing == place[0], dead_letters.c.side == place[1]),
            among(dead_letters.c.other_id, part),
        )
        found += connection.execute(select(dead_letters.c.id).where(*wanted)).scalars()
    return found


def count_dead_letters(connection: Connection, pairing: int) -> int:
    """Return how many dead letters a pairing has that nobody has acknowledged."""
    return int(connection.execute(_COUNT_LETTERS, {"of_pairing": pairing}).scalar_one())


_COUNT_LETTERS = select(func.count()).where(
    dead_letters.c.pairing == bindparam("of_pairing"), dead_letters.c.acknowledged.is_(False)
)


def acknowledge_letters(
    connection: Connection, pairings: Sequence[int], ids: Sequence[str] = ()
) -> int:
    """Note that somebody has seen dead letters, all or some; return how many are newly so."""
    wanted = dead_letters.c.pairing.in_(pairings), dead_letters.c.acknowledged.is_(False)
    statement = update(dead_letters).where(*wanted).values(acknowledged=True)
    if ids:
        statement = statement.where(among(dead_letters.c.id, ids))
    return int(connection.execute(statement).rowcount)


class PairClash(Struct, frozen=True, gc=False):
    """A conflict, with the flow and the pair that it is about."""

    pairing: int
    source_id: str
    target_id: str
    clash: Clash


def save_conflicts(
    connection: Connection, run: int, found: Sequence[PairClash], left: Sequence["Unsettled"]
) -> None:
    """Keep conflicts of a flow: those decided as settled, the others open, each once per property.

    `left` are those of the same records that are not settled yet. They stay open or chosen, with the
    values of today, whoever decides about them now: a write may be refused, and a run may die.
    """
    # In place of the old row, not beside it: it is the same conflict, as it is today.
    known = {(item.source_id, item.target_id, item.unit): item.number for item in left}
    new, again = [], []
    for item in found:
        number = known.get((item.source_id, item.target_id, item.clash.unit))
        if number is None:
            new.append(_conflict(run, item))
        else:
            again.append((run, *_content(item.clash), number))
    update_rows(connection, conflicts, ("run", *_CONTENT), ("number",), again)
    insert_rows(connection, conflicts, _COLUMNS, new)


_CONTENT = ("source_value", "target_value", "winner")
_COLUMNS = ("run", "pairing", "source_id", "target_id", "unit", *_CONTENT, "state")


def _content(clash: Clash) -> tuple[str, str, str | None]:
    winner = None if clash.loser is None else ("source", "target")[1 - clash.loser]
    return write_json(clash.source_value), write_json(clash.target_value), winner


def _conflict(run: int, item: PairClash) -> tuple[object, ...]:
    clash = item.clash
    state = "open" if clash.loser is None else "settled"
    return run, item.pairing, item.source_id, item.target_id, clash.unit, *_content(clash), state


class Unsettled(NamedTuple):
    """A conflict that is open, or chosen (`winner` is source or target) but not carried out."""

    number: int
    source_id: str
    target_id: str
    unit: str
    winner: str
    state: str


def unsettled_conflicts(
    connection: Connection, pairing: int, source_ids: Sequence[str]
) -> list[Unsettled]:
    """Return the conflicts of these records that are not settled."""
    found: list[Unsettled] = []
    for part in parts(source_ids):
        rows = connection.execute(_UNSETTLED, {"of_pairing": pairing, "ids": part})
        found += [Unsettled(*row) for row in rows]
    return found


_UNSETTLED = select(*(conflicts.c[name] for name in Unsettled._fields)).where(
    *(conflicts.c.pairing == bindparam("of_pairing"), unsettled),
    among_given(conflicts.c.source_id, "ids"),
)


def open_units(connection: Connection, pairing: int) -> list[tuple[str, str]]:
    """Return the sources and units of a pairing's conflicts that nobody has decided."""
    rows = connection.execute(_OPEN_UNITS, {"of_pairing": pairing})
    return [(source_id, unit) for source_id, unit in rows]


# Both conditions: SQLite takes the index of what is unsettled for its very own words alone.
_OPEN = conflicts.c.pairing == bindparam("of_pairing"), unsettled, conflicts.c.state == "open"
_OPEN_UNITS = select(conflicts.c.source_id, conflicts.c.unit).where(*_OPEN)


def choose_winner(connection: Connection, number: int, winner: str) -> None:
    """Note which side a person chose; the next run carries it out."""
    statement = update(conflicts).where(conflicts.c.number == number)
    connection.execute(statement.values(winner=winner, state="chosen"))


def settle_conflicts(connection: Connection, numbers: Sequence[int]) -> None:
    """Note that conflicts are settled."""
    for part in parts(numbers):
        statement = update(conflicts).where(among(conflicts.c.number, part))
        connection.execute(statement.values(state="settled"))


def settle_written(connection: Connection, written: Iterable[tuple[int, str]]) -> None:
    """Note that the conflicts of units that were written are settled, by their links and keys."""
    units = set(written)
    for part in parts({link for link, _ in units}):
        rows = connection.execute(_UNSETTLED_OF_LINKS, {"ids": part})
        settle_conflicts(connection, [number for number, *unit in rows if tuple(unit) in units])


_UNSETTLED_OF_LINKS = (
    select(conflicts.c.number, links.c.number, conflicts.c.unit)
    .join(
        links,
        and_(
            links.c.pairing == conflicts.c.pairing,
            links.c.source_id == conflicts.c.source_id,
            links.c.target_id == conflicts.c.target_id,
        ),
    )
    .where(unsettled, among_given(links.c.number, "ids"))
)


def settle_parted(connection: Connection, pairings: Iterable[int]) -> None:
    """Settle the conflicts of pairs that are linked no more, or of which a record vanished.

    No choice could be carried out. Whoever comes back is compared with what was last agreed, and
    differs again.
    """
    connection.execute(_SETTLE_PARTED, {"of_pairings": list(pairings)})


_TOGETHER = exists().where(
    links.c.pairing == conflicts.c.pairing,
    links.c.source_id == conflicts.c.source_id,
    links.c.target_id == conflicts.c.target_id,
    links.c.vanished.is_(False),
)
_SETTLE_PARTED = (
    update(conflicts)
    .where(among_given(conflicts.c.pairing, "of_pairings"), unsettled, ~_TOGETHER)
    .values(state="settled")
)


def count_open_conflicts(connection: Connection, pairing: int) -> int:
    """Return how many conflicts of a pairing wait for a person."""
    return int(connection.execute(_COUNT_OPEN, {"of_pairing": pairing}).scalar_one())


_COUNT_OPEN = select(func.count()).where(*_OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitRow:
    """A record whose reference waits for another record to be linked."""

    pairing: int
    side: int
    id: str
    to_resource: int
    to_id: str


def replace_waits(
    connection: Connection, place: PairingSide, ids: Iterable[str], rows: Sequence[WaitRow]
) -> None:
    """Keep what these records wait for, in place of what they waited for."""
    delete_rows(connection, waiting, "id", ids, pairing=place[0], side=place[1])
    # A set: two properties of a record may refer to the same one.
    found = {(row.pairing, row.side, row.id, row.to_resource, row.to_id) for row in rows}
    columns = ("pairing", "side", "id", "to_resource", "to_id")
    insert_rows(connection, waiting, columns, sorted(found))


def queue_ready_waits(connection: Connection, company: BoundCompany, since: int) -> None:
    """Queue the waiting records whose reference has been linked since a link."""
    waits: dict[PairingSide, set[int]] = {}
    columns = waiting.c.pairing, waiting.c.side, waiting.c.to_resource
    # Few pairings have references that wait, and those wait for few resources.
    for pairing, side, to_resource in connection.execute(select(*columns).distinct()):
        if pairing in company.pairings:
            waits.setdefault((pairing, side), set()).add(to_resource)
    for place, resources in sorted(waits.items()):
        own = waiting.c.pairing == place[0], waiting.c.side == place[1]
        # What waits in one pairing waits for the links of any other.
        linked = or_(false(), *_linked_since(company, resources, since))
        queue_chosen(connection, place, select(waiting.c.id).where(*own, linked))


def _linked_since(
    company: BoundCompany, wanted: Collection[int], since: int
) -> Iterator[ColumnElement[bool]]:
    """Yield for each side of a wanted resource whether a link newer than `since` is of what waits."""
    for number, resources, _ in company.pairings.values():
        for side, resource in enumerate(resources):
            if resource in wanted:
                near = id_on(links, side)
                new = links.c.pairing == number, links.c.number > since, near == waiting.c.to_id
                yield and_(waiting.c.to_resource == resource, exists().where(*new))


def count_waiting(connection: Connection, pairing: int) -> int:
    """Return how many references of a pairing wait."""
    return int(connection.execute(_COUNT_WAITING, {"of_pairing": pairing}).scalar_one())


_COUNT_WAITING = select(func.count()).where(waiting.c.pairing == bindparam("of_pairing"))
