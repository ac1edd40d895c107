"""Records that their system has merged into others: their links follow, journalled."""

from collections.abc import Mapping, Sequence

from specbridge.runtime.decide.binding import BoundFlow, BoundResource
from specbridge.runtime.decide.identity.things import Things
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.engine.changing.writing import take_back
from specbridge.runtime.engine.session import Session, log
from specbridge.runtime.records import Record, Tombstone
from specbridge.runtime.store.history.journal import Entry, open_entries
from specbridge.runtime.store.linking.links import blocked_records, find_links
from specbridge.runtime.store.linking.things import links_around
from specbridge.runtime.store.seen.queue import queue_records
from specbridge.runtime.store.uniting.merging import LostLink, lost_links, move_link

_ASKED_AT_ONCE = 100


def follow_merged(session: Session, flow: BoundFlow) -> None:
    """Have links whose record was merged into another one lead to that one.

    Before anything is matched: what they were merged into would be a new record else. Where it has a
    link of its own already, or people have parted the two, the link stays, and counts as vanished.
    """
    for side in (SOURCE, TARGET):
        resource = session.resource(flow, side)
        definition = resource.definition
        if definition is None or definition.read is None or not definition.read.merges:
            continue
        lost = lost_links(session.connection, flow, side)
        for start in range(0, len(lost), _ASKED_AT_ONCE):
            part = lost[start : start + _ASKED_AT_ONCE]
            _follow(session, flow, side, part, _ask(session, resource, part))


def _ask(
    session: Session, resource: BoundResource, lost: Sequence[LostLink]
) -> Mapping[str, Record]:
    """Return what the records were merged into, by their ids."""
    # The store stays unlocked while a system is waited for.
    session.checkpoint()
    connector = session.connector(resource)
    known = [link.lost for link in lost]
    changes = connector.look_again(resource.name, known, resource.names, listed=True)
    into = {one.id: one.into for one in changes if isinstance(one, Tombstone) and one.into}
    wanted = list(dict.fromkeys(into.values()))
    found = connector.read_records(resource.name, wanted, resource.names) if wanted else ()
    there = {record.id: record for record in found}
    return {id_: there[new] for id_, new in into.items() if new in there}


def _follow(
    session: Session,
    flow: BoundFlow,
    side: int,
    lost: Sequence[LostLink],
    into: Mapping[str, Record],
) -> None:
    connection, resource = session.connection, session.resource(flow, side)
    ids = [record.id for record in into.values()]
    take_back(session, resource, list(into.values()), ids)
    taken = set(find_links(connection, [flow.number], side, ids))
    blocked = blocked_records(connection, flow.number, side, ids)
    for link in lost:
        record = into.get(link.lost.id)
        if record is None or record.id in taken or record.id in blocked:
            continue
        if not _is_of_thing(session, flow, side, link, record.id):
            continue
        taken.add(record.id)
        _move(session, flow, side, link, record.id)


def _is_of_thing(session: Session, flow: BoundFlow, side: int, link: LostLink, new: str) -> bool:
    """Return whether no other pairing joins the record with something else."""
    circle = session.company.circle_of(flow.number)
    if not circle:
        return True
    around = [session.company.pairings[number] for number in sorted(circle)]
    places = [(flow.resources[side], new), (flow.resources[1 - side], link.other)]
    known = links_around(session.connection, around, places)
    linked = any(places[0] in (one.source, one.target) for one in known)
    things = Things([(one.source, one.target) for one in known])
    return not linked or things.root(places[0]) == things.root(places[1])


def _move(session: Session, flow: BoundFlow, side: int, link: LostLink, new: str) -> None:
    connection = session.connection
    entry = Entry(
        pairing=flow.number,
        kind="relink",
        resource=flow.resources[side],
        record_id=new,
        origin=link.other,
        before={"id": link.lost.id},
        after={"id": new},
        state="done",
    )
    open_entries(connection, session.run, [entry])
    move_link(connection, link.number, side, new)
    queue_records(connection, [(flow.number, side)], [new])
    session.tallies[flow.number].linked += 1
    session.note(flow, "link", side, new, reason=f"{link.lost.id} was merged into it")
    log.info("merged", flow=flow.name, record=link.lost.id, into=new)
