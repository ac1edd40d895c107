"""Settling links: matches of all pairings are collected before any of a circle is linked."""

from collections.abc import Sequence, Set
from dataclasses import replace
from functools import partial

from specbridge.runtime.decide.binding import BoundFlow, BoundResource, StoredPairing
from specbridge.runtime.decide.identity.things import Match
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.engine.linking.claiming import claim_matches
from specbridge.runtime.engine.linking.making_room import make_match, make_room, room_around
from specbridge.runtime.engine.linking.referring import index_references
from specbridge.runtime.engine.session import Session
from specbridge.runtime.store.linking.certain import certain_pairs, link_pairs, settle_links
from specbridge.runtime.store.linking.links import Span, mark_links
from specbridge.runtime.store.linking.matching import (
    collect_matches,
    has_candidates,
    linked_rivals,
)
from specbridge.runtime.store.seen.records import Reading, absorb_records, load_records, mark_gone

_MOST_RIVALS = 100
"""Linked records of a side that are asked for in one run because others rival with them."""


def settle(
    session: Session, flows: Sequence[BoundFlow], span: Span, done: Set[int] = frozenset()
) -> None:
    """Link what matches without doubt in these pairings; the rest is left ambiguous.

    `done` are the pairings that the round has dealt with: what follows for their records is the next one's.
    """
    later = replace(span, after=span.end)
    circles: dict[frozenset[int], list[tuple[BoundFlow, Span]]] = {}
    for flow in flows:
        own = later if flow.number in done else span
        # A statement for all of them: how far it has got nobody knows.
        session.edges.expect(f"match {flow.name}", lambda: 0)
        index_references(session, flow, span.end)
        claim_matches(session, flow, span)
        circle = session.company.circle_of(flow.number)
        if circle:
            circles.setdefault(circle, []).append((flow, own))
        else:
            make_way = partial(_make_way, session, flow)
            made = settle_links(session.connection, flow, own, session.run, make_way)
            session.tallies[flow.number].linked += made
            session.edges.progress(f"match {flow.name}", made)
    for members in circles.values():
        _settle_circle(session, members)


def _make_way(session: Session, flow: BoundFlow, pairs: Sequence[tuple[str, str]]) -> None:
    """Have records that take the place of deleted ones take over what those joined."""
    # On no circle every match has room, but what a deleted record joined hangs on others' links.
    if pairs:
        matches = [make_match(flow, source, target) for source, target in pairs]
        make_room(session, matches, ())


def release_rivals(session: Session, flow: BoundFlow, asked: set[tuple[int, str]]) -> bool:
    """Ask for the linked records that others rival with; return whether any is gone.

    `asked` are those that the run has asked for already, by resource and id; it grows.

    Some systems let a record be moved only by making it anew and deleting it, and tell of no
    deletion: its link would hold its counterpart until everything is read again.
    """
    connection = session.connection
    if not flow.flow.link_rules or not has_candidates(connection, flow.number):
        return False
    released: list[int] = []
    for side in (SOURCE, TARGET):
        rivals = linked_rivals(connection, flow.number, side, _MOST_RIVALS)
        resource = session.resource(flow, side)
        ids = [id_ for _, id_ in rivals if (resource.number, id_) not in asked]
        asked.update((resource.number, id_) for id_ in ids)
        gone = _find_gone(session, resource, ids)
        released += [number for number, id_ in rivals if id_ in gone]
    mark_links(connection, released, vanished=True)
    return bool(released)


def _find_gone(session: Session, resource: BoundResource, ids: Sequence[str]) -> set[str]:
    connection = session.connection
    known = list(load_records(connection, resource.number, ids))
    # What is known to be gone need not be asked for.
    gone = set(ids).difference(known)
    if known:
        session.checkpoint()
        there, lost = session.look_again(resource, known, listed=True)
        reading = Reading(generation=session.generations.get(resource.number, 0))
        absorb_records(connection, resource, there, reading)
        mark_gone(connection, resource, lost)
        gone.update(lost)
    return gone


def _settle_circle(session: Session, members: Sequence[tuple[BoundFlow, Span]]) -> None:
    """Link round a circle what gives no thing two records of one resource."""
    around = room_around(session, members[0][0])
    matching = [(f, span) for f, span in members if collect_matches(session.connection, f, span)]
    flows = [flow for flow, _ in matching]
    # What is linked may leave others without a rival, so again until nothing more is sure.
    while matches := _sure_matches(session, flows, around):
        for flow, span in matching:
            pairs = [(m.source[1], m.target[1]) for m in matches if m.pairing == flow.number]
            link_pairs(session.connection, flow, span, session.run, pairs)
            session.tallies[flow.number].linked += len(pairs)
            session.edges.progress(f"match {flow.name}", len(pairs))


def _sure_matches(
    session: Session, flows: Sequence[BoundFlow], around: Sequence[StoredPairing]
) -> list[Match]:
    matches = [
        make_match(flow, source, target)
        for flow in flows
        for source, target in certain_pairs(session.connection, flow.number)
    ]
    return make_room(session, matches, around)
