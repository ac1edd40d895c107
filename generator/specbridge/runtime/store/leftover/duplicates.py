"""What the journal shows was created twice: for one record, or in a resource that its chain had."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from specbridge.runtime.decide.identity.things import Place
from specbridge.runtime.store.tables.schema import journal, links, pairings, runs


class Made(NamedTuple):
    """A record that a run created: its id, the run, when that began, and whether it is linked now."""

    id: str
    run: int
    started_at: float
    linked: bool


class Duplicate(NamedTuple):
    """What was created more than once in a resource for one record, oldest first."""

    origin: Place
    resource: int
    made: tuple[Made, ...]


def find_duplicates(connection: Connection) -> Iterator[Duplicate]:
    """Yield what the journal shows was created twice: by several flows or runs for one record.

    What has been forgotten with its run shows no more.
    """
    origin = _origin_resource()
    done = journal.c.kind == "create", journal.c.state == "done", journal.c.origin.is_not(None)
    several = (
        select(origin.label("origin_resource"), journal.c.origin, journal.c.resource)
        .join(pairings, pairings.c.number == journal.c.pairing)
        .where(*done)
        .group_by(origin, journal.c.origin, journal.c.resource)
        .having(func.count(journal.c.record_id.distinct()) > 1)
        .order_by(origin, journal.c.origin, journal.c.resource)
    )
    for row in connection.execute(several).all():
        place = row.origin_resource, row.origin
        made = tuple(_made(connection, place, row.resource))
        yield Duplicate(origin=place, resource=row.resource, made=made)
    yield from _returns(connection)


def _returns(connection: Connection) -> Iterator[Duplicate]:
    """Yield what was created in a record's own resource, for what had been created for the record."""
    first, again = journal.alias("first"), journal.alias("again")
    done = [one.c.kind == "create" for one in (first, again)]
    done += [one.c.state == "done" for one in (first, again)]
    chosen = (
        select(again.c.resource, first.c.origin, again.c.record_id, again.c.run, runs.c.started_at)
        .join(
            first, and_(first.c.resource != again.c.resource, first.c.record_id == again.c.origin)
        )
        .join(runs, runs.c.number == again.c.run)
        # The same two resources, so that the record for which it began is of this one.
        .where(*done, first.c.pairing == again.c.pairing, first.c.origin != again.c.record_id)
        .order_by(again.c.number)
    )
    for row in connection.execute(chosen).all():
        told = row.record_id, row.run, row.started_at
        made = _to_made(connection, told, row.resource)
        yield Duplicate(origin=(row.resource, row.origin), resource=row.resource, made=(made,))


def _origin_resource() -> ColumnElement[int]:
    """Return the resource of the record for which a journalled one was created."""
    return func.coalesce(  # the side that was not written
        func.nullif(pairings.c.source, journal.c.resource), pairings.c.target
    )


def _made(connection: Connection, origin: Place, resource: int) -> Iterator[Made]:
    chosen = (
        select(journal.c.record_id, journal.c.run, runs.c.started_at)
        .join(runs, runs.c.number == journal.c.run)
        .join(pairings, pairings.c.number == journal.c.pairing)
        .where(
            *(journal.c.kind == "create", journal.c.state == "done"),
            *(journal.c.origin == origin[1], journal.c.resource == resource),
            _origin_resource() == origin[0],
        )
        .order_by(journal.c.number)
    )
    seen: set[str] = set()
    for row in connection.execute(chosen).all():
        if row.record_id is not None and row.record_id not in seen:
            seen.add(row.record_id)
            yield _to_made(connection, (row.record_id, row.run, row.started_at), resource)


def _to_made(connection: Connection, told: tuple[str, int, float], resource: int) -> Made:
    here = or_(
        and_(pairings.c.source == resource, links.c.source_id == told[0]),
        and_(pairings.c.target == resource, links.c.target_id == told[0]),
    )
    wanted = select(links.c.number).join(pairings, pairings.c.number == links.c.pairing)
    whole = wanted.where(here, links.c.vanished.is_(False)).limit(1)
    linked = connection.execute(whole).first() is not None
    return Made(*told, linked)
