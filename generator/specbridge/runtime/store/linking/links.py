"""Links: those of a batch, made, marked, taken apart, and their bases."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    func,
    select,
    update,
)

from specbridge.model.values import Json
from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.plan import Link, Pair
from specbridge.runtime.records import Record
from specbridge.runtime.store.tables.rows import (
    among,
    among_given,
    insert_rows,
    parts,
    read_object,
    untyped,
    update_rows,
    write_json,
)
from specbridge.runtime.store.tables.schema import (
    candidates,
    gone_records,
    id_on,
    links,
    queue,
    records,
    splits,
    vanished_links,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The part of the queue that a round deals with: numbers above `after`, up to `end`."""

    after: int
    end: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Queued records of one side of a flow, with their links.

    `pairs` are linked and both there; `unlinked` have no link at all; `broken` are links of which
    at least one record is gone.
    """

    pairs: tuple[Pair, ...] = ()
    unlinked: tuple[Record, ...] = ()
    broken: tuple["Broken", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A link with a record that is gone; `vanished` is what the store has noted so far."""

    link: Link
    vanished: bool
    gone: tuple[bool, bool]


def read_batches(connection: Connection, flow: BoundFlow, side: int, span: Span) -> Iterator[Batch]:
    """Yield the queued records of one side, in the queue's order, in batches.

    On the target's side, links whose source is queued for this round or a later one are left out: they
    were yielded there, or will be.
    """
    after = span.after
    while True:
        given = {"of_pairing": flow.number, "of_side": side, "after": after, "up_to": span.end}
        rows = connection.execute(_QUEUED, {**given, "at_most": span.size}).all()
        if not rows:
            return
        yield _read_batch(connection, flow, side, [id_ for _, id_ in rows], span.after)
        # By the last number, not by an offset: what is queued again meanwhile leaves its place.
        after = rows[-1][0]


_QUEUED = (
    select(queue.c.number, queue.c.id)
    .where(queue.c.pairing == bindparam("of_pairing"), queue.c.side == bindparam("of_side"))
    .where(queue.c.number > bindparam("after"), queue.c.number <= bindparam("up_to"))
    .order_by(queue.c.number)
    .limit(bindparam("at_most"))
)


def _read_batch(
    connection: Connection, flow: BoundFlow, side: int, ids: Sequence[str], after: int
) -> Batch:
    near, far = flow.resources[side], flow.resources[1 - side]
    given = {"of_pairing": flow.number, "near_resource": near, "far_resource": far, "ids": ids}
    rows = connection.execute(_batch(side), {**given, "after": after}).all()
    found = {row[0]: row for row in rows}
    return _sort_rows((found[id_] for id_ in ids if id_ in found), side)


@cache
def _batch(side: int) -> Select[Any]:
    # The records are named one by one: joined to the queue, a database may well walk through all.
    near, far = records.alias("near"), records.alias("far")
    near_id, far_id = _ids(side)
    here = bindparam("near_resource", type_=Integer)
    there = bindparam("far_resource", type_=Integer)
    linked = and_(links.c.pairing == bindparam("of_pairing"), near_id == near.c.id)
    chosen = (
        select(
            *(near.c.id, near.c.modified_at, near.c.properties, near.c.edited_at),
            untyped(near.c.gone),
            *(far_id, far.c.modified_at, far.c.properties, far.c.edited_at),
            untyped(far.c.gone),
            *(links.c.number, links.c.base, untyped(links.c.pinned), untyped(links.c.vanished)),
        )
        .select_from(near)
        .outerjoin(links, linked)
        .outerjoin(far, and_(far.c.resource == there, far.c.id == far_id))
        .where(near.c.resource == here, among_given(near.c.id, "ids"))
    )
    if side == SOURCE:
        return chosen
    other = queue.alias("other")
    # A run of some flows leaves the queue of former rounds to the others: it says nothing of this one.
    queued = other.c.number > bindparam("after", type_=Integer)
    own = other.c.pairing == bindparam("of_pairing"), other.c.side == SOURCE
    twice = and_(*own, other.c.id == links.c.source_id, queued)
    # Joined, where "exists" would do: PostgreSQL gathers the whole queue for that, in every batch.
    return chosen.outerjoin(other, twice).where(other.c.number.is_(None))


def _sort_rows(rows: Iterable[Any], side: int) -> Batch:
    pairs: list[Pair] = []
    unlinked: list[Record] = []
    broken: list[Broken] = []
    for row in rows:
        # Unpacked at once: slices of a row cost more than all else here.
        (
            id_,
            modified_at,
            held,
            edited_at,
            gone,
            far_id,
            far_modified_at,
            far_held,
            far_edited_at,
            far_gone,
            number,
            base,
            pinned,
            vanished,
        ) = row
        if number is None:
            # A record that is gone without ever having been linked leaves nothing to do.
            if not gone:
                unlinked.append(Record(id_, modified_at, read_object(held), edited_at))
            continue
        # A counterpart that was never read counts as gone.
        far_gone = far_gone is None or bool(far_gone)
        near_first = side == SOURCE
        ids = (id_, far_id) if near_first else (far_id, id_)
        link = Link(number, *ids, read_object(base), bool(pinned))
        if gone or far_gone or vanished:
            both = (bool(gone), far_gone) if near_first else (far_gone, bool(gone))
            broken.append(Broken(link=link, vanished=bool(vanished), gone=both))
        # Both are there again: the link is mended, and the pair is merged like any other.
        if not (gone or far_gone):
            near = Record(id_, modified_at, read_object(held), edited_at)
            far = Record(far_id, far_modified_at, read_object(far_held), far_edited_at)
            pairs.append(Pair(link, near, far) if near_first else Pair(link, far, near))
    return Batch(pairs=tuple(pairs), unlinked=tuple(unlinked), broken=tuple(broken))


def _ids(side: int) -> tuple[Column[str], Column[str]]:
    if side == SOURCE:
        return links.c.source_id, links.c.target_id
    return links.c.target_id, links.c.source_id


class NewLink(Struct, frozen=True, gc=False):
    """A link to be made; `made_by` says how: rule, create, adopt, thing or hand."""

    pairing: int
    source_id: str
    target_id: str
    made_by: str
    base: Mapping[str, Json] | None = None
    pinned: bool = False


def make_links(connection: Connection, run: int, new: Sequence[NewLink]) -> None:
    """Make links; a link of either record to one that vanished gives way."""
    for pairing in {link.pairing for link in new}:
        # A record has one link in a pairing, and few pairings a vanished one that must give way.
        if has_vanished(connection, pairing):
            mine = [link for link in new if link.pairing == pairing]
            drop_links(connection, pairing, SOURCE, [x.source_id for x in mine], vanished=True)
            drop_links(connection, pairing, TARGET, [x.target_id for x in mine], vanished=True)
    rows = [
        (
            x.pairing,
            x.source_id,
            x.target_id,
            False,
            x.pinned,
            write_json(x.base or {}),
            run,
            x.made_by,
        )
        for x in new
    ]
    insert_rows(connection, links, _COLUMNS, rows)


def has_vanished(connection: Connection, pairing: int) -> bool:
    """Return whether any link of a pairing is marked as vanished."""
    return connection.execute(_ANY_VANISHED, {"of_pairing": pairing}).first() is not None


_ANY_VANISHED = (
    select(links.c.number)
    .where(links.c.pairing == bindparam("of_pairing"), vanished_links)
    .limit(1)
)

_COLUMNS = (
    *("pairing", "source_id", "target_id", "vanished", "pinned"),
    *("base", "made_in", "made_by"),
)


def drop_links(
    connection: Connection, pairing: int, side: int, ids: Iterable[str], *, vanished: bool
) -> None:
    """Drop the links of these records that are marked as vanished, or those that are not."""
    near, _ = _ids(side)
    for part in parts(ids):
        wanted = links.c.pairing == pairing, among(near, part), links.c.vanished.is_(vanished)
        connection.execute(delete(links).where(*wanted))


def forget_links(connection: Connection, numbers: Sequence[int]) -> None:
    """Drop links by their numbers, whether they are marked as vanished or not yet."""
    for part in parts(numbers):
        connection.execute(delete(links).where(among(links.c.number, part)))


def mark_links(connection: Connection, numbers: Sequence[int], *, vanished: bool) -> None:
    """Mark links as vanished, or as whole again."""
    for part in parts(numbers):
        wanted = among(links.c.number, part)
        connection.execute(update(links).where(wanted).values(vanished=vanished))


def save_bases(connection: Connection, bases: Mapping[int, Mapping[str, Json]]) -> None:
    """Keep the bases of links, by the links' numbers."""
    rows = [(write_json(base), number) for number, base in bases.items()]
    update_rows(connection, links, ("base",), ("number",), rows)


def find_links(
    connection: Connection, pairings: Iterable[int], side: int, ids: Iterable[str]
) -> dict[str, str]:
    """Return the ids that records of one side are linked to in any of the pairings, vanished aside."""
    found: dict[str, str] = {}
    wanted = list(pairings)
    for part in parts(ids):
        given = {"of_pairings": wanted, "ids": part}
        found.update((near, far) for near, far in connection.execute(_linked(side), given))
    return found


@cache
def _linked(side: int) -> Select[str, str]:
    near, far = _ids(side)
    own = among_given(links.c.pairing, "of_pairings"), among_given(near, "ids")
    return select(near, far).where(*own, links.c.vanished.is_(False))


def ends_of_links(connection: Connection, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return the sources and targets of links that are there, by the links' numbers."""
    found: dict[int, tuple[str, str]] = {}
    for part in parts(numbers):
        chosen = select(links.c.number, links.c.source_id, links.c.target_id)
        for number, source, target in connection.execute(chosen.where(among(links.c.number, part))):
            found[number] = source, target
    return found


def bases_of_links(connection: Connection, numbers: Iterable[int]) -> dict[int, dict[str, Json]]:
    """Return the bases of links, by the links' numbers."""
    found: dict[int, dict[str, Json]] = {}
    for part in parts(numbers):
        rows = connection.execute(
            select(links.c.number, links.c.base).where(among(links.c.number, part))
        )
        found.update((row.number, read_object(row.base)) for row in rows)
    return found


def count_links(connection: Connection, pairing: int) -> int:
    """Return how many links a pairing has, vanished ones aside."""
    given = {"of_pairing": pairing}
    count, lost = (connection.execute(asked, given).scalar_one() for asked in (_COUNT, _LOST))
    return int(count - lost)


_COUNT = select(func.count()).select_from(links).where(links.c.pairing == bindparam("of_pairing"))
# Vanished links have an index of their own: nothing is read but indexes.
_LOST = _COUNT.where(vanished_links)


def left_records(connection: Connection, flow: BoundFlow, side: int, most: int) -> list[str]:
    """Return records of a side whose counterparts are gone, the newest links first; so many at most.

    Their links may not be marked as vanished yet. Those that people have pinned are not among them.
    """
    near, far = _ids(side)
    chosen = select(links.c.number, near).where(
        links.c.pairing == flow.number, links.c.pinned.is_(False)
    )
    gone = records.c.resource == flow.resources[1 - side], records.c.id == far, gone_records
    found: dict[str, int] = {}
    # One after the other: each has a small index of its own, and both together have none.
    for left in (
        chosen.where(vanished_links),
        chosen.where(links.c.vanished.is_(False)).join(records, and_(*gone)),
    ):
        newest = connection.execute(left.order_by(links.c.number.desc()).limit(most)).all()
        found.update((id_, number) for number, id_ in newest)
    return sorted(found, key=lambda id_: -found[id_])[:most]


def blocked_records(
    connection: Connection, pairing: int, side: int, ids: Sequence[str]
) -> frozenset[str]:
    """Return which records get no counterpart: ambiguous ones, and those split by hand."""
    found: set[str] = set()
    for table in (candidates, splits):
        for part in parts(ids):
            given = {"of_pairing": pairing, "ids": part}
            found.update(connection.execute(_blocked(table, side), given).scalars())
    return frozenset(found)


@cache
def _blocked(table: Table, side: int) -> Select[str]:
    near = id_on(table, side)
    return select(near).where(table.c.pairing == bindparam("of_pairing"), among_given(near, "ids"))


def count_queued_links(connection: Connection, flow: BoundFlow, span: Span, known: int) -> int:
    """Return how many links up to the number `known` a round deals with.

    A link that is queued on both sides counts twice.
    """
    given = {"of_pairing": flow.number, "after": span.after, "up_to": span.end, "known": known}
    counted = (connection.execute(_count_queued(side), given) for side in (SOURCE, TARGET))
    return sum(int(count.scalar_one()) for count in counted)


@cache
def _count_queued(side: int) -> Select[int]:
    near, _ = _ids(side)
    queued = select(queue.c.id).where(
        *(queue.c.pairing == bindparam("of_pairing"), queue.c.side == side),
        queue.c.number > bindparam("after"),
        queue.c.number <= bindparam("up_to"),
    )
    wanted = near.in_(queued), links.c.number <= bindparam("known")
    return _COUNT.where(*wanted)


def last_link(connection: Connection) -> int:
    """Return the number of the newest link, 0 where there is none."""
    return int(connection.execute(_LAST).scalar() or 0)


_LAST = select(func.max(links.c.number))
