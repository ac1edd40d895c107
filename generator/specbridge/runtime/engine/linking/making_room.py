"""Room in things: which matches may be linked, and what takes the place of records that are gone."""

from collections.abc import Sequence

from specbridge.runtime.decide.binding import BoundFlow, StoredPairing
from specbridge.runtime.decide.identity.things import Match, Place, sift_matches
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.engine.session import Session
from specbridge.runtime.store.linking.links import forget_links, make_links
from specbridge.runtime.store.linking.succeeding import Succession, succeed
from specbridge.runtime.store.linking.things import (
    PlacedLink,
    gone_places,
    kept_apart,
    links_around,
)
from specbridge.runtime.store.seen.queue import queue_records


def make_match(flow: BoundFlow, source: str, target: str) -> Match:
    """Return what is to become a link of a pairing."""
    ends = flow.resources
    return Match(flow.number, (ends[SOURCE], source), (ends[TARGET], target))


def room_around(session: Session, flow: BoundFlow) -> Sequence[StoredPairing]:
    """Return the pairings whose links may join two records of one resource with a link of the flow's.

    None where it lies on no circle.
    """
    circle = session.company.circle_of(flow.number)
    return [session.company.pairings[number] for number in sorted(circle)]


def make_room(
    session: Session, matches: Sequence[Match], around: Sequence[StoredPairing]
) -> list[Match]:
    """Return the matches that give no thing two records of one resource, wherever links join it.

    Records that are gone give up their place, and their links, to those that take it. `around` are the
    pairings of the circle.
    """
    connection = session.connection
    known, members, gone = _things_of(session, matches, around)
    kept = sift_matches(
        matches,
        [(link.source, link.target) for link in known],
        gone=gone,
        apart=kept_apart(connection, around, members),
    )
    # A record is replaced by one that comes to its thing: where none is gone, none is.
    if kept and (gone or not around):
        _let_succeed(session, kept)
    return kept


def _things_of(
    session: Session, matches: Sequence[Match], around: Sequence[StoredPairing]
) -> tuple[Sequence[PlacedLink], set[Place], set[Place]]:
    """Return the links of the matches' things, all their records, and those that are gone."""
    places = {place for match in matches for place in (match.source, match.target)}
    known = links_around(session.connection, around, places)
    members = places | {place for link in known for place in (link.source, link.target)}
    return known, members, gone_places(session.connection, members)


def _let_succeed(session: Session, kept: Sequence[Match]) -> None:
    """Have those that take the place of records that are gone take over their links, too.

    Whoever only a record that is gone joined with its thing would be alone, and get a counterpart
    that its thing has.
    """
    # Of all pairings: those that lie on no circle hang on what circles have, too.
    around = list(session.company.pairings.values())
    known, members, gone = _things_of(session, kept, around)
    succession = succeed(kept, known, gone, kept_apart(session.connection, around, members))
    _report(session, succession)
    # Not those alone that are marked: their pairing may have its turn later in this round.
    forget_links(session.connection, succession.dropped)
    make_links(session.connection, session.run, succession.links)
    for pairing in {link.pairing for link in succession.links}:
        # They have never agreed on anything: the pair is merged in the next round.
        own = [link for link in succession.links if link.pairing == pairing]
        queue_records(session.connection, [(pairing, SOURCE)], [x.source_id for x in own])
        queue_records(session.connection, [(pairing, TARGET)], [x.target_id for x in own])


def _report(session: Session, succession: Succession) -> None:
    flows = {flow.number: flow for flow in session.flows}
    for link in succession.links:
        flow = flows.get(link.pairing)
        if flow is not None:
            session.tallies[flow.number].linked += 1
            reason = f"it is linked with {link.source_id} in the place of a record that is gone"
            session.note(flow, "link", TARGET, link.target_id, reason=reason)
