"""Which records are referred to by linked ones: they may have to be created on the other side."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from specbridge.runtime.decide.binding import BoundPackage
from specbridge.runtime.decide.merge import SOURCE
from specbridge.runtime.store.records import queue_chosen
from specbridge.runtime.store.rows import among, parts
from specbridge.runtime.store.schema import links, mentions, queue


def mentioned_records(
    connection: Connection, package: BoundPackage, resource: int, ids: Sequence[str]
) -> frozenset[str]:
    """Return which of these records of a resource are referred to by a record that is linked."""
    found: set[str] = set()
    for mentioning, uses in _mentioning(package).items():
        for flow, side in uses:
            near = links.c.source_id if side == SOURCE else links.c.target_id
            linked = and_(links.c.flow == flow, near == mentions.c.id, links.c.vanished.is_(False))
            for part in parts(ids):
                wanted = (
                    mentions.c.resource == mentioning,
                    mentions.c.to_resource == resource,
                    among(mentions.c.to_id, part),
                )
                chosen = select(mentions.c.to_id).join(links, linked).where(*wanted)
                found.update(connection.execute(chosen).scalars())
    return frozenset(found)


def queue_newly_mentioned(connection: Connection, package: BoundPackage, since: int) -> None:
    """Queue the records that those linked since a link refer to."""
    for mentioning, uses in _mentioning(package).items():
        for flow, side in uses:
            near = links.c.source_id if side == SOURCE else links.c.target_id
            linked = and_(links.c.flow == flow, near == mentions.c.id, links.c.number > since)
            # Several properties may refer to one resource, which is asked for once.
            for resource in dict(package.resources[mentioning].connections):
                chosen = select(mentions.c.to_id).join(links, linked)
                own = mentions.c.resource == mentioning, mentions.c.to_resource == resource
                queue_chosen(connection, resource, chosen.where(*own))


def queue_mentioned_by_changed(connection: Connection, package: BoundPackage) -> None:
    """Queue the records without a link that queued records refer to which have one.

    A reference that changes calls for another record, which need not have changed itself.
    """
    for mentioning, uses in _mentioning(package).items():
        changed = exists().where(queue.c.resource == mentioning, queue.c.id == mentions.c.id)
        linked = or_(*(_is_linked(flow, side, mentions.c.id) for flow, side in uses))
        for resource in dict(package.resources[mentioning].connections):
            there = package.resources[resource].uses
            known = [_is_linked(flow.number, side, mentions.c.to_id) for flow, side in there]
            own = mentions.c.resource == mentioning, mentions.c.to_resource == resource
            chosen = select(mentions.c.to_id).where(*own, changed, linked, *(~x for x in known))
            queue_chosen(connection, resource, chosen)


def _is_linked(flow: int, side: int, id_: ColumnElement[str]) -> ColumnElement[bool]:
    near = links.c.source_id if side == SOURCE else links.c.target_id
    return exists().where(links.c.flow == flow, near == id_, links.c.vanished.is_(False))


def _mentioning(package: BoundPackage) -> Mapping[int, list[tuple[int, int]]]:
    """Return the flows and sides of the resources whose records call for others."""
    return {
        number: [(flow.number, side) for flow, side in resource.uses]
        for number, resource in package.resources.items()
        if resource.connections
    }
