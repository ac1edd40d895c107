"""Which records are referred to by linked ones: they may have to be created on the other side."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, and_, select

from generator.runtime.binding import BoundPackage
from generator.runtime.merge import SOURCE
from generator.runtime.store.records import queue_chosen
from generator.runtime.store.rows import among, parts
from generator.runtime.store.schema import links, mentions


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
            for resource in dict(package.resources[mentioning].connections):
                chosen = select(mentions.c.to_id).join(links, linked)
                own = mentions.c.resource == mentioning, mentions.c.to_resource == resource
                queue_chosen(connection, resource, chosen.where(*own))


def _mentioning(package: BoundPackage) -> Mapping[int, list[tuple[int, int]]]:
    """Return the flows and sides of the resources whose records call for others."""
    return {
        number: [(flow.number, side) for flow, side in resource.uses]
        for number, resource in package.resources.items()
        if resource.connections
    }
