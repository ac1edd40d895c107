"""Creation asks the thing first: whether it has a counterpart already, whatever links lead to it."""

from collections.abc import Sequence
from typing import NamedTuple

from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.identity.things import Place, Things, counterpart_of
from specbridge.runtime.decide.merge import SOURCE
from specbridge.runtime.engine.session import Session
from specbridge.runtime.records import Record
from specbridge.runtime.store.linking.links import find_links
from specbridge.runtime.store.linking.things import gone_places, kept_apart, links_around
from specbridge.runtime.store.seen.records import load_records


class Member(NamedTuple):
    """A record's counterpart in its thing; `reason` says why it is not linked, None: it is to be."""

    id: str
    reason: str | None


def find_members(
    session: Session, flow: BoundFlow, side: int, unlinked: Sequence[Record]
) -> list[tuple[Record, Member]]:
    """Return the records of a side whose thing has a record of the other side's resource, with it."""
    circle = session.company.circle_of(flow.number)
    if not circle or not unlinked:
        return []
    connection = session.connection
    around = [session.company.pairings[number] for number in sorted(circle)]
    here, there = flow.resources[side], flow.resources[1 - side]
    places = [(here, record.id) for record in unlinked]
    known = links_around(connection, around, places)
    if not known:
        return []
    things = Things([(link.source, link.target) for link in known])
    members = {place for link in known for place in (link.source, link.target)}
    gone = gone_places(connection, members)
    met = [(record, counterpart_of(things, (here, record.id), there, gone)) for record in unlinked]
    pairs = [(record, member) for record, member in met if member is not None]
    judge = _Judge(session, flow, side, [(record, member) for record, member in pairs])
    return [
        (record, Member(member[1], judge.reason(record, member[1], gone=member in gone)))
        for record, member in pairs
    ]


class _Judge:
    """Says why a record is not linked with the counterpart that its thing has."""

    def __init__(
        self, session: Session, flow: BoundFlow, side: int, pairs: Sequence[tuple[Record, Place]]
    ) -> None:
        connection, resources = session.connection, flow.resources
        ids = [id_ for _, (_, id_) in pairs]
        self._flow = flow
        self._side = side
        self._records = load_records(connection, resources[1 - side], ids)
        self._linked = find_links(connection, [flow.number], 1 - side, ids)
        sources = [record.id for record, _ in pairs] if side == SOURCE else ids
        places = [(resources[SOURCE], id_) for id_ in sources]
        pairing = session.company.pairings[flow.number]
        split = kept_apart(connection, [pairing], places)
        self._split = {(source[1], target[1]) for source, target in split}

    def reason(self, record: Record, id_: str, *, gone: bool) -> str | None:
        """Return why the two are not linked, None where they are to be."""
        if gone:
            return f"its counterpart {id_} has vanished"
        if id_ in self._linked:
            return f"its counterpart {id_} is linked with another record"
        near = self._side == SOURCE
        if ((record.id, id_) if near else (id_, record.id)) in self._split:
            return f"it was split from its counterpart {id_}"
        held = self._records[id_].properties
        sides = (record.properties, held) if near else (held, record.properties)
        if not self._flow.parts_of(*sides):
            return f"its counterpart {id_} is outside the subset"
        return None
