"""What the store knows of things: the links round circles of pairings, and what is to stay apart."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, Select, bindparam, select

from specbridge.runtime.decide.binding import StoredPairing
from specbridge.runtime.decide.identity.circles import circles_of
from specbridge.runtime.decide.identity.things import Place, by_resource
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.store.tables.rows import among_given, parts
from specbridge.runtime.store.tables.schema import id_on, links, pairings, records, splits


class PlacedLink(NamedTuple):
    """A link as a thing sees it: its number, its pairing and its two records."""

    number: int
    pairing: int
    source: Place
    target: Place


def all_pairings(connection: Connection) -> list[StoredPairing]:
    """Return all pairings of the store, by number."""
    rows = connection.execute(select(pairings).order_by(pairings.c.number))
    return [StoredPairing(row.number, (row.source, row.target)) for row in rows]


def circle_around(connection: Connection, pairing: int) -> list[StoredPairing]:
    """Return the pairings on a circle with this one, itself included; none where it is on no circle."""
    known = all_pairings(connection)
    for circle in circles_of([stored.resources for stored in known]):
        if pairing in {known[index].number for index in circle}:
            return [known[index] for index in sorted(circle)]
    return []


def links_around(
    connection: Connection, around: Sequence[StoredPairing], places: Iterable[Place]
) -> list[PlacedLink]:
    """Return all links of these pairings that lead from the records, directly or through others."""
    found: dict[int, PlacedLink] = {}
    fresh = set(places)
    seen: set[Place] = set()
    while fresh:
        seen |= fresh
        new = [link for link in _links_of(connection, around, fresh) if link.number not in found]
        found.update((link.number, link) for link in new)
        fresh = {place for link in new for place in (link.source, link.target)} - seen
    return list(found.values())


def _links_of(
    connection: Connection, around: Sequence[StoredPairing], places: Iterable[Place]
) -> Iterable[PlacedLink]:
    ids = by_resource(places)
    for number, resources, _ in around:
        for side in (SOURCE, TARGET):
            for part in parts(ids.get(resources[side], ())):
                given = {"of_pairing": number, "ids": part}
                for row in connection.execute(_touching(side), given):
                    source, target = (resources[SOURCE], row[1]), (resources[TARGET], row[2])
                    yield PlacedLink(row[0], number, source, target)


@cache
def _touching(side: int) -> Select[int, str, str]:
    near = id_on(links, side)
    chosen = select(links.c.number, links.c.source_id, links.c.target_id)
    return chosen.where(links.c.pairing == bindparam("of_pairing"), among_given(near, "ids"))


def gone_places(connection: Connection, places: Iterable[Place]) -> set[Place]:
    """Return those of the records that are gone from their system, or were never read."""
    gone: set[Place] = set()
    for resource, ids in by_resource(places).items():
        there: set[str] = set()
        for part in parts(ids):
            given = {"in_resource": resource, "ids": part}
            there.update(connection.execute(_THERE, given).scalars())
        gone.update((resource, id_) for id_ in ids if id_ not in there)
    return gone


_THERE = select(records.c.id).where(
    *(records.c.resource == bindparam("in_resource"), records.c.gone.is_(False)),
    among_given(records.c.id, "ids"),
)


def kept_apart(
    connection: Connection, around: Sequence[StoredPairing], places: Iterable[Place]
) -> list[tuple[Place, Place]]:
    """Return the split pairs of these pairings whose source is among the records."""
    ids = by_resource(places)
    found: list[tuple[Place, Place]] = []
    for number, resources, _ in around:
        for part in parts(ids.get(resources[SOURCE], ())):
            given = {"of_pairing": number, "ids": part}
            for source, target in connection.execute(_SPLIT, given):
                found.append(((resources[SOURCE], source), (resources[TARGET], target)))
    return found


_SPLIT = select(splits.c.source_id, splits.c.target_id).where(
    splits.c.pairing == bindparam("of_pairing"), among_given(splits.c.source_id, "ids")
)
