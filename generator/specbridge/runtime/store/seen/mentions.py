"""Which records are referred to by linked ones: they may have to be created on the other side."""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from specbridge.runtime.decide.binding import BoundCompany, BoundResource
from specbridge.runtime.store.seen.queue import queue_chosen
from specbridge.runtime.store.tables.rows import among, parts
from specbridge.runtime.store.tables.schema import id_on, links, mentions, queue


def mentioned_records(
    connection: Connection, company: BoundCompany, resource: int, ids: Sequence[str]
) -> frozenset[str]:
    """Return which of these records of a resource are referred to by a record that is linked."""
    found: set[str] = set()
    for mentioning in _mentioning(company):
        for pairing, side in mentioning.sides:
            near = id_on(links, side)
            own = links.c.pairing == pairing, links.c.vanished.is_(False)
            linked = and_(near == mentions.c.id, *own)
            for part in parts(ids):
                wanted = (
                    mentions.c.resource == mentioning.number,
                    mentions.c.to_resource == resource,
                    among(mentions.c.to_id, part),
                )
                chosen = select(mentions.c.to_id).join(links, linked).where(*wanted)
                found.update(connection.execute(chosen).scalars())
    return frozenset(found)


def queue_newly_mentioned(connection: Connection, company: BoundCompany, since: int) -> None:
    """Queue the records that those linked since a link refer to."""
    for mentioning in _mentioning(company):
        for pairing, side in mentioning.sides:
            near = id_on(links, side)
            own = links.c.pairing == pairing, links.c.number > since
            linked = and_(near == mentions.c.id, *own)
            for resource in _called_for(company, mentioning):
                chosen = select(mentions.c.to_id).join(links, linked)
                stated = (
                    mentions.c.resource == mentioning.number,
                    mentions.c.to_resource == resource.number,
                )
                for place in resource.sides:
                    queue_chosen(connection, place, chosen.where(*stated))


def queue_mentioned_by_changed(connection: Connection, company: BoundCompany) -> None:
    """Queue the records without a link that queued records refer to which have one.

    A reference that changes calls for another record, which need not have changed itself.
    """
    for mentioning in _mentioning(company):
        sides = mentioning.sides
        if not sides:
            continue
        here = [and_(queue.c.pairing == pairing, queue.c.side == side) for pairing, side in sides]
        changed = exists().where(or_(*here), queue.c.id == mentions.c.id)
        linked = or_(*(_is_linked(pairing, side, mentions.c.id) for pairing, side in sides))
        for resource in _called_for(company, mentioning):
            for place in resource.sides:
                stated = (
                    mentions.c.resource == mentioning.number,
                    mentions.c.to_resource == resource.number,
                )
                free = ~_is_linked(*place, mentions.c.to_id)
                chosen = select(mentions.c.to_id).where(*stated, changed, linked, free)
                queue_chosen(connection, place, chosen)


def _is_linked(pairing: int, side: int, id_: ColumnElement[str]) -> ColumnElement[bool]:
    near = id_on(links, side)
    return exists().where(links.c.pairing == pairing, near == id_, links.c.vanished.is_(False))


def _mentioning(company: BoundCompany) -> Iterator[BoundResource]:
    """Yield the resources whose records call for others."""
    return (resource for resource in company.resources.values() if resource.connections)


def _called_for(company: BoundCompany, mentioning: BoundResource) -> list[BoundResource]:
    # Several properties may refer to one resource, which is asked for once.
    numbers = dict.fromkeys(number for number, _ in mentioning.connections)
    return [company.resources[number] for number in numbers if number in company.resources]
