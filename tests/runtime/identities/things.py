"""What a store says of a company: links, the things that they make, and what is left undone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from specbridge.errors import PackageError
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.leftover.handwork import pin_link, split_link
from specbridge.runtime.store.packages import known_flows
from specbridge.runtime.store.tables.schema import (
    candidates,
    conflicts,
    dead_letters,
    journal,
    links,
    pairings,
    resources,
)
from sqlalchemy import Connection, select

Place = tuple[str, str]
"""A record: its resource's name and its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A link, whole or with a record that vanished; `pairing` is the store's number."""

    pairing: int
    places: tuple[Place, Place]
    vanished: bool


class Things:
    """Records that links join, directly or through others."""

    def __init__(self, links_made: Iterable[Linked]) -> None:
        """Join what is linked, by links that are whole and by those that are not."""
        self._groups: dict[Place, frozenset[Place]] = {}
        for link in links_made:
            self._join(link.places)

    def _join(self, places: tuple[Place, Place]) -> None:
        whole = self.of(places[0]) | self.of(places[1])
        for place in whole:
            self._groups[place] = whole

    def of(self, place: Place) -> frozenset[Place]:
        """Return the records of a record's thing, itself among them."""
        return self._groups.get(place, frozenset({place}))

    def joined(self, links_made: Iterable[Linked]) -> "Things":
        """Return these things with more links."""
        more = Things(())
        more._groups = dict(self._groups)
        for link in links_made:
            more._join(link.places)
        return more

    def __iter__(self) -> Iterator[frozenset[Place]]:
        return iter(set(self._groups.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the store knows; `doubts` are pairs that match and are not linked, `letters` the records
    of dead letters, `said` the values that lost a conflict or were written over, as text, `origins` what
    records were created for, as the journal has it."""

    links: Sequence[Linked]
    doubts: Sequence[frozenset[Place]]
    letters: frozenset[Place]
    said: Sequence[str]
    origins: Mapping[Place, Place]

    @property
    def things(self) -> Things:
        return Things(self.links)


# Made once: a statement that is made anew costs more than it takes to be executed.
_RESOURCES, _PAIRINGS, _LINKS = select(resources), select(pairings), select(links)
_CANDIDATES, _LETTERS, _CONFLICTS = select(candidates), select(dead_letters), select(conflicts)
_WRITTEN = select(journal.c.before)
_CREATED = select(journal).where(journal.c.kind == "create", journal.c.state == "done")


def read_links(connection: Connection) -> Sequence[Linked]:
    """Read which records are linked."""
    ends = _read_ends(connection)
    return [
        Linked(pairing=row.pairing, places=_places(ends, row), vanished=row.vanished)
        for row in connection.execute(_LINKS)
    ]


def read_state(connection: Connection) -> State:
    """Read what the store knows."""
    ends = _read_ends(connection)
    letters = connection.execute(_LETTERS).all()
    lost = connection.execute(_CONFLICTS).all()
    written = connection.execute(_WRITTEN).all()
    return State(
        links=read_links(connection),
        doubts=[frozenset(_places(ends, row)) for row in connection.execute(_CANDIDATES)],
        letters=frozenset((ends[row.pairing][row.side], row.id) for row in letters)
        | {(ends[row.pairing][1 - row.side], row.other_id) for row in letters if row.other_id},
        said=[f"{row.source_value} {row.target_value}" for row in lost]
        + [row.before for row in written],
        origins=_read_origins(connection, ends),
    )


def _read_origins(
    connection: Connection, ends: Mapping[int, tuple[str, str]]
) -> Mapping[Place, Place]:
    """Return what each record was created for."""
    names = {row.number: row.name for row in connection.execute(_RESOURCES)}
    origins: dict[Place, Place] = {}
    for row in connection.execute(_CREATED):
        here = names[row.resource]
        (there,) = {*ends[row.pairing]} - {here}
        origins[here, row.record_id] = there, row.origin
    return origins


def _read_ends(connection: Connection) -> Mapping[int, tuple[str, str]]:
    """Return the names of both resources of each pairing, by number."""
    names = {row.number: row.name for row in connection.execute(_RESOURCES)}
    return {
        row.number: (names[row.source], names[row.target]) for row in connection.execute(_PAIRINGS)
    }


def _places(ends: Mapping[int, tuple[str, str]], row: Any) -> tuple[Place, Place]:
    source, target = ends[row.pairing]
    return (source, row.source_id), (target, row.target_id)


def split_places(store: Store, link: Linked, *, cut: bool) -> list[tuple[Place, Place]]:
    """Take a link apart by hand; return the pairs that were taken apart, none where it was refused.

    `cut` takes apart what else joins the two.
    """
    known = {flow.number: flow for flow in known_flows(store.connection)}
    pair = link.places[0][1], link.places[1][1]
    try:
        others = split_link(store.connection, known[link.pairing], pair, cut=cut)
    except PackageError:
        return []
    names = {row.number: row.name for row in store.connection.execute(_RESOURCES)}
    cuts = [[(names[number], id_) for number, id_ in (x.source, x.target)] for x in others]
    return [link.places, *((one, other) for one, other in cuts)]


def pin_places(store: Store, one: Place, other: Place) -> bool:
    """Link two records by hand; return whether that was granted."""
    names = {row.number: row.name for row in store.connection.execute(_RESOURCES)}
    ids = dict((one, other))
    for flow in known_flows(store.connection):
        ends = names[flow.resources[0]], names[flow.resources[1]]
        if {*ends} == {*ids}:
            try:
                pin_link(store.connection, flow, (ids[ends[0]], ids[ends[1]]))
            except PackageError:
                store.rollback()
                return False
            return True
    return False
