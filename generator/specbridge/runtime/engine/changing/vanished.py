"""Links of which a record is gone: marked, made whole again, or followed where settings say so."""

from collections.abc import Sequence

from specbridge.model.values import CreationPolicy
from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.identity.things import Things
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.plan import Link
from specbridge.runtime.engine.changing.creating import Creator
from specbridge.runtime.engine.changing.writing import Dispatch, Intent
from specbridge.runtime.engine.linking.claiming import own_records
from specbridge.runtime.engine.session import Session
from specbridge.runtime.records import Delete, Written
from specbridge.runtime.store.history.journal import Entry
from specbridge.runtime.store.leftover.leftovers import DeadLetter
from specbridge.runtime.store.linking.links import (
    Broken,
    Span,
    forget_links,
    left_records,
    mark_links,
)
from specbridge.runtime.store.linking.things import gone_places, links_around
from specbridge.runtime.store.seen.queue import is_queued, queue_all, queue_records
from specbridge.runtime.store.seen.records import load_records, mark_gone

_MOST_LEFT = 1000
"""Records with vanished counterparts that are looked at because new ones have come."""


def relink_left(session: Session, flow: BoundFlow, span: Span) -> None:
    """Link records whose counterparts were deleted with those that were made anew in their place.

    Only those that would get a counterpart; before anybody does, or the new ones would get other
    counterparts of their own.
    """
    connection = session.connection
    for side in (SOURCE, TARGET):
        if not _is_remade(flow, side) or not is_queued(
            connection, (flow.number, 1 - side), span.end
        ):
            continue
        ids = left_records(connection, flow, side, _MOST_LEFT)
        left = load_records(connection, session.resource(flow, side).number, ids)
        if left and Creator(session, flow, 1 - side).adopt_anew(list(left.values())):
            _queue_referring(session, flow)


def _queue_referring(session: Session, flow: BoundFlow) -> None:
    """Queue what may refer to records that are linked with others now: all of it, for it is rare."""
    names = {session.resource(flow, side).name for side in (SOURCE, TARGET)}
    for other in session.flows:
        if any(set(unit.reference or ()) == names for unit in other.referring):
            queue_all(session.connection, other)


def _is_remade(flow: BoundFlow, side: int) -> bool:
    """Return whether a counterpart that is made anew can be known: by the values that it must have."""
    created = any(rule.policy is not CreationPolicy.NEVER for rule in flow.creations[side])
    return created and bool(flow.unique[1 - side])


def mend_links(session: Session, flow: BoundFlow, broken: Sequence[Broken]) -> None:
    """Deal with links of which a record is gone, or was.

    Nothing is deleted and nothing recreated, unless the options propagate deletions. A link of
    which both records are gone is dropped, once nobody is there of their thing.
    """
    back = [item.link.number for item in broken if not any(item.gone)]
    # A record may come back under its id: a filter let it go, or somebody restored it.
    mark_links(session.connection, back, vanished=False)
    lost = [item for item in broken if any(item.gone) and not item.vanished]
    mark_links(session.connection, [item.link.number for item in lost], vanished=True)
    for item in lost:
        side = SOURCE if item.gone[SOURCE] else TARGET
        session.note(flow, "vanished", side, _id_of(item, side))
    for side in (SOURCE, TARGET):
        # Whoever matched a record that is left, but could not have it, may have it now.
        left = [_id_of(item, side) for item in lost if not item.gone[side]]
        queue_records(session.connection, [(flow.number, side)], left)
    _drop_dead(session, flow, [item.link for item in broken if all(item.gone)])
    # Of all broken links, not of the lost alone: the setting may be newer than the loss.
    if session.follows_deletions(flow):
        for side in (SOURCE, TARGET):
            _follow(
                session, flow, side, [x for x in broken if x.gone[1 - side] and not x.gone[side]]
            )


def _drop_dead(session: Session, flow: BoundFlow, dead: Sequence[Link]) -> None:
    """Drop links of which both records are gone; what is left of a thing remembers those it had."""
    if not dead:
        return
    connection, around = session.connection, list(session.company.pairings.values())
    places = [(flow.resources[SOURCE], link.source_id) for link in dead]
    known = links_around(connection, around, places)
    things = Things([(link.source, link.target) for link in known])
    gone = gone_places(connection, [end for link in known for end in (link.source, link.target)])
    # All of the thing's links: the others may have been kept for somebody who is gone by now, too.
    over = [link.number for link in known if gone.issuperset(things.members(link.source))]
    forget_links(connection, over)


def _id_of(item: Broken, side: int) -> str:
    return item.link.source_id if side == SOURCE else item.link.target_id


def _follow(session: Session, flow: BoundFlow, side: int, broken: Sequence[Broken]) -> None:
    """Delete the records of one side whose counterparts are gone; pinned links are left alone."""
    resource = session.resource(flow, side)
    ids = [_id_of(item, side) for item in broken if not item.link.pinned]
    stored = load_records(session.connection, resource.number, ids)
    found = {one.id: one for one in own_records(session, resource, list(stored.values()))}
    intents = [
        Intent(
            entry=Entry(
                pairing=flow.number,
                kind="delete",
                resource=resource.number,
                record_id=record.id,
                before=record.properties,
                after={},
            ),
            write=Delete(key=record.id, current=record),
        )
        for record in found.values()
    ]
    session.drop_letters(flow, side, found)
    dispatch = Dispatch(session, resource, intents)
    for answer in dispatch.send():
        record_id = answer.intent.entry.record_id or ""
        # Gone is as good as deleted: somebody else was quicker.
        if isinstance(answer.outcome, Written) or answer.outcome.gone:
            mark_gone(session.connection, resource, [record_id])
            session.tallies[flow.number].deleted[side] += 1
            session.note(flow, "delete", side, record_id, before=answer.intent.entry.before)
        else:
            letter = DeadLetter(
                pairing=flow.number,
                side=side,
                id=record_id,
                other_id=None,
                reason=f"it could not be deleted: {answer.outcome.reason}",
            )
            session.add_letters([letter])
    dispatch.raise_error()
