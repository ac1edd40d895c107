"""Settling links: matches of all pairings are collected before any of a circle is linked."""

from collections.abc import Iterable, Sequence

from specbridge.runtime.decide.binding import BoundFlow, StoredPairing
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.things import Match, Place, Things, is_replaced, sift_matches
from specbridge.runtime.engine.referring import index_references
from specbridge.runtime.engine.session import Session
from specbridge.runtime.store.links import Span, drop_links
from specbridge.runtime.store.matching import (
    certain_pairs,
    collect_matches,
    link_pairs,
    settle_links,
)
from specbridge.runtime.store.things import PlacedLink, gone_places, kept_apart, links_around


def settle(session: Session, flows: Sequence[BoundFlow], span: Span) -> None:
    """Link what matches without doubt in these pairings; the rest is left ambiguous."""
    circles: dict[frozenset[int], list[BoundFlow]] = {}
    for flow in flows:
        index_references(session, flow, span.end)
        circle = session.company.circle_of(flow.number)
        if circle:
            circles.setdefault(circle, []).append(flow)
        else:
            made = settle_links(session.connection, flow, span, session.run)
            session.tallies[flow.number].linked += made
    for circle, members in circles.items():
        _settle_circle(session, circle, members, span)


def _settle_circle(
    session: Session, circle: frozenset[int], flows: Sequence[BoundFlow], span: Span
) -> None:
    """Link round a circle what gives no thing two records of one resource."""
    around = [session.company.pairings[number] for number in sorted(circle)]
    matching = [flow for flow in flows if collect_matches(session.connection, flow, span)]
    # What is linked may leave others without a rival, so again until nothing more is sure.
    while matches := _sure_matches(session, matching, around):
        for flow in matching:
            pairs = [(m.source[1], m.target[1]) for m in matches if m.pairing == flow.number]
            link_pairs(session.connection, flow, span, session.run, pairs)
            session.tallies[flow.number].linked += len(pairs)


def _sure_matches(
    session: Session, flows: Sequence[BoundFlow], around: Sequence[StoredPairing]
) -> list[Match]:
    connection = session.connection
    matches = [
        Match(flow.number, (flow.resources[SOURCE], source), (flow.resources[TARGET], target))
        for flow in flows
        for source, target in certain_pairs(connection, flow.number)
    ]
    places = {place for match in matches for place in (match.source, match.target)}
    known = links_around(connection, around, places)
    members = places | {place for link in known for place in (link.source, link.target)}
    gone = gone_places(connection, members)
    kept = sift_matches(
        matches,
        [(link.source, link.target) for link in known],
        gone=gone,
        apart=kept_apart(connection, around, members),
    )
    _make_way(session, kept, known, gone)
    return kept


def _make_way(
    session: Session, kept: Iterable[Match], known: Sequence[PlacedLink], gone: set[Place]
) -> None:
    """Drop the vanished links to records whose place in their thing is taken now."""
    things = Things([(link.source, link.target) for link in known])
    for match in kept:
        things.join(match.source, match.target)
    for link in known:
        for near, far in ((link.source, link.target), (link.target, link.source)):
            if near in gone and far not in gone and is_replaced(things, near, gone):
                ids = [link.source[1]]
                drop_links(session.connection, link.pairing, SOURCE, ids, vanished=True)
