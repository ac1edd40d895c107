"""Companies that share an account: each works on its own records of it, and on no other's."""

from collections.abc import Collection, Iterable, Sequence

from specbridge.runtime.decide.binding import BoundFlow, BoundResource
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.owning import is_others
from specbridge.runtime.decide.plan import Pair
from specbridge.runtime.engine.session import Session, log
from specbridge.runtime.records import Record
from specbridge.runtime.store.linking.certain import certain_pairs
from specbridge.runtime.store.linking.links import Span
from specbridge.runtime.store.linking.matching import collect_matches
from specbridge.runtime.store.seen.claims import (
    claim_linked,
    claim_records,
    drop_lost_links,
    forget_others,
    forget_records,
    shared_place,
)


def share_accounts(session: Session, resources: Iterable[BoundResource]) -> None:
    """Take note of which records other companies have by now, where they have the same account.

    Before anything is read. What was linked before the account was shared is claimed for those who did.
    """
    for resource in resources:
        place = shared_place(session.connection, resource)
        if place is not None:
            claim_linked(session.connection, place)
            if lost := drop_lost_links(session.connection, resource, place):
                log.warning("links with other companies' records are dropped", links=lost)
            forget_others(session.connection, resource, place)
    if session.company.name:
        session.checkpoint()


def own_records(
    session: Session, resource: BoundResource, records: Sequence[Record]
) -> list[Record]:
    """Claim records, and return those that are the company's now."""
    others = _find_others(session, resource, records)
    if not others:
        return list(records)
    return [record for record in records if record.id not in others]


def own_pairs(session: Session, flow: BoundFlow, pairs: Sequence[Pair]) -> Sequence[Pair]:
    """Claim the records of pairs, and return the pairs of which both are the company's; the others stand still."""
    if not session.company.name:
        return pairs
    others = [
        _find_others(session, session.resource(flow, side), [pair.record(side) for pair in pairs])
        for side in (SOURCE, TARGET)
    ]
    if not any(others):
        return pairs
    return [
        pair
        for pair in pairs
        if pair.source.id not in others[SOURCE] and pair.target.id not in others[TARGET]
    ]


def claim_matches(session: Session, flow: BoundFlow, span: Span) -> None:
    """Claim what is about to be linked by rule; what other companies have is forgotten, and matches nothing."""
    sides = [session.resource(flow, side) for side in (SOURCE, TARGET)]
    shared = [
        side
        for side in (SOURCE, TARGET)
        if shared_place(session.connection, sides[side]) is not None
    ]
    while shared and collect_matches(session.connection, flow, span):
        pairs = certain_pairs(session.connection, flow.number)
        lost = 0
        for side in shared:
            ids = claim_records(session.connection, sides[side], (pair[side] for pair in pairs))
            forget_records(session.connection, sides[side], sorted(ids))
            lost += len(ids)
        if not lost:
            return


def _find_others(
    session: Session, resource: BoundResource, records: Collection[Record]
) -> set[str]:
    """Claim records, and return those that are another company's: by their references, or because it came first."""
    if not resource.company:
        return set()
    named = {record.id for record in records if is_others(resource, record)}
    ids = {record.id for record in records} - named
    return named | claim_records(session.connection, resource, ids)
