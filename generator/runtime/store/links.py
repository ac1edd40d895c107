"""Links: those of a batch, made, marked, taken apart, and their bases."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Row,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from generator.model.values import Json
from generator.runtime.binding import BoundFlow
from generator.runtime.merge import SOURCE, TARGET
from generator.runtime.plan import Link, Pair
from generator.runtime.records import Record
from generator.runtime.store.rows import (
    among,
    insert_rows,
    parts,
    read_object,
    update_rows,
    write_json,
)
from generator.runtime.store.schema import candidates, links, queue, records, splits


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

    On the target's side, links whose source is queued as well are left out: they were yielded there.
    """
    after = span.after
    while True:
        numbers = select(queue.c.number).where(
            queue.c.resource == flow.resources[side],
            queue.c.number > after,
            queue.c.number <= span.end,
        )
        chosen = list(
            connection.execute(numbers.order_by(queue.c.number).limit(span.size)).scalars()
        )
        if not chosen:
            return
        yield _read_batch(connection, flow, side, Span(after=after, end=chosen[-1], size=0))
        after = chosen[-1]


def _read_batch(connection: Connection, flow: BoundFlow, side: int, span: Span) -> Batch:
    near, far = records.alias("near"), records.alias("far")
    near_id, far_id = _ids(side)
    linked = and_(links.c.flow == flow.number, near_id == queue.c.id)
    chosen = (
        select(
            *(near.c.id, near.c.modified_at, near.c.properties, near.c.gone),
            far.c.modified_at.label("far_modified_at"),
            far.c.properties.label("far_properties"),
            far.c.gone.label("far_gone"),
            *(links.c.number, links.c.source_id, links.c.target_id, links.c.base),
            *(links.c.pinned, links.c.vanished),
        )
        .select_from(queue)
        .join(near, and_(near.c.resource == queue.c.resource, near.c.id == queue.c.id))
        .outerjoin(links, linked)
        .outerjoin(far, and_(far.c.resource == flow.resources[1 - side], far.c.id == far_id))
        .where(
            queue.c.resource == flow.resources[side],
            queue.c.number > span.after,
            queue.c.number <= span.end,
        )
        .order_by(queue.c.number)
    )
    if side == TARGET:
        other = queue.alias("other")
        twice = exists().where(
            other.c.resource == flow.resources[SOURCE], other.c.id == links.c.source_id
        )
        chosen = chosen.where(or_(links.c.number.is_(None), ~twice))
    return _sort_rows(connection.execute(chosen).all(), side)


def _sort_rows(rows: Iterable[Any], side: int) -> Batch:
    pairs: list[Pair] = []
    unlinked: list[Record] = []
    broken: list[Broken] = []
    for row in rows:
        near = Record(row.id, row.modified_at, read_object(row.properties))
        if row.number is None:
            unlinked += [] if row.gone else [near]
            continue
        link = read_link(row)
        # A counterpart that was never read counts as gone.
        far_gone = row.far_gone is None or bool(row.far_gone)
        if row.gone or far_gone or row.vanished:
            gone = (bool(row.gone), far_gone) if side == SOURCE else (far_gone, bool(row.gone))
            broken.append(Broken(link=link, vanished=bool(row.vanished), gone=gone))
        if not (row.gone or far_gone):
            far_id = link.target_id if side == SOURCE else link.source_id
            far = Record(far_id, row.far_modified_at, read_object(row.far_properties))
            source, target = (near, far) if side == SOURCE else (far, near)
            pairs.append(Pair(link=link, source=source, target=target))
    return Batch(pairs=tuple(pairs), unlinked=tuple(unlinked), broken=tuple(broken))


def read_link(row: Row[Any]) -> Link:
    """Return the link of a row of the table."""
    return Link(
        number=row.number,
        source_id=row.source_id,
        target_id=row.target_id,
        base=read_object(row.base),
        pinned=row.pinned,
    )


def _ids(side: int) -> tuple[Column[str], Column[str]]:
    if side == SOURCE:
        return links.c.source_id, links.c.target_id
    return links.c.target_id, links.c.source_id


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """A link to be made; `made_by` says how: rule, create, adopt or hand."""

    flow: int
    source_id: str
    target_id: str
    made_by: str
    base: Mapping[str, Json] | None = None
    pinned: bool = False


def make_links(connection: Connection, run: int, new: Sequence[NewLink]) -> None:
    """Make links; a link of either record to one that vanished gives way."""
    for flow in {link.flow for link in new}:
        mine = [link for link in new if link.flow == flow]
        drop_links(connection, flow, SOURCE, [link.source_id for link in mine], vanished=True)
        drop_links(connection, flow, TARGET, [link.target_id for link in mine], vanished=True)
    rows = [
        (
            *(link.flow, link.source_id, link.target_id, False, link.pinned),
            *(write_json(link.base or {}), run, link.made_by),
        )
        for link in new
    ]
    insert_rows(connection, links, _COLUMNS, rows)


_COLUMNS = (
    *("flow", "source_id", "target_id", "vanished", "pinned"),
    *("base", "made_in", "made_by"),
)


def drop_links(
    connection: Connection, flow: int, side: int, ids: Iterable[str], *, vanished: bool
) -> None:
    """Drop the links of these records that are marked as vanished, or those that are not."""
    near, _ = _ids(side)
    for part in parts(ids):
        wanted = links.c.flow == flow, among(near, part), links.c.vanished.is_(vanished)
        connection.execute(delete(links).where(*wanted))


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
    connection: Connection, flows: Iterable[int], side: int, ids: Iterable[str]
) -> dict[str, str]:
    """Return the ids that records of one side are linked to in any of the flows, vanished aside."""
    near, far = _ids(side)
    found: dict[str, str] = {}
    for part in parts(ids):
        wanted = links.c.flow.in_(list(flows)), among(near, part), links.c.vanished.is_(False)
        rows = connection.execute(select(near.label("near"), far.label("far")).where(*wanted))
        found.update((row.near, row.far) for row in rows)
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


def read_links(connection: Connection, flow: int, size: int = 1000) -> Iterator[list[Row[Any]]]:
    """Yield a flow's links, in lists, in the order in which they were made."""
    after = 0
    while True:
        wanted = links.c.flow == flow, links.c.number > after
        chosen = select(links).where(*wanted).order_by(links.c.number).limit(size)
        rows = list(connection.execute(chosen))
        if not rows:
            return
        yield rows
        after = rows[-1].number


def count_links(connection: Connection, flow: int) -> int:
    """Return how many links a flow has, vanished ones aside."""
    wanted = links.c.flow == flow, links.c.vanished.is_(False)
    return int(connection.execute(select(func.count()).where(*wanted)).scalar_one())


def blocked_records(
    connection: Connection, flow: int, side: int, ids: Sequence[str]
) -> frozenset[str]:
    """Return which records get no counterpart: ambiguous ones, and those split by hand."""
    found: set[str] = set()
    for table in (candidates, splits):
        near = table.c.source_id if side == SOURCE else table.c.target_id
        for part in parts(ids):
            wanted = table.c.flow == flow, among(near, part)
            found.update(connection.execute(select(near).where(*wanted)).scalars())
    return frozenset(found)


def count_queued_links(connection: Connection, flow: BoundFlow, span: Span) -> int:
    """Return about how many links a round deals with that have agreed on something before.

    A link that is queued on both sides counts twice.
    """
    total = 0
    for side in (SOURCE, TARGET):
        near, _ = _ids(side)
        linked = and_(links.c.flow == flow.number, near == queue.c.id, links.c.base != "{}")
        wanted = (
            queue.c.resource == flow.resources[side],
            queue.c.number > span.after,
            queue.c.number <= span.end,
        )
        chosen = select(func.count()).select_from(queue).join(links, linked).where(*wanted)
        total += int(connection.execute(chosen).scalar_one())
    return total


def last_link(connection: Connection) -> int:
    """Return the number of the newest link, 0 where there is none."""
    return int(connection.execute(select(func.max(links.c.number))).scalar() or 0)
